//! Looking at a photo that was just taken: what it is, what it looks like, what could be better, and its copies.
//!
//! **Rule.** What is no photo that is taken is refused by name. A photo that is whole but whose picture cannot be read is
//! kept as it is, and the rep is told that nobody could examine it: an original is never lost to a fault of ours.

use std::{
    ops::ControlFlow,
    panic::{AssertUnwindSafe, catch_unwind},
};

use storewalk_domain::{
    geo::distance_from,
    photo::{CameraClock, Print, Remark, Seen},
};
use storewalk_photo::{
    Advice, Checked, ClockEvidence, Examined, Hashes, PhotoFault, Settings, Watch, check, examine, placeholder, process,
};

use super::{Shot, around::Around};
use crate::PhotoCopies;

/// Code of the advice for a photo that could not be examined.
const UNEXAMINED: &str = "photo_unexamined";

/// What a photo turned out to be.
pub(super) struct Look {
    pub(super) sha256: String,
    /// Width in pixels as displayed.
    pub(super) width: u32,
    /// Height in pixels as displayed.
    pub(super) height: u32,
    /// `jpg` or `png`.
    pub(super) extension: &'static str,
    /// What the server is told.
    pub(super) seen: Seen,
    /// A small JPEG.
    pub(super) thumbnail: Vec<u8>,
    /// The stamped copy, as a JPEG; `None` where none is wanted or could be made.
    pub(super) stamped: Option<Vec<u8>>,
    /// What it is compared by; `None` where the picture could not be read.
    pub(super) hashes: Option<Hashes>,
}

/// What a reader made of the bytes.
type Read = (Examined, Option<Vec<u8>>);

/// Looks at a photo.
pub(super) fn look(bytes: &[u8], copies: PhotoCopies, around: &Around, shot: &Shot<'_>) -> Result<Look, PhotoFault> {
    let settings = Settings { tilt: shot.tilt, long_edge: copies.long_edge.max(1), ..Settings::default() };
    let read = guarded(|| read(bytes, &settings, copies.is_stamped, around));
    let (examined, stamped) = match read {
        Ok(read) => read,
        Err(fault) => return unexamined(bytes, &settings, &fault, around, shot),
    };
    let Examined { checked, middle, advice, thumbnail, .. } = examined;
    let advice = advice.iter().map(Advice::remark).collect();
    let seen = seen(&checked, Some(print(&middle)), advice, around, shot);
    Ok(Look { hashes: Some(middle), ..of(&checked, seen, thumbnail, stamped) })
}

fn read(bytes: &[u8], settings: &Settings, is_stamped: bool, around: &Around) -> Result<Read, PhotoFault> {
    let mut go_on = |_| ControlFlow::Continue(());
    let watch = &mut Watch::new(&mut go_on);
    if is_stamped {
        process(bytes, settings, &around.stamp, watch).map(|done| (done.examined, Some(done.copy.file)))
    } else {
        examine(bytes, settings, watch).map(|examined| (examined, None))
    }
}

/// A panic while a file is read is a fault of ours; it must not cost the photo.
fn guarded<T>(work: impl FnOnce() -> Result<T, PhotoFault>) -> Result<T, PhotoFault> {
    let panicked = PhotoFault::Damaged { at: 0, what: "a file that stopped its reader" };
    catch_unwind(AssertUnwindSafe(work)).unwrap_or(Err(panicked))
}

/// A photo whose picture could not be read: kept where the file is whole, else refused for what is wrong with it.
fn unexamined(
    bytes: &[u8],
    settings: &Settings,
    fault: &PhotoFault,
    around: &Around,
    shot: &Shot<'_>,
) -> Result<Look, PhotoFault> {
    let checked = guarded(|| check(bytes, &settings.limits))?;
    tracing::warn!(code = ?fault.code(), "a photo could not be examined and is kept as it is");
    let told = Remark { code: UNEXAMINED.to_owned(), value_milli: 0, limit_milli: 0 };
    let seen = seen(&checked, None, vec![told], around, shot);
    Ok(of(&checked, seen, placeholder()?, None))
}

fn of(checked: &Checked, seen: Seen, thumbnail: Vec<u8>, stamped: Option<Vec<u8>>) -> Look {
    let Checked { width, height, .. } = *checked;
    let extension = checked.format.extension().unwrap_or("jpg");
    Look { sha256: checked.sha256.clone(), width, height, extension, seen, thumbnail, stamped, hashes: None }
}

fn seen(checked: &Checked, print: Option<Print>, advice: Vec<Remark>, around: &Around, shot: &Shot<'_>) -> Seen {
    let metres = around.outlet.zip(checked.exif.position).and_then(|(outlet, camera)| distance_from(outlet, camera));
    let camera_clock = camera_clock(around.camera_clock(checked.exif.taken));
    Seen {
        print,
        advice,
        camera_clock,
        camera_distance_m: metres.map(whole_metres),
        is_from_gallery: shot.is_from_gallery,
        alike: Vec::new(),
    }
}

fn camera_clock(evidence: ClockEvidence) -> Option<CameraClock> {
    let difference_ms = match evidence {
        ClockEvidence::Silent => return None,
        ClockEvidence::Agrees { difference_ms }
        | ClockEvidence::OtherZone { difference_ms }
        | ClockEvidence::Older { difference_ms }
        | ClockEvidence::Ahead { difference_ms } => difference_ms,
    };
    Some(CameraClock { code: evidence.code().to_owned(), difference_ms })
}

/// The hashes as they are kept and sent: of the picture as it is held.
fn print(hashes: &Hashes) -> Print {
    Print { short: format!("{:016x}", hashes.short[0]), pdq: hashes.pdq[0].to_string(), quality: hashes.quality }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast of a fraction stays in range")]
fn whole_metres(metres: f64) -> u32 {
    metres.round() as u32
}
