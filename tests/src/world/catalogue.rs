//! Products, must-stock lists, price lists v7 and v8, promotion M3 and the ladder.

use rust_decimal::Decimal;
use storewalk_domain::{
    catalog::{LadderStep, MustStock, Price, PriceList, Product, Promotion, PromotionRule},
    ids::{MustStockId, PriceId, PromotionId},
    money::{Currency, Money},
    outlet::OutletClass,
    quantity::PackRule,
    sync::Row,
    text::Localized,
};

use super::{at, id, price_list, product};

/// What the world says of a product. Prices in fen.
#[derive(Clone, Copy, Debug)]
pub struct ProductFacts {
    /// Code.
    pub code: &'static str,
    /// GTIN-13.
    pub gtin: &'static str,
    zh: &'static str,
    en: &'static str,
    min_retail: i64,
    suggested: i64,
    v7: i64,
    v8: i64,
    pack: PackRule,
    is_hero: bool,
}

const SINGLE: PackRule = PackRule::SINGLE;

/// The products of the world: five hero models and a charger.
#[rustfmt::skip]
pub const PRODUCTS: [ProductFacts; 6] = [
    ProductFacts { code: "P1", gtin: "9521101530018", zh: "启明 P1 手机", en: "Qiming P1 phone",
        min_retail: 99_900, suggested: 109_900, v7: 86_000, v8: 83_000, pack: SINGLE, is_hero: true },
    ProductFacts { code: "P2", gtin: "9521101530025", zh: "启明 P2 Pro 手机", en: "Qiming P2 Pro phone",
        min_retail: 159_900, suggested: 169_900, v7: 139_000, v8: 139_000, pack: SINGLE, is_hero: true },
    ProductFacts { code: "P3", gtin: "9521101530032", zh: "启明 P3 青春版", en: "Qiming P3 Youth",
        min_retail: 69_900, suggested: 79_900, v7: 61_000, v8: 61_000, pack: SINGLE, is_hero: true },
    ProductFacts { code: "P4", gtin: "9521101530049", zh: "启明 P4 影像版", en: "Qiming P4 Camera",
        min_retail: 229_900, suggested: 249_900, v7: 205_000, v8: 205_000, pack: SINGLE, is_hero: true },
    ProductFacts { code: "P5", gtin: "9521101530056", zh: "启明 P5 折叠屏", en: "Qiming P5 Fold",
        min_retail: 459_900, suggested: 499_900, v7: 418_000, v8: 418_000, pack: SINGLE, is_hero: true },
    ProductFacts { code: "A10", gtin: "9521101530100", zh: "启明 A10 充电器", en: "Qiming A10 charger",
        min_retail: 3_900, suggested: 4_900, v7: 2_400, v8: 2_400, pack: PackRule { moq: 20, multiple: 10 }, is_hero: false },
];

fn cny(minor: i64) -> Money {
    Money::new(minor, Currency::Cny)
}

pub(super) fn rows() -> Vec<Row> {
    let mut rows: Vec<Row> = PRODUCTS.iter().map(|facts| product_row(facts).into()).collect();
    rows.extend(must_stock());
    rows.extend(list("v7", "2025-03-01T00:00", Some("2025-03-15T00:00"), |facts| facts.v7));
    rows.extend(list("v8", "2025-03-15T00:00", None, |facts| facts.v8));
    rows.extend([Row::from(promotion_m3()), Row::from(ladder())]);
    rows
}

fn product_row(facts: &ProductFacts) -> Product {
    Product {
        id: product(facts.code),
        code: facts.code.to_owned(),
        gtin: Some(facts.gtin.to_owned()),
        name: Localized::new(facts.zh, facts.en),
        is_hero: facts.is_hero,
        pack: facts.pack,
        min_retail: Some(cny(facts.min_retail)),
        suggested_retail: Some(cny(facts.suggested)),
        is_active: true,
    }
}

/// Class A must stock all five hero models, class B three, class C the first.
fn must_stock() -> Vec<Row> {
    let classes = [(OutletClass::A, 5), (OutletClass::B, 3), (OutletClass::C, 1)];
    let mut rows = Vec::new();
    for (class, count) in classes {
        for facts in PRODUCTS.iter().take(count) {
            let code = format!("{}/{}", class.as_str(), facts.code);
            rows.push(Row::from(MustStock {
                id: MustStockId(id("must_stock", &code)),
                class,
                product_id: product(facts.code),
            }));
        }
    }
    rows
}

fn list(code: &str, from: &str, until: Option<&str>, price_of: fn(&ProductFacts) -> i64) -> Vec<Row> {
    let list = PriceList {
        id: price_list(code),
        code: code.to_owned(),
        currency: Currency::Cny,
        dealer_id: None,
        valid_from: at(from),
        valid_until: until.map(at),
        is_standard: true,
    };
    let prices = PRODUCTS.iter().map(|facts| {
        Row::from(Price {
            id: PriceId(id("price", &format!("{code}/{}", facts.code))),
            price_list_id: list.id,
            dealer_id: None,
            product_id: product(facts.code),
            unit_price: Decimal::new(price_of(facts), 2),
        })
    });
    std::iter::once(Row::from(list.clone())).chain(prices).collect()
}

fn promotion_m3() -> Promotion {
    Promotion {
        id: PromotionId(id("promotion", "M3")),
        code: "M3".to_owned(),
        name: Localized::new("每 10 台 P1 送 1 个 A10 充电器", "One A10 charger free per 10 P1"),
        rule: PromotionRule::FreeGoods {
            product_id: product("P1"),
            per: 10,
            free_product_id: product("A10"),
            free_quantity: 1,
        },
        valid_from: at("2025-03-01T00:00"),
        valid_until: None,
    }
}

fn ladder() -> Promotion {
    let step = LadderStep { from: cny(3_000_000), rate: Decimal::new(2, 2) };
    Promotion {
        id: PromotionId(id("promotion", "L1")),
        code: "L1".to_owned(),
        name: Localized::new("满 30,000.00 返 2%", "2 % off from 30,000.00"),
        rule: PromotionRule::Ladder { steps: vec![step] },
        valid_from: at("2025-03-01T00:00"),
        valid_until: None,
    }
}
