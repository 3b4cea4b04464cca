//! The JPEGs that are made of a photo: the copy that people look at, and the small one that is sent first.

use jpeg_encoder::{Encoder, ImageBuffer, JpegColorType, SamplingFactor};

use crate::{
    PhotoFault, Stamp,
    plane::{Picture, Plane},
    scale, stamp,
};

/// Largest thumbnail, in bytes.
pub const MAX_THUMBNAIL_BYTES: usize = 20_000;

/// Longer sides tried for a thumbnail, in order.
const THUMBNAIL_SIDES: [usize; 4] = [320, 240, 160, 96];

/// Qualities tried for a thumbnail, in order.
const THUMBNAIL_QUALITIES: [u8; 4] = [75, 60, 40, 20];

/// A picture as a JPEG of a quality from 1 to 100; `exif` is the TIFF of its EXIF segment, empty for none.
pub(crate) fn jpeg(picture: &Picture, quality: u8, exif: &[u8]) -> Result<Vec<u8>, PhotoFault> {
    let fault = |_| PhotoFault::Damaged { at: 0, what: "a picture that cannot be written" };
    let mut file = Vec::with_capacity(picture.luma.width * picture.luma.height / 4);
    let mut encoder = Encoder::new(&mut file, quality);
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    if !exif.is_empty() {
        let segment: Vec<u8> = b"Exif\0\0".iter().chain(exif).copied().collect();
        encoder.add_app_segment(1, segment).map_err(fault)?;
    }
    encoder.encode_image(Rows::of(picture)).map_err(fault)?;
    Ok(file)
}

/// A small JPEG of the picture, as large and as good as 20 kB allow.
pub(crate) fn thumbnail(picture: &Picture) -> Result<Vec<u8>, PhotoFault> {
    for side in THUMBNAIL_SIDES {
        let size = scale::fitted(picture.luma.width, picture.luma.height, side);
        let small = scale::resized_picture(picture, size)?;
        for quality in THUMBNAIL_QUALITIES {
            let file = jpeg(&small, quality, &[])?;
            if file.len() <= MAX_THUMBNAIL_BYTES {
                return Ok(file);
            }
        }
    }
    Err(PhotoFault::Damaged { at: 0, what: "a picture without a thumbnail" })
}

/// A small grey JPEG with a question mark: what stands for a photo whose picture could not be read.
///
/// # Errors
/// When the encoder fails, which it does for no picture of this size.
pub fn placeholder() -> Result<Vec<u8>, PhotoFault> {
    let mut picture = Picture { luma: Plane::filled(320, 240, 96), chroma: None };
    stamp::draw(&mut picture, &Stamp { outlet: "?".to_owned(), ..Stamp::default() });
    jpeg(&picture, THUMBNAIL_QUALITIES[0], &[])
}

/// The rows of a picture as the encoder asks for them.
struct Rows<'p> {
    picture: &'p Picture,
    width: u16,
    height: u16,
}

impl<'p> Rows<'p> {
    fn of(picture: &'p Picture) -> Self {
        let length = |length: usize| u16::try_from(length).unwrap_or(u16::MAX);
        Self { picture, width: length(picture.luma.width), height: length(picture.luma.height) }
    }
}

impl ImageBuffer for Rows<'_> {
    fn get_jpeg_color_type(&self) -> JpegColorType {
        if self.picture.chroma.is_some() { JpegColorType::Ycbcr } else { JpegColorType::Luma }
    }

    fn width(&self) -> u16 {
        self.width
    }

    fn height(&self) -> u16 {
        self.height
    }

    fn fill_buffers(&self, y: u16, buffers: &mut [Vec<u8>; 4]) {
        let y = usize::from(y);
        let [luma, blue, red, _] = buffers;
        luma.extend_from_slice(self.picture.luma.row(y));
        let Some(chroma) = &self.picture.chroma else { return };
        for (buffer, plane) in [blue, red].into_iter().zip(chroma) {
            double(buffer, plane, y / 2, usize::from(self.width));
        }
    }
}

/// Appends a row with every sample twice; the encoder takes the mean of each four again, and so gets the sample.
fn double(buffer: &mut Vec<u8>, plane: &Plane, y: usize, width: usize) {
    let end = buffer.len() + width;
    for sample in plane.row(y) {
        buffer.extend_from_slice(&[*sample; 2]);
    }
    buffer.resize(end, 128);
}
