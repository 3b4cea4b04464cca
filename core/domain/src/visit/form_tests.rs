//! D12: a checklist changes while a visit on the old one is under way.

use super::fixture::World;
use crate::{
    checklist::{Answer, AnswerValue, ChecklistTemplate, Item, ItemKind, Requirement},
    handbook::standard_visit,
    ids::{TemplateId, VisitId},
    sync::{Find, FinishVisit, RecordAnswer, StartVisit, StateExt},
    time::{DAY_MS, Timestamp},
    visit::VisitStatus,
};

const DROPPED: &str = "other";

fn v12() -> ChecklistTemplate {
    ChecklistTemplate { version: 12, ..standard_visit() }
}

/// v13: one new required item, and one option of `result_cause` is gone.
fn v13(valid_from: Timestamp) -> ChecklistTemplate {
    let mut template =
        ChecklistTemplate { id: TemplateId(uuid::Uuid::from_u128(0x13)), version: 13, valid_from, ..standard_visit() };
    for section in &mut template.sections {
        for item in &mut section.items {
            if let ItemKind::SingleChoice { choices } = &mut item.kind {
                choices.retain(|choice| choice.code != DROPPED);
            }
        }
    }
    let model = template.item("stock_count").expect("an item").clone();
    let new = Item {
        code: "battery_corner".into(),
        kind: ItemKind::YesNo,
        repeat: crate::checklist::Repeat::Once,
        requirement: Requirement::Required,
        score: None,
        ..model
    };
    template.sections[0].items.push(new);
    template
}

/// 李雯 has a draft open on v12 with the option that v13 drops; then v13 arrives.
fn draft_over_the_change() -> (World, VisitId) {
    let mut world = World::new();
    world.state.put(v12());
    let visit = world.start("S0101", None).id;
    world.answer_all(visit);
    world.shoot_all(visit);
    choose(&mut world, visit, DROPPED);
    world.state.put(v13(world.now));
    (world, visit)
}

fn choose(world: &mut World, visit_id: VisitId, option: &str) {
    let value = AnswerValue::Choice(option.into());
    let (item, instance) = ("result_cause".to_owned(), String::new());
    world.run(RecordAnswer { visit_id, item, instance, value, reason: None });
}

#[test]
fn a_draft_opened_on_v12_finishes_on_v12_with_the_option_that_v13_dropped() {
    let (mut world, visit) = draft_over_the_change();
    choose(&mut world, visit, DROPPED);
    let finish = FinishVisit { visit_id: visit, fix: None };
    world.on_phone(|world| world.run(finish));
    let done = world.visit(visit);
    assert_eq!((done.status, done.remarks), (VisitStatus::Completed, None));
    assert_eq!(done.template_id, Some(v12().id));
}

#[test]
fn the_server_takes_v12_for_14_days_without_a_word_and_after_that_with_one() {
    for (late_ms, is_late) in [(14 * DAY_MS, false), (14 * DAY_MS + 1, true)] {
        let (mut world, visit) = draft_over_the_change();
        let replaced_at = world.now;
        world.now = world.now.plus_ms(late_ms);
        world.finish(visit);
        let done = world.visit(visit);
        assert_eq!(done.status, VisitStatus::Completed, "never refused");
        let late = done.remarks.and_then(|remarks| remarks.late_form);
        assert_eq!(late.is_some(), is_late);
        if let Some(late) = late {
            assert_eq!((late.version, late.replaced_by, late.replaced_at), (12, 13, replaced_at));
        }
    }
}

#[test]
fn answers_on_both_versions_meet_by_item_code_and_a_dropped_option_keeps_its_words() {
    let (mut world, old) = draft_over_the_change();
    world.finish(old);
    let args = StartVisit { template_id: v13(world.now).id, ..world.start_args("S0103") };
    let new = args.visit_id;
    world.run(args);
    world.answer_all(new);
    choose(&mut world, new, "prepared_well");
    let battery = RecordAnswer {
        visit_id: new,
        item: "battery_corner".into(),
        instance: String::new(),
        value: AnswerValue::YesNo(true),
        reason: None,
    };
    world.run(battery);
    world.shoot_all(new);
    world.finish(new);
    let said: Vec<Answer> =
        world.state.all::<Answer>().into_iter().filter(|answer| answer.item == "result_cause").collect();
    let words: Vec<Option<String>> = said
        .iter()
        .map(|answer| {
            let template: ChecklistTemplate =
                world.state.get(world.visit(answer.visit_id).template_id?.row()).expect("memory")?;
            let AnswerValue::Choice(code) = &answer.value else { return None };
            Some(template.item(&answer.item)?.choice(code)?.label.zh.clone())
        })
        .collect();
    assert_eq!((said.len(), words.iter().flatten().count()), (2, 2), "each in the words of its own version");
    let versions: Vec<ChecklistTemplate> = world.state.list(Find::Checklists).expect("memory");
    assert_eq!(versions.len(), 2);
    let newest = versions.iter().max_by_key(|version| version.version).expect("v13");
    assert!(newest.item("result_cause").is_some_and(|item| item.choice(DROPPED).is_none()), "v13 dropped it");
}
