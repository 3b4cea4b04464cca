//! `visit.skip`: the rep leaves out a planned call and says why.

use crate::{
    handbook::HandbookList,
    outlet::{Outlet, Role, WorkKind, late},
    problem::{Problem, ProblemCode},
    sync::{
        Change, Context, Decision, SkipCall, State, StateError, Stop, existing, require_code, require_outlet,
        require_role, require_unused, settle,
    },
    visit::{Visit, VisitStatus, start::plan_of},
};

/// Answers `visit.skip`.
///
/// On the phone the plan must be there. What arrives at the server is kept without a plan that is gone.
///
/// # Errors
/// When the state cannot be read.
pub fn decide_skip(state: &dyn State, args: &SkipCall, context: &Context) -> Result<Decision, StateError> {
    settle(skip(state, args, context))
}

fn skip(state: &dyn State, args: &SkipCall, context: &Context) -> Result<Vec<Change>, Stop> {
    require_role(context, &[Role::Rep])?;
    require_unused::<Visit>(state, args.visit_id.row(), "visit_id")?;
    let outlet: Outlet = existing(state, args.outlet_id.row(), "outlet_id")?;
    let footing = require_outlet(state, context, &outlet)?;
    let plan_id = plan_of(state, Some(args.plan_id), &outlet)?;
    if plan_id.is_none() && context.is_being_captured() {
        return Err(Problem::new(ProblemCode::NotFound).at("plan_id").into());
    }
    require_code(state, HandbookList::SkipReason, &args.reason, "reason")?;
    let work = (WorkKind::Skip, args.visit_id.0, String::new());
    let late = late(state, context, footing, &outlet, work)?;
    let visit = Visit {
        id: args.visit_id,
        outlet_id: outlet.id,
        county_id: outlet.county_id,
        territory_id: outlet.territory_id,
        rep_id: context.actor.user_id,
        visited_on: context.captured_at.date_in(outlet.zone),
        plan_id,
        template_id: None,
        status: VisitStatus::Skipped,
        check_in: None,
        check_out: None,
        goals: Vec::new(),
        steps: Vec::new(),
        skip_reason: Some(args.reason.clone()),
        summary: None,
        duplicate: None,
        remarks: None,
        handover: late.as_ref().map(|late| late.label),
    };
    Ok([Change::put(visit)].into_iter().chain(late.map(|late| Change::put(late.note))).collect())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use uuid::Uuid;

    use super::*;
    use crate::{ids::CallPlanId, sync::Command, visit::fixture::World};

    fn args(world: &World) -> SkipCall {
        SkipCall {
            visit_id: world.next_visit_id(),
            outlet_id: World::outlet_id("S0101"),
            plan_id: world.plan_of("S0101"),
            reason: "outlet_closed".into(),
        }
    }

    #[test]
    fn a_skipped_call_keeps_its_plan_and_reason() {
        let mut world = World::new();
        let args = args(&world);
        world.run(Command::from(args.clone()));
        let visit = world.visit(args.visit_id);
        assert_eq!((visit.status, visit.plan_id), (VisitStatus::Skipped, Some(args.plan_id)));
        assert_eq!(visit.skip_reason.as_deref(), Some("outlet_closed"));
        assert_eq!(world.refusal(Command::from(args)), ProblemCode::IdTaken);
    }

    #[test]
    fn a_skipped_call_of_a_plan_that_is_gone_is_kept_without_it() {
        let mut world = World::new();
        let args = SkipCall { plan_id: CallPlanId(Uuid::nil()), ..args(&world) };
        assert_eq!(world.on_phone(|world| world.refusal(Command::from(args.clone()))), ProblemCode::NotFound);
        world.run(Command::from(args.clone()));
        let visit = world.visit(args.visit_id);
        assert_eq!((visit.status, visit.plan_id), (VisitStatus::Skipped, None));
    }

    #[rstest]
    #[case::for_a_reason_nobody_knows(
        |_: &mut World, args: &mut SkipCall| args.reason = "mood".into(),
        ProblemCode::HandbookCodeUnknown
    )]
    #[case::of_another_outlet(
        |world: &mut World, args: &mut SkipCall| {
            world.is_on_phone = true;
            args.plan_id = world.plan_of("S0103");
        },
        ProblemCode::NotFound
    )]
    #[case::in_a_foreign_territory(
        |_: &mut World, args: &mut SkipCall| args.outlet_id = World::outlet_id("S0201"),
        ProblemCode::NotPermitted
    )]
    #[case::by_a_dealer(|world: &mut World, _: &mut SkipCall| world.role = Role::Dealer, ProblemCode::NotPermitted)]
    fn a_skip_is_refused(#[case] spoil: fn(&mut World, &mut SkipCall), #[case] code: ProblemCode) {
        let mut world = World::new();
        let mut args = args(&world);
        spoil(&mut world, &mut args);
        assert_eq!(world.refusal(Command::from(args)), code);
    }
}
