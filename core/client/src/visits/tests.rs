//! Scenarios D1 and D2 of the product guide, offline, on 李雯's phone.

use rust_decimal::Decimal;
use storewalk_domain::{
    checklist::{AnswerKey, AnswerValue},
    geo::FenceVerdict,
    ids::VisitId,
    time::BusinessDate,
    visit::VisitStatus,
};

use super::{PriceLight, VisitView};
use crate::{
    Attempt,
    photos::testing::shelf_path,
    plan::{
        testing::{Hand, north_of_s0101},
        world,
    },
};

const ZONES: [&str; 5] = ["storefront", "product_zone", "aisle", "price_tag", "pop_wall"];

fn decimal(text: &str) -> Decimal {
    text.parse().expect("valid")
}

fn friday() -> BusinessDate {
    BusinessDate::parse("2025-03-14").expect("valid")
}

fn accepted<T: std::fmt::Debug>(attempt: Result<Attempt<T>, crate::ClientError>) -> T {
    match attempt.expect("recorded") {
        Attempt::Done(value) => value,
        Attempt::Refused(problems) => panic!("refused: {problems:#?}"),
    }
}

/// One tap of a visit: a question with its answer, and the reason.
type Tap = (AnswerKey, AnswerValue, Option<&'static str>);

/// What is answered at an outlet that must stock these products; P4 is missing where it is asked for.
fn taps(products: &[&str], price_of_p1: &str) -> Vec<Tap> {
    let yes = |item: &str| (AnswerKey::once(item), AnswerValue::YesNo(true), None);
    let no = |item: &str| (AnswerKey::once(item), AnswerValue::YesNo(false), None);
    let mut taps = Vec::new();
    for code in products {
        let is_there = *code != "P4";
        let reason = (!is_there).then_some("dealer_out_of_stock");
        taps.push((AnswerKey::of("on_shelf", code), AnswerValue::YesNo(is_there), reason));
        let shelf = match *code {
            "P1" => price_of_p1,
            "P2" => "1699.00",
            "P3" => "799.00",
            _ => "4999.00",
        };
        if is_there {
            taps.push((AnswerKey::of("shelf_price", code), AnswerValue::Price(decimal(shelf)), None));
        }
        taps.push((AnswerKey::of("stock_count", code), AnswerValue::Count(3), None));
    }
    taps.extend([no("price_tags_uniform"), no("pop_light_box")]);
    let kept = ["position", "space", "on_counter", "core_height", "order", "comparison", "cleanliness"];
    taps.extend(kept.map(|factor| yes(&format!("display_{factor}"))));
    taps.extend(["storefront_sign", "poster", "shelf_strip", "standee"].map(|aid| yes(&format!("pop_{aid}"))));
    let clerks = vec!["店员甲".to_owned(), "店员乙".to_owned()];
    taps.push((AnswerKey::once("clerks_trained"), AnswerValue::Names(clerks), None));
    taps.push((AnswerKey::once("result_cause"), AnswerValue::Choice("prepared_well".into()), None));
    taps
}

fn answer_in(view: &VisitView, key: &AnswerKey) -> Option<AnswerValue> {
    let questions = view.steps.iter().flat_map(|step| &step.sections).flat_map(|section| &section.questions);
    questions.into_iter().find(|question| question.key == *key).and_then(|question| question.answer.clone())
}

fn visit_of(hand: &Hand) -> VisitView {
    hand.phone.visits().open().expect("read").expect("under way")
}

/// Walks the eleven steps of D1 and kills the app after every tap; gives back the visit.
fn walk_through_kills(hand: &mut Hand) -> VisitId {
    let started = accepted(hand.phone.visits().start(world::outlet("S0101"), Some(north_of_s0101(38.0))));
    assert_eq!(started.verdict, FenceVerdict::Verified);
    assert!((started.distance_m.expect("same datum") - 38.0).abs() < 0.01);
    let id = started.visit_id;
    accepted(hand.phone.visits().choose_goals(id, &["better_display", "sales_aids", "know_stock"]));
    hand.kill();
    for step in 2..=11 {
        hand.clock.pass_minutes(5);
        accepted(hand.phone.visits().begin_step(id, step));
        hand.kill();
    }
    for (key, value, reason) in taps(&["P1", "P2", "P3", "P4", "P5"], "949.00") {
        accepted(hand.phone.visits().answer(id, &key, value.clone(), reason));
        hand.kill();
        assert_eq!(answer_in(&visit_of(hand), &key), Some(value), "{key} is lost");
    }
    for (number, zone) in ZONES.into_iter().enumerate() {
        accepted(hand.phone.photos().capture(id, zone, &shelf_path(number), None));
        hand.kill();
    }
    accepted(hand.phone.visits().assess_goals(id, &["better_display", "know_stock"]));
    hand.kill();
    id
}

#[test]
fn d1_before_the_door_the_brief_names_the_decision_maker_and_the_broken_light_box() {
    let hand = Hand::of("liwen", "2025-03-14T08:40");
    let brief = hand.phone.visits().brief(world::outlet("S0101")).expect("read");
    assert_eq!(brief.outlet.decision_maker, "陈经理");
    assert_eq!(brief.open_points.len(), 1);
    assert!(brief.open_points[0].detail.zh.contains("灯箱"), "{:?}", brief.open_points[0]);
    assert!(!brief.open_points[0].is_overdue);
    let codes: Vec<_> = brief.must_stock.iter().map(|line| line.code.as_str()).collect();
    assert_eq!(codes, ["P1", "P2", "P3", "P4", "P5"]);
    assert_eq!(brief.last_visit.map(|last| last.rep_name).as_deref(), Some("李雯"));
}

#[test]
fn d1_a_kill_after_any_tap_of_the_eleven_steps_loses_nothing() {
    let mut hand = Hand::of("liwen", "2025-03-14T08:40");
    let id = walk_through_kills(&mut hand);
    let view = visit_of(&hand);
    assert_eq!(view.missing, []);
    assert!(view.steps.iter().all(|step| step.begun_at.is_some() && step.gaps == 0));
    assert_eq!(view.steps.len(), 11);
    assert_eq!(view.zones.iter().map(|zone| zone.photos.len()).sum::<usize>(), 5);

    hand.clock.set("2025-03-14T09:41");
    let finished = accepted(hand.phone.visits().finish(id, Some(north_of_s0101(20.0))));
    hand.kill();
    assert_eq!((finished.summary.on_shelf, finished.summary.must_stock), (4, 5));
    assert_eq!(finished.hit_pct, Some(decimal("80.0")));
    assert_eq!((finished.summary.photos, finished.summary.minutes), (5, 61));
    assert!(finished.tasks.iter().any(|task| task.kind == "assortment_gap"), "{:?}", finished.tasks);
    let points: Vec<_> = finished.summary.score.blocks.iter().map(|block| block.points).collect();
    assert_eq!(points, [24, 25, 9, 12, 15].map(|point| Some(Decimal::from(point))));
    assert_eq!(finished.summary.score.total, Decimal::from(85));

    let closed = hand.phone.visits().view(id).expect("read");
    assert_eq!((closed.status, closed.checked_out_at), (VisitStatus::Completed, Some(world::at("2025-03-14T09:41"))));
    assert_eq!(closed.score.map(|score| score.total), Some(Decimal::from(85)));
    assert!(hand.phone.visits().open().expect("read").is_none());
}

#[test]
fn d1_the_day_report_is_built_from_what_the_phone_holds() {
    let mut hand = Hand::of("liwen", "2025-03-14T08:40");
    let id = walk_through_kills(&mut hand);
    hand.clock.set("2025-03-14T09:41");
    let finished = accepted(hand.phone.visits().finish(id, None));
    let report = hand.phone.visits().day_report(friday()).expect("built");
    assert_eq!((report.planned, report.planned_visited, report.completed, report.not_visited), (8, 1, 1, 7));
    assert_eq!((report.hit_pct, report.photos, report.minutes), (Some(decimal("80.0")), 5, 61));
    assert_eq!((report.goals, report.goals_attained), (3, 2));
    assert_eq!(report.tasks_raised as usize, finished.tasks.len());
}

#[test]
fn leaving_too_early_names_everything_that_is_missing() {
    let hand = Hand::of("liwen", "2025-03-14T08:40");
    let id = accepted(hand.phone.visits().start(world::outlet("S0101"), None)).visit_id;
    let view = visit_of(&hand);
    let refused = hand.phone.visits().finish(id, None).expect("recorded");
    let codes = refused.codes();
    assert_eq!(codes[0], "visit_incomplete");
    assert_eq!(codes.iter().filter(|code| **code == "photo_missing").count(), 5);
    assert_eq!(codes.len(), view.missing.len() + 1, "the view shows the same gaps");
    assert_eq!(view.zones.iter().filter(|zone| zone.is_missing).count(), 5);
    assert!(hand.phone.visits().open().expect("read").is_some());
}

#[test]
fn d2_a_price_below_the_minimum_is_red_and_one_far_above_is_amber() {
    let hand = Hand::of("liwen", "2025-03-14T08:40");
    let cases = [
        ("S0101", "949.00", PriceLight::Red, "50.00", "5.0", "price_below_minimum"),
        ("S0103", "1299.00", PriceLight::Amber, "200.00", "18.2", "price_far_above"),
    ];
    for (outlet, shelf, light, by, pct, task) in cases {
        let id = accepted(hand.phone.visits().start(world::outlet(outlet), None)).visit_id;
        let listed = visit_of(&hand).missing.into_iter().filter(|gap| gap.at.starts_with("on_shelf")).count();
        for (key, value, reason) in taps(&["P1", "P2", "P3", "P4", "P5"][..listed], shelf) {
            accepted(hand.phone.visits().answer(id, &key, value, reason));
        }
        let view = visit_of(&hand);
        let questions = view.steps.iter().flat_map(|step| &step.sections).flat_map(|section| &section.questions);
        let key = AnswerKey::of("shelf_price", "P1");
        let found = questions.into_iter().find(|question| question.key == key).expect("asked");
        let finding = found.price_finding.clone().expect("judged");
        assert_eq!((finding.light, finding.by, finding.pct), (light, decimal(by), decimal(pct)), "{outlet}");
        for (number, zone) in ZONES.into_iter().enumerate() {
            accepted(hand.phone.photos().capture(id, zone, &shelf_path(number), None));
        }
        let finished = accepted(hand.phone.visits().finish(id, None));
        assert!(finished.tasks.iter().any(|raised| raised.kind == task), "{outlet}: {:?}", finished.tasks);
    }
}

#[test]
fn a_second_visit_waits_and_an_unknown_outlet_or_answer_is_a_problem_not_an_error() {
    let hand = Hand::of("liwen", "2025-03-14T08:40");
    let id = accepted(hand.phone.visits().start(world::outlet("S0101"), None)).visit_id;
    let second = hand.phone.visits().start(world::outlet("S0103"), None).expect("recorded");
    assert_eq!(second.codes(), ["visit_open_elsewhere"]);
    let nowhere = hand.phone.visits().start(world::outlet("S9999"), None).expect("recorded");
    assert_eq!(nowhere.codes(), ["not_found"]);
    let key = AnswerKey::of("on_shelf", "P4");
    let silent = hand.phone.visits().answer(id, &key, AnswerValue::YesNo(false), None).expect("recorded");
    assert_eq!(silent.codes(), ["answer_reason_missing"]);
    assert_eq!(answer_in(&visit_of(&hand), &key), None);
}
