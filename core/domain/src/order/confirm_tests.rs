//! Confirming a price that has waited: it is never accepted once it no longer counts.

use rstest::rstest;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::{fixtures::*, *};
use crate::{
    catalog::Product,
    ids::{OrderId, PriceListId},
    money::Money,
    problem::ProblemCode,
    sync::{CancelOrder, ConfirmOrder, Context, Host, MemoryState, Outcome, Policies},
    time::HOUR_MS,
};

/// From 2025-03-20: P1 at 845.00, others as before. D3 then costs 31,124.80.
const V9: PriceListId = PriceListId(Uuid::from_u128(0x80));
const ON_V8: i64 = 3_083_080;
const ON_V9: i64 = 3_112_480;

fn moment(captured: &str, arrived: &str, price_policy: PricePolicy) -> Context {
    let policies = Policies { price_policy, ..Policies::default() };
    Context { captured_at: at(captured), host: Host::Server { arrived_at: at(arrived) }, policies, ..context() }
}

/// The order of D3, captured on v7 and repriced on v8, while v9 is announced; enough is paid for any price.
fn repriced(policy: PricePolicy) -> MemoryState {
    let mut state = world();
    state.put(payment(1, 1_500_000));
    state.put(list(V9, "v9", "2025-03-20T00:00:00+08:00"));
    for (product, unit_price) in [(P1, 845), (P2, 1_390), (A10, 24)] {
        state.put(price(V9, product, Decimal::from(unit_price)));
    }
    let arrival = moment("2025-03-14T22:40:00+08:00", "2025-03-16T09:00:00+08:00", policy);
    let outcome = run(&mut state, submission(7, d3_lines(20)), &arrival);
    assert!(matches!(outcome, Ok(Outcome::Changed(_))), "{outcome:?}");
    assert_eq!(stored(&state, 7).priced.payable, cny(ON_V8));
    state
}

fn confirm(payable: Money) -> ConfirmOrder {
    ConfirmOrder { order_id: OrderId(Uuid::from_u128(7)), payable }
}

#[test]
fn a_list_that_lapsed_again_asks_again_and_accepts_only_the_new_amount() {
    let mut state = repriced(PricePolicy::RepriceOnArrival);
    let now = moment("2025-03-21T09:00:00+08:00", "2025-03-21T09:00:00+08:00", PricePolicy::RepriceOnArrival);
    let outcome = run(&mut state, confirm(cny(ON_V8)), &now);
    let Ok(Outcome::Changed(problem)) = outcome else { panic!("expected another price, got {outcome:?}") };
    let shown = ["list", "payable", "difference"].map(|name| problem.params[name].as_str());
    assert_eq!(shown, ["v9", "31,124.80", "294.00"]);

    let order = stored(&state, 7);
    assert_eq!((order.status, order.priced.payable), (OrderStatus::AwaitingConfirmation, cny(ON_V9)));
    assert_eq!(order.hold.map(|hold| (hold.problem, hold.since)), Some((problem, at("2025-03-21T09:00:00+08:00"))));
    assert_eq!(order.priced_at_capture, Some(d3()), "what the phone showed stays");

    let problems = run(&mut state, confirm(cny(ON_V8)), &now).expect_err("the old amount");
    assert_eq!(problems[0].code, ProblemCode::OrderRepriced);
    assert_eq!(run(&mut state, confirm(cny(ON_V9)), &now), Ok(Outcome::Applied));
    assert_eq!(stored(&state, 7).status, OrderStatus::Accepted);
}

#[rstest]
#[case::under_policy_a_the_list_of_the_moment_it_was_agreed_stands(
    PricePolicy::HonourCaptured,
    "2025-03-20T09:10:00+08:00",
    true
)]
#[case::but_not_for_more_than_24_hours(PricePolicy::HonourCaptured, "2025-03-20T23:00:00+08:00", false)]
#[case::and_under_policy_b_not_at_all(PricePolicy::RepriceOnArrival, "2025-03-20T09:10:00+08:00", false)]
fn an_agreement_given_offline(#[case] policy: PricePolicy, #[case] arrived: &str, #[case] stands: bool) {
    let mut state = repriced(policy);
    let other_policy = PricePolicy::HonourCaptured;
    let agreed = moment("2025-03-19T22:40:00+08:00", arrived, other_policy);
    let outcome = run(&mut state, confirm(cny(ON_V8)), &agreed).expect("taken in");
    assert_eq!(outcome == Outcome::Applied, stands, "the order's own policy decides");
    let expected = if stands { OrderStatus::Accepted } else { OrderStatus::AwaitingConfirmation };
    assert_eq!(stored(&state, 7).status, expected);
}

#[rstest]
#[case(24 * HOUR_MS, true)]
#[case(24 * HOUR_MS + 1, false)]
fn a_list_honoured_for_the_order_is_honoured_for_its_confirmation_as_long(#[case] after_ms: i64, #[case] stands: bool) {
    let mut state = world();
    state.put(payment(1, 1_500_000));
    let mut differing = submission(7, d3_lines(20));
    differing.priced.payable.minor -= 1;
    run(&mut state, differing, &context()).expect("taken in");
    let confirmed_at = captured().plus_ms(after_ms);
    let now = Context { captured_at: confirmed_at, host: Host::Server { arrived_at: confirmed_at }, ..context() };
    let outcome = run(&mut state, confirm(cny(3_141_880)), &now).expect("taken in");
    assert_eq!(outcome == Outcome::Applied, stands);
    assert_eq!(stored(&state, 7).priced.payable, cny(if stands { 3_141_880 } else { ON_V8 }));
}

#[test]
fn a_gift_that_ended_meanwhile_is_not_dropped_silently() {
    let mut state = repriced(PricePolicy::RepriceOnArrival);
    let ended = promotions().remove(0);
    state.put(crate::catalog::Promotion { valid_until: Some(at("2025-03-17T00:00:00+08:00")), ..ended });
    let now = moment("2025-03-18T09:00:00+08:00", "2025-03-18T09:00:00+08:00", PricePolicy::RepriceOnArrival);
    let outcome = run(&mut state, confirm(cny(ON_V8)), &now);
    assert!(matches!(outcome, Ok(Outcome::Changed(_))), "{outcome:?}");
    let order = stored(&state, 7);
    assert_eq!((order.status, order.priced.free_goods.len()), (OrderStatus::AwaitingConfirmation, 0));
    assert_eq!(run(&mut state, confirm(cny(ON_V8)), &now), Ok(Outcome::Applied));
}

#[test]
fn what_is_no_longer_sold_cannot_be_confirmed_and_may_be_called_off() {
    let mut state = repriced(PricePolicy::HonourCaptured);
    let gone = products().into_iter().find(|product| product.id == P2).expect("in the catalogue");
    state.put(Product { is_active: false, ..gone });
    let before = stored(&state, 7);
    let problems = run(&mut state, confirm(cny(ON_V8)), &context()).expect_err("not sold");
    assert_eq!((problems[0].code, problems[0].at.as_str()), (ProblemCode::ProductInactive, "lines[1]"));
    assert_eq!(stored(&state, 7), before);
    run(&mut state, CancelOrder { order_id: before.id }, &context()).expect("called off");
}

#[test]
fn phone_and_server_say_the_same_about_an_agreement() {
    let now = moment("2025-03-21T09:00:00+08:00", "2025-03-21T09:00:00+08:00", PricePolicy::RepriceOnArrival);
    let phone = Context { host: Host::Phone, ..now.clone() };
    let [on_server, on_phone] = [now, phone].map(|context| {
        let mut state = repriced(PricePolicy::RepriceOnArrival);
        (run(&mut state, confirm(cny(ON_V8)), &context), stored(&state, 7))
    });
    assert_eq!(on_server, on_phone);
}
