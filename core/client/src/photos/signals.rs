//! Signals on a photo, as whoever took it reads them.

use serde::Serialize;
use storewalk_domain::{
    photo::{Photo, PhotoStatus, Signal, SignalKind},
    text::{Language, Localized},
    time::Timestamp,
};

/// One signal. It says what was seen, judges nobody, and can be answered.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct SignalView {
    /// What it is about.
    pub kind: SignalKind,
    /// What it is called.
    pub title: Localized,
    /// What was seen, with its figures.
    pub sentence: Localized,
    /// What whoever took the photo said about it.
    pub answer: Option<String>,
    /// When it was answered.
    pub answered_at: Option<Timestamp>,
    /// Whether it counts: nobody has answered it, and no reviewer has approved the photo.
    pub is_counted: bool,
}

/// The signals of a photo.
pub(super) fn views(photo: &Photo) -> Vec<SignalView> {
    photo.signals().map(|signal| view(signal, photo.status)).collect()
}

fn view(signal: &Signal, status: PhotoStatus) -> SignalView {
    SignalView {
        kind: signal.kind,
        title: signal.kind.title(),
        sentence: Localized::new(signal.sentence(Language::ZhHans), signal.sentence(Language::En)),
        answer: signal.answer.as_ref().map(|answer| answer.text.clone()),
        answered_at: signal.answer.as_ref().map(|answer| answer.at),
        is_counted: signal.answer.is_none() && status != PhotoStatus::Approved,
    }
}
