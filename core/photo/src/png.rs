//! PNG, read row by row and made smaller on the way, so that a picture of any size takes a few rows of memory.
//!
//! A PNG that is interlaced comes in passes over the whole picture; it is read only up to a few megapixels.

use std::io::Cursor;

use png::{ColorType, Decoder, DecodingError, Transformations};

use crate::{
    Limits, PhotoFault,
    plane::{Picture, Plane},
    watch::{Stage, Watch},
};

/// What a decoder may take for its own tables and rows.
const DECODER_BYTES: usize = 8 * 1024 * 1024;

/// The longest palette: 256 colours of three bytes (PNG, third edition, 11.2.2).
const MOST_PALETTE_BYTES: usize = 768;

/// Width and height as a header claims them, and whether the picture comes in passes.
pub(crate) fn header(bytes: &[u8], limits: &Limits) -> Result<(usize, usize), PhotoFault> {
    let cut_off = PhotoFault::CutOff { at: bytes.len() };
    let Some(header) = bytes.get(8..29) else { return Err(cut_off) };
    if &header[4..8] != b"IHDR" {
        return Err(PhotoFault::Damaged { at: 8, what: "no header where one must be" });
    }
    let number = |at: usize| header[at..].first_chunk::<4>().map_or(0, |four| u32::from_be_bytes(*four) as usize);
    let (width, height) = (number(8), number(12));
    let is_interlaced = header[20] != 0;
    let limit = if is_interlaced { limits.pixels.min(limits.interlaced_pixels) } else { limits.pixels };
    limits.require_size(width, height, limit)?;
    Ok((width, height))
}

/// Walks the chunks to the one that ends the picture; answers where that is and the TIFF of the EXIF chunk.
pub(crate) fn walk(bytes: &[u8]) -> Result<(usize, Option<std::ops::Range<usize>>), PhotoFault> {
    let mut at = 8;
    let mut exif = None;
    loop {
        let head = bytes.get(at..at + 8).ok_or(PhotoFault::CutOff { at: bytes.len() })?;
        let length = head.first_chunk::<4>().map_or(0, |four| u32::from_be_bytes(*four) as usize);
        let body = at + 8..(at + 8).saturating_add(length);
        let end = body.end.saturating_add(4);
        if end > bytes.len() {
            return Err(PhotoFault::CutOff { at: bytes.len() });
        }
        match &head[4..] {
            b"IEND" => return Ok((end, exif)),
            b"eXIf" if exif.is_none() => exif = Some(body),
            // The decoder takes these lengths for granted.
            b"PLTE" if length % 3 != 0 || !(3..=MOST_PALETTE_BYTES).contains(&length) => {
                return Err(PhotoFault::Damaged { at, what: "a palette of a length that no palette has" });
            }
            _ => {}
        }
        at = end;
    }
}

/// Reads a picture, its longer side at least `wanted` samples, or as it is when it is shorter.
pub(crate) fn read(bytes: &[u8], wanted: usize, watch: &mut Watch<'_>) -> Result<Picture, PhotoFault> {
    let fault = |error: DecodingError| match error {
        DecodingError::IoError(_) => PhotoFault::CutOff { at: bytes.len() },
        _ => PhotoFault::Damaged { at: 0, what: "a PNG that contradicts itself" },
    };
    let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), png::Limits { bytes: DECODER_BYTES });
    decoder.set_transformations(Transformations::normalize_to_color8());
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    let mut reader = decoder.read_info().map_err(fault)?;
    let info = reader.info();
    let (width, height, is_interlaced) = (info.width as usize, info.height as usize, info.interlaced);
    let colours = reader.output_color_type().0;
    let mut reduction = Reduction::new(width, height, wanted, colours);
    if is_interlaced {
        let mut whole = vec![0; reader.output_buffer_size().unwrap_or(0)];
        reader.next_frame(&mut whole).map_err(fault)?;
        for row in whole.chunks_exact((width * colours.samples()).max(1)) {
            reduction.add(row);
        }
        reader.finish().map_err(fault)?;
        return Ok(reduction.finish());
    }
    let mut seen = 0;
    while let Some(row) = reader.next_row().map_err(fault)? {
        reduction.add(row.data());
        seen += 1;
        if seen % 64 == 0 {
            watch.step(Stage::Reading, seen, height)?;
        }
    }
    if seen != height {
        return Err(PhotoFault::CutOff { at: bytes.len() });
    }
    reader.finish().map_err(fault)?;
    Ok(reduction.finish())
}

/// A picture that is made smaller by a whole factor while its rows come in.
struct Reduction {
    width: usize,
    samples: usize,
    luma: Cells,
    chroma: Option<[Cells; 2]>,
}

impl Reduction {
    fn new(width: usize, height: usize, wanted: usize, colours: ColorType) -> Self {
        let factor = (width.max(height) / wanted.max(1)).max(1);
        let is_grey = matches!(colours, ColorType::Grayscale | ColorType::GrayscaleAlpha);
        Self {
            width,
            samples: colours.samples(),
            luma: Cells::new(width, height, factor),
            chroma: (!is_grey).then(|| [Cells::new(width, height, 2 * factor), Cells::new(width, height, 2 * factor)]),
        }
    }

    fn add(&mut self, row: &[u8]) {
        let pixels = row.chunks_exact(self.samples).take(self.width);
        match &mut self.chroma {
            None => self.luma.add(pixels.map(|pixel| pixel[0])),
            Some([blue, red]) => {
                let colours = |pixel: &[u8]| ycbcr([pixel[0], pixel[1], pixel[2]]);
                self.luma.add(pixels.clone().map(|pixel| colours(pixel)[0]));
                blue.add(pixels.clone().map(|pixel| colours(pixel)[1]));
                red.add(pixels.map(|pixel| colours(pixel)[2]));
            }
        }
    }

    fn finish(self) -> Picture {
        let chroma = self.chroma.map(|planes| planes.map(Cells::finish));
        Picture { luma: self.luma.finish(), chroma }
    }
}

/// Brightness and differences of colour as JFIF defines them, in 16 bits of fraction.
pub(crate) fn ycbcr([r, g, b]: [u8; 3]) -> [u8; 3] {
    let [r, g, b] = [i32::from(r), i32::from(g), i32::from(b)];
    let of = |red: i32, green: i32, blue: i32, level: i32| {
        let value = (red * r + green * g + blue * b + (level << 16) + 0x8000) >> 16;
        value.clamp(0, 255).to_le_bytes()[0]
    };
    [of(19_595, 38_470, 7_471, 0), of(-11_058, -21_710, 32_768, 128), of(32_768, -27_439, -5_329, 128)]
}

/// One plane while it is made: the mean of each cell of `factor` × `factor` samples.
struct Cells {
    factor: usize,
    plane: Plane,
    sums: Vec<u32>,
    /// Rows summed up for the present row of cells, and cells' rows done.
    summed: usize,
    done: usize,
    source_width: usize,
}

impl Cells {
    fn new(width: usize, height: usize, factor: usize) -> Self {
        let (across, down) = (width.div_ceil(factor), height.div_ceil(factor));
        Self {
            factor,
            plane: Plane::filled(across, down, 0),
            sums: vec![0; across],
            summed: 0,
            done: 0,
            source_width: width,
        }
    }

    fn add(&mut self, row: impl Iterator<Item = u8>) {
        let (mut cell, mut within) = (0, 0);
        for sample in row {
            if let Some(sum) = self.sums.get_mut(cell) {
                *sum += u32::from(sample);
            }
            within += 1;
            if within == self.factor {
                (cell, within) = (cell + 1, 0);
            }
        }
        self.summed += 1;
        if self.summed == self.factor {
            self.close_row();
        }
    }

    fn close_row(&mut self) {
        let (factor, width, rows) = (self.factor, self.source_width, self.summed);
        let sums = &mut self.sums;
        for (cell, sample) in self.plane.row_mut(self.done).iter_mut().enumerate() {
            let columns = factor.min(width - cell * factor);
            let count = u32::try_from(columns * rows).unwrap_or(u32::MAX).max(1);
            *sample = u8::try_from((sums[cell] + count / 2) / count).unwrap_or(u8::MAX);
            sums[cell] = 0;
        }
        (self.summed, self.done) = (0, self.done + 1);
    }

    fn finish(mut self) -> Plane {
        if self.summed > 0 {
            self.close_row();
        }
        self.plane
    }
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use super::*;
    use crate::testing;

    fn picture(bytes: &[u8], wanted: usize) -> Result<Picture, PhotoFault> {
        header(bytes, &Limits::default())?;
        walk(bytes)?;
        let mut go_on = |_| ControlFlow::Continue(());
        read(bytes, wanted, &mut Watch::new(&mut go_on))
    }

    #[test]
    fn a_png_is_read_and_reduced_to_the_mean_of_its_cells() {
        let bytes = testing::noise_png(301, 200);
        let whole = picture(&bytes, 1_600).expect("a picture");
        let reduced = picture(&bytes, 100).expect("a picture");
        assert_eq!((whole.luma.width, whole.luma.height), (301, 200));
        assert_eq!((reduced.luma.width, reduced.luma.height), (101, 67));
        let cell =
            whole.luma.rows().take(3).flat_map(|row| row[..3].iter()).map(|level| u32::from(*level)).sum::<u32>();
        assert_eq!(u32::from(reduced.luma.row(0)[0]), (cell + 4) / 9);
        // The last cell of the last row has one column and two rows.
        let corner = (u32::from(whole.luma.row(198)[300]) + u32::from(whole.luma.row(199)[300])).div_ceil(2);
        assert_eq!(u32::from(reduced.luma.row(66)[100]), corner);
        let chroma = reduced.chroma.expect("colours");
        assert_eq!((chroma[0].width, chroma[0].height), (51, 34));
    }

    #[test]
    fn a_png_that_is_cut_or_spoilt_is_refused() {
        let bytes = testing::noise_png(300, 200);
        for cut in [20, 40, bytes.len() / 2, bytes.len() - 1] {
            assert!(matches!(picture(&bytes[..cut], 1_600), Err(PhotoFault::CutOff { .. })), "{cut}");
        }
        let mut spoilt = bytes.clone();
        spoilt[bytes.len() / 2] ^= 0x10;
        assert!(matches!(picture(&spoilt, 1_600), Err(PhotoFault::Damaged { .. })));
    }

    #[test]
    fn a_palette_has_between_1_and_256_whole_colours() {
        let chunk = |name: &[u8; 4], length: u32| {
            let mut bytes = length.to_be_bytes().to_vec();
            bytes.extend(name);
            bytes.resize(bytes.len() + length as usize + 4, 0);
            bytes
        };
        let walked = |length| {
            let chunks = [chunk(b"IHDR", 13), chunk(b"PLTE", length), chunk(b"IEND", 0)];
            walk(&[vec![0; 8], chunks.concat()].concat()).is_ok()
        };
        assert!([3, 48, 768].into_iter().all(walked));
        assert!(![0, 1, 49, 767, 771].into_iter().any(walked));
    }

    #[test]
    fn a_png_that_claims_too_much_is_refused_by_its_header() {
        let mut bytes = testing::noise_png(30, 20);
        bytes[16..24].copy_from_slice(&[0, 0, 0x4E, 0x20, 0, 0, 0x4E, 0x20]);
        let refused = Err(PhotoFault::TooManyPixels { width: 20_000, height: 20_000, limit: 50_000_000 });
        assert_eq!(header(&bytes, &Limits::default()), refused);
        bytes[16..24].copy_from_slice(&[0, 0, 0x0F, 0xA0, 0, 0, 0x0F, 0xA0]);
        bytes[28] = 1;
        let refused = Err(PhotoFault::TooManyPixels { width: 4_000, height: 4_000, limit: 6_000_000 });
        assert_eq!(header(&bytes, &Limits::default()), refused);
    }
}
