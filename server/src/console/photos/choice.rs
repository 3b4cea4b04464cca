//! What a reviewer chose to see, as it stands in the address.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use storewalk_domain::{
    ids::{OutletId, PhotoId, UserId},
    photo::PhotoStatus,
    time::{BusinessDate, Timestamp, Zone},
};
use uuid::Uuid;

use crate::store::{CoverState, PhotoFilter, PhotoState, WallEdge, WallPlace};

/// The choice. What cannot be read counts as not chosen, so that an old bookmark still opens.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct WallChoice {
    /// `waiting`, `pending`, `approved`, `rejected` or `all`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) state: String,
    /// A person's id.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) rep: String,
    /// A zone's handbook code.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) zone: String,
    /// An outlet's code.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) outlet: String,
    /// `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) date: String,
    /// `open`: nobody has looked for people; `marked`: somebody has.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) people: String,
    /// The place behind which the part begins.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) after: String,
    /// The place before which the part ends.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) before: String,
}

impl WallChoice {
    /// The states offered, with the key of their name.
    pub(crate) const STATES: [(&'static str, &'static str); 5] = [
        ("waiting", "photos.tab_waiting"),
        ("pending", "photos.tab_pending"),
        ("approved", "photos.tab_approved"),
        ("rejected", "photos.tab_rejected"),
        ("all", "photos.tab_all"),
    ];

    /// The state's name in the address.
    pub(crate) fn state_name(&self) -> &'static str {
        let known = Self::STATES.iter().find(|(name, _)| *name == self.state);
        known.map_or(Self::STATES[0].0, |(name, _)| name)
    }

    /// The part asked for.
    pub(crate) fn edge(&self) -> WallEdge {
        let after = place_in(&self.after).map(WallEdge::After);
        after.or_else(|| place_in(&self.before).map(WallEdge::Before)).unwrap_or_default()
    }

    /// Whether anything but the state is chosen.
    pub(crate) fn is_filtered(&self) -> bool {
        [&self.rep, &self.zone, &self.outlet, &self.date, &self.people].iter().any(|chosen| !chosen.trim().is_empty())
    }

    /// The choice as a question to the store. `outlet` is what the code was found to mean.
    pub(crate) fn filter(&self, region: Option<&str>, zone: Zone, outlet: Option<OutletId>) -> PhotoFilter {
        let text = |chosen: &str| Some(chosen.trim().to_owned()).filter(|chosen| !chosen.is_empty());
        let day = BusinessDate::parse(self.date.trim());
        PhotoFilter {
            region: region.map(str::to_owned),
            state: match self.state_name() {
                "pending" => PhotoState::In(PhotoStatus::Pending),
                "approved" => PhotoState::In(PhotoStatus::Approved),
                "rejected" => PhotoState::In(PhotoStatus::Rejected),
                "all" => PhotoState::All,
                _ => PhotoState::Waiting,
            },
            rep: self.rep.parse::<UserId>().ok(),
            outlet,
            zone: text(&self.zone),
            cover: match self.people.as_str() {
                "open" => CoverState::Open,
                "marked" => CoverState::Marked,
                _ => CoverState::Any,
            },
            taken: day.map(|day| day.start_in(zone)..day.plus_days(1).start_in(zone)),
            ..PhotoFilter::default()
        }
    }

    /// The wall's address with this choice.
    pub(crate) fn address(&self) -> String {
        let query = self.query();
        if query.is_empty() { "/console/photos".to_owned() } else { format!("/console/photos?{query}") }
    }

    /// Where the photos of this choice that nobody has looked at for people are gone through.
    pub(crate) fn round(&self) -> String {
        let query = self.at(WallEdge::Start).query();
        let mark = if query.is_empty() { "" } else { "?" };
        format!("/console/photos/people{mark}{query}")
    }

    /// The same choice at another part.
    pub(crate) fn at(&self, edge: WallEdge) -> Self {
        let (after, before) = match edge {
            WallEdge::Start => (String::new(), String::new()),
            WallEdge::After(place) => (place_text(place), String::new()),
            WallEdge::Before(place) => (String::new(), place_text(place)),
        };
        Self { after, before, ..self.clone() }
    }

    /// The same choice with another state, from its start.
    pub(crate) fn in_state(&self, state: &str) -> Self {
        Self { state: state.to_owned(), ..self.at(WallEdge::Start) }
    }

    /// What stands behind the question mark; empty for the wall as it is opened.
    pub(crate) fn query(&self) -> String {
        let parts = [
            ("state", &self.state),
            ("rep", &self.rep),
            ("zone", &self.zone),
            ("outlet", &self.outlet),
            ("date", &self.date),
            ("people", &self.people),
            ("after", &self.after),
            ("before", &self.before),
        ];
        let chosen = parts.into_iter().filter(|(_, value)| !value.is_empty());
        chosen.map(|(name, value)| format!("{name}={}", encoded(value))).collect::<Vec<_>>().join("&")
    }
}

/// A place as it stands in an address: whether the photo waited, when it was taken, which it is.
fn place_text(place: WallPlace) -> String {
    format!("{}~{}~{}", u8::from(place.waits), place.taken_at.0, place.id.0.simple())
}

fn place_in(text: &str) -> Option<WallPlace> {
    let mut parts = text.splitn(3, '~');
    let (waits, taken_at, id) = (parts.next()?, parts.next()?, parts.next()?);
    let waits = match waits {
        "1" => true,
        "0" => false,
        _ => return None,
    };
    Some(WallPlace { waits, taken_at: Timestamp(taken_at.parse().ok()?), id: PhotoId(Uuid::parse_str(id).ok()?) })
}

/// A value inside a query (RFC 3986, section 2.1): everything but unreserved characters is escaped.
pub(crate) fn encoded(value: &str) -> String {
    let mut text = String::new();
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_stands_in_the_address_and_survives_odd_values() {
        let choice = WallChoice { state: "all".into(), outlet: "光谷 & co".into(), ..WallChoice::default() };
        assert_eq!(choice.address(), "/console/photos?state=all&outlet=%E5%85%89%E8%B0%B7%20%26%20co");
        assert_eq!(WallChoice::default().address(), "/console/photos");
    }

    #[test]
    fn what_cannot_be_read_counts_as_not_chosen() {
        let choice = WallChoice {
            state: "sideways".into(),
            rep: "nobody".into(),
            date: "yesterday".into(),
            after: "1~soon~x".into(),
            before: "2~5~00000000000000000000000000000001".into(),
            ..WallChoice::default()
        };
        let filter = choice.filter(None, Zone::SHANGHAI, None);
        assert_eq!(filter, PhotoFilter::default());
        assert_eq!(choice.edge(), WallEdge::Start);
    }

    #[test]
    fn a_place_on_the_wall_stands_in_the_address_and_is_read_again() {
        for waits in [true, false] {
            let place = WallPlace { waits, taken_at: Timestamp(-5), id: PhotoId(Uuid::from_u128(0xabc)) };
            for edge in [WallEdge::After(place), WallEdge::Before(place), WallEdge::Start] {
                assert_eq!(WallChoice::default().at(edge).edge(), edge);
            }
            let choice = WallChoice { state: "all".into(), ..WallChoice::default() };
            assert_eq!(choice.at(WallEdge::After(place)).in_state("approved").edge(), WallEdge::Start);
        }
    }

    #[test]
    fn a_day_is_a_day_of_the_outlets_zone() {
        let choice = WallChoice { date: "2025-03-14".into(), ..WallChoice::default() };
        let taken = choice.filter(None, Zone::SHANGHAI, None).taken.expect("a span");
        assert_eq!(taken.start.display_in(Zone::SHANGHAI), "2025-03-14 00:00");
        assert_eq!(taken.end.display_in(Zone::SHANGHAI), "2025-03-15 00:00");
    }
}
