//! How much a photo may ask for.
//!
//! A header costs nothing to write: a file of 700 bytes can claim a picture of gigabytes. Whatever is claimed is held
//! against these limits before anything is set aside for it.

use crate::PhotoFault;

/// How much a photo may ask for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Longest file, in bytes.
    pub bytes: u64,
    /// Most pixels.
    pub pixels: u64,
    /// Longest side, in pixels.
    pub side: usize,
    /// Most pixels of a progressive JPEG: all of it stays in memory until its last scan.
    pub progressive_pixels: u64,
    /// Most scans of a JPEG.
    pub scans: usize,
    /// Most pixels of an interlaced PNG: all of it stays in memory until its last pass.
    pub interlaced_pixels: u64,
    /// Memory for the picture while it is unpacked, in bytes. Where a picture would need more, it is unpacked smaller.
    pub memory: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: storewalk_domain::photo::MAX_PHOTO_BYTES,
            pixels: 50_000_000,
            side: 12_000,
            progressive_pixels: 24_000_000,
            scans: 50,
            interlaced_pixels: 6_000_000,
            memory: 32 * 1024 * 1024,
        }
    }
}

impl Limits {
    /// Refuses a picture that claims more pixels than `limit`, or a side that is too long.
    pub(crate) fn require_size(&self, width: usize, height: usize, limit: u64) -> Result<(), PhotoFault> {
        if width == 0 || height == 0 {
            return Err(PhotoFault::NotAnImage);
        }
        let pixels = (width as u64).saturating_mul(height as u64);
        if pixels > limit || width.max(height) > self.side {
            return Err(PhotoFault::TooManyPixels { width, height, limit });
        }
        Ok(())
    }
}
