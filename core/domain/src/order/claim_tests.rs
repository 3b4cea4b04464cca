//! D5 under policy A: both breakdowns are kept and the difference is offered; duplicate order numbers.

use uuid::Uuid;

use super::{fixtures::*, *};
use crate::{
    ids::OrderId,
    problem::ProblemCode,
    sync::{AnswerClaim, Context, Host, MemoryState, Outcome, SubmitOrder},
    time::Timestamp,
};

fn arriving(arrived_at: Timestamp) -> Context {
    Context { host: Host::Server { arrived_at }, ..context() }
}

/// The order of D3, captured on v7 at 22:40, arrives when v8 is live.
fn honoured() -> MemoryState {
    let mut state = world();
    state.put(payment(1, 1_500_000));
    let arrival = arriving(at("2025-03-15T09:10:00+08:00"));
    assert_eq!(run(&mut state, submission(7, d3_lines(20)), &arrival), Ok(Outcome::Applied));
    state
}

fn answer(amount: i64, is_claimed: bool) -> AnswerClaim {
    AnswerClaim { order_id: OrderId(Uuid::from_u128(7)), amount: cny(amount), is_claimed }
}

#[test]
fn under_policy_a_588_yuan_of_price_protection_are_offered_with_their_breakdown() {
    let order = stored(&honoured(), 7);
    assert_eq!(order.priced, d3());
    assert_eq!(order.price_policy, PricePolicy::HonourCaptured);
    let claim = order.claim.expect("prices fell");
    assert_eq!((claim.amount, claim.status), (cny(58_800), ClaimStatus::Offered));
    let arrival = &claim.priced_on_arrival;
    let lines: Vec<i64> = arrival.lines.iter().map(|line| line.amount.minor).collect();
    assert_eq!(lines, [1_660_000, 1_390_000, 96_000]);
    assert_eq!(arrival.rebate.as_ref().map(|rebate| rebate.amount), Some(cny(62_920)));
    assert_eq!((arrival.goods, arrival.payable), (cny(3_146_000), cny(3_083_080)));
    assert_eq!((arrival.price_list_code.as_str(), replay(arrival)), ("v8", Ok(())));
}

#[test]
fn without_a_change_of_prices_nothing_is_offered() {
    let mut state = world();
    state.put(payment(1, 1_500_000));
    assert_eq!(run(&mut state, submission(7, d3_lines(20)), &context()), Ok(Outcome::Applied));
    assert_eq!(stored(&state, 7).claim, None);
}

#[test]
fn the_dealer_claims_and_a_new_answer_undoes_the_old() {
    let mut state = honoured();
    run(&mut state, answer(58_800, true), &context()).expect("claimed");
    let claim = stored(&state, 7).claim.expect("there");
    assert_eq!((claim.status, claim.decided_by), (ClaimStatus::Claimed, Some(context().actor.user_id)));
    run(&mut state, answer(58_800, false), &supervisor()).expect("declined");
    let order = stored(&state, 7);
    assert_eq!(order.claim.map(|claim| claim.status), Some(ClaimStatus::Declined));
    assert_eq!(order.priced.payable, cny(3_141_880), "the order costs what it costs");
}

#[test]
fn another_amount_another_dealer_or_a_cancelled_order_claims_nothing() {
    let mut state = honoured();
    let code = |result: Result<Outcome, Vec<crate::problem::Problem>>| result.expect_err("refused")[0].code;
    assert_eq!(code(run(&mut state, answer(58_801, true), &context())), ProblemCode::ClaimNotOffered);
    let stranger = Context { actor: crate::sync::Actor { dealers: vec![D02], ..context().actor }, ..context() };
    assert_eq!(code(run(&mut state, answer(58_800, true), &stranger)), ProblemCode::NotPermitted);
    run(&mut state, crate::sync::CancelOrder { order_id: OrderId(Uuid::from_u128(7)) }, &context()).expect("off");
    assert_eq!(code(run(&mut state, answer(58_800, true), &context())), ProblemCode::OrderState);
}

#[test]
fn two_orders_with_one_number_both_stand_and_the_later_says_so() {
    let mut state = honoured();
    let again = SubmitOrder { number: "3-7".into(), ..submission(8, vec![line(A10, 20)]) };
    let Ok(Outcome::Changed(problem)) = run(&mut state, again, &context()) else { panic!("taken in, with a word") };
    assert_eq!((problem.code, problem.params["number"].as_str()), (ProblemCode::OrderNumberTwice, "3-7"));
    assert_eq!(stored(&state, 7).same_number_as, None);
    let second = stored(&state, 8);
    assert_eq!((second.same_number_as, second.status), (Some(OrderId(Uuid::from_u128(7))), OrderStatus::Accepted));
}
