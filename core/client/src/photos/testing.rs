//! Photos for tests.

use std::path::PathBuf;

const SHELF: [&str; 12] = [
    "alpro-blueberry-soyghurt_007",
    "alpro-fresh-soy-milk_002",
    "alpro-shelf-soy-milk_020",
    "arla-lactose-medium-fat-milk_010",
    "arla-sour-cream_003",
    "arla-standard-milk_004",
    "bravo-orange-juice_008",
    "god-morgon-orange-juice_018",
    "god-morgon-orange-red-grapefruit-juice_005",
    "oatly-natural-oatghurt_018",
    "tropicana-juice-smooth_018",
    "yoggi-strawberry-yoghurt_021",
];

fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Where a real shelf photo lies.
pub(crate) fn shelf_path(number: usize) -> PathBuf {
    repository().join("tests/fixtures/photos/shelf").join(format!("{}.jpg", SHELF[number % SHELF.len()]))
}

/// A real shelf photo.
pub(crate) fn shelf_photo(number: usize) -> Vec<u8> {
    std::fs::read(shelf_path(number)).expect("the photos are part of the repository")
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
