//! Reading a picture safely, and making the small one that is sent first.
//!
//! The header is read before anything is decoded, so that a small file claiming a huge picture costs nothing. A JPEG
//! whose end is missing is refused: decoders fill the rest with grey and call it a picture.

use std::io::Cursor;

use fast_image_resize::{PixelType, ResizeAlg, ResizeOptions, Resizer, images::Image};
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, RgbImage, codecs::jpeg::JpegEncoder};

/// Most pixels of a picture.
pub(crate) const MAX_PIXELS: u64 = 50_000_000;

/// Longest side of a picture.
const MAX_SIDE: u32 = 12_000;

/// Most memory a decoder may take.
const MAX_DECODE_BYTES: u64 = 512 * 1024 * 1024;

/// Largest thumbnail in bytes.
pub(crate) const MAX_THUMBNAIL_BYTES: usize = 20_000;

/// Longest sides tried for a thumbnail, in order.
const THUMBNAIL_SIDES: [u32; 4] = [320, 240, 160, 96];

/// JPEG qualities tried for a thumbnail, in order.
const THUMBNAIL_QUALITIES: [u8; 3] = [75, 60, 40];

/// What a photo file turned out to hold.
#[derive(Debug)]
pub(crate) struct Picture {
    /// Width in pixels as displayed.
    pub(crate) width: u32,
    /// Height in pixels as displayed.
    pub(crate) height: u32,
    /// The small JPEG, upright.
    pub(crate) thumbnail: Vec<u8>,
    /// `jpg` or `png`.
    pub(crate) extension: &'static str,
}

/// Why a file cannot be taken for a photo.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum PictureFault {
    /// It is no JPEG or PNG, or it is damaged or cut off.
    NotAnImage,
    /// It has more pixels, or a longer side, than is accepted.
    TooManyPixels {
        /// How many it has.
        pixels: u64,
    },
}

/// Reads a picture from the bytes of a JPEG or PNG file.
pub(crate) fn read_picture(bytes: &[u8]) -> Result<Picture, PictureFault> {
    let not_an_image = |_| PictureFault::NotAnImage;
    let format = image::guess_format(bytes).map_err(not_an_image)?;
    let extension = match format {
        ImageFormat::Jpeg if is_jpeg_whole(bytes) => "jpg",
        ImageFormat::Png => "png",
        _ => return Err(PictureFault::NotAnImage),
    };
    let (width, height) =
        ImageReader::with_format(Cursor::new(bytes), format).into_dimensions().map_err(not_an_image)?;
    let pixels = u64::from(width) * u64::from(height);
    if pixels > MAX_PIXELS || width.max(height) > MAX_SIDE {
        return Err(PictureFault::TooManyPixels { pixels });
    }
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(decode_limits());
    let mut decoder = reader.into_decoder().map_err(not_an_image)?;
    // Unreadable EXIF never blocks a photo; it is then shown as the sensor wrote it.
    let orientation = decoder.orientation().unwrap_or(image::metadata::Orientation::NoTransforms);
    let pixels = DynamicImage::from_decoder(decoder).map_err(not_an_image)?.into_rgb8();
    let (thumbnail, is_turned) = thumbnail_of(&pixels, orientation).ok_or(PictureFault::NotAnImage)?;
    let (width, height) = if is_turned { (height, width) } else { (width, height) };
    Ok(Picture { width, height, thumbnail, extension })
}

fn decode_limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_DECODE_BYTES);
    limits
}

/// Whether the last scan of a JPEG is followed by its end marker. Inside a scan neither marker can occur: there a byte
/// FF is always followed by 00 or a restart marker (ITU-T T.81, F.1.2.3).
fn is_jpeg_whole(bytes: &[u8]) -> bool {
    let last = |marker: u8| bytes.windows(2).rposition(|pair| pair == [0xFF, marker]);
    last(0xD9).is_some_and(|end| last(0xDA).is_some_and(|scan| scan < end))
}

/// The small JPEG, and whether width and height changed places when it was put upright.
fn thumbnail_of(pixels: &RgbImage, orientation: image::metadata::Orientation) -> Option<(Vec<u8>, bool)> {
    use image::metadata::Orientation::{Rotate90, Rotate90FlipH, Rotate270, Rotate270FlipH};
    let is_turned = matches!(orientation, Rotate90 | Rotate270 | Rotate90FlipH | Rotate270FlipH);
    for side in THUMBNAIL_SIDES {
        let mut small = DynamicImage::ImageRgb8(shrunk(pixels, side)?);
        // Turning the small picture costs a hundredth of turning the large one.
        small.apply_orientation(orientation);
        for quality in THUMBNAIL_QUALITIES {
            let mut file = Vec::new();
            small.write_with_encoder(JpegEncoder::new_with_quality(&mut file, quality)).ok()?;
            if file.len() <= MAX_THUMBNAIL_BYTES {
                return Some((file, is_turned));
            }
        }
    }
    None
}

/// The picture with its longer side at most `side` pixels; smaller ones stay as they are.
fn shrunk(pixels: &RgbImage, side: u32) -> Option<RgbImage> {
    let (width, height) = pixels.dimensions();
    let longest = width.max(height);
    if longest <= side {
        return Some(pixels.clone());
    }
    let scaled =
        |length: u32| u32::try_from((u64::from(length) * u64::from(side) / u64::from(longest)).max(1)).unwrap_or(side);
    let source = fast_image_resize::images::ImageRef::new(width, height, pixels.as_raw(), PixelType::U8x3).ok()?;
    let mut target = Image::new(scaled(width), scaled(height), PixelType::U8x3);
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(fast_image_resize::FilterType::Hamming));
    Resizer::new().resize(&source, &mut target, &options).ok()?;
    RgbImage::from_raw(target.width(), target.height(), target.into_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::photos::testing::{noise_png, real_data, shelf_photo};

    #[test]
    fn a_shelf_photo_gets_a_thumbnail_of_at_most_20_kb_that_is_itself_a_picture() {
        let picture = read_picture(&shelf_photo(0)).expect("a photo");
        assert_eq!((picture.width, picture.height, picture.extension), (348, 348, "jpg"));
        assert!(picture.thumbnail.len() <= MAX_THUMBNAIL_BYTES);
        let small = image::load_from_memory(&picture.thumbnail).expect("a picture");
        assert_eq!((small.width(), small.height()), (320, 320));
    }

    #[test]
    fn even_pure_noise_fits_the_thumbnail() {
        let picture = read_picture(&noise_png(1200, 900)).expect("a picture");
        assert!(picture.thumbnail.len() <= MAX_THUMBNAIL_BYTES, "{}", picture.thumbnail.len());
        assert_eq!((picture.width, picture.height, picture.extension), (1200, 900, "png"));
    }

    #[test]
    fn a_text_file_an_empty_file_and_a_photo_cut_short_are_not_photos() {
        let photo = shelf_photo(0);
        let cut = &photo[..photo.len() * 6 / 10];
        for bytes in [&b"GIF89a not really"[..], b"", b"\xFF\xD8\xFF", cut] {
            assert_eq!(read_picture(bytes).map(|_| ()), Err(PictureFault::NotAnImage));
        }
    }

    #[test]
    fn a_small_file_that_claims_a_huge_picture_is_refused_by_its_header() {
        let mut photo = shelf_photo(0);
        let frame = photo.windows(2).position(|pair| pair == [0xFF, 0xC0]).expect("baseline frame");
        photo[frame + 5..frame + 9].copy_from_slice(&[0x2E, 0xE0, 0x2E, 0xE0]);
        let refused = Err(PictureFault::TooManyPixels { pixels: 144_000_000 });
        assert_eq!(read_picture(&photo).map(|_| ()), refused);
        photo[frame + 5..frame + 9].copy_from_slice(&[0x00, 0x10, 0xFF, 0xDC]);
        let refused = Err(PictureFault::TooManyPixels { pixels: 16 * 65_500 });
        assert_eq!(read_picture(&photo).map(|_| ()), refused);
    }

    #[test]
    fn every_exif_orientation_is_put_upright() {
        let Some(folder) = real_data("photos/orientation") else { return };
        for turn in 1..=8 {
            for (kind, is_wide) in [("landscape", true), ("portrait", false)] {
                let bytes = std::fs::read(folder.join(format!("{kind}_{turn}.jpg"))).expect("sample");
                let picture = read_picture(&bytes).expect("a photo");
                assert_eq!(picture.width > picture.height, is_wide, "{kind} {turn}");
                let small = image::load_from_memory(&picture.thumbnail).expect("a picture");
                assert_eq!(small.width() > small.height(), is_wide, "{kind} {turn}");
            }
        }
    }
}
