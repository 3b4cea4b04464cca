//! Telling how far the work is, and being told to stop.

use std::ops::ControlFlow;

use crate::PhotoFault;

/// A part of the work, in order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Stage {
    /// Hash, structure and EXIF.
    Checking,
    /// Unpacking the picture: most of the time.
    Reading,
    /// Scaling, hashing and judging it.
    Judging,
    /// Drawing the stamp and writing the copies.
    Writing,
}

/// How far the work is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Progress {
    /// The part under way.
    pub stage: Stage,
    /// Of all the work, 0 to 100.
    pub percent: u8,
}

/// Who is told, and may stop the work.
pub struct Watch<'w> {
    tell: &'w mut dyn FnMut(Progress) -> ControlFlow<()>,
}

impl<'w> Watch<'w> {
    /// Tells a function; the work stops when it answers with a break.
    pub fn new(tell: &'w mut dyn FnMut(Progress) -> ControlFlow<()>) -> Self {
        Self { tell }
    }

    /// Says that `done` of `all` of a stage is done.
    pub(crate) fn step(&mut self, stage: Stage, done: usize, all: usize) -> Result<(), PhotoFault> {
        let (from, to) = match stage {
            Stage::Checking => (0, 5),
            Stage::Reading => (5, 70),
            Stage::Judging => (70, 85),
            Stage::Writing => (85, 100),
        };
        let share = (to - from) * done.min(all) / all.max(1);
        let percent = u8::try_from(from + share).unwrap_or(100);
        match (self.tell)(Progress { stage, percent }) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(PhotoFault::Cancelled),
        }
    }
}
