//! Where in a picture faces are, as far as a cascade of binary patterns finds them.
//!
//! **Purpose.** A cascade is a trained list of questions about a small window: how bright are the eight fields around a
//! field, compared with it (Liao et al., "Learning Multi-scale Block Local Binary Patterns for Face Recognition", ICB 2007)?
//! Most windows fail within a few questions. What passes all of them, in several windows beside each other, is a face.
//! Cascades are files of a published format; none is part of this crate. Whoever runs a server names one.
//!
//! **Invariants.** A file that passes [`Cascade::read`] can be asked about any picture: every place it names lies in its
//! window. Where it is a matter of judgement, more is found rather than less. No `unsafe`, no panic.
//!
//! **Non-goals.** To know whose face it is. To find every face: one in profile, behind a mask or a few pixels high is missed.

mod file;
mod scan;
#[cfg(test)]
mod tests;

use crate::{plane::Plane, redact::Area};

pub use file::CascadeFault;

/// The brightness of a picture.
#[derive(Clone, Copy, Debug)]
pub struct Grey<'p>(pub(crate) &'p Plane);

impl Grey<'_> {
    /// In pixels.
    pub fn width(&self) -> usize {
        self.0.width
    }

    /// In pixels.
    pub fn height(&self) -> usize {
        self.0.height
    }

    /// One row from the left; empty beyond the last.
    pub fn row(&self, y: usize) -> &[u8] {
        self.0.row(y)
    }
}

/// Finds faces.
pub trait FindFaces: Send + Sync {
    /// The areas to cover so that nobody can be recognised, margins included.
    fn find(&self, picture: Grey<'_>) -> Vec<Area>;
}

/// A trained list of questions.
#[derive(Clone, PartialEq, Debug)]
pub struct Cascade {
    /// Measures of its window, in pixels.
    window: (usize, usize),
    stages: Vec<Stage>,
    questions: Vec<Question>,
    fields: Vec<Field>,
}

/// Questions whose answers count together.
#[derive(Clone, PartialEq, Debug)]
struct Stage {
    /// What the answers must add up to.
    threshold: f32,
    /// Its questions, behind those of the stages before it.
    questions: std::ops::Range<usize>,
}

/// A question about one pattern.
#[derive(Clone, PartialEq, Debug)]
struct Question {
    /// Which field and its neighbours.
    field: usize,
    /// A bit for each of 256 patterns.
    patterns: [u32; 8],
    /// What a pattern whose bit is set counts, and any other.
    votes: [f32; 2],
}

impl Question {
    fn vote(&self, pattern: u8) -> f32 {
        let bit = self.patterns[usize::from(pattern >> 5)] >> (pattern & 31) & 1;
        self.votes[usize::from(bit == 0)]
    }
}

/// The upper left of nine fields of one size, in pixels of the window.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Field {
    x: usize,
    y: usize,
    width: usize,
    height: usize,
}

impl FindFaces for Cascade {
    fn find(&self, picture: Grey<'_>) -> Vec<Area> {
        scan::faces(self, picture.0)
    }
}
