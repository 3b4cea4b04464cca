//! Placing orders: the figures of PRODUCT D4 and D5, repricing, and what is refused.

use rstest::rstest;
use uuid::Uuid;

use super::{fixtures::*, *};
use crate::{
    dealer::DeliveryLine,
    ids::{OutletId, PriceListId},
    money::{Currency, Money},
    problem::{Problem, ProblemCode},
    quantity::Quantity,
    sync::{Context, Host, MemoryState, Outcome, Policies},
    time::{BusinessDate, HOUR_MS, Timestamp},
};

/// A world in which the order of D3 fits under the limit.
fn with_headroom() -> MemoryState {
    let mut state = world();
    state.put(payment(1, 1_500_000));
    state
}

fn arriving(arrived_at: Timestamp, price_policy: PricePolicy) -> Context {
    let policies = Policies { price_policy, ..Policies::default() };
    Context { host: Host::Server { arrived_at }, policies, ..context() }
}

fn next_morning() -> Timestamp {
    at("2025-03-15T09:10:00+08:00")
}

fn changed(outcome: Result<Outcome, Vec<Problem>>) -> Problem {
    match outcome {
        Ok(Outcome::Changed(problem)) => problem,
        other => panic!("expected another price, got {other:?}"),
    }
}

fn shown<'a>(problem: &'a Problem, names: [&str; 3]) -> [&'a str; 3] {
    names.map(|name| problem.params[name].as_str())
}

#[test]
fn an_order_that_fits_is_accepted_with_its_promise_and_a_delivery_line_for_each_line() {
    let mut state = with_headroom();
    assert_eq!(run(&mut state, submission(7, d3_lines(20)), &context()), Ok(Outcome::Applied));
    let order = stored(&state, 7);
    assert_eq!((order.status, order.hold, order.priced_at_capture), (OrderStatus::Accepted, None, None));
    assert_eq!(order.promised_on, BusinessDate::parse("2025-03-21"));
    assert_eq!(order.arrived_at, Some(captured()));
    let lines = state.all::<DeliveryLine>();
    assert_eq!(lines.len(), 3);
    let accepted_on = BusinessDate::parse("2025-03-14").expect("valid");
    assert!(lines.iter().all(|line| line.accepted_on == accepted_on && line.order_id == Some(order.id)));
}

#[test]
fn an_order_over_the_limit_is_held_with_its_figures() {
    let mut state = world();
    let outcome = run(&mut state, submission(7, d3_lines(20)), &context());
    let Ok(Outcome::Held(problem)) = outcome else { panic!("expected a hold, got {outcome:?}") };
    assert_eq!(problem.code, ProblemCode::CreditExceeded);
    assert_eq!(shown(&problem, ["exposure", "payable", "over_by"]), ["182,400.00", "31,418.80", "13,818.80"]);
    let order = stored(&state, 7);
    assert_eq!((order.status, order.promised_on), (OrderStatus::Held, None));
    assert_eq!(order.hold, Some(Hold { problem, since: captured() }));
    assert!(state.all::<DeliveryLine>().is_empty());
}

#[test]
fn the_phone_says_ahead_of_the_server_that_the_order_will_probably_be_held() {
    let mut state = world();
    let phone = Context { host: Host::Phone, ..context() };
    assert!(matches!(run(&mut state, submission(7, d3_lines(20)), &phone), Ok(Outcome::Held(_))));
    assert_eq!((stored(&state, 7).status, stored(&state, 7).arrived_at), (OrderStatus::Held, None));
}

#[test]
fn under_policy_a_the_captured_list_stands_when_v8_is_live_on_arrival() {
    let mut state = with_headroom();
    let context = arriving(next_morning(), PricePolicy::HonourCaptured);
    assert_eq!(run(&mut state, submission(7, d3_lines(20)), &context), Ok(Outcome::Applied));
    let order = stored(&state, 7);
    assert_eq!((order.priced.payable, order.priced.price_list_code.as_str()), (cny(3_141_880), "v7"));
    assert_eq!((order.price_policy, order.placed_at), (PricePolicy::HonourCaptured, captured()));
    assert_eq!(order.promised_on, BusinessDate::parse("2025-03-22"), "the promise runs from the decision");
}

#[test]
fn under_policy_b_the_order_is_repriced_on_v8_and_the_dealer_is_asked() {
    let mut state = with_headroom();
    let context = arriving(next_morning(), PricePolicy::RepriceOnArrival);
    let problem = changed(run(&mut state, submission(7, d3_lines(20)), &context));
    assert_eq!(problem.code, ProblemCode::OrderRepriced);
    assert_eq!(shown(&problem, ["list", "payable", "difference"]), ["v8", "30,830.80", "-588.00"]);
    let order = stored(&state, 7);
    let amounts: Vec<Money> = order.priced.lines.iter().map(|line| line.amount).collect();
    assert_eq!(amounts, [cny(1_660_000), cny(1_390_000), cny(96_000)]);
    assert_eq!(order.priced.goods, cny(3_146_000));
    assert_eq!(order.priced.rebate.as_ref().map(|rebate| rebate.amount), Some(cny(62_920)));
    assert_eq!(order.status, OrderStatus::AwaitingConfirmation);
    assert_eq!(order.priced_at_capture.as_ref(), Some(&d3()), "both breakdowns are kept");
    assert_eq!(order.hold.map(|hold| hold.problem), Some(problem));
}

#[rstest]
#[case(0, true)]
#[case(1, false)]
fn the_captured_list_stands_for_24_hours_and_not_a_millisecond_longer(#[case] late_ms: i64, #[case] is_honoured: bool) {
    let mut state = with_headroom();
    let context = arriving(captured().plus_ms(24 * HOUR_MS + late_ms), PricePolicy::HonourCaptured);
    let outcome = run(&mut state, submission(7, d3_lines(20)), &context);
    assert_eq!(outcome == Ok(Outcome::Applied), is_honoured);
    assert_eq!(stored(&state, 7).priced.price_list_id == V7, is_honoured);
}

#[test]
fn a_list_that_no_longer_counted_at_capture_is_not_honoured() {
    let mut state = with_headroom();
    let on_v7 = submission(7, d3_lines(20));
    let captured_at = next_morning();
    let context = Context { captured_at, ..arriving(captured_at, PricePolicy::HonourCaptured) };
    assert_eq!(changed(run(&mut state, on_v7, &context)).params["list"], "v8");
}

#[test]
fn a_list_that_still_counts_on_arrival_changes_nothing_under_either_policy() {
    for policy in [PricePolicy::HonourCaptured, PricePolicy::RepriceOnArrival] {
        let mut state = with_headroom();
        let context = Context {
            captured_at: at("2025-03-10T09:00:00+08:00"),
            ..arriving(at("2025-03-14T09:00:00+08:00"), policy)
        };
        assert_eq!(run(&mut state, submission(7, d3_lines(20)), &context), Ok(Outcome::Applied));
    }
}

#[test]
fn a_clock_that_runs_ahead_neither_buys_tomorrows_price_nor_a_place_in_tomorrow() {
    let mut state = with_headroom();
    let context = Context { captured_at: next_morning(), ..context() };
    assert_eq!(run(&mut state, submission(7, d3_lines(20)), &context), Ok(Outcome::Applied));
    assert_eq!(stored(&state, 7).placed_at, captured());
}

#[rstest]
#[case::payable(|order: &mut PricedOrder| order.payable.minor -= 1, "0.01")]
#[case::line(|order: &mut PricedOrder| order.lines[0].amount.minor -= 1, "0.00")]
#[case::gift(|order: &mut PricedOrder| order.free_goods[0].quantity.0 += 1, "0.00")]
fn a_breakdown_that_differs_on_the_same_list_is_never_taken_silently(
    #[case] tamper: fn(&mut PricedOrder),
    #[case] difference: &str,
) {
    let mut state = with_headroom();
    let mut submission = submission(7, d3_lines(20));
    tamper(&mut submission.priced);
    let problem = changed(run(&mut state, submission.clone(), &context()));
    assert_eq!(problem.params["difference"], difference);
    let order = stored(&state, 7);
    assert_eq!(order.status, OrderStatus::AwaitingConfirmation);
    assert_eq!(order.priced, d3());
    assert_eq!(order.priced_at_capture, Some(submission.priced));
}

#[test]
fn a_special_price_that_ended_on_the_way_is_repriced_and_not_refused() {
    let mut state = with_headroom();
    let special = LineRequest { price_list_id: Some(SPECIAL), ..line(P1, 5) };
    let submission = submission(7, vec![special, line(P1, 5)]);
    let ended = lists()
        .into_iter()
        .find(|list| list.id == SPECIAL)
        .map(|list| crate::catalog::PriceList { valid_until: Some(captured()), ..list });
    state.put(ended.expect("in the world"));
    let problem = changed(run(&mut state, submission, &context()));
    assert_eq!(shown(&problem, ["list", "payable", "difference"]), ["v7", "8,600.00", "300.00"]);
    let lines: Vec<(Quantity, PriceListId)> =
        stored(&state, 7).priced.lines.iter().map(|line| (line.quantity, line.price_list_id)).collect();
    assert_eq!(lines, [(Quantity(10), V7)]);
}

fn refused(state: &MemoryState, submission: crate::sync::SubmitOrder, context: &Context) -> Vec<(ProblemCode, String)> {
    let mut state = state.clone();
    let problems = run(&mut state, submission, context).expect_err("refused");
    problems.into_iter().map(|problem| (problem.code, problem.at)).collect()
}

#[test]
fn an_order_is_taken_once_by_its_id() {
    let mut state = with_headroom();
    run(&mut state, submission(7, d3_lines(20)), &context()).expect("accepted");
    let before = stored(&state, 7);
    let again = refused(&state, submission(7, d3_lines(10)), &context());
    assert_eq!(again, [(ProblemCode::IdTaken, "order_id".into())]);
    assert_eq!(stored(&state, 7), before);
}

#[test]
fn only_those_who_act_for_the_dealer_place_its_orders() {
    let lines = d3_lines(20);
    let expected = [(ProblemCode::NotPermitted, "dealer_id".into())];
    assert_eq!(refused(&world(), submission(7, lines.clone()), &supervisor()), expected);
    let foreign = crate::sync::SubmitOrder { dealer_id: D02, ..submission(7, lines) };
    assert_eq!(refused(&world(), foreign, &context()), expected);
}

#[rstest]
#[case("4-7", &[ProblemCode::OrderNumberForeign])]
#[case("3-", &[ProblemCode::OrderNumberForeign])]
#[case("37", &[ProblemCode::OrderNumberForeign])]
#[case("", &[ProblemCode::TextInvalid, ProblemCode::OrderNumberForeign])]
#[case("3-1\u{7}", &[ProblemCode::TextInvalid])]
#[case("3-0123456789012345678901234567890", &[ProblemCode::TextInvalid])]
fn a_number_comes_from_the_devices_own_block_while_it_is_captured(
    #[case] number: &str,
    #[case] expected: &[ProblemCode],
) {
    let submission = crate::sync::SubmitOrder { number: number.into(), ..submission(7, d3_lines(20)) };
    let captured = Context { host: Host::Phone, ..context() };
    let found: Vec<ProblemCode> = refused(&world(), submission, &captured).into_iter().map(|(code, _)| code).collect();
    assert_eq!(found, expected);
}

#[rstest]
#[case("4-7", true)]
#[case("4-", false)]
#[case("47", false)]
#[case("x-7", false)]
#[case("+4-7", false)]
fn a_number_of_another_block_is_taken_from_a_phone_that_was_given_another_number_since(
    #[case] number: &str,
    #[case] is_taken: bool,
) {
    let submission = crate::sync::SubmitOrder { number: number.into(), ..submission(7, d3_lines(20)) };
    for host in [Host::Rerun, Host::Server { arrived_at: context().captured_at }] {
        let decided = run(&mut world(), submission.clone(), &Context { host, ..context() });
        assert_eq!(decided.is_ok(), is_taken, "{decided:?}");
    }
}

#[test]
fn an_unknown_outlet_and_a_foreign_currency_are_refused_together() {
    let mut submission = submission(7, d3_lines(20));
    submission.outlet_id = Some(OutletId(Uuid::from_u128(404)));
    submission.priced.payable.currency = Currency::Usd;
    let expected = [(ProblemCode::NotFound, "outlet_id".into()), (ProblemCode::AmountInvalid, "priced".into())];
    assert_eq!(refused(&world(), submission, &context()), expected);
}

#[test]
fn a_quantity_refused_at_entry_is_refused_by_the_server_too() {
    let mut submission = submission(7, d3_lines(20));
    submission.lines[2].quantity = Quantity(25);
    assert_eq!(refused(&world(), submission, &context()), [(ProblemCode::QuantityNotOrderable, "lines[2]".into())]);
}

#[rstest]
#[case(i64::MIN, i64::MAX)]
#[case(i64::MAX, i64::MIN)]
#[case(8_210_266_876_799_999, 8_210_266_876_799_999)]
fn a_clock_at_the_end_of_time_breaks_no_order(#[case] captured_ms: i64, #[case] arrived_ms: i64) {
    let mut state = with_headroom();
    state.put(crate::catalog::PriceList { valid_from: Timestamp(i64::MIN), ..lists().remove(0) });
    let context = Context {
        captured_at: Timestamp(captured_ms),
        host: Host::Server { arrived_at: Timestamp(arrived_ms) },
        ..context()
    };
    let submission = submission(7, vec![line(P2, 1)]);
    run(&mut state, submission, &context).expect("taken in");
    let confirm = crate::sync::ConfirmOrder { order_id: stored(&state, 7).id, payable: cny(139_000) };
    let _ = run(&mut state, confirm, &context);
}

#[test]
fn an_order_of_endless_lines_is_refused_before_it_is_priced() {
    let endless =
        crate::sync::SubmitOrder { lines: vec![line(P1, 1); MAX_ORDER_LINES + 1], ..submission(7, d3_lines(20)) };
    assert_eq!(refused(&world(), endless, &context()), [(ProblemCode::OrderTooLong, "lines".into())]);
}

#[test]
fn a_draft_is_quoted_on_the_standard_list_of_the_moment() {
    let state = world();
    let quoted = |at| quote(&state, &dealer(), &d3_lines(20), at).expect("memory never fails");
    assert_eq!(quoted(captured()).expect("orderable"), d3());
    assert_eq!(quoted(next_morning()).expect("orderable").payable, cny(3_083_080));
    let problems = quoted(at("2025-02-01T00:00:00+08:00")).expect_err("no list yet");
    assert_eq!(problems[0].code, ProblemCode::PriceListNotValid);
}
