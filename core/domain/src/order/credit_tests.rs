//! Orders that wait for credit: PRODUCT D4, cancelling, confirming, paying, and the law that accepted orders never go
//! over the limit.

use proptest::prelude::*;
use rstest::rstest;
use uuid::Uuid;

use super::{fixtures::*, *};
use crate::{
    dealer::{DeliveryLine, Payment},
    ids::{OrderId, PaymentId},
    money::{Currency, Money},
    outlet::Role,
    problem::{Problem, ProblemCode},
    sync::{
        Actor, CancelOrder, ConfirmOrder, Context, Host, MemoryState, Outcome, Policies, RecordPayment, SubmitOrder,
    },
    time::BusinessDate,
};

fn pay(id: u128, amount: Money) -> RecordPayment {
    let slip = format!(" HB-{:04} ", 314 + id);
    RecordPayment { payment_id: PaymentId(Uuid::from_u128(id)), dealer_id: D01, amount, slip }
}

fn cancel(id: u128) -> CancelOrder {
    CancelOrder { order_id: OrderId(Uuid::from_u128(id)) }
}

fn confirm(id: u128, payable: Money) -> ConfirmOrder {
    ConfirmOrder { order_id: OrderId(Uuid::from_u128(id)), payable }
}

fn later(context: Context, minutes: i64) -> Context {
    let moment = captured().plus_ms(minutes * 60_000);
    Context { captured_at: moment, host: Host::Server { arrived_at: moment }, ..context }
}

/// An order of exactly 10,000.00, below gift and ladder: 2,580 + 3,200 + 2,780 + 1,440.
fn ten_thousand(id: u128) -> SubmitOrder {
    let special = LineRequest { price_list_id: Some(SPECIAL), ..line(P1, 4) };
    submission(id, vec![line(P1, 3), special, line(P2, 2), line(A10, 60)])
}

fn status(state: &MemoryState, id: u128) -> OrderStatus {
    stored(state, id).status
}

fn codes(problems: &[Problem]) -> Vec<(ProblemCode, &str)> {
    problems.iter().map(|problem| (problem.code, problem.at.as_str())).collect()
}

#[test]
fn a_payment_of_15000_releases_the_order_of_d3() {
    let mut state = world();
    run(&mut state, submission(7, d3_lines(20)), &context()).expect("held");
    assert_eq!(status(&state, 7), OrderStatus::Held);
    let release = later(supervisor(), 24 * 60);
    assert_eq!(run(&mut state, pay(1, cny(1_500_000)), &release), Ok(Outcome::Applied));
    let order = stored(&state, 7);
    assert_eq!((order.status, order.hold), (OrderStatus::Accepted, None));
    assert_eq!(order.promised_on, BusinessDate::parse("2025-03-22"));
    assert_eq!(state.all::<DeliveryLine>().len(), 3);
    assert_eq!(state.all::<Payment>()[0].slip, "HB-0315");
    assert_eq!(exposure(&dealer(), &ledger(&state)), Ok(cny(19_881_880)));
}

#[test]
fn a_payment_too_small_leaves_the_order_held_with_the_figures_of_the_moment() {
    let mut state = world();
    run(&mut state, submission(7, d3_lines(20)), &context()).expect("held");
    run(&mut state, pay(1, cny(1_000_000)), &later(supervisor(), 5)).expect("recorded");
    let hold = stored(&state, 7).hold.expect("still held");
    assert_eq!((hold.problem.params["over_by"].as_str(), hold.since), ("3,818.80", captured()));
}

#[test]
fn with_headroom_17600_two_orders_of_10000_at_once_give_one_accepted_and_one_held() {
    let mut state = world();
    assert_eq!(ten_thousand(1).priced.payable, cny(1_000_000));
    assert_eq!(run(&mut state, ten_thousand(1), &context()), Ok(Outcome::Applied));
    assert!(matches!(run(&mut state, ten_thousand(2), &context()), Ok(Outcome::Held(_))));
    assert_eq!([status(&state, 1), status(&state, 2)], [OrderStatus::Accepted, OrderStatus::Held]);
}

#[test]
fn held_orders_are_released_oldest_first_and_a_small_one_may_pass_a_large_one() {
    let mut state = world();
    for (minutes, id, phones) in [(1, 1, 60), (2, 2, 24), (3, 3, 22)] {
        let placed = later(context(), minutes);
        run(&mut state, submission(id, vec![line(P1, phones)]), &placed).expect("held");
    }
    assert_eq!([1, 2, 3].map(|id| status(&state, id)), [OrderStatus::Held; 3]);
    run(&mut state, pay(1, cny(500_000)), &later(supervisor(), 60)).expect("recorded");
    assert_eq!([1, 2, 3].map(|id| status(&state, id)), [OrderStatus::Held, OrderStatus::Accepted, OrderStatus::Held]);
    let waiting = stored(&state, 3).hold.expect("held").problem;
    assert_eq!(waiting.params["exposure"], "198,040.00", "what was released before counts");
}

#[test]
fn cancelling_an_accepted_order_takes_back_its_promise_and_makes_room() {
    let mut state = world();
    run(&mut state, ten_thousand(1), &context()).expect("accepted");
    run(&mut state, ten_thousand(2), &later(context(), 1)).expect("held");
    assert_eq!(run(&mut state, cancel(1), &later(context(), 2)), Ok(Outcome::Applied));
    assert_eq!([status(&state, 1), status(&state, 2)], [OrderStatus::Cancelled, OrderStatus::Accepted]);
    assert_eq!(stored(&state, 1).promised_on, None);
    let lines = state.all::<DeliveryLine>();
    assert!(lines.len() == 4 && lines.iter().all(|line| line.order_id == Some(stored(&state, 2).id)));
}

#[test]
fn an_order_is_not_cancelled_twice_nor_once_delivered_nor_by_strangers() {
    let mut state = world();
    run(&mut state, ten_thousand(1), &context()).expect("accepted");
    let stranger = Context { actor: Actor { dealers: vec![D02], ..context().actor }, ..context() };
    let problems = run(&mut state, cancel(1), &stranger).expect_err("not theirs");
    assert_eq!(codes(&problems), [(ProblemCode::NotPermitted, "order_id")]);
    let problems = run(&mut state, cancel(2), &context()).expect_err("unknown");
    assert_eq!(codes(&problems), [(ProblemCode::NotFound, "order_id")]);

    let arrived =
        DeliveryLine { delivered_on: BusinessDate::parse("2025-03-15"), ..state.all::<DeliveryLine>().remove(0) };
    let undelivered = DeliveryLine { delivered_on: None, ..arrived.clone() };
    state.put(arrived);
    let problems = run(&mut state, cancel(1), &supervisor()).expect_err("delivered");
    assert_eq!(problems[0].params["state"], "delivered");
    state.put(undelivered);
    run(&mut state, cancel(1), &supervisor()).expect("a supervisor may");
    let problems = run(&mut state, cancel(1), &context()).expect_err("twice");
    assert_eq!(problems[0].params["state@zh-Hans"], "已取消");
}

/// D3, repriced on v8 under policy B: 30,830.80.
fn repriced(state: &mut MemoryState) {
    let policies = Policies { price_policy: PricePolicy::RepriceOnArrival, ..Policies::default() };
    let arrival = Context { policies, ..later(context(), 10 * 60) };
    run(state, submission(7, d3_lines(20)), &arrival).expect("taken in");
    assert_eq!(status(state, 7), OrderStatus::AwaitingConfirmation);
}

#[rstest]
#[case(1_500_000, OrderStatus::Accepted)]
#[case(1, OrderStatus::Held)]
fn a_confirmed_price_is_checked_against_credit(#[case] paid: i64, #[case] expected: OrderStatus) {
    let mut state = world();
    repriced(&mut state);
    state.put(payment(1, paid));
    let problems = run(&mut state, confirm(7, cny(3_141_880)), &context()).expect_err("another amount");
    assert_eq!(codes(&problems), [(ProblemCode::OrderRepriced, "payable")]);
    assert_eq!(problems[0].params["difference"], "-588.00");
    let outcome = run(&mut state, confirm(7, cny(3_083_080)), &later(context(), 700)).expect("confirmed");
    assert_eq!(matches!(outcome, Outcome::Held(_)), expected == OrderStatus::Held);
    let order = stored(&state, 7);
    assert_eq!((order.status, order.hold.is_some()), (expected, expected == OrderStatus::Held));
    assert!(order.priced_at_capture.is_some(), "both breakdowns stay");
    let problems = run(&mut state, confirm(7, cny(3_083_080)), &context()).expect_err("once");
    assert_eq!(codes(&problems), [(ProblemCode::OrderState, "order_id")]);
}

#[test]
fn a_confirmation_comes_from_those_who_act_for_the_dealer_and_in_its_currency() {
    let mut state = world();
    repriced(&mut state);
    let problems = run(&mut state, confirm(7, cny(3_083_080)), &supervisor()).expect_err("not the dealer");
    assert_eq!(codes(&problems), [(ProblemCode::NotPermitted, "order_id")]);
    let dollars = Money::new(3_083_080, Currency::Usd);
    let problems = run(&mut state, confirm(7, dollars), &context()).expect_err("dollars");
    assert_eq!(codes(&problems), [(ProblemCode::AmountInvalid, "payable")]);
    run(&mut state, cancel(7), &context()).expect("the dealer may call it off instead");
}

#[test]
fn money_is_recorded_by_supervisors_in_the_dealers_currency_with_a_slip_and_once() {
    let mut state = world();
    for role in [Role::Rep, Role::Dealer] {
        let actor = Actor { role, ..context().actor };
        let problems = run(&mut state, pay(1, cny(1)), &Context { actor, ..context() }).expect_err("not theirs");
        assert_eq!(codes(&problems), [(ProblemCode::NotPermitted, "")]);
    }
    let odd = RecordPayment { slip: " ".into(), ..pay(1, Money::new(0, Currency::Cny)) };
    let problems = run(&mut state, odd, &supervisor()).expect_err("nothing");
    assert_eq!(codes(&problems), [(ProblemCode::AmountInvalid, "amount"), (ProblemCode::TextInvalid, "slip")]);
    let dollars = pay(1, Money::new(1, Currency::Usd));
    assert!(run(&mut state, dollars, &supervisor()).is_err());
    run(&mut state, pay(1, cny(1)), &supervisor()).expect("recorded");
    let problems = run(&mut state, pay(1, cny(1)), &supervisor()).expect_err("twice");
    assert_eq!(codes(&problems), [(ProblemCode::IdTaken, "payment_id")]);
    run(&mut state, pay(2, cny(i64::MAX)), &supervisor()).expect("what the dealer owes can still be told");
    let huge = run(&mut state, pay(3, cny(i64::MAX)), &supervisor()).expect_err("too large");
    assert_eq!(codes(&huge), [(ProblemCode::AmountOverflow, "amount")]);
}

#[rstest]
#[case("HB-0315")]
#[case("  hb-0315")]
#[case("HB - 0315")]
fn a_slip_recorded_by_two_people_counts_once(#[case] slip: &str) {
    let mut state = world();
    run(&mut state, pay(1, cny(1_500_000)), &supervisor()).expect("recorded");
    let again = RecordPayment { slip: slip.into(), ..pay(2, cny(1_500_000)) };
    let problems = run(&mut state, again.clone(), &later(supervisor(), 24 * 60)).expect_err("the same slip");
    assert_eq!(codes(&problems), [(ProblemCode::SlipRepeated, "slip")]);
    assert_eq!(
        (problems[0].params["slip"].as_str(), problems[0].params["recorded_on"].as_str()),
        ("HB-0315", "2025-03-14")
    );
    assert_eq!(state.all::<Payment>().len(), 1);
    run(&mut state, RecordPayment { dealer_id: D02, ..again }, &supervisor()).expect("another dealer's slip");
}

fn ledger(state: &MemoryState) -> Ledger {
    Ledger::load(state, dealer().id).expect("in memory")
}

/// Something that happens to the dealer's account.
#[derive(Clone, Debug)]
enum Event {
    Submit(u128, u32),
    Cancel(u128),
    Pay(u128, i64),
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let event = prop_oneof![
        4 => (0..12_u128, 1..40_u32).prop_map(|(id, phones)| Event::Submit(id, phones)),
        2 => (0..12_u128).prop_map(Event::Cancel),
        1 => (0..1_000_u128, 1..2_000_000_i64).prop_map(|(id, amount)| Event::Pay(id, amount)),
    ];
    prop::collection::vec(event, 1..40)
}

proptest! {
    #[test]
    fn whatever_happens_accepted_orders_stay_under_the_limit_and_each_id_is_taken_once(events in events()) {
        let mut state = world();
        for (minute, event) in (0..).zip(events) {
            let known = state.all::<Order>().len();
            match event {
                Event::Submit(id, phones) => {
                    let is_new = !state.all::<Order>().iter().any(|order| order.id.0.as_u128() == id);
                    let outcome = run(&mut state, submission(id, vec![line(P1, phones)]), &later(context(), minute));
                    prop_assert_eq!(outcome.is_ok(), is_new);
                    prop_assert_eq!(state.all::<Order>().len(), known + usize::from(is_new));
                }
                Event::Cancel(id) => {
                    let _ = run(&mut state, cancel(id), &later(context(), minute));
                }
                Event::Pay(id, amount) => {
                    let _ = run(&mut state, pay(id, cny(amount)), &later(supervisor(), minute));
                }
            }
            let orders: Vec<Order> = state.all();
            let now = exposure(&dealer(), &ledger(&state)).expect("small amounts");
            prop_assert!(now <= dealer().credit_limit, "{} is over the limit", now);
            let accepted = orders.iter().filter(|order| order.status == OrderStatus::Accepted);
            let lines: usize = accepted.map(|order| order.priced.lines.len()).sum();
            prop_assert_eq!(state.all::<DeliveryLine>().len(), lines, "a promise for each accepted line and no other");
        }
    }

    #[test]
    fn no_account_however_odd_makes_a_decision_fail(limit: i64, unpaid: i64, paid: i64, quantity: u32) {
        let mut state = world();
        state.put(crate::dealer::Dealer { credit_limit: cny(limit), unpaid_invoices: cny(unpaid), ..dealer() });
        state.put(payment(1, paid));
        let mut submission = submission(1, d3_lines(20));
        submission.lines[0].quantity.0 = quantity;
        let _ = run(&mut state, submission, &context());
        let _ = run(&mut state, pay(2, cny(paid)), &supervisor());
        let _ = run(&mut state, cancel(1), &context());
    }
}
