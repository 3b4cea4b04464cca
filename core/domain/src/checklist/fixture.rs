//! Answers and products for tests.

use rust_decimal::Decimal;
use uuid::Uuid;

use super::{Answer, AnswerKey, AnswerValue};
use crate::{
    catalog::Product,
    ids::{CountyId, OutletId, ProductId, TerritoryId, VisitId},
    money::{Currency, Money},
    quantity::PackRule,
    text::Localized,
    time::Timestamp,
};

pub(crate) fn answer(item: &str, instance: &str, value: AnswerValue) -> Answer {
    let visit_id = VisitId(Uuid::from_u128(0x5101));
    Answer {
        id: AnswerKey::of(item, instance).answer_id(visit_id),
        visit_id,
        outlet_id: OutletId(Uuid::from_u128(0x101)),
        county_id: CountyId(Uuid::from_u128(0x11)),
        territory_id: TerritoryId(Uuid::from_u128(0x7)),
        item: item.into(),
        instance: instance.into(),
        value,
        reason: None,
        answered_at: Timestamp(0),
        late: None,
        guest_id: None,
    }
}

pub(crate) fn yes(item: &str, instance: &str) -> Answer {
    answer(item, instance, AnswerValue::YesNo(true))
}

pub(crate) fn no(item: &str, instance: &str) -> Answer {
    answer(item, instance, AnswerValue::YesNo(false))
}

pub(crate) fn price(item: &str, instance: &str, amount: &str) -> Answer {
    answer(item, instance, AnswerValue::Price(decimal(amount)))
}

pub(crate) fn decimal(text: &str) -> Decimal {
    text.parse().expect("valid decimal")
}

/// The five hero models of the demo world.
pub(crate) fn hero_products() -> Vec<Product> {
    let prices = [(99_900, 109_900), (159_900, 169_900), (69_900, 79_900), (129_900, 139_900), (49_900, 59_900)];
    let product = |(number, (minimum, suggested)): (u32, (i64, i64))| Product {
        id: ProductId(Uuid::from_u128(0x900 + u128::from(number))),
        code: format!("P{number}"),
        gtin: None,
        name: Localized::same(format!("P{number}")),
        is_hero: true,
        pack: PackRule::SINGLE,
        min_retail: Some(Money::new(minimum, Currency::Cny)),
        suggested_retail: Some(Money::new(suggested, Currency::Cny)),
        is_active: true,
    };
    (1..).zip(prices).map(product).collect()
}

/// What 李雯 answers at S0101 in scenario D1: P4 missing, P1 at 949.00, tags not uniform, light box broken.
pub(crate) fn answers_of_s0101() -> Vec<Answer> {
    let mut answers = Vec::new();
    for product in hero_products() {
        let code = product.code.as_str();
        answers.push(answer("stock_count", code, AnswerValue::Count(3)));
        if code == "P4" {
            answers.push(Answer { reason: Some("dealer_out_of_stock".into()), ..no("on_shelf", code) });
            continue;
        }
        answers.push(yes("on_shelf", code));
        let shelf =
            if code == "P1" { "949.00".to_owned() } else { product.suggested_retail.expect("set").major().to_string() };
        answers.push(price("shelf_price", code, &shelf));
    }
    answers.push(no("price_tags_uniform", ""));
    for factor in ["position", "space", "on_counter", "core_height", "order", "comparison", "cleanliness"] {
        answers.push(yes(&format!("display_{factor}"), ""));
    }
    for aid in ["storefront_sign", "poster", "shelf_strip", "standee"] {
        answers.push(yes(&format!("pop_{aid}"), ""));
    }
    answers.push(no("pop_light_box", ""));
    answers.push(answer("clerks_trained", "", AnswerValue::Names(vec!["店员甲".into(), "店员乙".into()])));
    answers.push(answer("result_cause", "", AnswerValue::Choice("prepared_well".into())));
    answers
}
