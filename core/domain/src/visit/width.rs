//! Width of distribution (分销宽度): the outlets that carry the brand ÷ the outlets there are.
//!
//! Source: the field-rep handbook; its example is 180 of 200 outlets = 90 %. An outlet counts once, however many visits
//! were made to it and by however many reps: its last closed visit that looked at the shelf says whether it carries.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::{
    ids::OutletId,
    outlet::Outlet,
    visit::{Visit, VisitStatus, hit_pct},
};

/// How many outlets carry the brand.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Width {
    /// Outlets in whose last visit a must-stock product stood on the shelf.
    pub carrying: u32,
    /// Outlets with a visit that looked.
    pub seen: u32,
    /// Outlets that are visited at all.
    pub outlets: u32,
    /// Carrying outlets of all, in percent, one decimal; `None` when there are no outlets.
    pub pct: Option<Decimal>,
}

/// The width over these outlets, as their visits found it. Closed outlets and visits elsewhere are passed over.
pub fn width(outlets: &[Outlet], visits: &[Visit]) -> Width {
    let active: BTreeSet<OutletId> = outlets.iter().filter(|outlet| outlet.is_active).map(|outlet| outlet.id).collect();
    let mut last: BTreeMap<OutletId, &Visit> = BTreeMap::new();
    for visit in visits.iter().filter(|visit| has_looked(visit) && active.contains(&visit.outlet_id)) {
        let known = last.entry(visit.outlet_id).or_insert(visit);
        if left_at(visit) > left_at(known) {
            *known = visit;
        }
    }
    let carries = |visit: &&&Visit| visit.summary.as_ref().is_some_and(|summary| summary.on_shelf > 0);
    let (carrying, outlets) = (count(last.values().filter(carries).count()), count(active.len()));
    Width { carrying, seen: count(last.len()), outlets, pct: hit_pct(carrying, outlets) }
}

fn has_looked(visit: &Visit) -> bool {
    let must_stock = visit.summary.as_ref().map_or(0, |summary| summary.must_stock);
    visit.status == VisitStatus::Completed && must_stock > 0
}

fn left_at(visit: &Visit) -> (Option<crate::time::Timestamp>, crate::ids::VisitId) {
    (visit.check_out.map(|check_out| check_out.at), visit.id)
}

fn count(things: usize) -> u32 {
    u32::try_from(things).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::visit::fixture::World;

    fn visited(world: &mut World, code: &str) -> Visit {
        let visit = world.start(code, None).id;
        world.answer_all(visit);
        world.shoot_all(visit);
        world.pass_minutes(20);
        world.finish(visit);
        world.visit(visit)
    }

    #[test]
    fn two_visits_at_one_outlet_count_once() {
        let mut world = World::new();
        let visits = [visited(&mut world, "S0103"), visited(&mut world, "S0103")];
        let outlets: Vec<Outlet> = world.state.all();
        let width = width(&outlets, &visits);
        assert_eq!((width.carrying, width.seen, width.outlets), (1, 1, 3), "the closed outlet is none");
        assert_eq!(width.pct.map(|pct| pct.to_string()).as_deref(), Some("33.3"));
    }

    #[test]
    fn the_last_visit_says_whether_an_outlet_carries() {
        let mut world = World::new();
        let first = visited(&mut world, "S0101");
        let mut second = visited(&mut world, "S0101");
        let mut summary = second.summary.clone().expect("summed up");
        summary.on_shelf = 0;
        second.summary = Some(summary);
        let outlets: Vec<Outlet> = world.state.all();
        for visits in [[first.clone(), second.clone()], [second.clone(), first.clone()]] {
            let width = width(&outlets, &visits);
            assert_eq!((width.carrying, width.seen), (0, 1));
        }
    }

    #[test]
    fn nothing_seen_is_no_width_and_no_outlets_have_none() {
        let world = World::new();
        let outlets: Vec<Outlet> = world.state.all();
        assert_eq!(width(&outlets, &[]).carrying, 0);
        assert_eq!(width(&[], &[]).pct, None);
    }
}
