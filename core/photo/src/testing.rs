//! Photos for tests.

use std::path::{Path, PathBuf};

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn jpegs_in(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "jpg"));
    paths.sort();
    let named = |path: &PathBuf| Some((path.file_name()?.to_string_lossy().into_owned(), std::fs::read(path).ok()?));
    paths.iter().filter_map(named).collect()
}

/// A real shelf photo of the repository.
pub(crate) fn shelf_photo(number: usize) -> Vec<u8> {
    let photos = jpegs_in(&repository().join("tests/fixtures/photos/shelf"));
    photos[number % photos.len()].1.clone()
}

/// A folder of the real input beside the repository; says so and answers `None` when it is absent.
pub(crate) fn real_data(folder: &str) -> Option<PathBuf> {
    let path = repository().join("../shared/data").join(folder);
    if path.is_dir() {
        return Some(path);
    }
    let line = format!("skipped: {} is not here\n", path.display());
    std::io::Write::write_all(&mut std::io::stderr(), line.as_bytes()).expect("standard error");
    None
}

/// The JPEGs of a folder of the real input; none when it is absent.
pub(crate) fn real_folder(folder: &str) -> Vec<(String, Vec<u8>)> {
    real_data(folder).map(|path| jpegs_in(&path)).unwrap_or_default()
}

/// Every real JPEG there is, those of the repository at least.
pub(crate) fn real_jpegs() -> Vec<(String, Vec<u8>)> {
    let mut photos = jpegs_in(&repository().join("tests/fixtures/photos/shelf"));
    for folder in ["photos/orientation", "photos/hash"] {
        photos.extend(real_folder(folder));
    }
    photos
}

/// A PNG that no codec can make small: noise from a fixed linear congruence (Numerical Recipes, `ranqd1`).
pub(crate) fn noise_png(width: u32, height: u32) -> Vec<u8> {
    let mut state = 20_250_314_u32;
    let mut next = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    };
    let pixels = image::RgbImage::from_fn(width, height, |_, _| image::Rgb([next(), next(), next()]));
    let mut file = std::io::Cursor::new(Vec::new());
    pixels.write_to(&mut file, image::ImageFormat::Png).expect("memory");
    file.into_inner()
}
