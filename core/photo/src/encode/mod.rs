//! Writes a picture as a JPEG: sequential, colours at half the size of brightness, as cameras do.
//!
//! The planes go in as they are. An encoder that takes pixels would want each colour sample four times, only to take the
//! mean of the four again. Tables of codes and of quantisation are the usual ones of the standard, so that any reader
//! reads it and a quality means what it means elsewhere.

mod bits;
mod tables;
mod transform;

use crate::{
    PhotoFault,
    jpeg::ZIGZAG,
    plane::{Picture, Plane},
};

use bits::Bits;
use tables::{Codes, Kind};
use transform::Quantiser;

/// A picture as a JPEG of a quality from 1 to 100; `exif` is the TIFF of its EXIF segment, empty for none.
pub(crate) fn jpeg(picture: &Picture, quality: u8, exif: &[u8]) -> Result<Vec<u8>, PhotoFault> {
    let fault = || PhotoFault::Damaged { at: 0, what: "a picture that cannot be written" };
    let side = |length: usize| u16::try_from(length).ok().filter(|length| *length > 0).ok_or_else(fault);
    let measures = (side(picture.luma.width)?, side(picture.luma.height)?);
    let tables = [Kind::Brightness, Kind::Colour].map(|kind| tables::quantisation(kind, quality));
    let mut file = Vec::with_capacity(picture.luma.width * picture.luma.height / 4 + 4_096);
    file.extend_from_slice(b"\xFF\xD8");
    segment(&mut file, 0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0").ok_or_else(fault)?;
    if !exif.is_empty() {
        segment(&mut file, 0xE1, &[b"Exif\0\0", exif].concat()).ok_or_else(fault)?;
    }
    let kinds = if picture.chroma.is_some() { 2 } else { 1 };
    for (number, table) in (0..).zip(&tables).take(kinds) {
        segment(&mut file, 0xDB, &[&[number], table.as_slice()].concat()).ok_or_else(fault)?;
    }
    segment(&mut file, 0xC0, &frame(measures, kinds)).ok_or_else(fault)?;
    for (number, kind) in [(0, Kind::Brightness), (1, Kind::Colour)].into_iter().take(kinds) {
        for (class, (counts, symbols)) in [(0, tables::dc(kind)), (0x10, tables::ac(kind))] {
            segment(&mut file, 0xC4, &[&[class | number], counts.as_slice(), symbols].concat()).ok_or_else(fault)?;
        }
    }
    let parts: &[u8] = if kinds == 2 { &[3, 1, 0, 2, 0x11, 3, 0x11, 0, 63, 0] } else { &[1, 1, 0, 0, 63, 0] };
    segment(&mut file, 0xDA, parts).ok_or_else(fault)?;
    scan(picture, tables, &mut file);
    file.extend_from_slice(b"\xFF\xD9");
    Ok(file)
}

/// Writes a segment; `None` when it is too long for one.
fn segment(file: &mut Vec<u8>, marker: u8, data: &[u8]) -> Option<()> {
    let length = u16::try_from(data.len() + 2).ok()?;
    file.extend_from_slice(&[0xFF, marker]);
    file.extend_from_slice(&length.to_be_bytes());
    file.extend_from_slice(data);
    Some(())
}

fn frame((width, height): (u16, u16), kinds: usize) -> Vec<u8> {
    let mut frame = vec![8];
    frame.extend_from_slice(&height.to_be_bytes());
    frame.extend_from_slice(&width.to_be_bytes());
    let channels: &[u8] = if kinds == 2 { &[3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1] } else { &[1, 1, 0x11, 0] };
    frame.extend_from_slice(channels);
    frame
}

/// How one kind of channel is written.
struct Pen {
    quantiser: Quantiser,
    dc: Codes,
    ac: Codes,
}

impl Pen {
    fn new(kind: Kind, table: [u8; 64]) -> Self {
        let codes = |(counts, symbols)| Codes::new(counts, symbols);
        Self { quantiser: Quantiser::new(&table), dc: codes(tables::dc(kind)), ac: codes(tables::ac(kind)) }
    }

    /// Writes a block; `last` is the first coefficient of the one before.
    fn block(&self, sheet: &mut Sheet<'_>, plane: &Plane, column_row: (usize, usize), channel: usize) {
        let (levels, mut present) = self.quantiser.block(&samples(plane, column_row));
        let Sheet { file, last, .. } = sheet;
        let mut bits = sheet.bits;
        if let Some(last) = last.get_mut(channel) {
            bits.number(file, &self.dc, 0, levels[0].wrapping_sub(*last));
            *last = levels[0];
        }
        present &= !1;
        let mut next = 1;
        while present != 0 {
            let at = present.trailing_zeros() as usize;
            let mut run = at - next;
            while run > 15 {
                bits.symbol(file, &self.ac, 0xF0);
                run -= 16;
            }
            bits.number(file, &self.ac, run, levels[ZIGZAG[at & 63] & 63]);
            next = at + 1;
            present &= present - 1;
        }
        if next < 64 {
            bits.symbol(file, &self.ac, 0);
        }
        sheet.bits = bits;
    }
}

/// What is written on, and where the pens stand.
struct Sheet<'f> {
    file: &'f mut Vec<u8>,
    bits: Bits,
    /// The first coefficient of each channel's last block.
    last: [i16; 3],
}

/// The samples of a block; beyond an edge the last ones again.
#[inline]
fn samples(plane: &Plane, (x, y): (usize, usize)) -> [[u8; 8]; 8] {
    let (left, top) = (8 * x, 8 * y);
    let mut block = [[0; 8]; 8];
    for (down, target) in block.iter_mut().enumerate() {
        let row = plane.row((top + down).min(plane.height - 1));
        if let Some(eight) = row.get(left..).and_then(<[u8]>::first_chunk::<8>) {
            *target = *eight;
        } else {
            for (across, sample) in target.iter_mut().enumerate() {
                *sample = row.get(left + across).or(row.last()).copied().unwrap_or(0);
            }
        }
    }
    block
}

/// Writes all blocks of a picture.
fn scan(picture: &Picture, [brightness, colour]: [[u8; 64]; 2], file: &mut Vec<u8>) {
    let luma = &picture.luma;
    let pen = Pen::new(Kind::Brightness, brightness);
    let mut sheet = Sheet { file, bits: Bits::default(), last: [0; 3] };
    if let Some([blue, red]) = &picture.chroma {
        let colour = Pen::new(Kind::Colour, colour);
        for y in 0..luma.height.div_ceil(16) {
            for x in 0..luma.width.div_ceil(16) {
                for (dx, dy) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
                    pen.block(&mut sheet, luma, (2 * x + dx, 2 * y + dy), 0);
                }
                colour.block(&mut sheet, blue, (x, y), 1);
                colour.block(&mut sheet, red, (x, y), 2);
            }
        }
    } else {
        for y in 0..luma.height.div_ceil(8) {
            (0..luma.width.div_ceil(8)).for_each(|x| pen.block(&mut sheet, luma, (x, y), 0));
        }
    }
    sheet.bits.finish(sheet.file);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    fn picture(width: usize, height: usize, is_coloured: bool) -> Picture {
        let plane = |width: usize, height: usize, step: usize| Plane {
            width,
            height,
            stride: width,
            samples: (0..width * height).map(|place| (place % width * step + place / width).to_le_bytes()[0]).collect(),
        };
        let half = |step| plane(width.div_ceil(2), height.div_ceil(2), step);
        Picture { luma: plane(width, height, 2), chroma: is_coloured.then(|| [half(1), half(4)]) }
    }

    #[test]
    fn another_reader_sees_the_picture_whatever_its_measures() {
        for (width, height) in [(1, 1), (8, 8), (16, 16), (17, 15), (64, 40), (33, 70)] {
            for is_coloured in [false, true] {
                let picture = picture(width, height, is_coloured);
                let file = jpeg(&picture, 97, &[]).expect("written");
                let shown = image::load_from_memory(&file).expect("a picture");
                assert_eq!((shown.width() as usize, shown.height() as usize), (width, height));
                if !is_coloured {
                    let shown = shown.into_luma8();
                    let off = picture.luma.samples.iter().zip(shown.as_raw()).map(|(a, b)| a.abs_diff(*b)).max();
                    assert!(off < Some(60), "{width}×{height}: {off:?}");
                }
            }
        }
    }

    #[test]
    fn a_photo_is_as_near_to_itself_and_as_small_as_another_encoder_makes_it() {
        let photo = image::load_from_memory(&testing::shelf_photo(0)).expect("a photo").into_luma8();
        let (width, height) = (photo.width() as usize, photo.height() as usize);
        let luma = Plane { width, height, stride: width, samples: photo.as_raw().clone() };
        let picture = Picture { luma, chroma: None };
        for quality in [10, 50, 80, 95, 100] {
            let mine = jpeg(&picture, quality, b"").expect("written");
            let mut other = Vec::new();
            let sides = (u16::try_from(width).expect("small"), u16::try_from(height).expect("small"));
            let encoder = jpeg_encoder::Encoder::new(&mut other, quality);
            encoder.encode(photo.as_raw(), sides.0, sides.1, jpeg_encoder::ColorType::Luma).expect("written");
            let off = |file: &[u8]| {
                let shown = image::load_from_memory(file).expect("a picture").into_luma8();
                let pairs = shown.as_raw().iter().zip(photo.as_raw());
                pairs.map(|(a, b)| f64::from(a.abs_diff(*b)).powi(2)).sum::<f64>() / crate::num::real(width * height)
            };
            assert!(off(&mine) <= off(&other) * 1.02 + 0.05, "{quality}: {} {}", off(&mine), off(&other));
            assert!(mine.len() <= other.len() * 102 / 100 + 64, "{quality}: {} {}", mine.len(), other.len());
        }
    }

    #[test]
    fn what_is_too_large_for_a_jpeg_is_refused() {
        let long = Picture { luma: Plane::filled(65_536, 1, 0), chroma: None };
        assert!(jpeg(&long, 80, &[]).is_err());
        assert!(jpeg(&picture(8, 8, true), 80, &vec![0; 70_000]).is_err());
    }
}
