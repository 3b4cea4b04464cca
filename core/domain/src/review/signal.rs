//! What speaks for looking at a photo twice: named facts with a weight. None of them is a verdict, and none of them has a
//! consequence of its own.

use std::collections::BTreeMap;

use crate::{
    geo::FenceVerdict,
    photo::Photo,
    trusted::CLOCK_WARNING_MS,
    visit::{Visit, VisitStatus},
};

/// A fact about a photo.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum SignalKind {
    /// Another photo has the same bytes.
    SameBytes,
    /// It was taken before the check-in or after the check-out.
    OutsideVisit,
    /// The check-in was outside the outlet's fence.
    OffSite,
    /// The phone's clock was wrong.
    Clock,
    /// Nobody knows where the check-in was.
    NoPosition,
    /// It was taken anew for a rejected one.
    Retake,
}

impl SignalKind {
    /// Every kind, the heaviest first.
    pub const ALL: [Self; 6] =
        [Self::SameBytes, Self::OutsideVisit, Self::OffSite, Self::Clock, Self::NoPosition, Self::Retake];

    /// The stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SameBytes => "same_bytes",
            Self::OutsideVisit => "outside_visit",
            Self::OffSite => "off_site",
            Self::Clock => "clock",
            Self::NoPosition => "no_position",
            Self::Retake => "retake",
        }
    }

    /// How much it speaks for a second look; values of our own.
    pub fn weight(self) -> u32 {
        match self {
            Self::SameBytes => 5,
            Self::OutsideVisit => 3,
            Self::OffSite | Self::Clock => 2,
            Self::NoPosition | Self::Retake => 1,
        }
    }
}

/// A fact about a photo, with its figures.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Signal {
    /// Which.
    pub kind: SignalKind,
    /// Its figures by name, for the sentence that explains it.
    pub figures: BTreeMap<&'static str, String>,
}

impl Signal {
    /// A fact without figures.
    pub fn new(kind: SignalKind) -> Self {
        Self { kind, figures: BTreeMap::new() }
    }

    fn with(mut self, name: &'static str, value: String) -> Self {
        self.figures.insert(name, value);
        self
    }
}

/// The weight of several facts together.
pub fn weight(signals: &[Signal]) -> u32 {
    signals.iter().map(|signal| signal.kind.weight()).sum()
}

/// What the rows say about a photo, the heaviest first. `twins`: how many other photos have the same bytes.
pub fn signals(photo: &Photo, visit: Option<&Visit>, twins: u32) -> Vec<Signal> {
    let mut found = Vec::new();
    if twins > 0 {
        found.push(Signal::new(SignalKind::SameBytes).with("n", twins.to_string()));
    }
    found.extend(visit.and_then(|visit| outside(photo, visit)));
    found.extend(visit.and_then(place));
    found.extend(clock(photo));
    if photo.replaces.is_some() {
        found.push(Signal::new(SignalKind::Retake));
    }
    found.sort_by_key(|signal| std::cmp::Reverse(signal.kind.weight()));
    found
}

/// A retake may come after the check-out: it is asked for then.
fn outside(photo: &Photo, visit: &Visit) -> Option<Signal> {
    let before = visit.check_in.map(|check_in| check_in.at.since_ms(photo.taken_at)).filter(|ms| *ms > 0);
    let is_late_retake = photo.replaces.is_some();
    let after = visit.check_out.map(|check_out| photo.taken_at.since_ms(check_out.at));
    let after = after.filter(|ms| *ms > 0 && !is_late_retake);
    let ms = before.or(after)?;
    Some(Signal::new(SignalKind::OutsideVisit).with("m", ms.div_euclid(60_000).to_string()))
}

fn place(visit: &Visit) -> Option<Signal> {
    let check_in = visit.check_in.filter(|_| visit.status != VisitStatus::Skipped)?;
    match check_in.verdict {
        FenceVerdict::Verified => None,
        FenceVerdict::Unverified => Some(Signal::new(SignalKind::NoPosition)),
        FenceVerdict::OffSite => {
            let metres = check_in.distance_m.map_or_else(|| "?".to_owned(), |metres| format!("{metres:.0}"));
            Some(Signal::new(SignalKind::OffSite).with("m", metres))
        }
    }
}

fn clock(photo: &Photo) -> Option<Signal> {
    let clocks = photo.captured?;
    let off = clocks.device_at.since_ms(clocks.span.nearest(clocks.device_at)).saturating_abs();
    (off > CLOCK_WARNING_MS).then(|| Signal::new(SignalKind::Clock).with("m", (off / 60_000).to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        time::HOUR_MS,
        trusted::{Clocks, TrustedSpan},
        visit::fixture::World,
    };

    fn kinds(photo: &Photo, visit: &Visit, twins: u32) -> Vec<SignalKind> {
        signals(photo, Some(visit), twins).iter().map(|signal| signal.kind).collect()
    }

    fn taken() -> (Photo, Visit) {
        let mut world = World::new();
        let visit = world.start("S0101", None).id;
        let photos = world.finish_s0101(visit);
        let mut visit = world.visit(visit);
        visit.check_in.as_mut().expect("there").verdict = FenceVerdict::Verified;
        (world.photo(photos[1]), visit)
    }

    #[test]
    fn an_honest_photo_has_no_signal() {
        let (photo, visit) = taken();
        assert_eq!(kinds(&photo, &visit, 0), []);
    }

    #[test]
    fn each_fact_is_named_with_its_figures_the_heaviest_first() {
        let (mut photo, mut visit) = taken();
        let check_in = visit.check_in.as_mut().expect("there");
        (check_in.verdict, check_in.distance_m) = (FenceVerdict::OffSite, Some(812.4));
        let after = visit.check_out.expect("there").at.plus_ms(HOUR_MS);
        photo.taken_at = after;
        let clocks = Clocks { device_at: after.plus_ms(26 * HOUR_MS), span: TrustedSpan::at(after) };
        photo.captured = Some(clocks);
        let found = signals(&photo, Some(&visit), 2);
        let expected = [SignalKind::SameBytes, SignalKind::OutsideVisit, SignalKind::OffSite, SignalKind::Clock];
        assert_eq!(kinds(&photo, &visit, 2), expected);
        let figures: Vec<_> = found.iter().flat_map(|signal| signal.figures.values().cloned()).collect();
        assert_eq!(figures, ["2", "60", "812", "1560"]);
        assert_eq!(weight(&found), 12);
    }

    #[test]
    fn a_retake_may_come_after_the_visit_but_is_told() {
        let (mut photo, visit) = taken();
        photo.taken_at = visit.check_out.expect("there").at.plus_ms(HOUR_MS);
        photo.captured = None;
        photo.replaces = Some(photo.id);
        assert_eq!(kinds(&photo, &visit, 0), [SignalKind::Retake]);
    }
}
