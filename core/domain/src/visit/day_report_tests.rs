//! The report of a day, from days that the rules themselves made.

use rust_decimal::Decimal;
use uuid::Uuid;

use crate::{
    checklist::fixture::decimal,
    ids::{CallPlanId, OrderId, OutletId},
    money::{Currency, Money},
    order::{Order, OrderStatus, PricePolicy, PricedOrder},
    outlet::PlannedCall,
    sync::{AssessGoals, ChooseGoals, SkipCall},
    time::{BusinessDate, DAY_MS},
    visit::{Visit, day_report, fixture::World},
};

fn friday() -> BusinessDate {
    BusinessDate::parse("2025-03-14").expect("valid")
}

fn planned(world: &World, codes: &[&str]) -> Vec<PlannedCall> {
    let call =
        |code: &&str| PlannedCall { plan_id: world.plan_of(code), outlet_id: World::outlet_id(code), position: 1 };
    codes.iter().map(call).collect()
}

fn order(number: u128, minor: i64, currency: Currency, status: OrderStatus) -> Order {
    let nothing = Money::zero(currency);
    let list = crate::ids::PriceListId(Uuid::from_u128(7));
    Order {
        id: OrderId(Uuid::from_u128(number)),
        number: format!("1-{number}"),
        dealer_id: crate::ids::DealerId(Uuid::from_u128(1)),
        outlet_id: None,
        placed_by: World::LI_WEN,
        placed_at: crate::time::Timestamp(0),
        arrived_at: None,
        status,
        hold: None,
        price_policy: PricePolicy::HonourCaptured,
        priced: PricedOrder {
            price_list_id: list,
            price_list_code: "v7".into(),
            currency,
            lines: Vec::new(),
            free_goods: Vec::new(),
            goods: nothing,
            rebate: None,
            payable: Money::new(minor, currency),
        },
        priced_at_capture: None,
        promised_on: None,
        captured: None,
        claim: None,
        same_number_as: None,
        handover: None,
    }
}

#[test]
fn the_first_visit_of_the_day_stands_in_the_report() {
    let mut world = World::new();
    let visit_id = world.start("S0101", None).id;
    world.run(ChooseGoals { visit_id, goals: vec!["better_display".into(), "sales_aids".into(), "know_stock".into()] });
    world.run(AssessGoals { visit_id, attained: vec!["better_display".into(), "know_stock".into()] });
    world.finish_s0101(visit_id);
    let plan = planned(&world, &["S0101", "S0103"]);
    let report = day_report(friday(), &world.state.all::<Visit>(), &plan, &world.tasks(), &[]);

    assert_eq!((report.planned, report.planned_visited, report.not_visited), (2, 1, 1));
    assert_eq!((report.completed, report.in_progress, report.unplanned), (1, 0, 0));
    assert_eq!((report.minutes, report.photos), (61, 5));
    assert_eq!(report.hit_pct, Some(decimal("80.0")));
    assert_eq!((report.goals, report.goals_attained), (3, 2));
    assert_eq!(report.tasks_raised, 3);
    let scores: Vec<_> = report.scores.iter().map(|score| (score.outlet_id, score.total)).collect();
    assert_eq!(scores, [(World::outlet_id("S0101"), Decimal::from(85))]);
    assert_eq!(report.mean_score, Some(Decimal::from(85)));
}

#[test]
fn a_skipped_call_an_unplanned_visit_and_one_in_progress_are_told_apart() {
    let mut world = World::new();
    world.run(SkipCall {
        visit_id: world.next_visit_id(),
        outlet_id: World::outlet_id("S0101"),
        plan_id: world.plan_of("S0101"),
        reason: "outlet_closed".into(),
    });
    world.start("S0103", None);
    let plan = planned(&world, &["S0101"]);
    let report = day_report(friday(), &world.state.all::<Visit>(), &plan, &[], &[]);
    assert_eq!((report.planned, report.skipped, report.planned_visited, report.not_visited), (1, 1, 0, 0));
    assert_eq!((report.unplanned, report.in_progress, report.completed), (1, 1, 0));
    assert_eq!((report.hit_pct, report.mean_score), (None, None));
}

#[test]
fn a_call_skipped_first_and_made_later_counts_as_made() {
    let mut world = World::new();
    world.run(SkipCall {
        visit_id: world.next_visit_id(),
        outlet_id: World::outlet_id("S0101"),
        plan_id: world.plan_of("S0101"),
        reason: "outlet_closed".into(),
    });
    world.start("S0101", None);
    let plan = planned(&world, &["S0101"]);
    let report = day_report(friday(), &world.state.all::<Visit>(), &plan, &[], &[]);
    assert_eq!((report.planned_visited, report.skipped, report.not_visited), (1, 0, 0));
}

#[test]
fn another_days_visits_stay_out_and_overdue_tasks_are_counted() {
    let mut world = World::new();
    let visit = world.start("S0101", None).id;
    world.finish_s0101(visit);
    world.now = world.now.plus_ms(8 * DAY_MS);
    let date = friday().plus_days(8);
    let report = day_report(date, &world.state.all::<Visit>(), &[], &world.tasks(), &[]);
    assert_eq!((report.completed, report.tasks_raised, report.tasks_overdue), (0, 0, 3));
}

#[test]
fn orders_add_up_by_currency_and_cancelled_ones_stay_out() {
    let orders = [
        order(1, 3_141_880, Currency::Cny, OrderStatus::Accepted),
        order(2, 58_120, Currency::Cny, OrderStatus::Held),
        order(3, 99, Currency::Cny, OrderStatus::Cancelled),
        order(4, 500, Currency::Jpy, OrderStatus::AwaitingConfirmation),
    ];
    let report = day_report(friday(), &[], &[], &[], &orders);
    assert_eq!(report.orders, 3);
    assert_eq!(report.ordered, [Money::new(3_200_000, Currency::Cny), Money::new(500, Currency::Jpy)]);
}

#[test]
fn an_empty_day_is_a_report_of_zeros() {
    let call = PlannedCall { plan_id: CallPlanId(Uuid::nil()), outlet_id: OutletId(Uuid::nil()), position: 1 };
    let report = day_report(friday(), &[], &[call], &[], &[]);
    assert_eq!((report.planned, report.not_visited, report.completed), (1, 1, 0));
    assert!(report.scores.is_empty() && report.ordered.is_empty());
}
