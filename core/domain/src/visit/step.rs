//! `visit.begin_step`: when each of the eleven steps was begun. The first time counts.

use crate::{
    problem::{Problem, ProblemCode},
    sync::{BeginStep, Change, Context, Decision, State, StateError, Stop, settle},
    visit::{StepMark, own::open_visit},
};

/// The last step of a visit.
pub const LAST_STEP: u8 = 11;

/// Answers `visit.begin_step`.
///
/// # Errors
/// When the state cannot be read.
pub fn decide_begin_step(state: &dyn State, args: &BeginStep, context: &Context) -> Result<Decision, StateError> {
    settle(begin_step(state, args, context))
}

fn begin_step(state: &dyn State, args: &BeginStep, context: &Context) -> Result<Vec<Change>, Stop> {
    let mut visit = open_visit(state, args.visit_id, context)?;
    if !(1..=LAST_STEP).contains(&args.step) {
        return Err(Problem::new(ProblemCode::HandbookCodeUnknown).at("step").with("value", args.step).into());
    }
    if visit.steps.iter().any(|mark| mark.step == args.step) {
        return Ok(Vec::new());
    }
    visit.steps.push(StepMark { step: args.step, at: context.captured_at });
    Ok(vec![Change::put(visit)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{sync::Command, visit::fixture::World};

    #[test]
    fn the_first_time_of_a_step_counts() {
        let mut world = World::new();
        let visit_id = world.start("S0101", None).id;
        let first = world.now;
        for step in [2, 4, 2] {
            world.run(Command::from(BeginStep { visit_id, step }));
            world.pass_minutes(3);
        }
        let marks: Vec<_> = world.visit(visit_id).steps.iter().map(|mark| (mark.step, mark.at)).collect();
        assert_eq!(marks, [(1, first), (2, first), (4, first.plus_ms(3 * 60_000))]);
    }

    #[test]
    fn there_is_no_step_zero_and_no_twelfth() {
        let mut world = World::new();
        let visit_id = world.start("S0101", None).id;
        for step in [0, 12, 255] {
            let refusal = world.refusal(Command::from(BeginStep { visit_id, step }));
            assert_eq!(refusal, ProblemCode::HandbookCodeUnknown);
        }
    }
}
