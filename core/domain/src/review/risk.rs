//! How much the signals of a photo speak for looking at it before others.
//!
//! A signal is told on the photo itself (`photo/signal.rs`), explained, and whoever took the photo may answer it. Only
//! signals that count are weighed here: an answered one has been explained, and weighs nothing any more.

use crate::photo::{Photo, SignalKind, counting_signals};

/// How much a signal speaks for looking; values of our own.
pub fn weight_of(kind: SignalKind) -> u32 {
    match kind {
        SignalKind::SameBytes => 5,
        SignalKind::OtherPicture => 4,
        SignalKind::NearDuplicate | SignalKind::Gallery | SignalKind::MockPosition => 3,
        SignalKind::Distance | SignalKind::Clock => 2,
        // Found on computed pictures only (ADR 0047): a word to the reviewer, hardly a reason to look first.
        SignalKind::Reshot => 1,
    }
}

/// The weight of all signals of a photo that count.
pub fn risk(photo: &Photo) -> u32 {
    counting_signals(photo).map(|signal| weight_of(signal.kind)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        photo::{Alike, Arrival, PhotoStatus, SignalAnswer},
        time::Timestamp,
        visit::fixture::World,
    };

    fn photo() -> Photo {
        let mut world = World::new();
        let visit = world.start("S0101", None).id;
        let photos = world.finish_s0101(visit);
        let (photo, visit) = (world.photo(photos[1]), world.visit(visit));
        let same = Alike {
            outlet_id: visit.outlet_id,
            outlet_code: "S0102".into(),
            outlet_name: "光谷店".into(),
            taken_on: visit.visited_on.plus_days(-5),
            bits: 0,
            is_turned: false,
        };
        let arrival = Arrival { same_bytes: Some(same), differing_bits: Some(90), ..Arrival::default() };
        Photo { status: PhotoStatus::Received, ..photo.looked_at(&arrival, &visit, Timestamp(1)) }
    }

    #[test]
    fn an_honest_photo_weighs_nothing_and_an_answered_or_accepted_signal_no_more() {
        let mut suspect = photo();
        assert_eq!(risk(&suspect), 9, "the same bytes and another picture");
        assert_eq!(risk(&Photo { signals: None, ..suspect.clone() }), 0);
        assert_eq!(risk(&Photo { status: PhotoStatus::Approved, ..suspect.clone() }), 0);
        let same = suspect.signals.iter_mut().flatten().find(|signal| signal.kind == SignalKind::SameBytes);
        same.expect("there").answer =
            Some(SignalAnswer { text: "同一张照片误传两次".into(), at: Timestamp(2) });
        assert_eq!(risk(&suspect), 4);
    }
}
