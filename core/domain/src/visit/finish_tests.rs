//! Check-out: completeness, figures, tasks and alerts (scenarios D1 and D2).

use rust_decimal::Decimal;

use crate::{
    catalog::Product,
    checklist::{
        AnswerValue, Repeat,
        fixture::{answers_of_s0101, decimal, hero_products, no, price, yes},
    },
    handbook::{HandbookEntry, HandbookList, entries, standard_visit},
    ids::{AlertId, VisitId},
    problem::ProblemCode,
    sync::{Change, Command, Decision, FinishVisit, RecordAnswer, decide},
    task::{Alert, Task, TaskKind, TaskStatus},
    time::{BusinessDate, DAY_MS},
    visit::{VisitStatus, fixture::World},
};

fn finish(visit_id: VisitId) -> Command {
    Command::from(FinishVisit { visit_id, fix: None })
}

fn of_kind(world: &World, kind: TaskKind) -> Vec<Task> {
    world.tasks().into_iter().filter(|task| task.kind == kind).collect()
}

#[test]
fn an_ordinary_day_at_s0101_ends_with_80_percent_and_85_points() {
    let mut world = World::new();
    let visit = world.start("S0101", None).id;
    world.finish_s0101(visit);
    let visit = world.visit(visit);
    let summary = visit.summary.expect("summed up");
    assert_eq!(visit.status, VisitStatus::Completed);
    assert_eq!((summary.on_shelf, summary.must_stock), (4, 5));
    assert_eq!(summary.score.total, Decimal::from(85));
    assert_eq!((summary.photos, summary.minutes), (5, 61));
    assert_eq!(summary.tasks_raised, 3, "assortment, P1 below the minimum, light box");
    assert_eq!(visit.check_out.expect("left").at, world.now);
}

#[test]
fn a_missing_hero_model_raises_a_task_with_the_hit_rate() {
    let mut world = World::new();
    let visit = world.start("S0101", None).id;
    world.finish_s0101(visit);
    let gap = &of_kind(&world, TaskKind::AssortmentGap)[0];
    let figure = |name: &str| gap.params[name].as_str();
    assert_eq!((figure("hit"), figure("target"), figure("products")), ("80.0", "100", "P4"));
    assert_eq!((gap.owner_id, gap.visit_id), (World::LI_WEN, Some(visit)));
    assert_eq!(gap.due_on, BusinessDate::parse("2025-03-21").expect("valid"));
}

#[test]
fn a_price_50_below_the_minimum_is_red() {
    let mut world = World::new();
    let visit = world.start("S0101", None).id;
    world.finish_s0101(visit);
    let tasks = of_kind(&world, TaskKind::PriceBelowMinimum);
    let figures: Vec<_> =
        ["product", "shelf", "limit", "difference", "pct"].map(|name| tasks[0].params[name].as_str()).into();
    assert_eq!(figures, ["P1", "949.00", "999.00", "50.00", "5.0"]);
    assert_eq!(tasks.len(), 1);
}

#[test]
fn a_price_far_above_the_suggested_one_is_amber_and_the_county_spread_alerts_supervisors() {
    let mut world = World::new();
    let first = world.start("S0101", None).id;
    world.finish_s0101(first);
    assert_eq!(world.state.all::<Alert>(), [], "one price is no spread");
    let second = world.start("S0103", None).id;
    world.answer_all(second);
    world.give(second, &[price("shelf_price", "P1", "1299.00")]);
    world.shoot_all(second);
    world.finish(second);

    let amber = &of_kind(&world, TaskKind::PriceFarAbove)[0].params;
    assert_eq!((amber["shelf"].as_str(), amber["limit"].as_str()), ("1,299.00", "1,099.00"));
    assert_eq!((amber["difference"].as_str(), amber["pct"].as_str()), ("200.00", "18.2"));

    let alerts: Vec<Alert> = world.state.all();
    assert_eq!(alerts.len(), 1);
    let figure = |name: &str| alerts[0].params[name].as_str();
    assert_eq!((figure("product"), figure("pct")), ("P1", "31.8"));
    assert_eq!((figure("lowest"), figure("lowest_outlet")), ("949.00", "S0101"));
    assert_eq!((figure("highest"), figure("highest_outlet")), ("1,299.00", "S0103"));
    assert_eq!(alerts[0].region_code, "jiangcheng");
    assert_eq!(alerts[0].id, AlertId::derived(World::county().0, "price_spread/P1/2025-03-14"));
}

#[test]
fn the_phone_raises_no_alert_because_it_does_not_see_the_county() {
    let mut world = World::new();
    let first = world.start("S0101", None).id;
    world.finish_s0101(first);
    world.is_on_phone = true;
    let second = world.start("S0103", None).id;
    world.answer_all(second);
    world.give(second, &[price("shelf_price", "P1", "1299.00")]);
    world.shoot_all(second);
    world.finish(second);
    assert_eq!(world.state.all::<Alert>(), []);
}

#[test]
fn only_the_latest_price_of_an_outlet_within_thirty_days_is_compared() {
    let mut world = World::new();
    let first = world.start("S0101", None).id;
    world.finish_s0101(first);
    world.now = world.now.plus_ms(31 * DAY_MS);
    let second = world.start("S0103", None).id;
    world.answer_all(second);
    world.give(second, &[price("shelf_price", "P1", "1299.00")]);
    world.shoot_all(second);
    world.finish(second);
    assert_eq!(world.state.all::<Alert>(), []);
    let third = world.start("S0103", None).id;
    world.answer_all(third);
    world.shoot_all(third);
    world.finish(third);
    assert_eq!(world.state.all::<Alert>(), [], "1,299.00 at the same outlet is history");
}

#[test]
fn one_county_product_and_day_give_one_alert_kept_up_to_date() {
    let mut world = World::new();
    let first = world.start("S0101", None).id;
    world.finish_s0101(first);
    for amount in ["1299.00", "1309.00"] {
        let visit = world.start("S0103", None).id;
        world.answer_all(visit);
        world.give(visit, &[price("shelf_price", "P1", amount)]);
        world.shoot_all(visit);
        world.pass_minutes(5);
        world.finish(visit);
    }
    let alerts: Vec<Alert> = world.state.all();
    assert_eq!(alerts.len(), 1);
    assert_eq!(alerts[0].params["highest"], "1,309.00");
    assert_eq!(alerts[0].raised_at, world.now.plus_ms(-5 * 60_000), "raised when it was first seen");
}

#[test]
fn an_incomplete_visit_is_refused_with_every_gap_named() {
    let mut world = World::new();
    let visit = world.start("S0101", None).id;
    world.answer_all(visit);
    for zone in ["storefront", "aisle", "price_tag"] {
        world.shoot(visit, zone);
    }
    world.give(visit, &[yes("on_shelf", "P4")]);
    let problems = world.on_phone(|world| world.problems(finish(visit)));
    let named: Vec<_> = problems.iter().map(|problem| (problem.code, problem.at.as_str())).collect();
    assert_eq!(problems[0].code, ProblemCode::VisitIncomplete);
    assert_eq!(problems[0].params["count"], "3");
    assert_eq!(
        named[1..],
        [
            (ProblemCode::AnswerMissing, "shelf_price[P4]"),
            (ProblemCode::PhotoMissing, "product_zone"),
            (ProblemCode::PhotoMissing, "pop_wall"),
        ]
    );
}

#[test]
fn what_the_server_finds_missing_is_noted_with_the_visit_and_refuses_nothing() {
    let mut world = World::new();
    let visit = world.start("S0101", None).id;
    world.answer_all(visit);
    world.shoot_all(visit);
    // A zone becomes required while the phone is offline.
    let zone = entries().into_iter().find(|entry| entry.list == HandbookList::PhotoZone && !entry.is_required);
    let zone = HandbookEntry { is_required: true, ..zone.expect("an optional zone") };
    world.state.put(zone.clone());
    assert_eq!(world.on_phone(|world| world.refusal(finish(visit))), ProblemCode::VisitIncomplete);
    world.finish(visit);
    let done = world.visit(visit);
    assert_eq!(done.status, VisitStatus::Completed);
    assert_eq!(done.remarks.expect("noted").gaps, [zone.code]);
}

#[test]
fn an_empty_visit_lacks_every_required_answer_of_every_instance() {
    let mut world = World::new();
    world.is_on_phone = true;
    let visit = world.start("S0101", None).id;
    let problems = world.problems(finish(visit));
    // 5 on shelf, 1 tags, 7 site factors, 5 sales aids, 5 stock counts, 1 cause; 5 photos.
    assert_eq!(problems.len(), 1 + 5 + 1 + 7 + 5 + 5 + 1 + 5);
}

#[test]
fn a_product_that_joins_the_list_while_the_rep_is_offline_holds_up_nothing_and_counts_as_missing() {
    let mut world = World::new();
    let visit = world.start("S0103", None).id;
    world.answer_all(visit);
    world.shoot_all(visit);
    world.list_for_class_b("P3");
    world.is_on_phone = true;
    assert_eq!(world.refusal(finish(visit)), ProblemCode::VisitIncomplete, "the phone still asks");
    world.is_on_phone = false;
    world.finish(visit);
    let summary = world.visit(visit).summary.expect("summed up");
    assert_eq!((summary.on_shelf, summary.must_stock), (2, 3));
    assert_eq!(of_kind(&world, TaskKind::AssortmentGap)[0].params["products"], "P3");
}

#[test]
fn a_product_that_becomes_a_hero_while_the_rep_is_offline_holds_up_nothing() {
    let mut world = World::new();
    let mut template = standard_visit();
    for item in template.sections.iter_mut().flat_map(|section| &mut section.items) {
        if item.code == "stock_count" {
            item.repeat = Repeat::PerMustStockProduct;
        }
    }
    world.state.put(template);
    let hero = hero_products().into_iter().find(|product| product.code == "P2").expect("a hero");
    world.state.put(Product { is_hero: false, ..hero.clone() });
    let visit = world.start("S0103", None).id;
    let answers = answers_of_s0101().into_iter().filter(|answer| match answer.instance.as_str() {
        "" | "P1" => true,
        "P2" => answer.item == "stock_count",
        _ => false,
    });
    world.give(visit, &answers.collect::<Vec<_>>());
    world.shoot_all(visit);
    world.state.put(hero);
    assert_eq!(world.on_phone(|world| world.refusal(finish(visit))), ProblemCode::VisitIncomplete);
    world.finish(visit);
    let summary = world.visit(visit).summary.expect("summed up");
    assert_eq!((summary.on_shelf, summary.must_stock), (1, 2));
}

#[test]
fn the_next_visit_closes_what_it_shows_cured() {
    let mut world = World::new();
    let first = world.start("S0101", None).id;
    world.finish_s0101(first);
    let open = |world: &World| world.tasks().into_iter().filter(|task| task.status == TaskStatus::Open).count();
    assert_eq!(open(&world), 3);

    let second = world.start("S0101", None).id;
    world.answer_all(second);
    let cured = [
        yes("on_shelf", "P4"),
        price("shelf_price", "P4", "1399.00"),
        price("shelf_price", "P1", "1049.00"),
        yes("pop_light_box", ""),
    ];
    world.give(second, &cured);
    world.shoot_all(second);
    world.finish(second);
    assert_eq!(open(&world), 0);
    assert!(world.tasks().iter().all(|task| task.closed_at == Some(world.now)));
    assert_eq!(world.visit(second).summary.expect("summed up").tasks_raised, 0);
}

#[test]
fn what_is_still_wrong_is_not_raised_twice_but_its_figures_follow() {
    let mut world = World::new();
    let first = world.start("S0101", None).id;
    world.finish_s0101(first);
    let before = world.tasks();
    let second = world.start("S0101", None).id;
    world.answer_all(second);
    let mut also_missing = no("on_shelf", "P5");
    also_missing.reason = Some("sold_out".into());
    world.give(second, &[also_missing, price("shelf_price", "P1", "939.00")]);
    world.shoot_all(second);
    world.finish(second);
    let after = world.tasks();
    assert_eq!(after.len(), before.len());
    let gap = &of_kind(&world, TaskKind::AssortmentGap)[0];
    assert_eq!((gap.params["hit"].as_str(), gap.params["products"].as_str()), ("60.0", "P4, P5"));
    assert_eq!(of_kind(&world, TaskKind::PriceBelowMinimum)[0].params["difference"], "60.00");
    assert_eq!(gap.visit_id, Some(first), "a task keeps the visit it came from");
}

#[test]
fn a_price_that_swings_from_red_to_amber_swaps_its_task() {
    let mut world = World::new();
    let first = world.start("S0101", None).id;
    world.finish_s0101(first);
    let second = world.start("S0101", None).id;
    world.answer_all(second);
    world.give(second, &[price("shelf_price", "P1", "1299.00")]);
    world.shoot_all(second);
    world.finish(second);
    assert_eq!(of_kind(&world, TaskKind::PriceBelowMinimum)[0].status, TaskStatus::Done);
    assert_eq!(of_kind(&world, TaskKind::PriceFarAbove)[0].status, TaskStatus::Open);
}

#[test]
fn a_product_off_the_shelf_says_nothing_about_its_price() {
    let mut world = World::new();
    let first = world.start("S0101", None).id;
    world.finish_s0101(first);
    let second = world.start("S0101", None).id;
    world.answer_all(second);
    let mut gone = no("on_shelf", "P1");
    gone.reason = Some("sold_out".into());
    world.give(second, &[gone, price("shelf_price", "P1", "1049.00")]);
    world.shoot_all(second);
    world.finish(second);
    assert_eq!(of_kind(&world, TaskKind::PriceBelowMinimum)[0].status, TaskStatus::Open);
}

#[test]
fn nobody_checks_out_for_a_colleague_or_twice() {
    let mut world = World::new();
    let visit = world.start("S0101", None).id;
    world.finish_s0101(visit);
    assert_eq!(world.refusal(finish(visit)), ProblemCode::VisitClosed);
    world.actor = World::WANG_QIANG;
    assert_eq!(world.refusal(finish(visit)), ProblemCode::NotPermitted);
    assert_eq!(world.refusal(finish(VisitId(uuid::Uuid::nil()))), ProblemCode::NotFound);
}

#[test]
fn phone_and_server_decide_the_same() {
    let mut world = World::new();
    let visit = world.start("S0101", None).id;
    world.answer_all(visit);
    world.shoot_all(visit);
    let server = world.context();
    let mut phone = server.clone();
    phone.host = crate::sync::Host::Phone;
    let command = finish(visit);
    let decided = decide(&world.state, &command, &server).expect("memory");
    assert_eq!(decided, decide(&world.state, &command, &phone).expect("memory"));
    assert_eq!(decided, decide(&world.state, &command, &server).expect("memory"));
    let Decision::Accepted(effects) = decided else { panic!("complete") };
    assert!(matches!(&effects.changes[0], Change::Put(row) if row.id() == visit.row()), "the visit comes first");
}

#[test]
fn an_answer_that_is_not_applicable_is_neither_a_gap_nor_a_loss() {
    let mut world = World::new();
    let visit = world.start("S0101", None).id;
    world.answer_all(visit);
    world.say(visit, "pop_light_box", "", AnswerValue::NotApplicable);
    world.shoot_all(visit);
    world.finish(visit);
    let summary = world.visit(visit).summary.expect("summed up");
    assert_eq!(summary.score.blocks[3].points, Some(decimal("15")));
    assert!(of_kind(&world, TaskKind::OpenPoint).is_empty());
}

#[test]
fn a_reason_travels_with_the_answer() {
    let mut world = World::new();
    let visit_id = world.start("S0101", None).id;
    world.run(RecordAnswer {
        visit_id,
        item: "on_shelf".into(),
        instance: "P4".into(),
        value: AnswerValue::YesNo(false),
        reason: Some("dealer_out_of_stock".into()),
    });
    let answers: Vec<crate::checklist::Answer> = world.state.all();
    assert_eq!(answers[0].reason.as_deref(), Some("dealer_out_of_stock"));
}
