//! The photos that are measured, made from real ones.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use image::{Rgb, RgbImage, imageops::FilterType};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

/// A stream of numbers that is the same in every run (`SplitMix64`).
pub(crate) struct Rng(pub(crate) u64);

impl Rng {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ mixed >> 31
    }

    pub(crate) fn below(&mut self, end: u32) -> u32 {
        u32::try_from(self.next() % u64::from(end.max(1))).unwrap_or(0)
    }
}

/// Every real photo there is.
pub(crate) fn real() -> Result<Vec<PathBuf>> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/photos");
    let mut paths = Vec::new();
    for folder in ["hash", "orientation", "shelf"] {
        let entries = std::fs::read_dir(data.join(folder)).with_context(|| format!("the photos in {folder}"))?;
        paths.extend(entries.filter_map(|entry| Some(entry.ok()?.path())));
    }
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "jpg" || ending == "png"));
    paths.sort();
    Ok(paths)
}

/// The real shelf photos.
pub(crate) fn shelf() -> Result<Vec<RgbImage>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/photos/shelf");
    let entries = std::fs::read_dir(&folder).with_context(|| format!("the photos in {}", folder.display()))?;
    let mut paths: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "jpg"));
    paths.sort();
    if paths.len() < 12 {
        bail!("too few photos in {}", folder.display());
    }
    paths.iter().map(|path| Ok(image::open(path)?.into_rgb8())).collect()
}

/// A JPEG of a picture.
pub(crate) fn jpeg(picture: &RgbImage, quality: u8, orientation: Option<u8>) -> Result<Vec<u8>> {
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, quality);
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    if let Some(orientation) = orientation {
        let mut tiff = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
        tiff.extend([orientation, 0, 0, 0, 0, 0, 0, 0]);
        encoder.add_app_segment(1, tiff)?;
    }
    let (width, height) = (u16::try_from(picture.width())?, u16::try_from(picture.height())?);
    encoder.encode(picture.as_raw(), width, height, ColorType::Rgb)?;
    Ok(file)
}

/// A wall of shelf photos at 1.0 to 1.6 times their size, with a sensor's noise.
pub(crate) fn wall(shelf: &[RgbImage], width: u32, height: u32, seed: u64) -> RgbImage {
    let mut rng = Rng(seed);
    let mut wall = RgbImage::new(width, height);
    let mut y = 0;
    while y < height {
        let tall = 348 + rng.below(208);
        let mut x = 0;
        while x < width {
            let photo = &shelf[rng.below(u32::try_from(shelf.len()).unwrap_or(1)) as usize];
            let scaled = image::imageops::resize(photo, tall, tall, FilterType::CatmullRom);
            image::imageops::replace(&mut wall, &scaled, i64::from(x), i64::from(y));
            x += tall;
        }
        y += tall;
    }
    for Rgb(pixel) in wall.pixels_mut() {
        let [noise, ..] = rng.next().to_le_bytes();
        let noise = i16::from(noise % 13) - 6;
        for level in pixel {
            *level = (i16::from(*level) + noise).clamp(0, 255).to_le_bytes()[0];
        }
    }
    wall
}

/// The photo of the figures: 12 megapixels, quality 90, taken with the phone on its side.
pub(crate) fn twelve_megapixels(shelf: &[RgbImage]) -> Result<Vec<u8>> {
    jpeg(&wall(shelf, 4_032, 3_024, 12), 90, Some(6))
}
