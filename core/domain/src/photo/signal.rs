//! Signals: what about a photo a person should look at, decided from facts and explained.
//!
//! **Rules.** A signal says what was seen, with its figures, never what it means; the program judges nobody by it. Whoever
//! took the photo sees it and may answer. A signal *counts* while nobody has answered it and no reviewer has approved the
//! photo: an answered or accepted one stays visible and is counted no more. Nothing follows from a count by itself.
//!
//! **Invariants.** At most one signal of each kind stands on a photo; when it is seen anew its figures are brought up to
//! date and the answer stays. Same facts, same signals, on every host.

use std::{collections::BTreeMap, sync::LazyLock};

use serde::{Deserialize, Serialize};

use crate::{
    geo::Fix,
    outlet::Outlet,
    photo::{Alike, Photo, PhotoStatus, Remark, Seen},
    text::{Language, Localized},
    time::{BusinessDate, Timestamp},
    visit::Visit,
};

/// How far beyond the outlet's fence a file may place the camera without a word, in metres: what satellites are off by
/// between buildings (ours).
const PLACE_SLACK_M: u32 = 100;

/// At most so many bits of a PDQ differ between a photo and one of the same outlet on another day before it is worth a
/// word: an honest photo of the same shelf is near, a copy is nearer (ours).
const SAME_OUTLET_BITS: u32 = 12;

/// Code of the advice that a grid lies over a picture.
const RESHOT: &str = "photo_reshot";

/// Characters of an answer that are kept.
pub const MOST_ANSWER_CHARS: usize = 500;

/// What a signal is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "ffi", derive(uniffi::Enum))]
#[serde(rename_all = "snake_case")]
pub enum SignalKind {
    /// It came out of the phone's gallery instead of the camera.
    Gallery,
    /// The camera's clock said another time than when the photo was taken in.
    Clock,
    /// The position at check-in was injected, says the phone's system.
    MockPosition,
    /// The file places the camera far from the outlet.
    Distance,
    /// The same bytes came before, as another photo.
    SameBytes,
    /// It looks like an earlier photo.
    NearDuplicate,
    /// The picture that arrived is not the one the phone described.
    OtherPicture,
    /// A fine, even grid lies over the picture, as in photos of a screen or a print.
    Reshot,
}

/// One signal on a photo.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Signal {
    /// What it is about.
    pub kind: SignalKind,
    /// Its figures, by name.
    pub params: BTreeMap<String, String>,
    /// When it was first seen.
    pub seen_at: Timestamp,
    /// What whoever took the photo says about it; `None` while nobody has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<SignalAnswer>,
}

/// An answer to a signal.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SignalAnswer {
    /// In the person's own words.
    pub text: String,
    /// When it was given.
    pub at: Timestamp,
}

/// What is known once the bytes are held and were looked at again.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Arrival {
    /// How many bits of the PDQ differ between what the phone described and what arrived; `None` when either is unknown.
    pub differing_bits: Option<u32>,
    /// Another photo with the same bytes.
    pub same_bytes: Option<Alike>,
    /// Earlier photos that look alike, the nearest first.
    pub alike: Vec<Alike>,
    /// What could be better about it, by the bytes that arrived.
    pub advice: Vec<Remark>,
}

#[derive(Debug, Deserialize)]
struct Words {
    code: SignalKind,
    text: Localized,
    detail: Localized,
}

static WORDS: LazyLock<Vec<Words>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../handbook/signals.json"))
        .expect("the shipped handbook is tested to be valid")
});

impl SignalKind {
    /// Every kind.
    pub const ALL: [Self; 8] = [
        Self::Gallery,
        Self::Clock,
        Self::MockPosition,
        Self::Distance,
        Self::SameBytes,
        Self::NearDuplicate,
        Self::OtherPicture,
        Self::Reshot,
    ];

    /// What it is called.
    pub fn title(self) -> Localized {
        words_of(self).map_or_else(|| Localized::new("", ""), |words| words.text.clone())
    }
}

fn words_of(kind: SignalKind) -> Option<&'static Words> {
    WORDS.iter().find(|words| words.code == kind)
}

impl Signal {
    fn new<const N: usize>(kind: SignalKind, seen_at: Timestamp, params: [(&str, String); N]) -> Self {
        let params = params.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Self { kind, params, seen_at, answer: None }
    }

    /// What was seen, with its figures, as a person reads it.
    pub fn sentence(&self, language: Language) -> String {
        let Some(words) = words_of(self.kind) else { return String::new() };
        let fill = |text: String, (name, value): (&String, &String)| text.replace(&format!("{{{name}}}"), value);
        self.params.iter().fold(words.detail.get(language).to_owned(), fill)
    }
}

/// The signals of a photo that count: those that nobody has answered, unless a reviewer has approved the photo.
pub fn counting_signals(photo: &Photo) -> impl Iterator<Item = &Signal> {
    let is_open = photo.status != PhotoStatus::Approved;
    photo.signals().filter(move |signal| is_open && signal.answer.is_none())
}

/// How many signals of a photo count.
pub fn counted_signals(photo: &Photo) -> usize {
    counting_signals(photo).count()
}

/// The signals of a photo at the moment it is taken, from what its phone saw and what is known of visit and outlet.
pub(super) fn at_capture(seen: &Seen, visit: &Visit, outlet: Option<&Outlet>, at: Timestamp) -> Vec<Signal> {
    let gallery = seen.is_from_gallery.then(|| Signal::new(SignalKind::Gallery, at, []));
    let mock = visit.check_in.as_ref().and_then(|check_in| check_in.fix).filter(|fix: &Fix| fix.is_mock);
    let mock = mock.map(|_| Signal::new(SignalKind::MockPosition, at, []));
    let (near, reshot) = (near(&seen.alike, visit, at), reshot(&seen.advice, at));
    let found = [gallery, clock(seen, at), mock, distance(seen, outlet, at), near, reshot];
    found.into_iter().flatten().collect()
}

fn clock(seen: &Seen, at: Timestamp) -> Option<Signal> {
    let clock = seen.camera_clock.as_ref()?;
    let is_off = clock.code == "camera_time_older" || clock.code == "camera_time_ahead";
    let minutes = clock.difference_ms.saturating_abs() / 60_000;
    let sign = if clock.difference_ms < 0 { "−" } else { "+" };
    is_off.then(|| Signal::new(SignalKind::Clock, at, [("minutes", format!("{sign}{minutes}"))]))
}

fn distance(seen: &Seen, outlet: Option<&Outlet>, at: Timestamp) -> Option<Signal> {
    let (metres, limit) = (seen.camera_distance_m?, outlet?.fence_m.saturating_add(PLACE_SLACK_M));
    let params = || [("metres", metres.to_string()), ("limit", limit.to_string())];
    (metres > limit).then(|| Signal::new(SignalKind::Distance, at, params()))
}

/// The grid over a picture, where there is one.
fn reshot(advice: &[Remark], at: Timestamp) -> Option<Signal> {
    let grid = advice.iter().find(|remark| remark.code == RESHOT)?;
    let tenths = grid.value_milli.saturating_add(50).div_euclid(100);
    let period = format!("{}.{}", tenths.div_euclid(10), tenths.rem_euclid(10));
    Some(Signal::new(SignalKind::Reshot, at, [("period", period)]))
}

/// The nearest of the photos that look alike and are worth a word. Photos of one outlet on one day are alike by nature;
/// those of another day are worth it only when hardly a bit differs.
fn near(alike: &[Alike], visit: &Visit, at: Timestamp) -> Option<Signal> {
    let found = alike.iter().find(|alike| is_remarkable(alike, visit.outlet_id, visit.visited_on))?;
    Some(Signal::new(SignalKind::NearDuplicate, at, told(found)))
}

/// Whether a photo that looks alike is worth a word.
pub fn is_remarkable(alike: &Alike, outlet: crate::ids::OutletId, taken_on: BusinessDate) -> bool {
    alike.outlet_id != outlet || (alike.taken_on != taken_on && alike.bits <= SAME_OUTLET_BITS)
}

fn told(alike: &Alike) -> [(&'static str, String); 4] {
    let turned = if alike.is_turned { "↻" } else { "" };
    [
        ("outlet", format!("{} {}", alike.outlet_code, alike.outlet_name)),
        ("date", alike.taken_on.to_string()),
        ("bits", alike.bits.to_string()),
        ("turned", turned.to_owned()),
    ]
}

impl Photo {
    /// Its signals.
    pub fn signals(&self) -> impl Iterator<Item = &Signal> {
        self.signals.iter().flatten()
    }

    /// The photo with what was found once its bytes had arrived.
    #[must_use]
    pub fn looked_at(mut self, arrival: &Arrival, visit: &Visit, at: Timestamp) -> Self {
        let same = arrival.same_bytes.as_ref();
        let same = same.map(|alike| Signal::new(SignalKind::SameBytes, at, told(alike)));
        let differs = |bits: u32| bits > super::PRINT_MATCH;
        if arrival.differing_bits.is_some_and(|bits| !differs(bits)) {
            self.take_back(SignalKind::OtherPicture);
        }
        let other = arrival.differing_bits.filter(|bits| differs(*bits));
        let other = other.map(|bits| Signal::new(SignalKind::OtherPicture, at, [("bits", bits.to_string())]));
        let (near, reshot) = (near(&arrival.alike, visit, at), reshot(&arrival.advice, at));
        for signal in [same, near, other, reshot].into_iter().flatten() {
            self.note(signal);
        }
        self
    }

    /// Takes a signal away that turned out to be wrong. One that was answered stays: the answer is somebody's word.
    fn take_back(&mut self, kind: SignalKind) {
        let signals = self.signals.take().unwrap_or_default();
        let stays = |signal: &Signal| signal.kind != kind || signal.answer.is_some();
        let left: Vec<Signal> = signals.into_iter().filter(stays).collect();
        self.signals = (!left.is_empty()).then_some(left);
    }

    /// Puts a signal on it, or brings the one of its kind up to date.
    pub(super) fn note(&mut self, signal: Signal) {
        let signals = self.signals.get_or_insert_default();
        match signals.iter_mut().find(|known| known.kind == signal.kind) {
            Some(known) => known.params = signal.params,
            None => signals.push(signal),
        }
        signals.sort_by_key(|signal| signal.kind);
    }
}
