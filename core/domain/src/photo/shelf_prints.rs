//! What the photos of an outlet looked like on a day: what phones compare new photos with, without a network.
//!
//! **Rule.** A phone may know of a colleague's photo which outlet it shows and on which day it was taken, nothing else: no
//! picture, no name, no time of day, no id that leads to it. So the hashes of an outlet's day lie together in one row,
//! in an order that says nothing. Only photos whose bytes the server holds and has hashed itself are in it.
//!
//! **States.** The row grows as photos of that day arrive, travels to everybody who works in the region, and is removed
//! [`PRINT_DAYS`] days after its day.

use serde::{Deserialize, Serialize};

use crate::{
    ids::{OutletId, ShelfPrintsId, TerritoryId},
    photo::Alike,
    time::BusinessDate,
};

/// For how many days photos are compared with a new one on phones.
pub const PRINT_DAYS: i64 = 90;

/// Most hashes of an outlet's day; a day has tens of photos.
const MOST_PRINTS: usize = 256;

/// At most so many bits of a PDQ differ between two photos that look alike: the published bound for a match.
pub const PRINT_MATCH: u32 = 31;

/// What the photos of an outlet looked like on a day.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ShelfPrints {
    /// Identity; follows from outlet and day.
    pub id: ShelfPrintsId,
    /// The outlet.
    pub outlet_id: OutletId,
    /// Its code, for those who do not have the outlet.
    pub outlet_code: String,
    /// Its name, for the same.
    pub outlet_name: String,
    /// The day, in the outlet's zone.
    pub taken_on: BusinessDate,
    /// The territories of its region: who compares with it.
    pub territories: Vec<TerritoryId>,
    /// 256-bit hashes (PDQ), 64 hexadecimal digits each, sorted.
    pub prints: Vec<String>,
}

impl ShelfPrints {
    /// The identity of an outlet's day.
    pub fn id_of(outlet: OutletId, taken_on: BusinessDate) -> ShelfPrintsId {
        ShelfPrintsId::derived(outlet.0, &format!("prints of {taken_on}"))
    }

    /// Adds a photo's hash; says whether the row changed.
    pub fn add(&mut self, pdq: &str) -> bool {
        let Err(place) = self.prints.binary_search_by(|known| known.as_str().cmp(pdq)) else { return false };
        if self.prints.len() >= MOST_PRINTS {
            return false;
        }
        self.prints.insert(place, pdq.to_owned());
        true
    }

    /// What a match with it says.
    pub fn alike(&self, bits: u32, is_turned: bool) -> Alike {
        Alike {
            outlet_id: self.outlet_id,
            outlet_code: self.outlet_code.clone(),
            outlet_name: self.outlet_name.clone(),
            taken_on: self.taken_on,
            bits,
            is_turned,
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn an_outlets_day_has_one_row_whose_hashes_are_sorted_and_counted_once() {
        let outlet = OutletId(Uuid::from_u128(7));
        let taken_on = BusinessDate::parse("2025-03-10").expect("valid");
        let mut day = ShelfPrints {
            id: ShelfPrints::id_of(outlet, taken_on),
            outlet_id: outlet,
            outlet_code: "S0102".into(),
            outlet_name: "光谷数码".into(),
            taken_on,
            territories: vec![],
            prints: vec![],
        };
        assert!(day.add(&"b".repeat(64)) && day.add(&"a".repeat(64)) && !day.add(&"b".repeat(64)));
        assert_eq!(day.prints, ["a".repeat(64), "b".repeat(64)]);
        assert_ne!(day.id, ShelfPrints::id_of(outlet, taken_on.plus_days(1)));
        for number in 0..1_000 {
            day.add(&format!("{number:064x}"));
        }
        assert_eq!(day.prints.len(), MOST_PRINTS, "a row stays a row");
    }
}
