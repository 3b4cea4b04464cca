//! One planned call visited on two devices of a rep: both visits stay, one counts.
//!
//! **Rule.** Visits of one rep to one planned call on one day from *different* devices are the same call. The first
//! check-in by trusted time counts (the smaller id when they are equal), until the rep or a supervisor chooses. Two
//! visits from one device are two visits: that device knew of the first when the second began.
//!
//! **Invariant.** Who counts is a function of the set of visits, so the order in which they arrive does not matter.

use crate::{
    ids::VisitId,
    outlet::Role,
    problem::ProblemCode,
    sync::{
        Change, Context, Decision, Find, SettleDuplicate, State, StateError, StateExt, Stop, existing,
        require_territory, settle,
    },
    visit::{Duplicate, Visit, VisitStatus},
};

/// The marks that a new visit gives to itself and to the others of its call: the changes to make, the new visit's own
/// included.
pub(super) fn with_marks(state: &dyn State, visit: Visit) -> Result<Vec<Change>, StateError> {
    let mut group = same_call(state, &visit)?;
    if group.is_empty() {
        return Ok(vec![Change::put(visit)]);
    }
    let (before, new_id) = (group.clone(), visit.id);
    group.push(visit);
    mark(&mut group);
    let is_new = |visit: &Visit| visit.id == new_id || !before.contains(visit);
    Ok(group.into_iter().filter(is_new).map(Change::put).collect())
}

/// Answers `visit.settle_duplicate`, for the rep whose visits they are and for supervisors of the territory. A new
/// choice undoes the one before. Nothing of a visit that does not count is changed or lost.
///
/// # Errors
/// When the state cannot be read.
pub fn decide_settle_duplicate(
    state: &dyn State,
    args: &SettleDuplicate,
    context: &Context,
) -> Result<Decision, StateError> {
    settle(choose(state, args, context))
}

fn choose(state: &dyn State, args: &SettleDuplicate, context: &Context) -> Result<Vec<Change>, Stop> {
    let kept: Visit = existing(state, args.keep.row(), "keep")?;
    match context.actor.role {
        Role::Supervisor | Role::Admin => require_territory(context, kept.territory_id)?,
        Role::Rep if kept.rep_id == context.actor.user_id => {}
        Role::Rep | Role::Dealer => return Err(ProblemCode::NotPermitted.into()),
    }
    let others = same_call(state, &kept)?;
    let marked: Vec<Visit> = others.into_iter().filter(|other| other.duplicate.is_some()).collect();
    if marked.is_empty() {
        return Err(ProblemCode::VisitNotDuplicate.into());
    }
    let chosen = |of: Option<VisitId>| {
        let (settled_by, settled_at) = (Some(context.actor.user_id), Some(context.decided_at()));
        Some(Duplicate { of, settled_by, settled_at })
    };
    let mut changes = vec![Change::put(Visit { duplicate: chosen(None), ..kept.clone() })];
    changes.extend(marked.into_iter().map(|other| Change::put(Visit { duplicate: chosen(Some(kept.id)), ..other })));
    Ok(changes)
}

/// The other visits of a rep to the same planned call on the same day, from whichever device.
///
/// # Errors
/// When the state cannot be read.
pub fn same_call(state: &dyn State, visit: &Visit) -> Result<Vec<Visit>, StateError> {
    if visit.plan_id.is_none() {
        return Ok(Vec::new());
    }
    let mut visits = state.list::<Visit>(Find::VisitsOfOutlet(visit.outlet_id))?;
    visits.retain(|other| {
        other.id != visit.id
            && other.rep_id == visit.rep_id
            && other.plan_id == visit.plan_id
            && other.visited_on == visit.visited_on
            && other.status != VisitStatus::Skipped
    });
    Ok(visits)
}

/// Marks the visits of one call.
fn mark(group: &mut [Visit]) {
    let Some(winner) = winner(group) else { return };
    let (winner_id, winner_device) = (winner.id, device(winner));
    let is_other = |visit: &Visit| device(visit) != winner_device;
    let is_shared = group.iter().any(is_other);
    for visit in group.iter_mut().filter(|visit| !is_settled(visit)) {
        let of = (visit.id != winner_id && device(visit) != winner_device).then_some(winner_id);
        let counts = visit.id == winner_id && is_shared;
        visit.duplicate = (of.is_some() || counts).then_some(Duplicate { of, settled_by: None, settled_at: None });
    }
}

fn winner(group: &[Visit]) -> Option<&Visit> {
    let chosen = group.iter().find(|visit| is_settled(visit) && !visit.is_duplicate());
    chosen.or_else(|| group.iter().min_by_key(|visit| (visit.check_in.map(|check_in| check_in.at), visit.id)))
}

fn is_settled(visit: &Visit) -> bool {
    visit.duplicate.as_ref().is_some_and(|duplicate| duplicate.settled_by.is_some())
}

fn device(visit: &Visit) -> Option<u32> {
    visit.check_in.and_then(|check_in| check_in.device)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        sync::Command,
        visit::{day_report, fixture::World},
    };

    /// 李雯 starts the planned visit at S0101 on device 1, and a quarter of an hour later on device 2.
    fn both(world: &mut World) -> [VisitId; 2] {
        let first = world.start("S0101", None).id;
        world.pass_minutes(15);
        world.device = 2;
        let second = world.start("S0101", None).id;
        world.device = 1;
        [first, second]
    }

    /// What a visit is a duplicate of, or why it is none.
    fn of(world: &World, id: VisitId) -> Result<VisitId, &'static str> {
        world.visit(id).duplicate.ok_or("not shared")?.of.ok_or("counts")
    }

    #[test]
    fn one_call_on_two_devices_is_two_visits_of_which_the_later_is_the_duplicate() {
        let mut world = World::new();
        let [first, second] = both(&mut world);
        assert_eq!((of(&world, first), of(&world, second)), (Err("counts"), Ok(first)));
    }

    #[test]
    fn the_order_of_arrival_does_not_matter() {
        let mut world = World::new();
        let (morning, later) = (world.now, world.now.plus_ms(15 * 60_000));
        (world.now, world.device) = (later, 2);
        let second = world.start("S0101", None).id;
        (world.now, world.device) = (morning, 1);
        let first = world.start("S0101", None).id;
        assert_eq!((of(&world, first), of(&world, second)), (Err("counts"), Ok(first)));
    }

    #[test]
    fn two_visits_of_one_device_or_without_a_plan_are_two_visits() {
        let mut world = World::new();
        let visits = [world.start("S0101", None).id, world.start("S0101", None).id];
        world.device = 2;
        let args = crate::sync::StartVisit { plan_id: None, ..world.start_args("S0101") };
        let unplanned = args.visit_id;
        world.run(args);
        for visit in visits.into_iter().chain([unplanned]) {
            assert_eq!(of(&world, visit), Err("not shared"));
        }
    }

    #[test]
    fn the_report_counts_one() {
        let mut world = World::new();
        let visits = both(&mut world);
        for visit in visits {
            world.finish_s0101(visit);
        }
        let rows: Vec<Visit> = world.state.all();
        let report = day_report(rows[0].visited_on, &rows, &[], &[], &[]);
        assert_eq!((report.completed, report.scores.len(), report.photos, report.must_stock), (1, 1, 5, 5));
    }

    #[test]
    fn the_rep_or_the_supervisor_chooses_and_a_new_choice_undoes_the_old() {
        let mut world = World::new();
        let [first, second] = both(&mut world);
        world.run(SettleDuplicate { keep: second });
        assert_eq!((of(&world, first), of(&world, second)), (Ok(second), Err("counts")));
        world.acting(World::ZHAO_MIN, Role::Supervisor, |world| world.run(SettleDuplicate { keep: first }));
        assert_eq!((of(&world, first), of(&world, second)), (Err("counts"), Ok(first)));
        // A third device, later still, follows the choice.
        world.run(SettleDuplicate { keep: second });
        world.device = 3;
        let third = world.start("S0101", None).id;
        assert_eq!(of(&world, third), Ok(second));
        assert_eq!(of(&world, first), Ok(second), "what was chosen stays");
    }

    #[test]
    fn a_stranger_chooses_nothing_and_there_must_be_something_to_choose() {
        let mut world = World::new();
        let [first, _] = both(&mut world);
        let choice = Command::from(SettleDuplicate { keep: first });
        world.actor = World::WANG_QIANG;
        assert_eq!(world.refusal(choice.clone()), ProblemCode::NotPermitted);
        world.acting(World::FAR_AWAY, Role::Supervisor, |world| {
            assert_eq!(world.refusal(choice), ProblemCode::NotPermitted);
        });
        world.actor = World::LI_WEN;
        let alone = world.start("S0103", None).id;
        assert_eq!(world.refusal(SettleDuplicate { keep: alone }), ProblemCode::VisitNotDuplicate);
    }
}
