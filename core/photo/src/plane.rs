//! A picture as planes of samples: brightness, and two differences of colour at about half its size.

/// One plane. Its rows may be longer than it is wide; what lies beyond is no part of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Plane {
    /// In samples.
    pub(crate) width: usize,
    /// In samples.
    pub(crate) height: usize,
    /// From one row to the next, at least the width.
    pub(crate) stride: usize,
    /// Rows from the top.
    pub(crate) samples: Vec<u8>,
}

impl Plane {
    /// A plane of one level.
    pub(crate) fn filled(width: usize, height: usize, level: u8) -> Self {
        Self { width, height, stride: width, samples: vec![level; width * height] }
    }

    /// The rows from the top.
    pub(crate) fn rows(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        self.samples.chunks_exact(self.stride.max(1)).take(self.height).map(|row| &row[..self.width])
    }

    /// One row; empty beyond the last.
    pub(crate) fn row(&self, y: usize) -> &[u8] {
        let from = y * self.stride;
        self.samples.get(from..from + self.width).unwrap_or_default()
    }

    /// One row, to be changed; empty beyond the last.
    pub(crate) fn row_mut(&mut self, y: usize) -> &mut [u8] {
        let from = y * self.stride;
        self.samples.get_mut(from..from + self.width).unwrap_or_default()
    }
}

/// A picture.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Picture {
    /// Brightness.
    pub(crate) luma: Plane,
    /// Differences towards blue and red, about half as large in each direction; none for a grey picture.
    pub(crate) chroma: Option<[Plane; 2]>,
}
