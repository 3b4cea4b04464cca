//! What the phone knows around a photo: where it is taken, by whom, and when by trusted time.

use storewalk_domain::{
    geo::Position,
    handbook::HandbookList,
    ids::VisitId,
    outlet::Outlet,
    sync::StateExt,
    time::{CaptureTime, Zone},
    trusted::Clocks,
    visit::Visit,
};
use storewalk_photo::{CameraTime, ClockEvidence, Stamp, clock_evidence};
use storewalk_sqlite::SqliteState;

use super::alike::Here;
use crate::{ClientError, Phone, session, visits::Handbook};

/// What is known around a photo.
pub(super) struct Around {
    /// What its copy says.
    pub(super) stamp: Stamp,
    /// Where the outlet is.
    pub(super) outlet: Option<Position>,
    /// Which outlet and day it is; `None` without a visit.
    pub(super) here: Option<Here>,
    now: CaptureTime,
    zone: Zone,
}

/// Loads it. A visit or an outlet that is not there leaves its part empty; whether the photo is taken is for the rules.
pub(super) fn load(phone: &Phone, visit_id: VisitId, zone_code: &str) -> Result<Around, ClientError> {
    let now = phone.now();
    phone.read(|connection| {
        let state = SqliteState(connection);
        let visit = state.get::<Visit>(visit_id.row())?;
        let outlet = match &visit {
            Some(visit) => state.get::<Outlet>(visit.outlet_id.row())?,
            None => None,
        };
        let words = Handbook::load(connection)?.text(HandbookList::PhotoZone, zone_code);
        let zone = outlet.as_ref().map_or(Zone::SHANGHAI, |outlet| outlet.zone);
        let fix = visit.as_ref().and_then(|visit| visit.check_in.as_ref()?.fix);
        let stamp = Stamp {
            outlet: outlet.as_ref().map(|outlet| format!("{} {}", outlet.code, outlet.name)).unwrap_or_default(),
            zone: format!("{} {}", words.zh, words.en),
            rep: session::session(connection)?.map(|session| session.user.name).unwrap_or_default(),
            taken_at: time_text(&now, zone),
            place: fix.map_or_else(|| outlet.as_ref().map(|o| o.address.clone()).unwrap_or_default(), Stamp::position),
        };
        let here = visit.map(|visit| Here {
            outlet_id: visit.outlet_id,
            today: now.trusted().date_in(zone),
            now: now.trusted(),
        });
        Ok(Around { stamp, outlet: outlet.and_then(|outlet| outlet.position), here, now, zone })
    })
}

impl Around {
    /// What the camera's clock says against trusted time. A camera shares the phone's clock: where it agrees with that, a
    /// difference is the phone's own, which is told beside the photo, and nothing against the photo.
    pub(super) fn camera_clock(&self, taken: Option<CameraTime>) -> ClockEvidence {
        let offset = self.now.device_at.offset_minutes_in(self.zone);
        let by_phone = clock_evidence(taken, self.now.device_at, 0, offset);
        if matches!(by_phone, ClockEvidence::Agrees { .. }) {
            return by_phone;
        }
        match self.now.span().half_width_ms() {
            Some(unsure) => clock_evidence(taken, self.now.trusted(), unsure, offset),
            // Until the phone has met the server, its own clock is all there is.
            None => by_phone,
        }
    }
}

/// When, as it is stamped.
fn time_text(now: &CaptureTime, zone: Zone) -> String {
    Stamp::time(now.trusted(), Clocks { device_at: now.device_at, span: now.span() }, zone)
}

#[cfg(test)]
mod tests {
    use storewalk_domain::time::{ServerAnchor, Timestamp};

    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).expect("valid")
    }

    fn clock(device_at: &str, anchor: Option<ServerAnchor>, not_before: Option<&str>) -> CaptureTime {
        CaptureTime {
            device_at: at(device_at),
            monotonic_ms: 60_000,
            boot_id: "boot".into(),
            anchor,
            not_before: not_before.map(at),
        }
    }

    fn met(server_at: &str) -> ServerAnchor {
        ServerAnchor { server_at: at(server_at), monotonic_ms: 0, boot_id: "boot".into() }
    }

    #[test]
    fn d10_the_stamp_shows_trusted_time_or_what_is_certain_of_it_never_a_wrong_clock() {
        let fast = "2025-03-16T11:02:00+08:00";
        let text = |now: CaptureTime| time_text(&now, Zone::SHANGHAI);
        assert_eq!(text(clock(fast, Some(met("2025-03-15T09:01:00+08:00")), None)), "2025-03-15 09:02:00 +08:00");
        assert_eq!(text(clock(fast, None, Some("2025-03-15T09:02:00+08:00"))), "≥ 2025-03-15 09:02:00 +08:00");
        assert_eq!(text(clock(fast, None, None)), "? 2025-03-16 11:02:00 +08:00");
    }

    #[test]
    fn a_camera_that_shares_a_wrong_clock_with_the_phone_is_not_held_against_the_photo() {
        let around = |device_at: &str| Around {
            stamp: Stamp::default(),
            outlet: None,
            here: None,
            now: clock(device_at, Some(met("2025-03-15T09:01:00+08:00")), None),
            zone: Zone::SHANGHAI,
        };
        let shown = |text: &str| Some(CameraTime { local_ms: at(text).0, offset_minutes: None });
        let fast = around("2025-03-16T11:02:00+08:00").camera_clock(shown("2025-03-16T11:01:50Z"));
        assert_eq!(fast.code(), "camera_time_agrees");
        let old = around("2025-03-15T09:02:00+08:00").camera_clock(shown("2025-03-10T09:07:00Z"));
        assert_eq!(old, ClockEvidence::Older { difference_ms: -431_700_000 });
        assert_eq!(around("2025-03-15T09:02:00+08:00").camera_clock(None), ClockEvidence::Silent);
    }
}
