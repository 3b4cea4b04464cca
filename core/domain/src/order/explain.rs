//! A breakdown in plain sentences, for the screens of phone and console: the trace, read aloud.

use rust_decimal::Decimal;

use super::{FreeGoods, PricedLine, PricedOrder, Rebate, TraceStep};
use crate::{
    money::{self, Currency},
    quantity::Quantity,
    text::{Language, Localized},
};

/// Says how an order's payable amount came about: one sentence for each line, gift and sum, in the order in which one
/// would reckon by hand.
pub fn explain(order: &PricedOrder, language: Language) -> Vec<String> {
    let mut sentences: Vec<Localized> = order.lines.iter().map(|line| line_sentence(line, order.currency)).collect();
    sentences.push(goods_sentence(order));
    sentences.extend(order.rebate.as_ref().map(rebate_sentence));
    sentences.push(payable_sentence(order));
    sentences.extend(order.free_goods.iter().map(gift_sentence));
    sentences.iter().map(|sentence| sentence.get(language).to_owned()).collect()
}

fn line_sentence(line: &PricedLine, currency: Currency) -> Localized {
    let PricedLine { product_code: code, amount, .. } = line;
    match line.trace.as_slice() {
        [TraceStep::ListPrice { list, unit_price }, TraceStep::Extended { quantity: Quantity(count), exact, .. }] => {
            let unit = decimal_text(*unit_price, currency);
            let (zh_rounded, en_rounded) = rounding_text(*exact, currency);
            Localized::new(
                format!("{code}：{count} × {unit}（价格表 {list}）= {amount}{zh_rounded}"),
                format!("{code}: {count} × {unit} (list {list}) = {amount}{en_rounded}"),
            )
        }
        _ => Localized::new(format!("{code}：{amount}"), format!("{code}: {amount}")),
    }
}

fn goods_sentence(order: &PricedOrder) -> Localized {
    let PricedOrder { goods, .. } = order;
    Localized::new(format!("商品合计：{goods}"), format!("Goods: {goods}"))
}

fn rebate_sentence(rebate: &Rebate) -> Localized {
    let Rebate { promotion, amount, .. } = rebate;
    match rebate.trace.as_slice() {
        [TraceStep::LadderReached { from, goods, rate, exact, .. }] => {
            let share = percent_text(*rate);
            let (zh_rounded, en_rounded) = rounding_text(*exact, goods.currency);
            Localized::new(
                format!("返利 {promotion}：商品合计 {goods} 达到 {from}，{share} × {goods} = {amount}{zh_rounded}"),
                format!("Rebate {promotion}: goods of {goods} reach {from}; {share} × {goods} = {amount}{en_rounded}"),
            )
        }
        _ => Localized::new(format!("返利 {promotion}：{amount}"), format!("Rebate {promotion}: {amount}")),
    }
}

fn payable_sentence(order: &PricedOrder) -> Localized {
    let PricedOrder { goods, payable, .. } = order;
    let code = order.currency.code();
    let sum = match &order.rebate {
        Some(rebate) => format!("{goods} − {} = {payable} {code}", rebate.amount),
        None => format!("{payable} {code}"),
    };
    Localized::new(format!("应付：{sum}"), format!("Payable: {sum}"))
}

fn gift_sentence(gift: &FreeGoods) -> Localized {
    let FreeGoods { product_code: code, quantity: Quantity(given), promotion, .. } = gift;
    match gift.trace.as_slice() {
        [TraceStep::GiftEarned { bought, quantity: Quantity(count), per, times, each }] => Localized::new(
            format!(
                "赠品 {code} × {given}（促销 {promotion}：购 {bought} {count} 件，每满 {per} 件赠 {each} 件，共 {times} 次）"
            ),
            format!(
                "Free of charge: {given} × {code} (promotion {promotion}: {count} × {bought} bought, \
                 {each} for every {per}, earned {times} ×)"
            ),
        ),
        _ => Localized::new(
            format!("赠品 {code} × {given}（促销 {promotion}）"),
            format!("Free of charge: {given} × {code} (promotion {promotion})"),
        ),
    }
}

/// What is said after an amount that had to be rounded, in both languages; nothing when it was exact.
fn rounding_text(exact: Decimal, currency: Currency) -> (String, String) {
    if exact.normalize().scale() <= currency.decimals() {
        return (String::new(), String::new());
    }
    let exact = exact.normalize();
    (format!("（由 {exact} 四舍五入）"), format!(" (rounded from {exact})"))
}

/// A price as people write it: with the currency's decimals, and with more only where it has more.
fn decimal_text(amount: Decimal, currency: Currency) -> String {
    let normal = amount.normalize();
    match money::round(normal, currency) {
        Ok(rounded) if normal.scale() <= currency.decimals() => rounded.to_string(),
        Ok(_) | Err(_) => normal.to_string(),
    }
}

/// A share as people write it: `2%`.
fn percent_text(rate: Decimal) -> String {
    format!("{}%", rate.saturating_mul(Decimal::ONE_HUNDRED).normalize())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::{OrderStatus, PricePolicy, fixtures};

    #[test]
    fn the_order_of_d3_explains_itself_in_english() {
        let expected = [
            "P1: 20 × 860.00 (list v7) = 17,200.00",
            "P2: 10 × 1,390.00 (list v7) = 13,900.00",
            "A10: 40 × 24.00 (list v7) = 960.00",
            "Goods: 32,060.00",
            "Rebate L1: goods of 32,060.00 reach 30,000.00; 2% × 32,060.00 = 641.20",
            "Payable: 32,060.00 − 641.20 = 31,418.80 CNY",
            "Free of charge: 2 × A10 (promotion M3: 20 × P1 bought, 1 for every 10, earned 2 ×)",
        ];
        assert_eq!(explain(&fixtures::d3(), Language::En), expected);
    }

    #[test]
    fn the_order_of_d3_explains_itself_in_chinese() {
        let expected = [
            "P1：20 × 860.00（价格表 v7）= 17,200.00",
            "P2：10 × 1,390.00（价格表 v7）= 13,900.00",
            "A10：40 × 24.00（价格表 v7）= 960.00",
            "商品合计：32,060.00",
            "返利 L1：商品合计 32,060.00 达到 30,000.00，2% × 32,060.00 = 641.20",
            "应付：32,060.00 − 641.20 = 31,418.80 CNY",
            "赠品 A10 × 2（促销 M3：购 P1 20 件，每满 10 件赠 1 件，共 2 次）",
        ];
        assert_eq!(explain(&fixtures::d3(), Language::ZhHans), expected);
    }

    #[test]
    fn a_rounded_line_says_from_what() {
        let mut order = fixtures::priced(&[fixtures::line(fixtures::P1, 3)]).expect("orderable");
        order.lines[0].trace = vec![
            TraceStep::ListPrice { list: "v7".into(), unit_price: Decimal::new(1_005, 3) },
            TraceStep::Extended { quantity: Quantity(3), exact: Decimal::new(3_015, 3), rounded: fixtures::cny(302) },
        ];
        order.lines[0].amount = fixtures::cny(302);
        assert_eq!(explain(&order, Language::En)[0], "P1: 3 × 1.005 (list v7) = 3.02 (rounded from 3.015)");
        order.lines[0].trace.clear();
        assert_eq!(explain(&order, Language::En)[0], "P1: 3.02");
    }

    #[test]
    fn every_state_and_policy_has_a_name_in_both_languages() {
        let states = OrderStatus::ALL.map(OrderStatus::label);
        let policies = [PricePolicy::HonourCaptured, PricePolicy::RepriceOnArrival].map(PricePolicy::label);
        for label in states.iter().chain(&policies) {
            assert!(!label.zh.is_empty() && !label.en.is_empty());
        }
        assert_eq!(OrderStatus::Held.label().zh, "信用冻结");
    }
}
