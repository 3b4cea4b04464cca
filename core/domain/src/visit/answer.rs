//! `visit.answer`: one answer to one question; the last one counts.

use crate::{
    checklist::{
        Answer, AnswerKey, ChecklistTemplate, LateAnswer, check_answer, check_late_answer, listed_products, reason_list,
    },
    ids::AnswerId,
    outlet::{Outlet, OutletClass},
    problem::{Problem, ProblemCode},
    sync::{Change, Context, Decision, Find, RecordAnswer, State, StateError, StateExt, Stop, existing, settle},
    visit::{Visit, VisitStatus, guest, own::own_visit},
};

/// Answers `visit.answer`.
///
/// An answer to a question that is not asked at the moment is kept: the answer that opens it may come later. On the
/// phone a repeated question is about a product of the must-stock list; an answer that arrives at the server may be
/// about one that has left the list since.
///
/// # Errors
/// When the state cannot be read.
pub fn decide_answer(state: &dyn State, args: &RecordAnswer, context: &Context) -> Result<Decision, StateError> {
    settle(answer(state, args, context))
}

fn answer(state: &dyn State, args: &RecordAnswer, context: &Context) -> Result<Vec<Change>, Stop> {
    let visit = own_visit(state, args.visit_id, context)?;
    let late = lateness(&visit, context)?;
    let template = template_of(state, &visit)?;
    let key = AnswerKey::of(&args.item, &args.instance);
    let item = template.item(&args.item).ok_or_else(|| Problem::new(ProblemCode::ItemUnknown).at(key.to_string()))?;
    let (value, reason) = (&args.value, args.reason.as_deref());
    let reasons = match reason_list(item, value) {
        Some(list) => state.list(Find::HandbookOf(list))?,
        None => Vec::new(),
    };
    let reason = if context.is_being_captured() {
        let listed = listed_products(state, class_of(state, &visit)?)?;
        check_answer(item, &key, value, reason, &listed, &reasons)?
    } else {
        check_late_answer(item, &key, value, reason, &reasons)?
    };
    Ok(vec![Change::put(Answer {
        id: if late.is_some() { AnswerId::derived(context.command_id.0, "late") } else { key.answer_id(visit.id) },
        visit_id: visit.id,
        outlet_id: visit.outlet_id,
        county_id: visit.county_id,
        territory_id: visit.territory_id,
        item: key.item,
        instance: key.instance,
        value: args.value.clone(),
        reason,
        answered_at: context.captured_at,
        late,
        guest_id: guest(&visit),
    })])
}

/// Whether an answer counts in its visit, or stands beside it as an observation: what another device captured before it
/// knew that the visit was closed is kept, and changes neither an answer that stands nor a figure.
fn lateness(visit: &Visit, context: &Context) -> Result<Option<LateAnswer>, Problem> {
    match visit.status {
        VisitStatus::InProgress => Ok(None),
        VisitStatus::Completed if !context.is_being_captured() => Ok(Some(LateAnswer::AfterClose)),
        VisitStatus::Completed | VisitStatus::Skipped => Err(Problem::new(ProblemCode::VisitClosed)),
    }
}

/// The checklist version a visit keeps to its end.
pub(crate) fn template_of(state: &dyn State, visit: &Visit) -> Result<ChecklistTemplate, Stop> {
    let missing = || Problem::new(ProblemCode::NotFound).at("template_id");
    let id = visit.template_id.ok_or_else(missing)?;
    existing(state, id.row(), "template_id")
}

fn class_of(state: &dyn State, visit: &Visit) -> Result<OutletClass, Stop> {
    existing::<Outlet>(state, visit.outlet_id.row(), "outlet_id").map(|outlet| outlet.class)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::{
        checklist::{
            AnswerValue,
            fixture::{price, yes},
        },
        ids::VisitId,
        sync::Command,
        visit::fixture::World,
    };

    fn answer(visit_id: VisitId, item: &str, instance: &str, value: AnswerValue) -> Command {
        let (item, instance) = (item.to_owned(), instance.to_owned());
        Command::from(RecordAnswer { visit_id, item, instance, value, reason: None })
    }

    #[test]
    fn answering_twice_keeps_the_last_and_one_row() {
        let mut world = World::new();
        let visit = world.start("S0101", None).id;
        world.run(answer(visit, "stock_count", "P1", AnswerValue::Count(3)));
        world.pass_minutes(1);
        world.run(answer(visit, "stock_count", "P1", AnswerValue::Count(5)));
        let answers: Vec<Answer> = world.state.all();
        assert_eq!(answers.len(), 1);
        assert_eq!((&answers[0].value, answers[0].answered_at), (&AnswerValue::Count(5), world.now));
        assert_eq!(answers[0].id, AnswerKey::of("stock_count", "P1").answer_id(visit));
    }

    #[test]
    fn an_item_this_version_does_not_have_is_refused_at_its_key() {
        let mut world = World::new();
        let visit = world.start("S0101", None).id;
        let problems = world.problems(answer(visit, "horoscope", "P1", AnswerValue::YesNo(true)));
        assert_eq!((problems[0].code, problems[0].at.as_str()), (ProblemCode::ItemUnknown, "horoscope[P1]"));
    }

    #[test]
    fn on_the_phone_a_product_off_the_must_stock_list_has_no_question() {
        let mut world = World::new();
        let visit = world.start("S0101", None).id;
        let command = answer(visit, "on_shelf", "A10", AnswerValue::YesNo(true));
        assert_eq!(world.on_phone(|world| world.refusal(command)), ProblemCode::ItemUnknown);
    }

    #[test]
    fn an_answer_about_a_product_that_left_the_list_while_the_rep_was_offline_is_kept_and_counts_nowhere() {
        let mut world = World::new();
        let visit = world.start("S0101", None).id;
        world.unlist("P5");
        world.answer_all(visit);
        world.give(visit, &[yes("on_shelf", "P5"), price("shelf_price", "P5", "599.00")]);
        world.shoot_all(visit);
        world.finish(visit);
        let kept = world.state.all::<Answer>().into_iter().filter(|answer| answer.instance == "P5").count();
        assert_eq!(kept, 2);
        let summary = world.visit(visit).summary.expect("summed up");
        assert_eq!((summary.on_shelf, summary.must_stock), (3, 4));
    }

    #[rstest]
    #[case("stock_count", "P9", AnswerValue::Count(-1), None, ProblemCode::AnswerRange)]
    #[case("stock_count", "P9", AnswerValue::YesNo(true), None, ProblemCode::AnswerKind)]
    #[case("on_shelf", "P9", AnswerValue::YesNo(false), Some("moon"), ProblemCode::HandbookCodeUnknown)]
    #[case("on_shelf", "P9", AnswerValue::YesNo(false), None, ProblemCode::AnswerReasonMissing)]
    #[case("on_shelf", "", AnswerValue::YesNo(true), None, ProblemCode::ItemUnknown)]
    #[case("pop_poster", "P1", AnswerValue::YesNo(true), None, ProblemCode::ItemUnknown)]
    #[case("result_cause", "", AnswerValue::Choice("luck".into()), None, ProblemCode::AnswerOption)]
    fn what_the_visits_own_checklist_rules_out_is_refused_by_the_server_too(
        #[case] item: &str,
        #[case] instance: &str,
        #[case] value: AnswerValue,
        #[case] reason: Option<&str>,
        #[case] code: ProblemCode,
    ) {
        let mut world = World::new();
        let visit_id = world.start("S0101", None).id;
        let (item, instance, reason) = (item.to_owned(), instance.to_owned(), reason.map(str::to_owned));
        assert_eq!(world.refusal(RecordAnswer { visit_id, item, instance, value, reason }), code);
    }

    #[test]
    fn a_product_delisted_during_the_visit_may_still_be_answered_for() {
        let mut world = World::new();
        let visit = world.start("S0101", None).id;
        world.delist("P5");
        world.run(answer(visit, "on_shelf", "P5", AnswerValue::YesNo(true)));
    }

    #[test]
    fn a_closed_visit_and_a_colleagues_visit_take_no_answer() {
        let mut world = World::new();
        let visit = world.start("S0101", None).id;
        let command = answer(visit, "pop_poster", "", AnswerValue::YesNo(true));
        world.actor = World::WANG_QIANG;
        assert_eq!(world.refusal(command.clone()), ProblemCode::NotPermitted);
        world.actor = World::LI_WEN;
        world.finish_s0101(visit);
        assert_eq!(world.on_phone(|world| world.refusal(command)), ProblemCode::VisitClosed);
    }

    #[test]
    fn an_answer_of_a_second_device_that_did_not_know_the_visit_was_closed_is_kept_beside_it() {
        let mut world = World::new();
        let visit = world.start("S0101", None).id;
        world.finish_s0101(visit);
        let (before, answers) = (world.visit(visit), world.state.all::<Answer>());
        world.device = 2;
        world.run(answer(visit, "stock_count", "P1", AnswerValue::Count(99)));
        world.run(answer(visit, "stock_count", "P1", AnswerValue::Count(98)));
        assert_eq!(world.visit(visit), before, "no figure changes");
        let (late, kept): (Vec<_>, Vec<_>) = world.state.all::<Answer>().into_iter().partition(|a| a.late.is_some());
        assert_eq!(kept, answers, "what stood stands");
        let values: Vec<_> = late.into_iter().map(|answer| (answer.value, answer.late)).collect();
        assert_eq!(values.len(), 2);
        assert!(values.iter().all(|(_, late)| *late == Some(LateAnswer::AfterClose)));
        let refusal = world.refusal(crate::sync::FinishVisit { visit_id: visit, fix: None });
        assert_eq!(refusal, ProblemCode::VisitClosed, "a visit is finished once");
    }
}
