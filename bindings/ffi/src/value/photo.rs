//! Photos.

use std::path::PathBuf;

use storewalk_client::{self as client, AdviceView, PhotoView, RetakeView, SignalView, UploadView, VerdictView};
use storewalk_domain::{
    photo::{Alike, PhotoStatus, Pin, SignalKind, VerdictDecision},
    text::Localized,
};

use super::{FieldTask, ms, text};

/// One photo.
#[derive(Clone, PartialEq, Debug, uniffi::Record)]
pub struct Photo {
    /// Identity.
    pub id: String,
    /// The visit.
    pub visit_id: String,
    /// Zone by code.
    pub zone: String,
    /// Zone in words.
    pub zone_text: Localized,
    /// State.
    pub status: PhotoStatus,
    /// Width in pixels as displayed.
    pub width: u32,
    /// Height in pixels as displayed.
    pub height: u32,
    /// When it was taken.
    pub taken_at_ms: i64,
    /// The photo it is a retake of.
    pub replaces: Option<String>,
    /// The retake that took its place.
    pub replaced_by: Option<String>,
    /// The verdict that stands.
    pub verdict: Option<Verdict>,
    /// The thumbnail on this phone; nothing for a photo of another phone, unless it is to be taken anew here.
    pub thumbnail_path: Option<String>,
    /// The original on this phone; nothing for a photo of another phone, and once the server holds it for good.
    pub original_path: Option<String>,
    /// The stamped copy on this phone: upright, of a handy size; it goes with the original.
    pub stamped_path: Option<String>,
    /// How far its bytes have come; nothing for a photo of another phone.
    pub upload: Option<UploadProgress>,
    /// What could be better about it; empty for a good photo.
    pub advice: Vec<PhotoAdvice>,
    /// What about it a reviewer will look at; see `answer_signal`.
    pub signals: Vec<PhotoSignal>,
}

/// One signal on a photo. It says what was seen, judges nobody, and can be answered.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct PhotoSignal {
    /// What it is about.
    pub kind: SignalKind,
    /// What it is called.
    pub title: Localized,
    /// What was seen, with its figures.
    pub sentence: Localized,
    /// What whoever took the photo said about it.
    pub answer: Option<String>,
    /// When it was answered.
    pub answered_at_ms: Option<i64>,
    /// Whether it counts: nobody has answered it, and no reviewer has approved the photo.
    pub is_counted: bool,
}

/// An earlier photo that looks like one just taken: outlet and day, all that may be known of a colleague's photo.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct AlikePhoto {
    /// The outlet it shows.
    pub outlet_id: String,
    /// That outlet's code.
    pub outlet_code: String,
    /// That outlet's name.
    pub outlet_name: String,
    /// The day it was taken, `YYYY-MM-DD`.
    pub taken_on: String,
    /// How many of 256 bits differ; up to 31 is alike.
    pub bits: u32,
    /// Whether one had to be turned or mirrored for it.
    pub is_turned: bool,
}

/// What could be better about a photo. It is never a wall: the photo is taken as it is.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct PhotoAdvice {
    /// What it is about, for ever the same: `photo_blurred`, `photo_dark`, `photo_glare`, `photo_small`,
    /// `photo_tilted`, `photo_reshot`, `photo_unexamined`.
    pub code: String,
    /// What was seen.
    pub sentence: Localized,
    /// What the rep can do.
    pub next_step: Localized,
    /// What was measured, in thousandths.
    pub value_milli: i64,
    /// What would be better, in thousandths.
    pub limit_milli: i64,
}

/// A reviewer's decision.
#[derive(Clone, PartialEq, Debug, uniffi::Record)]
pub struct Verdict {
    /// The decision.
    pub decision: VerdictDecision,
    /// Why.
    pub reason: Option<Localized>,
    /// A word to the rep; may be empty.
    pub note: String,
    /// Where on the picture.
    pub pin: Option<Pin>,
    /// A photo that shows how it should look.
    pub reference_photo_id: Option<String>,
    /// By when the retake is due, `YYYY-MM-DD`.
    pub due_on: Option<String>,
    /// When it was decided.
    pub decided_at_ms: i64,
    /// The thumbnail of the reference photo on this phone. Where a retake needs it, it comes after a sync.
    #[uniffi(default = None)]
    pub reference_path: Option<String>,
}

/// How far the bytes of a photo have come.
#[derive(Clone, Copy, PartialEq, Eq, Debug, uniffi::Record)]
pub struct UploadProgress {
    /// Bytes the server said it holds, thumbnail and original.
    pub sent_bytes: u64,
    /// Bytes in all.
    pub total_bytes: u64,
    /// Whether the server refused them; see notices.
    pub is_refused: bool,
}

/// A photo that has to be taken again.
#[derive(Clone, PartialEq, Debug, uniffi::Record)]
pub struct Retake {
    /// The task.
    pub task: FieldTask,
    /// The photo that was rejected.
    pub photo: Photo,
    /// Why it was rejected.
    pub verdict: Verdict,
}

/// What was taken in.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct CapturedPhoto {
    /// The photo.
    pub photo_id: String,
    /// SHA-256 of the original bytes, in hex.
    pub sha256: String,
    /// Width in pixels as displayed.
    pub width: u32,
    /// Height in pixels as displayed.
    pub height: u32,
    /// What could be better; empty for a good photo.
    pub advice: Vec<PhotoAdvice>,
    /// Earlier photos that look like it, one's own or a colleague's, the nearest first. The rep may take another, or
    /// explain with `answer_signal`.
    pub alike: Vec<AlikePhoto>,
}

/// What a run of the upload queue did.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct UploadReport {
    /// Thumbnails that arrived whole.
    pub thumbnails: u64,
    /// Originals that arrived whole.
    pub originals: u64,
    /// Photo bytes sent.
    pub bytes_sent: u64,
    /// Files the server refused, or that are gone from the phone.
    pub refused: u64,
    /// Code of the failure that ended the run; nothing when it worked through all that was due.
    pub error: Option<String>,
    /// When the next file is due, by the phone's clock; nothing when nothing waits.
    pub next_attempt_at_ms: Option<i64>,
}

/// What was freed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, uniffi::Record)]
pub struct SweepReport {
    /// Originals freed.
    pub originals_freed: u64,
    /// Bytes of them.
    pub bytes_freed: u64,
    /// Files of nobody that were cleared.
    pub strays_cleared: u64,
}

/// As a host takes it.
#[expect(clippy::needless_pass_by_value, reason = "it ends options in map")]
fn path(path: PathBuf) -> String {
    path.to_string_lossy().into_owned()
}

impl From<PhotoView> for Photo {
    fn from(view: PhotoView) -> Self {
        Self {
            id: view.id.to_string(),
            visit_id: view.visit_id.to_string(),
            zone: view.zone,
            zone_text: view.zone_text,
            status: view.status,
            width: view.width,
            height: view.height,
            taken_at_ms: view.taken_at.0,
            replaces: text(view.replaces),
            replaced_by: text(view.replaced_by),
            verdict: view.verdict.map(Verdict::from),
            thumbnail_path: view.thumbnail.map(path),
            original_path: view.original.map(path),
            stamped_path: view.stamped.map(path),
            upload: view.upload.map(UploadProgress::from),
            advice: view.advice.into_iter().map(PhotoAdvice::from).collect(),
            signals: view.signals.into_iter().map(PhotoSignal::from).collect(),
        }
    }
}

impl From<AdviceView> for PhotoAdvice {
    fn from(view: AdviceView) -> Self {
        let AdviceView { code, sentence, next_step, value_milli, limit_milli } = view;
        Self { code, sentence, next_step, value_milli, limit_milli }
    }
}

impl From<SignalView> for PhotoSignal {
    fn from(view: SignalView) -> Self {
        let SignalView { kind, title, sentence, answer, answered_at, is_counted } = view;
        Self { kind, title, sentence, answer, answered_at_ms: ms(answered_at), is_counted }
    }
}

impl From<Alike> for AlikePhoto {
    fn from(alike: Alike) -> Self {
        Self {
            outlet_id: alike.outlet_id.to_string(),
            outlet_code: alike.outlet_code,
            outlet_name: alike.outlet_name,
            taken_on: alike.taken_on.to_string(),
            bits: alike.bits,
            is_turned: alike.is_turned,
        }
    }
}

impl From<VerdictView> for Verdict {
    fn from(view: VerdictView) -> Self {
        Self {
            decision: view.decision,
            reason: view.reason,
            note: view.note,
            pin: view.pin,
            reference_photo_id: text(view.reference_photo_id),
            due_on: text(view.due_on),
            decided_at_ms: view.decided_at.0,
            reference_path: view.reference.map(path),
        }
    }
}

impl From<UploadView> for UploadProgress {
    fn from(view: UploadView) -> Self {
        let UploadView { sent_bytes, total_bytes, is_refused } = view;
        Self { sent_bytes, total_bytes, is_refused }
    }
}

impl From<RetakeView> for Retake {
    fn from(view: RetakeView) -> Self {
        Self { task: view.task.into(), photo: view.photo.into(), verdict: view.verdict.into() }
    }
}

impl From<client::CapturedPhoto> for CapturedPhoto {
    fn from(view: client::CapturedPhoto) -> Self {
        let client::CapturedPhoto { photo_id, sha256, width, height, advice, alike } = view;
        let advice = advice.into_iter().map(PhotoAdvice::from).collect();
        let alike = alike.into_iter().map(AlikePhoto::from).collect();
        Self { photo_id: photo_id.to_string(), sha256, width, height, advice, alike }
    }
}

impl From<client::UploadReport> for UploadReport {
    fn from(report: client::UploadReport) -> Self {
        Self {
            thumbnails: report.thumbnails,
            originals: report.originals,
            bytes_sent: report.bytes_sent,
            refused: report.refused,
            error: report.error,
            next_attempt_at_ms: ms(report.next_attempt_at),
        }
    }
}

impl From<client::SweepReport> for SweepReport {
    fn from(report: client::SweepReport) -> Self {
        let client::SweepReport { originals_freed, bytes_freed, strays_cleared } = report;
        Self { originals_freed, bytes_freed, strays_cleared }
    }
}
