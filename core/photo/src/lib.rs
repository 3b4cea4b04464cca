//! What a photo's bytes say: checked, read, judged, hashed, and made into the copies that are shown.
//!
//! **Purpose.** The same answers on the phone, at the moment a photo is taken, and on the server, which never trusts a
//! phone's word. [`check`] looks at a file without reading its picture; [`process`] does all of it.
//!
//! **Invariants.** Bytes in, values out: no file, no clock, no network, no database. No input makes it panic or take more
//! than 40 MiB beside the input. The original is never changed. What a photo is refused for has a stable code and words
//! ([`PhotoFault`]); what is only not as good as it could be is advice ([`Advice`]), never a wall.
//!
//! **Where to start.** `process.rs` is the way of a photo; `jpeg/` reads it straight to the size that is wanted;
//! `hash.rs` and `index.rs` find what looks alike. With the feature `redact`, which phones do not have, `faces` finds faces
//! and `redact.rs` makes copies in which nobody can be recognised.

mod copies;
mod encode;
mod exif;
#[cfg(feature = "redact")]
mod faces;
mod fault;
mod hash;
mod index;
mod jpeg;
mod limits;
mod num;
mod plane;
mod png;
mod process;
mod quality;
#[cfg(feature = "redact")]
mod redact;
mod reshot;
mod scale;
mod sniff;
mod stamp;
#[cfg(test)]
mod testing;
mod watch;

pub use copies::{MAX_THUMBNAIL_BYTES, placeholder};
pub use exif::{CameraTime, ClockEvidence, Exif, Orientation, clock_evidence};
#[cfg(feature = "redact")]
pub use faces::{Cascade, CascadeFault, FindFaces, Grey};
pub use fault::PhotoFault;
pub use hash::{Hashes, NotAHash, PDQ_MATCH, PDQ_QUALITY, Pdq};
pub use index::{Index, MOST_DISTANCE, Near, confirmed};
pub use limits::Limits;
pub use process::{Checked, Examined, Processed, Settings, StampedCopy, check, examine, process};
pub use quality::{Advice, Quality, QualityLimits};
#[cfg(feature = "redact")]
pub use redact::{Area, Redacted, Redaction, redact};
pub use reshot::Grid;
pub use sniff::{Format, sniff};
pub use stamp::Stamp;
pub use watch::{Progress, Stage, Watch};
