//! Scenarios D3, D4 and D14 of the product guide, offline, on a dealer's phone.

use rust_decimal::Decimal;
use storewalk_domain::{
    dealer::{Dealer, DealerStock},
    ids::{DealerStockId, OrderId},
    money::{Currency, Money},
    order::OrderStatus,
    quantity::Quantity,
    sync::StateExt,
    time::BusinessDate,
};
use storewalk_sqlite::SqliteState;
use uuid::Uuid;

use super::DraftView;
use crate::{
    Attempt,
    plan::{testing::Hand, world},
};

fn cny(minor: i64) -> Money {
    Money::new(minor, Currency::Cny)
}

fn accepted<T: std::fmt::Debug>(attempt: Result<Attempt<T>, crate::ClientError>) -> T {
    match attempt.expect("recorded") {
        Attempt::Done(value) => value,
        Attempt::Refused(problems) => panic!("refused: {problems:#?}"),
    }
}

fn set(hand: &Hand, draft: OrderId, product: &str, quantity: u32) -> DraftView {
    accepted(hand.phone.orders().set_line(draft, world::product(product), Quantity(quantity), None))
}

fn payable(view: &DraftView) -> Option<Money> {
    view.priced.as_ref().map(|priced| priced.payable)
}

fn gifts(view: &DraftView) -> Vec<u32> {
    view.priced.iter().flat_map(|priced| &priced.free_goods).map(|gift| gift.quantity.0).collect()
}

/// The order of D3 as a draft: 20 P1, 10 P2, 40 A10.
fn draft_of_d3(hand: &Hand) -> OrderId {
    let draft = accepted(hand.phone.orders().create_draft(world::dealer("D01"), None));
    for (product, quantity) in [("P1", 20), ("P2", 10), ("A10", 40)] {
        set(hand, draft, product, quantity);
    }
    draft
}

#[test]
fn d3_a_draft_costs_the_same_whatever_way_it_was_edited_and_survives_kills() {
    let mut hand = Hand::of("jiangbei", "2025-03-14T22:40");
    let draft = draft_of_d3(&hand);
    let steps = [
        (20, 3_141_880, 2_u32, Some(64_120)),
        (19, 3_057_600, 1, Some(62_400)),
        (10, 2_346_000, 1, None),
        (20, 3_141_880, 2, Some(64_120)),
    ];
    for (quantity, expected, gift, rebate) in steps {
        set(&hand, draft, "P1", quantity);
        hand.kill();
        let view = hand.phone.orders().price(draft).expect("read");
        assert_eq!(payable(&view), Some(cny(expected)), "{quantity} P1");
        assert_eq!(gifts(&view), [gift], "{quantity} P1");
        let priced = view.priced.as_ref().expect("priced");
        assert_eq!(priced.rebate.as_ref().map(|rebate| rebate.amount.minor), rebate, "{quantity} P1");
        assert_eq!(view.lines[0].quantity, Quantity(quantity), "an edited line keeps its place");
    }
    let view = hand.phone.orders().price(draft).expect("read");
    assert!(view.explanation.iter().any(|sentence| sentence.en.contains("31,418.80")), "{:?}", view.explanation);
    assert!(view.explanation.iter().all(|sentence| !sentence.zh.is_empty() && !sentence.en.is_empty()));
}

#[test]
fn d4_offline_the_phone_says_that_the_order_will_probably_be_held_and_how_old_the_figures_are() {
    let hand = Hand::of("jiangbei", "2025-03-14T22:40");
    let draft = draft_of_d3(&hand);
    let credit = hand.phone.orders().price(draft).expect("read").credit.expect("reckoned");
    assert_eq!(credit.exposure, cny(18_240_000));
    assert_eq!(credit.exposure_with_order, cny(21_381_880));
    assert_eq!((credit.over_by, credit.limit), (Some(cny(1_381_880)), cny(20_000_000)));
    assert_eq!((credit.books_as_of, credit.books_age_hours), (world::at("2025-03-14T06:00"), 16));
    let warning = credit.warning.expect("over the limit");
    assert!(warning.en.contains("probably be held") && warning.en.contains("13,818.80"), "{}", warning.en);
    assert!(warning.zh.contains("13,818.80") && warning.zh.contains("16 小时"), "{}", warning.zh);

    let submitted = accepted(hand.phone.orders().submit(draft));
    assert_eq!((submitted.status, submitted.number.as_str()), (OrderStatus::Held, "7-000001"));
    assert!(submitted.hold.expect("waits").sentence.en.contains("13,818.80"));
    let order = hand.phone.orders().view(submitted.order_id).expect("there");
    assert!(!order.has_arrived && order.status_text.zh == "信用冻结");
    assert_eq!((order.payable, order.lines.len()), (cny(3_141_880), 3));
}

#[test]
fn a_submitted_draft_is_gone_and_submitting_it_again_charges_nothing() {
    let hand = Hand::of("jiangbei", "2025-03-14T22:40");
    let draft = draft_of_d3(&hand);
    assert_eq!(hand.phone.orders().drafts().expect("read").iter().map(|head| head.lines).collect::<Vec<_>>(), [3]);
    accepted(hand.phone.orders().submit(draft));
    assert!(hand.phone.orders().drafts().expect("read").is_empty());
    assert_eq!(hand.phone.orders().submit(draft).expect_err("gone").code(), "not_found");
    assert_eq!(hand.phone.orders().list(world::dealer("D01")).expect("read").len(), 1);

    let cancelled = accepted(hand.phone.orders().cancel(draft));
    assert_eq!(cancelled.status, OrderStatus::Cancelled);
    let again = hand.phone.orders().confirm(draft, cancelled.payable).expect("recorded");
    assert_eq!(again.codes(), ["order_state"]);
}

#[test]
fn a_refused_submission_keeps_the_draft_and_its_number() {
    let hand = Hand::of("jiangbei", "2025-03-14T22:40");
    let empty = accepted(hand.phone.orders().create_draft(world::dealer("D01"), None));
    assert_eq!(hand.phone.orders().submit(empty).expect("recorded").codes(), ["order_empty"]);
    assert_eq!(hand.phone.orders().drafts().expect("read").len(), 1);
    let draft = draft_of_d3(&hand);
    assert_eq!(accepted(hand.phone.orders().submit(draft)).number, "7-000001");
    hand.phone.orders().discard_draft(empty).expect("thrown away");
    assert!(hand.phone.orders().drafts().expect("read").is_empty());
}

#[test]
fn a_line_can_be_taken_out_again_and_an_order_over_two_lists_keeps_both_lines() {
    let hand = Hand::of("jiangbei", "2025-03-14T22:40");
    let draft = draft_of_d3(&hand);
    let (p1, v8) = (world::product("P1"), Some(world::price_list("v8")));
    let special = accepted(hand.phone.orders().set_line(draft, p1, Quantity(5), v8));
    assert_eq!((special.lines.len(), special.priced.is_none()), (4, true));
    assert_eq!(special.problems[0].code, "price_list_not_valid");
    let back = hand.phone.orders().remove_line(draft, p1, v8).expect("removed");
    assert_eq!(payable(&back), Some(cny(3_141_880)));
}

#[test]
fn d14_the_suggestion_of_p1_is_an_alarm_at_36_4_and_needs_become_packs() {
    let hand = Hand::of("nanan", "2025-03-14T08:00");
    let dealer = world::dealer("D02");
    let suggestions = hand.phone.orders().suggestions(dealer).expect("read");
    let first = &suggestions[0];
    assert_eq!((first.product_code.as_str(), first.is_alarm), ("P1", true));
    assert_eq!(first.reorder_point, Decimal::new(364, 1));

    // Without deviation the need is twice the sale of the lead days less what is there.
    for (mean, on_hand, need, packed) in [(1_i64, 7, 7, 20), (2, 5, 23, 30)] {
        let charger = DealerStock {
            id: DealerStockId(Uuid::from_u128(0xA10)),
            dealer_id: dealer,
            product_id: world::product("A10"),
            on_hand,
            mean_daily_sale: Decimal::from(mean),
            sale_deviation: Decimal::ZERO,
            lead_days: 7,
            service_z: Decimal::new(165, 2),
            counted_at: world::at("2025-03-14T07:30"),
        };
        hand.put([charger]);
        let suggestions = hand.phone.orders().suggestions(dealer).expect("read");
        let found = suggestions.iter().find(|view| view.product_code == "A10" && view.need == need);
        assert_eq!(found.expect("suggested").quantity, Quantity(packed));
    }
}

#[test]
fn d14_twenty_five_chargers_are_refused_at_entry_with_twenty_and_thirty() {
    let hand = Hand::of("nanan", "2025-03-14T08:00");
    let draft = accepted(hand.phone.orders().create_draft(world::dealer("D02"), None));
    let charger = world::product("A10");
    accepted(hand.phone.orders().set_line(draft, charger, Quantity(20), None));
    let refused = hand.phone.orders().set_line(draft, charger, Quantity(25), None).expect("recorded");
    let Attempt::Refused(problems) = refused else { panic!("taken") };
    assert_eq!(problems[0].code, "quantity_not_orderable");
    let told = format!("{} {}", problems[0].sentence.en, problems[0].next_step.en);
    assert!(told.contains("20") && told.contains("30"), "{told}");
    let view = hand.phone.orders().price(draft).expect("read");
    assert_eq!(view.lines[0].quantity, Quantity(20), "the draft stays as it was");
}

#[test]
fn d14_eighty_four_of_a_hundred_lines_came_in_time() {
    let hand = Hand::of("nanan", "2025-03-14T08:00");
    let month = BusinessDate::parse("2025-03-31").expect("valid");
    let kept = hand.phone.orders().promise_kept(world::dealer("D02"), month).expect("read");
    assert_eq!((kept.kept, kept.counted, kept.on_the_way), (84, 100, 0));
    assert_eq!(kept.kept_pct, Some(Decimal::new(840, 1)));
    assert_eq!(kept.month, BusinessDate::parse("2025-03-01").expect("valid"));
    let february = BusinessDate::parse("2025-02-28").expect("valid");
    let before = hand.phone.orders().promise_kept(world::dealer("D02"), february).expect("read");
    assert_eq!((before.counted, before.kept_pct), (0, None));
}

#[test]
fn what_was_ordered_and_not_delivered_counts_as_on_its_way() {
    let hand = Hand::of("nanan", "2025-03-14T08:00");
    let dealer = world::dealer("D02");
    let draft = accepted(hand.phone.orders().create_draft(dealer, None));
    accepted(hand.phone.orders().set_line(draft, world::product("P1"), Quantity(10), None));
    assert_eq!(accepted(hand.phone.orders().submit(draft)).status, OrderStatus::Accepted);
    let suggestions = hand.phone.orders().suggestions(dealer).expect("read");
    let phone = suggestions.iter().find(|view| view.product_code == "P1").expect("held");
    assert_eq!((phone.on_order, phone.is_alarm), (10, false));
}

#[test]
fn a_phone_holds_nothing_of_another_dealer() {
    let hand = Hand::of("nanan", "2025-03-14T08:00");
    let other = world::dealer("D01").row();
    let found: Option<Dealer> = hand.phone.read(|connection| Ok(SqliteState(connection).get(other)?)).expect("read");
    assert_eq!(found, None);
    let refused = hand.phone.orders().create_draft(world::dealer("D01"), None).expect("recorded");
    assert_eq!(refused.codes(), ["not_found"]);
}
