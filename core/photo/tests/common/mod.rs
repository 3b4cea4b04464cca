//! Photos made by code, small and huge, for the tests of what a photo may ask for.

use std::ops::ControlFlow;

use jpeg_encoder::{Encoder, ImageBuffer, JpegColorType, SamplingFactor};
use storewalk_photo::{PhotoFault, Processed, Settings, Stamp, Watch, process};

/// A picture of waves and specks that is never held as a whole.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Waves {
    /// In pixels.
    pub(crate) width: u16,
    /// In pixels.
    pub(crate) height: u16,
    /// Brightness alone, red green blue, or brightness and colour.
    pub(crate) colours: JpegColorType,
}

impl ImageBuffer for Waves {
    fn get_jpeg_color_type(&self) -> JpegColorType {
        self.colours
    }

    fn width(&self) -> u16 {
        self.width
    }

    fn height(&self) -> u16 {
        self.height
    }

    fn fill_buffers(&self, y: u16, buffers: &mut [Vec<u8>; 4]) {
        for x in 0..self.width {
            let [low, high] = (x / 3).wrapping_mul(7).wrapping_add(y).to_le_bytes();
            let speck = (u32::from(x) * 31 + u32::from(y) * 17) % 251 / 8;
            buffers[0].push(low / 2 + speck.to_le_bytes()[0]);
            buffers[1].push(120 + high % 16);
            buffers[2].push(136 - low % 16);
        }
    }
}

/// A JPEG of a picture.
pub(crate) fn jpeg(picture: Waves, is_progressive: bool, sampling: SamplingFactor) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, 85);
    encoder.set_sampling_factor(sampling);
    encoder.set_progressive(is_progressive);
    encoder.encode_image(picture).expect("written");
    file
}

/// Works a file through as a phone does.
pub(crate) fn processed(bytes: &[u8]) -> Result<Processed, PhotoFault> {
    let stamp = Stamp { outlet: "鑫源便利店".into(), taken_at: "2025-03-15 09:02".into(), ..Stamp::default() };
    let mut go_on = |_| ControlFlow::Continue(());
    process(bytes, &Settings::default(), &stamp, &mut Watch::new(&mut go_on))
}
