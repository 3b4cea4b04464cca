//! The signals of a photo as pages show them, and what else is known of how it came about.

use storewalk_domain::{
    photo::{Photo, PhotoStatus, Signal, counting_signals},
    review::weight_of,
    visit::Visit,
};

use crate::console::{
    format,
    frame::{Frame, Pill, Tone},
    visits::place_pill,
};

/// A signal in words.
pub(crate) struct SignalView {
    /// What it is called.
    pub(crate) pill: Pill,
    /// What was seen, with its figures.
    pub(crate) text: String,
    /// What it weighs; empty once it counts no more.
    pub(crate) weight: String,
    /// What whoever took the photo says about it; empty while they have not.
    pub(crate) answer: String,
}

/// Every signal of a photo: those that count, and those that were answered or accepted.
pub(crate) fn signal_views(photo: &Photo, f: &Frame) -> Vec<SignalView> {
    photo.signals().map(|signal| view(photo, signal, f)).collect()
}

/// The names of those that count, for a small picture.
pub(crate) fn signal_pills(photo: &Photo, f: &Frame) -> Vec<Pill> {
    counting_signals(photo).map(|signal| pill(signal, true, f)).collect()
}

fn view(photo: &Photo, signal: &Signal, f: &Frame) -> SignalView {
    let counts = signal.answer.is_none() && photo.status != PhotoStatus::Approved;
    let weight = weight_of(signal.kind).to_string();
    let answered =
        |at, text: &str| f.words.fill("signal.answer", &[("at", &format::moment(at, f.zone)), ("text", text)]);
    SignalView {
        pill: pill(signal, counts, f),
        text: signal.sentence(f.language()),
        weight: if counts { f.words.fill("signal.weight", &[("n", &weight)]) } else { String::new() },
        answer: signal.answer.as_ref().map(|answer| answered(answer.at, &answer.text)).unwrap_or_default(),
    }
}

fn pill(signal: &Signal, counts: bool, f: &Frame) -> Pill {
    let (tone, icon) = match () {
        () if !counts => (Tone::Plain, "info"),
        () if weight_of(signal.kind) >= 4 => (Tone::Bad, "warn"),
        () => (Tone::Warn, "warn"),
    };
    Pill::new(tone, icon, f.say(&signal.kind.title()))
}

/// Where the check-in of the visit was; a photo has no place of its own.
pub(super) fn place(visit: Option<&Visit>, f: &Frame) -> Option<Pill> {
    visit.and_then(|visit| visit.check_in).map(|check_in| place_pill(&check_in, f.words))
}

/// By how much a photo was taken outside of its visit; empty when it was not. A retake may come after the check-out: it
/// is asked for then.
pub(super) fn outside(photo: &Photo, visit: Option<&Visit>, f: &Frame) -> String {
    let before = visit.and_then(|visit| visit.check_in).map(|check_in| check_in.at.since_ms(photo.taken_at));
    let after = visit.and_then(|visit| visit.check_out).map(|check_out| photo.taken_at.since_ms(check_out.at));
    let after = after.filter(|_| photo.replaces.is_none());
    let in_words = |key: &str, ms: i64| f.words.fill(key, &[("n", &ms.div_euclid(60_000).max(1).to_string())]);
    match (before.filter(|ms| *ms > 0), after.filter(|ms| *ms > 0)) {
        (Some(ms), _) => in_words("photo.before_visit", ms),
        (None, Some(ms)) => in_words("photo.after_visit", ms),
        (None, None) => String::new(),
    }
}
