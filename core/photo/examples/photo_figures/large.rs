//! The largest and the strangest photos of each kind that are taken.

use std::io::Write;

use anyhow::Result;
use flate2::{Compression, Crc, write::ZlibEncoder};
use image::{Rgb, RgbImage};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

/// How a JPEG is written.
struct Way {
    sampling: SamplingFactor,
    is_progressive: bool,
    /// What Adobe's segment is to say of the channels; `Some(0)` means them as red, green and blue.
    adobe: Option<u8>,
    orientation: Option<u8>,
}

const PLAIN: Way = Way { sampling: SamplingFactor::F_1_1, is_progressive: false, adobe: None, orientation: None };

/// Something to see everywhere, so that no part of it costs nothing.
fn ground(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let [a, b, ..] = (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(40_503)).to_le_bytes();
        Rgb([a / 4 + 90, b / 8 + 70, (x / 8 + y / 8).to_le_bytes()[0] / 2])
    })
}

fn jpeg(picture: &RgbImage, way: &Way) -> Result<Vec<u8>> {
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, 85);
    encoder.set_sampling_factor(way.sampling);
    encoder.set_progressive(way.is_progressive);
    if let Some(orientation) = way.orientation {
        let mut tiff = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
        tiff.extend([orientation, 0, 0, 0, 0, 0, 0, 0]);
        encoder.add_app_segment(1, tiff)?;
    }
    if let Some(transform) = way.adobe {
        encoder.add_app_segment(14, [b"Adobe\0\x64\0\0\0\0".as_slice(), &[transform]].concat())?;
    }
    let (width, height) = (u16::try_from(picture.width())?, u16::try_from(picture.height())?);
    encoder.encode(picture.as_raw(), width, height, ColorType::Rgb)?;
    Ok(file)
}

/// A PNG of bands that pack well: one of noise would be a larger file than is taken.
fn png((width, height): (u32, u32), colour: png::ColorType, depth: png::BitDepth) -> Result<Vec<u8>> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(colour);
    encoder.set_depth(depth);
    encoder.set_compression(png::Compression::Balanced);
    let row = width as usize * colour.samples() * if depth == png::BitDepth::Sixteen { 2 } else { 1 };
    let bands: Vec<u8> = (0..row * height as usize).map(|place| (place / 11 % 241).to_le_bytes()[0]).collect();
    encoder.write_header()?.write_image_data(&bands)?;
    Ok(file)
}

/// The same in the seven passes of Adam7 (PNG, third edition, 8.2): column and row of the first pixel, and the steps.
fn interlaced_png((width, height): (u32, u32), colour: png::ColorType, depth: png::BitDepth) -> Result<Vec<u8>> {
    const PASSES: [[u32; 4]; 7] =
        [[0, 0, 8, 8], [4, 0, 8, 8], [0, 4, 4, 8], [2, 0, 4, 4], [0, 2, 2, 4], [1, 0, 2, 2], [0, 1, 1, 2]];
    let pixel = colour.samples() * if depth == png::BitDepth::Sixteen { 2 } else { 1 };
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::fast());
    for [left, top, right, down] in PASSES {
        let row = (width - left).div_ceil(right) as usize * pixel;
        for y in 0..(height - top).div_ceil(down) as usize {
            packed.write_all(&[0])?;
            let bands: Vec<u8> = (0..row).map(|place| ((y * row + place) / 11 % 241).to_le_bytes()[0]).collect();
            packed.write_all(&bands)?;
        }
    }
    let [w, h] = [width.to_be_bytes(), height.to_be_bytes()];
    let header = [&w[..], &h, &[depth as u8, colour as u8, 0, 0, 1]].concat();
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    for (name, body) in [(b"IHDR", header), (b"IDAT", packed.finish()?), (b"IEND", Vec::new())] {
        let mut sum = Crc::new();
        sum.update(name);
        sum.update(&body);
        file.extend([&u32::try_from(body.len())?.to_be_bytes()[..], name, &body, &sum.sum().to_be_bytes()].concat());
    }
    Ok(file)
}

/// Each kind at its largest, by name. A side of 3,198 is the longest that is read at full size, 6,396 the longest at half.
pub(crate) fn files() -> Result<Vec<(String, Vec<u8>)>> {
    let mut files = Vec::new();
    let fifty = ground(8_660, 5_773);
    for orientation in 1..=8 {
        let way = Way { sampling: SamplingFactor::F_2_2, orientation: Some(orientation), ..PLAIN };
        files.push((format!("JPEG, 8660 × 5773, orientation {orientation}"), jpeg(&fifty, &way)?));
    }
    drop(fifty);
    let progressive = Way { is_progressive: true, ..PLAIN };
    let rgb = Way { adobe: Some(0), ..PLAIN };
    let tall = Way { sampling: SamplingFactor::F_1_4, ..PLAIN };
    for (name, (width, height), way) in [
        ("JPEG, 7071 × 7071, 4:4:4", (7_071, 7_071), &PLAIN),
        ("JPEG, 6396 × 6396, 4:4:4", (6_396, 6_396), &PLAIN),
        ("JPEG, 3198 × 3198, 4:4:4", (3_198, 3_198), &PLAIN),
        ("JPEG, 3198 × 3198, colours a quarter as high", (3_198, 3_198), &tall),
        ("JPEG, 12000 × 4166, 4:4:4", (12_000, 4_166), &PLAIN),
        ("JPEG, 4166 × 12000, 4:4:4", (4_166, 12_000), &PLAIN),
        ("JPEG, 6396 × 6396, red green blue", (6_396, 6_396), &rgb),
        ("JPEG, 3198 × 3198, red green blue", (3_198, 3_198), &rgb),
        ("the same, orientation 6", (3_198, 3_198), &Way { orientation: Some(6), ..rgb }),
        ("progressive JPEG, 4898 × 4898, 4:4:4", (4_898, 4_898), &progressive),
        ("progressive JPEG, 3198 × 3198, 4:4:4", (3_198, 3_198), &progressive),
        ("the same, red green blue", (3_198, 3_198), &Way { adobe: Some(0), ..progressive }),
        ("progressive JPEG, 12000 × 2000, 4:4:4", (12_000, 2_000), &progressive),
    ] {
        files.push((name.to_owned(), jpeg(&ground(width, height), way)?));
    }
    let eight = png::BitDepth::Eight;
    for (name, (width, height), colour, depth) in [
        ("PNG, 8660 × 5773", (8_660, 5_773), png::ColorType::Rgb, eight),
        ("PNG, 3199 × 3199", (3_199, 3_199), png::ColorType::Rgb, eight),
        ("PNG, 3199 × 3199, see-through, 16 bits", (3_199, 3_199), png::ColorType::Rgba, png::BitDepth::Sixteen),
    ] {
        files.push((name.to_owned(), png((width, height), colour, depth)?));
    }
    for (name, colour, depth) in [
        ("interlaced PNG, 2449 × 2449", png::ColorType::Rgb, eight),
        ("interlaced PNG, 2449 × 2449, 16 bits", png::ColorType::Rgba, png::BitDepth::Sixteen),
    ] {
        files.push((name.to_owned(), interlaced_png((2_449, 2_449), colour, depth)?));
    }
    Ok(files)
}
