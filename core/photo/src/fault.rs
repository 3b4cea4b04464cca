//! Why a file is not taken as a photo: a closed list, each with a stable code, a place and figures.

use storewalk_domain::problem::{Problem, ProblemCode};
use thiserror::Error;

use crate::sniff::Format;

/// Why a file is not taken as a photo.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum PhotoFault {
    /// Nothing in it says that it is a picture.
    #[error("no picture")]
    NotAnImage,
    /// The file is longer than is taken.
    #[error("{bytes} bytes, at most {limit}")]
    TooLarge {
        /// Its length in bytes.
        bytes: u64,
        /// The longest that is taken, in bytes.
        limit: u64,
    },
    /// It is of a known format that is not read.
    #[error("a file of the format {}", .0.name())]
    FormatRefused(Format),
    /// It is a JPEG or PNG of a kind that no camera writes and that is not read.
    #[error("an unusual kind: {0}")]
    KindRefused(&'static str),
    /// Its header claims a larger picture than is taken.
    #[error("{width} × {height} pixels, at most {limit}")]
    TooManyPixels {
        /// Width as stored, in pixels.
        width: usize,
        /// Height as stored, in pixels.
        height: usize,
        /// The most pixels that are taken of such a file.
        limit: u64,
    },
    /// It claims more passes over the picture than any camera makes.
    #[error("more than {limit} scans")]
    TooManyScans {
        /// The most that are taken.
        limit: usize,
    },
    /// It ends before the picture does.
    #[error("cut off after {at} bytes")]
    CutOff {
        /// How many bytes there are.
        at: usize,
    },
    /// Something inside it contradicts itself.
    #[error("damaged near byte {at}: {what}")]
    Damaged {
        /// About where, in bytes from the start.
        at: usize,
        /// What is wrong, for a developer.
        what: &'static str,
    },
    /// The one who asked called it off.
    #[error("called off")]
    Cancelled,
}

impl PhotoFault {
    /// Its code, for ever the same.
    pub fn code(&self) -> ProblemCode {
        match self {
            Self::NotAnImage => ProblemCode::PhotoNotAnImage,
            Self::TooLarge { .. } => ProblemCode::PhotoTooLarge,
            Self::FormatRefused(_) | Self::KindRefused(_) | Self::TooManyScans { .. } => {
                ProblemCode::PhotoFormatRefused
            }
            Self::TooManyPixels { .. } => ProblemCode::PhotoTooManyPixels,
            Self::CutOff { .. } => ProblemCode::PhotoCutOff,
            Self::Damaged { .. } => ProblemCode::PhotoDamaged,
            Self::Cancelled => ProblemCode::PhotoCalledOff,
        }
    }

    /// The same with its place and figures, as a person is told.
    pub fn problem(&self) -> Problem {
        let problem = Problem::new(self.code());
        match self {
            Self::NotAnImage | Self::Cancelled => problem,
            Self::TooLarge { bytes, limit } => problem.with("bytes", bytes).with("limit", limit),
            Self::FormatRefused(format) => problem.with("format", format.name()),
            Self::KindRefused(kind) => problem.with("format", kind),
            Self::TooManyScans { limit } => problem.with("format", format!("JPEG, > {limit} scans")),
            Self::TooManyPixels { width, height, limit } => {
                problem.with("width", width).with("height", height).with("limit", limit / 1_000_000)
            }
            Self::CutOff { at } => problem.with("bytes", at),
            Self::Damaged { at, what } => problem.with("bytes", at).with("reason", what),
        }
    }
}

#[cfg(test)]
mod tests {
    use storewalk_domain::text::Language;

    use super::*;

    #[test]
    fn every_fault_names_its_figures_and_a_next_step_in_both_languages() {
        let faults = [
            (PhotoFault::NotAnImage, ""),
            (PhotoFault::TooLarge { bytes: 70_000_000, limit: 62_914_560 }, "62914560"),
            (PhotoFault::FormatRefused(Format::Heic), "HEIC"),
            (PhotoFault::KindRefused("CMYK"), "CMYK"),
            (PhotoFault::TooManyPixels { width: 16_000, height: 15_999, limit: 50_000_000 }, "15999"),
            (PhotoFault::TooManyScans { limit: 50 }, "50"),
            (PhotoFault::CutOff { at: 1_234 }, "1234"),
            (PhotoFault::Damaged { at: 4_321, what: "a test" }, "4321"),
            (PhotoFault::Cancelled, ""),
        ];
        for (fault, figure) in faults {
            let problem = fault.problem();
            for language in Language::ALL {
                let told = format!("{}{}", problem.sentence(language), problem.next_step(language));
                assert!(told.contains(figure), "{fault:?}: {told}");
                assert!(!told.contains('{'), "{fault:?}: {told}");
            }
        }
    }
}
