//! `visit.choose_goals` at step 1 and `visit.assess_goals` at step 11.

use std::collections::BTreeSet;

use crate::{
    handbook::HandbookList,
    problem::{Problem, ProblemCode},
    sync::{AssessGoals, Change, ChooseGoals, Context, Decision, State, StateError, Stop, require_code, settle},
    visit::{Goal, own::open_visit},
};

/// Answers `visit.choose_goals`. Choosing anew keeps what was said about a goal that stays.
///
/// # Errors
/// When the state cannot be read.
pub fn decide_choose_goals(state: &dyn State, args: &ChooseGoals, context: &Context) -> Result<Decision, StateError> {
    settle(choose(state, args, context))
}

/// Answers `visit.assess_goals`: every goal of the visit counts as reached or not.
///
/// # Errors
/// When the state cannot be read.
pub fn decide_assess_goals(state: &dyn State, args: &AssessGoals, context: &Context) -> Result<Decision, StateError> {
    settle(assess(state, args, context))
}

fn choose(state: &dyn State, args: &ChooseGoals, context: &Context) -> Result<Vec<Change>, Stop> {
    let mut visit = open_visit(state, args.visit_id, context)?;
    let mut seen = BTreeSet::new();
    let codes: Vec<&String> = args.goals.iter().filter(|code| seen.insert(*code)).collect();
    if !(1..=3).contains(&codes.len()) {
        return Err(Problem::new(ProblemCode::VisitGoalCount).at("goals").with("count", codes.len()).into());
    }
    let mut goals = Vec::new();
    for code in codes {
        require_code(state, HandbookList::VisitGoal, code, "goals")?;
        let before = visit.goals.iter().find(|goal| goal.code == *code).cloned();
        goals.push(before.unwrap_or(Goal { code: code.clone(), is_attained: None }));
    }
    visit.goals = goals;
    Ok(vec![Change::put(visit)])
}

fn assess(state: &dyn State, args: &AssessGoals, context: &Context) -> Result<Vec<Change>, Stop> {
    let mut visit = open_visit(state, args.visit_id, context)?;
    let is_chosen = |code: &String| visit.goals.iter().any(|goal| goal.code == *code);
    if let Some(stranger) = args.attained.iter().find(|code| !is_chosen(code)) {
        return Err(Problem::new(ProblemCode::HandbookCodeUnknown).at("attained").with("value", stranger).into());
    }
    for goal in &mut visit.goals {
        goal.is_attained = Some(args.attained.contains(&goal.code));
    }
    Ok(vec![Change::put(visit)])
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::{ids::VisitId, sync::Command, visit::fixture::World};

    fn choose(visit_id: VisitId, goals: &[&str]) -> Command {
        Command::from(ChooseGoals { visit_id, goals: goals.iter().map(|goal| (*goal).to_owned()).collect() })
    }

    fn assess(visit_id: VisitId, attained: &[&str]) -> Command {
        Command::from(AssessGoals { visit_id, attained: attained.iter().map(|goal| (*goal).to_owned()).collect() })
    }

    #[test]
    fn three_goals_are_chosen_and_ticked_at_the_end() {
        let mut world = World::new();
        let visit = world.start("S0101", None).id;
        world.run(choose(visit, &["better_display", "sales_aids", "know_stock"]));
        world.run(assess(visit, &["better_display", "know_stock"]));
        let goals: Vec<_> = world.visit(visit).goals.into_iter().map(|goal| (goal.code, goal.is_attained)).collect();
        let expected = [("better_display", true), ("sales_aids", false), ("know_stock", true)];
        assert_eq!(goals, expected.map(|(code, attained)| (code.to_owned(), Some(attained))));
    }

    #[rstest]
    #[case(&[], ProblemCode::VisitGoalCount)]
    #[case(&["get_known", "sell_more", "shop_push", "grow_together"], ProblemCode::VisitGoalCount)]
    #[case(&["world_peace"], ProblemCode::HandbookCodeUnknown)]
    #[case(&["empty_slot"], ProblemCode::HandbookCodeUnknown)]
    fn a_choice_outside_the_handbook_or_the_count_is_refused(#[case] goals: &[&str], #[case] code: ProblemCode) {
        let mut world = World::new();
        let visit = world.start("S0101", None).id;
        assert_eq!(world.refusal(choose(visit, goals)), code);
    }

    #[test]
    fn a_choice_of_endless_goals_is_refused_at_once() {
        let mut world = World::new();
        let visit_id = world.start("S0101", None).id;
        let goals: Vec<String> = (0..200_000).map(|number| number.to_string()).collect();
        let problems = world.problems(Command::from(ChooseGoals { visit_id, goals }));
        assert_eq!((problems[0].code, problems[0].params["count"].as_str()), (ProblemCode::VisitGoalCount, "200000"));
    }

    #[test]
    fn a_goal_named_twice_counts_once_and_a_kept_goal_keeps_its_tick() {
        let mut world = World::new();
        let visit = world.start("S0101", None).id;
        world.run(choose(visit, &["sell_more", "sell_more"]));
        world.run(assess(visit, &["sell_more"]));
        world.run(choose(visit, &["sell_more", "get_known"]));
        let ticks: Vec<_> = world.visit(visit).goals.into_iter().map(|goal| goal.is_attained).collect();
        assert_eq!(ticks, [Some(true), None]);
    }

    #[test]
    fn a_goal_that_was_not_chosen_cannot_be_reached() {
        let mut world = World::new();
        let visit = world.start("S0101", None).id;
        world.run(choose(visit, &["sell_more"]));
        assert_eq!(world.refusal(assess(visit, &["get_known"])), ProblemCode::HandbookCodeUnknown);
    }

    #[test]
    fn nobody_chooses_for_a_colleague_or_after_check_out() {
        let mut world = World::new();
        let visit = world.start("S0101", None).id;
        world.actor = World::WANG_QIANG;
        assert_eq!(world.refusal(choose(visit, &["sell_more"])), ProblemCode::NotPermitted);
        world.actor = World::LI_WEN;
        world.finish_s0101(visit);
        assert_eq!(world.refusal(choose(visit, &["sell_more"])), ProblemCode::VisitClosed);
        assert_eq!(world.refusal(assess(visit, &[])), ProblemCode::VisitClosed);
    }
}
