//! What an order costs: the figures of PRODUCT D3 and the laws of pricing.

use proptest::prelude::*;
use rstest::rstest;
use rust_decimal::Decimal;

use super::{fixtures::*, *};
use crate::{
    catalog::{PriceList, Product, PromotionRule},
    ids::{PriceListId, ProductId},
    money::Money,
    problem::{Problem, ProblemCode},
    quantity::{PackRule, Quantity},
};

#[test]
fn twenty_phones_ten_pros_and_forty_chargers_cost_31418_80() {
    let order = d3();
    let amounts: Vec<Money> = order.lines.iter().map(|line| line.amount).collect();
    assert_eq!(amounts, [cny(1_720_000), cny(1_390_000), cny(96_000)]);
    assert_eq!(order.goods, cny(3_206_000));
    assert_eq!(order.free_goods.len(), 1);
    assert_eq!((order.free_goods[0].product_id, order.free_goods[0].quantity), (A10, Quantity(2)));
    assert_eq!(order.rebate.as_ref().map(|rebate| rebate.amount), Some(cny(64_120)));
    assert_eq!(order.payable, cny(3_141_880));
    assert_eq!(order.payable.to_string(), "31,418.80");
    assert_eq!(replay(&order), Ok(()));
}

#[rstest]
#[case(19, 1, 3_120_000, Some(62_400), 3_057_600)]
#[case(10, 1, 2_346_000, None, 2_346_000)]
#[case(20, 2, 3_206_000, Some(64_120), 3_141_880)]
fn changing_the_phones_changes_gift_ladder_and_payable(
    #[case] phones: u32,
    #[case] free: u32,
    #[case] goods: i64,
    #[case] rebate: Option<i64>,
    #[case] payable: i64,
) {
    let order = priced(&d3_lines(phones)).expect("orderable");
    assert_eq!(order.free_goods[0].quantity, Quantity(free));
    assert_eq!(order.goods, cny(goods));
    assert_eq!(order.rebate.map(|rebate| rebate.amount), rebate.map(cny));
    assert_eq!(order.payable, cny(payable));
}

#[test]
fn a_line_on_a_special_list_takes_its_price_and_counts_for_gift_and_ladder() {
    let special = LineRequest { price_list_id: Some(SPECIAL), ..line(P1, 5) };
    let order = priced(&[line(P1, 5), special, line(P2, 20)]).expect("the same product on two lists");
    assert_eq!(order.lines[1].amount, cny(400_000));
    assert_eq!(order.lines[1].price_list_id, SPECIAL);
    assert_eq!(order.free_goods[0].quantity, Quantity(1));
    assert_eq!(order.goods, cny(430_000 + 400_000 + 2_780_000));
    assert_eq!(replay(&order), Ok(()));
}

#[test]
fn the_highest_step_of_all_ladders_counts_for_the_whole_goods_value() {
    let steps = |code, id, steps: &[(i64, Decimal)]| promotion(id, code, ladder(steps));
    let more = [
        steps("L2", 3, &[(1_000_000, Decimal::new(5, 2)), (3_200_000, Decimal::new(3, 2))]),
        steps("L3", 4, &[(9_000_000, Decimal::new(9, 2))]),
    ];
    let book = PriceBook::new(products(), lists(), prices(), promotions().into_iter().chain(more));
    let order = price_order(&request(&d3_lines(20)), &book).expect("orderable");
    let rebate = order.rebate.expect("reached");
    assert_eq!((rebate.promotion.as_str(), rebate.rate, rebate.amount), ("L2", Decimal::new(3, 2), cny(96_180)));
}

#[test]
fn a_promotion_that_has_ended_gives_nothing() {
    let ended = promotions()
        .into_iter()
        .map(|promotion| crate::catalog::Promotion { valid_until: Some(captured()), ..promotion });
    let book = PriceBook::new(products(), lists(), prices(), ended);
    let order = price_order(&request(&d3_lines(20)), &book).expect("orderable");
    assert_eq!((order.free_goods, order.rebate, order.payable), (Vec::new(), None, cny(3_206_000)));
}

fn codes(problems: &[Problem]) -> Vec<(ProblemCode, &str)> {
    problems.iter().map(|problem| (problem.code, problem.at.as_str())).collect()
}

#[test]
fn an_order_without_lines_is_empty() {
    assert_eq!(codes(&priced(&[]).expect_err("empty")), [(ProblemCode::OrderEmpty, "lines")]);
}

#[test]
fn twenty_five_chargers_are_refused_with_the_quantities_next_to_it() {
    let problems = priced(&[line(A10, 25)]).expect_err("breaks the multiple");
    assert_eq!(codes(&problems), [(ProblemCode::QuantityNotOrderable, "lines[0]")]);
    let params = &problems[0].params;
    let shown = ["product", "quantity", "moq", "multiple", "nearest"].map(|name| params[name].as_str());
    assert_eq!(shown, ["A10", "25", "20", "10", "20 / 30"]);
}

#[rstest]
#[case(7, "20")]
#[case(0, "20")]
#[case(u32::MAX, "4294967290")]
fn the_nearest_orderable_quantities_are_named(#[case] quantity: u32, #[case] nearest: &str) {
    let problems = priced(&[line(A10, quantity)]).expect_err("not orderable");
    assert_eq!(problems[0].params["nearest"], nearest);
}

#[test]
fn nothing_of_a_product_is_not_an_order() {
    let problems = priced(&[line(P1, 0)]).expect_err("nothing");
    assert_eq!(codes(&problems), [(ProblemCode::QuantityNotOrderable, "lines[0]")]);
    assert_eq!(problems[0].params["nearest"], "1");
}

#[test]
fn all_problems_are_told_at_once_each_at_its_line() {
    let unknown = ProductId(uuid::Uuid::from_u128(99));
    let no_list = LineRequest { price_list_id: Some(PriceListId(uuid::Uuid::from_u128(98))), ..line(P2, 1) };
    let named_again = LineRequest { price_list_id: Some(V7), ..line(P1, 2) };
    let early = LineRequest { price_list_id: Some(V8), ..line(P1, 1) };
    let no_price = LineRequest { price_list_id: Some(SPECIAL), ..line(P2, 1) };
    let problems = priced(&[line(P1, 1), line(A10, 25), line(unknown, 1), no_list, named_again, early, no_price]);
    let expected = [
        (ProblemCode::QuantityNotOrderable, "lines[1]"),
        (ProblemCode::ProductInactive, "lines[2]"),
        (ProblemCode::PriceMissing, "lines[3]"),
        (ProblemCode::OrderLineTwice, "lines[4]"),
        (ProblemCode::PriceListNotValid, "lines[5]"),
        (ProblemCode::PriceMissing, "lines[6]"),
    ];
    assert_eq!(codes(&problems.expect_err("many problems")), expected);
}

#[test]
fn a_product_no_longer_sold_and_a_price_of_nothing_cannot_be_ordered() {
    let off = products().into_iter().map(|product| Product { is_active: product.id != P1, ..product });
    let free = prices().into_iter().map(|mut price| {
        if price.product_id == P2 {
            price.unit_price = Decimal::ZERO;
        }
        price
    });
    let book = PriceBook::new(off, lists(), free, promotions());
    let problems = price_order(&request(&[line(P1, 1), line(P2, 1)]), &book).expect_err("neither");
    assert_eq!(codes(&problems), [(ProblemCode::ProductInactive, "lines[0]"), (ProblemCode::PriceMissing, "lines[1]")]);
}

#[test]
fn an_open_ended_list_gives_way_to_its_next_version() {
    let lines = d3_lines(20);
    let later = PricingRequest { at: at("2025-03-15T00:00:00+08:00"), ..request(&lines) };
    let problems = price_order(&later, &book()).expect_err("v8 took over");
    assert_eq!(codes(&problems), [(ProblemCode::PriceListNotValid, "price_list_id")]);
    assert_eq!(problems[0].params["list"], "v7");
}

#[test]
fn another_dealers_list_is_not_open() {
    let lines = [line(P1, 1)];
    let foreign = PricingRequest { dealer_id: D02, price_list_id: SPECIAL, ..request(&lines) };
    let problems = price_order(&foreign, &book()).expect_err("not open");
    assert_eq!(codes(&problems), [(ProblemCode::PriceListNotValid, "price_list_id")]);
    assert!(!problems[0].params["list"].contains("s1"), "the code of another dealer's list stays secret");
}

#[test]
fn half_a_fen_is_rounded_once_per_line() {
    let odd = prices().into_iter().map(|mut price| {
        price.unit_price = Decimal::new(1_005, 3);
        price
    });
    let book = PriceBook::new(products(), lists(), odd, Vec::new());
    let order = price_order(&request(&[line(P1, 3), line(P2, 1)]), &book).expect("orderable");
    assert_eq!([order.lines[0].amount, order.lines[1].amount], [cny(302), cny(101)]);
    assert_eq!(order.payable, cny(403));
}

#[test]
fn an_order_too_large_to_be_reckoned_is_told_and_nothing_wraps() {
    let dear = prices().into_iter().map(|mut price| {
        price.unit_price = Decimal::from(40_000_000_000_000_000_u64);
        price
    });
    let book = PriceBook::new(products(), lists(), dear, promotions());
    let line_too_large = price_order(&request(&[line(P1, 3)]), &book).expect_err("line");
    assert_eq!(codes(&line_too_large), [(ProblemCode::AmountOverflow, "lines[0]")]);
    let sum_too_large = price_order(&request(&[line(P1, 2), line(P2, 2)]), &book).expect_err("sum");
    assert_eq!(codes(&sum_too_large), [(ProblemCode::AmountOverflow, "")]);
}

#[rstest]
#[case::line(|order: &mut PricedOrder| order.lines[1].amount.minor += 1, TraceFault::Line(1))]
#[case::quantity(|order: &mut PricedOrder| order.lines[0].quantity.0 -= 1, TraceFault::Line(0))]
#[case::gift(|order: &mut PricedOrder| order.free_goods[0].quantity.0 += 1, TraceFault::FreeGoods(0))]
#[case::goods(|order: &mut PricedOrder| order.goods.minor -= 1, TraceFault::Goods)]
#[case::rebate(|order: &mut PricedOrder| order.rebate.as_mut().expect("one").amount.minor += 1, TraceFault::Rebate)]
#[case::payable(|order: &mut PricedOrder| order.payable.minor -= 1, TraceFault::Payable)]
fn a_figure_that_was_changed_does_not_replay(#[case] tamper: fn(&mut PricedOrder), #[case] fault: TraceFault) {
    let mut order = d3();
    tamper(&mut order);
    assert_eq!(replay(&order), Err(fault));
}

/// One edit of a draft: set the quantity of a product (adding or removing its line), or move a line to the end.
#[derive(Clone, Debug)]
enum Edit {
    Set(usize, u32),
    MoveToEnd(usize),
}

const ASSORTMENT: [ProductId; 3] = [P1, P2, A10];

fn edited(edits: &[Edit]) -> Vec<LineRequest> {
    let mut lines: Vec<LineRequest> = Vec::new();
    for edit in edits {
        match edit {
            Edit::Set(product, quantity) => {
                let wanted = line(ASSORTMENT[*product], quantity * 10);
                match lines.iter_mut().find(|line| line.product_id == wanted.product_id) {
                    Some(line) => *line = wanted,
                    None => lines.push(wanted),
                }
                lines.retain(|line| line.quantity.0 > 0);
            }
            Edit::MoveToEnd(position) if *position < lines.len() => {
                let moved = lines.remove(*position);
                lines.push(moved);
            }
            Edit::MoveToEnd(_) => {}
        }
    }
    lines
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let set = (0..ASSORTMENT.len(), prop_oneof![Just(0_u32), 2..60_u32]).prop_map(|(p, q)| Edit::Set(p, q));
    // The last edit sets a line, so that no draft ends up empty.
    let last = (0..ASSORTMENT.len(), 2..60_u32).prop_map(|(p, q)| Edit::Set(p, q));
    let before = prop::collection::vec(prop_oneof![set, (0..3_usize).prop_map(Edit::MoveToEnd)], 0..20);
    (before, last).prop_map(|(edits, last)| edits.into_iter().chain([last]).collect())
}

fn any_decimal() -> impl Strategy<Value = Decimal> {
    prop_oneof![
        any::<[u8; 16]>().prop_map(Decimal::deserialize),
        (any::<i64>(), 0..7_u32).prop_map(|(digits, scale)| Decimal::new(digits, scale)),
    ]
}

proptest! {
    #[test]
    fn the_history_of_edits_leaves_no_mark_on_the_total(edits in edits()) {
        let lines = edited(&edits);
        let order = priced(&lines).expect("orderable");
        let asked: Vec<ProductId> = lines.iter().map(|line| line.product_id).collect();
        let shown: Vec<ProductId> = order.lines.iter().map(|line| line.product_id).collect();
        prop_assert_eq!(asked, shown);

        let mut sorted = lines;
        sorted.sort_by_key(|line| line.product_id);
        let fresh = priced(&sorted).expect("orderable");
        prop_assert_eq!(
            (fresh.goods, &fresh.rebate, &fresh.free_goods, fresh.payable),
            (order.goods, &order.rebate, &order.free_goods, order.payable)
        );
    }

    #[test]
    fn the_payable_is_the_sum_of_the_lines_less_the_rebate_and_replays(edits in edits()) {
        let lines = edited(&edits);
        let order = priced(&lines).expect("orderable");
        let sum: i64 = order.lines.iter().map(|line| line.amount.minor).sum();
        let off = order.rebate.as_ref().map_or(0, |rebate| rebate.amount.minor);
        prop_assert_eq!(order.payable, cny(sum - off));
        prop_assert_eq!(replay(&order), Ok(()));
    }

    #[test]
    fn no_quantity_price_or_promotion_makes_pricing_fail(
        quantities in prop::collection::vec(any::<u32>(), 1..4),
        unit_prices in prop::collection::vec(any_decimal(), 3),
        pack: (u32, u32),
        gift: (u32, u32),
        steps in prop::collection::vec((any::<i64>(), any_decimal()), 0..4),
    ) {
        let pack = PackRule { moq: pack.0 % 3, multiple: pack.1 % 3 };
        let products = ASSORTMENT.map(|id| product(id, &id.to_string(), pack));
        let prices = ASSORTMENT.into_iter().zip(unit_prices).map(|(id, unit)| price(V7, id, unit));
        let gift = PromotionRule::FreeGoods { product_id: P1, per: gift.0, free_product_id: A10, free_quantity: gift.1 };
        let promotions = [promotion(1, "M", gift), promotion(2, "L", ladder(&steps))];
        let book = PriceBook::new(products, lists(), prices, promotions);
        let lines: Vec<LineRequest> = ASSORTMENT.into_iter().zip(quantities).map(|(id, count)| line(id, count)).collect();
        match price_order(&request(&lines), &book) {
            Ok(order) => {
                prop_assert_eq!(replay(&order), Ok(()));
                prop_assert!(order.payable.minor >= 0 && order.payable.minor <= order.goods.minor);
            }
            Err(problems) => prop_assert!(!problems.is_empty()),
        }
    }
}

#[test]
fn a_list_in_another_currency_is_not_used() {
    let foreign = lists().into_iter().map(|list| PriceList { currency: crate::money::Currency::Usd, ..list });
    let book = PriceBook::new(products(), foreign, prices(), promotions());
    let problems = price_order(&request(&[line(P1, 1)]), &book).expect_err("dollars");
    assert_eq!(codes(&problems), [(ProblemCode::PriceListNotValid, "price_list_id")]);
}

#[test]
fn a_breakdown_that_travelled_as_json_is_the_same_and_still_replays() {
    let sent = serde_json::to_string(&d3()).expect("plain values");
    let received: PricedOrder = serde_json::from_str(&sent).expect("readable");
    assert_eq!((&received, replay(&received)), (&d3(), Ok(())));
}
