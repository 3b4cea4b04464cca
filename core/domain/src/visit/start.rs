//! `visit.start`: the rep arrives.

use crate::{
    checklist::ChecklistTemplate,
    geo::{Fix, distance_from, fence_verdict},
    ids::CallPlanId,
    outlet::{CallPlan, Outlet, Role, WorkKind, late},
    problem::{Problem, ProblemCode},
    sync::{
        Change, Context, Decision, Find, StartVisit, State, StateError, StateExt, Stop, existing, require_outlet,
        require_role, require_unused, settle,
    },
    visit::{CheckIn, StepMark, Visit, VisitStatus, duplicate::with_marks},
};

/// Answers `visit.start`.
///
/// The fix informs and never blocks. A plan that is gone, or is another outlet's, does not block either: the visit
/// then counts as unplanned.
///
/// On the phone a rep is in one outlet at a time, and only in one that is still visited. A visit that arrives at the
/// server was made: that the outlet was closed meanwhile, or that another device of the rep has a visit in progress,
/// does not undo it. Both visits stay, each is finished by itself, and where they are the same call one of them counts.
/// Nor does it undo it that the outlet was handed over before the rep's phone could know: the visit is labelled, and a
/// note tells everybody concerned.
///
/// # Errors
/// When the state cannot be read.
pub fn decide_start(state: &dyn State, args: &StartVisit, context: &Context) -> Result<Decision, StateError> {
    settle(start(state, args, context))
}

fn start(state: &dyn State, args: &StartVisit, context: &Context) -> Result<Vec<Change>, Stop> {
    require_role(context, &[Role::Rep])?;
    require_unused::<Visit>(state, args.visit_id.row(), "visit_id")?;
    let outlet: Outlet = existing(state, args.outlet_id.row(), "outlet_id")?;
    let footing = require_outlet(state, context, &outlet)?;
    existing::<ChecklistTemplate>(state, args.template_id.row(), "template_id")?;
    if context.is_being_captured() {
        require_visited(&outlet)?;
        require_none_open(state, context)?;
    }
    let check_in = check_in(&outlet, args.fix, context);
    let work = (WorkKind::Visit, args.visit_id.0, String::new());
    let late = late(state, context, footing, &outlet, work)?;
    let visit = Visit {
        id: args.visit_id,
        outlet_id: outlet.id,
        county_id: outlet.county_id,
        territory_id: outlet.territory_id,
        rep_id: context.actor.user_id,
        visited_on: context.captured_at.date_in(outlet.zone),
        plan_id: plan_of(state, args.plan_id, &outlet)?,
        template_id: Some(args.template_id),
        status: VisitStatus::InProgress,
        check_in: Some(check_in),
        check_out: None,
        goals: Vec::new(),
        steps: vec![StepMark { step: 1, at: context.captured_at }],
        skip_reason: None,
        summary: None,
        duplicate: None,
        remarks: None,
        handover: late.as_ref().map(|late| late.label),
    };
    let mut changes = with_marks(state, visit)?;
    changes.extend(late.map(|late| Change::put(late.note)));
    Ok(changes)
}

fn require_visited(outlet: &Outlet) -> Result<(), Stop> {
    if outlet.is_active { Ok(()) } else { Err(ProblemCode::OutletInactive.into()) }
}

fn require_none_open(state: &dyn State, context: &Context) -> Result<(), Stop> {
    let open = state.list::<Visit>(Find::OpenVisitsOfRep(context.actor.user_id))?;
    let Some(visit) = open.first() else { return Ok(()) };
    let outlet = state.get::<Outlet>(visit.outlet_id.row())?;
    let name = outlet.map_or_else(|| visit.outlet_id.to_string(), |outlet| outlet.name);
    Err(Problem::new(ProblemCode::VisitOpenElsewhere).at(visit.id.to_string()).with("outlet", name).into())
}

/// The plan of an id, if it is one of this outlet.
pub(crate) fn plan_of(state: &dyn State, id: Option<CallPlanId>, outlet: &Outlet) -> Result<Option<CallPlanId>, Stop> {
    let Some(id) = id else { return Ok(None) };
    let plan = state.get::<CallPlan>(id.row())?;
    Ok(plan.filter(|plan| plan.outlet_id == outlet.id).map(|plan| plan.id))
}

fn check_in(outlet: &Outlet, fix: Option<Fix>, context: &Context) -> CheckIn {
    let fix = usable(fix);
    let distance = outlet.position.zip(fix).and_then(|(position, fix)| distance_from(position, fix.position));
    CheckIn {
        at: context.captured_at,
        device_at: context.device_at,
        fix,
        distance_m: distance,
        verdict: fence_verdict(outlet.position, outlet.fence_m, fix),
        span: Some(context.span),
        device: context.device_number,
    }
}

/// A fix as it may be kept: one that is not a place on earth is no fix.
pub(crate) fn usable(fix: Option<Fix>) -> Option<Fix> {
    fix.filter(|fix| fix.position.is_on_earth() && fix.accuracy_m.is_finite())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use uuid::Uuid;

    use super::*;
    use crate::{
        geo::FenceVerdict,
        ids::{OutletId, TemplateId},
        outlet::Role,
        sync::{Command, FinishVisit, Host, decide},
        time::BusinessDate,
        visit::fixture::World,
    };

    #[test]
    fn a_check_in_38_metres_away_is_verified_and_marks_step_one() {
        let mut world = World::new();
        let visit = world.start("S0101", Some(World::fix_north_of_s0101(38.0)));
        let check_in = visit.check_in.expect("arrived");
        assert_eq!(check_in.verdict, FenceVerdict::Verified);
        assert!((check_in.distance_m.expect("same datum") - 38.0).abs() < 0.01);
        assert_eq!(visit.steps.iter().map(|mark| mark.step).collect::<Vec<_>>(), [1]);
        assert_eq!(visit.visited_on, BusinessDate::parse("2025-03-14").expect("valid"));
        assert_eq!(visit.plan_id, Some(world.plan_of("S0101")));
    }

    #[test]
    fn far_away_without_a_fix_or_with_nonsense_the_visit_still_starts() {
        let mut nonsense = World::fix_north_of_s0101(1.0);
        nonsense.position.lat = f64::NAN;
        for (fix, verdict) in [
            (None, FenceVerdict::Unverified),
            (Some(World::fix_north_of_s0101(5_000.0)), FenceVerdict::OffSite),
            (Some(nonsense), FenceVerdict::Unverified),
        ] {
            let visit = World::new().start("S0101", fix);
            let check_in = visit.check_in.expect("arrived");
            assert_eq!(check_in.verdict, verdict);
            assert!(serde_json::to_value(check_in.fix).is_ok());
        }
    }

    #[rstest]
    #[case::a_supervisor_does_not_visit(
        |world: &mut World, _: &mut StartVisit| world.role = Role::Supervisor,
        ProblemCode::NotPermitted
    )]
    #[case::a_foreign_territory(
        |_: &mut World, args: &mut StartVisit| args.outlet_id = World::outlet_id("S0201"),
        ProblemCode::NotPermitted
    )]
    #[case::an_outlet_that_is_closed(
        |world: &mut World, args: &mut StartVisit| {
            world.is_on_phone = true;
            args.outlet_id = World::outlet_id("S0109");
        },
        ProblemCode::OutletInactive
    )]
    #[case::an_outlet_that_is_not_there(
        |_: &mut World, args: &mut StartVisit| args.outlet_id = OutletId(Uuid::nil()),
        ProblemCode::NotFound
    )]
    #[case::a_checklist_that_is_not_there(
        |_: &mut World, args: &mut StartVisit| args.template_id = TemplateId(Uuid::nil()),
        ProblemCode::NotFound
    )]
    fn a_start_is_refused(#[case] spoil: fn(&mut World, &mut StartVisit), #[case] code: ProblemCode) {
        let mut world = World::new();
        let mut args = world.start_args("S0101");
        spoil(&mut world, &mut args);
        assert_eq!(world.refusal(Command::from(args)), code);
    }

    #[test]
    fn on_the_phone_a_second_visit_waits_until_the_first_is_closed() {
        let mut world = World::new();
        let first = world.start("S0101", None);
        let again = world.start_args("S0103");
        let problems = world.on_phone(|world| world.problems(Command::from(again)));
        assert_eq!(problems[0].code, ProblemCode::VisitOpenElsewhere);
        assert_eq!(problems[0].params["outlet"], "幸福路手机城");
        let same_id = StartVisit { visit_id: first.id, ..world.start_args("S0103") };
        assert_eq!(world.refusal(Command::from(same_id)), ProblemCode::IdTaken);
    }

    #[test]
    fn two_devices_of_one_rep_keep_both_visits_and_finish_each() {
        for outlets in [["S0101", "S0101"], ["S0101", "S0103"]] {
            let mut world = World::new();
            let visits = outlets.map(|outlet| world.start(outlet, None).id);
            for visit in visits {
                world.answer_all(visit);
                world.shoot_all(visit);
            }
            for visit in visits {
                world.finish(visit);
                assert_eq!(world.visit(visit).status, VisitStatus::Completed);
            }
            let refusal = world.refusal(FinishVisit { visit_id: visits[1], fix: None });
            assert_eq!(refusal, ProblemCode::VisitClosed, "a visit is closed once");
            let mut open: Vec<_> = world.tasks().into_iter().map(|task| (task.outlet_id, task.kind)).collect();
            let count = open.len();
            open.sort_unstable();
            open.dedup();
            assert_eq!(open.len(), count, "the second visit raises nothing twice");
        }
    }

    #[test]
    fn a_visit_at_an_outlet_that_was_closed_meanwhile_is_kept() {
        let visit = World::new().start("S0109", None);
        assert_eq!(visit.status, VisitStatus::InProgress);
    }

    #[test]
    fn what_runs_again_on_newer_rows_is_judged_as_the_server_will() {
        let mut world = World::new();
        let args = world.start_args("S0103");
        world.start("S0101", None);
        let rerun = Context { host: Host::Rerun, ..world.context() };
        let decision = decide(&world.state, &Command::from(args), &rerun).expect("memory");
        assert!(matches!(decision, Decision::Accepted(_)), "another device's visit takes this one off no screen");
    }

    #[test]
    fn a_plan_of_another_outlet_makes_the_visit_unplanned() {
        let mut world = World::new();
        let args = StartVisit { plan_id: Some(world.plan_of("S0101")), ..world.start_args("S0103") };
        let id = args.visit_id;
        world.run(Command::from(args));
        assert_eq!(world.visit(id).plan_id, None);
    }
}
