//! A price breakdown as a table and in sentences.

use std::collections::BTreeMap;

use storewalk_domain::{
    catalog::Product,
    order::{PricedOrder, explain},
};

use crate::console::{format, visit::product_name, words::Words};

/// A breakdown as the page shows it.
pub(crate) struct BreakdownView {
    pub(crate) title: String,
    pub(crate) note: String,
    pub(crate) lines: Vec<LineView>,
    pub(crate) sums: Vec<(String, String)>,
    pub(crate) sentences: Vec<String>,
}

pub(crate) struct LineView {
    pub(crate) product: String,
    pub(crate) quantity: u32,
    pub(crate) unit_price: String,
    pub(crate) amount: String,
    pub(crate) is_gift: bool,
}

/// Puts a breakdown into a table and sentences.
pub(crate) fn view(
    title: &str,
    priced: &PricedOrder,
    products: &BTreeMap<String, Product>,
    words: &Words,
) -> BreakdownView {
    let name = |code: &str| product_name(code, products, words);
    let bought = priced.lines.iter().map(|line| LineView {
        product: name(&line.product_code),
        quantity: line.quantity.0,
        unit_price: format::unit_price(line.unit_price),
        amount: line.amount.to_string(),
        is_gift: false,
    });
    let given = priced.free_goods.iter().map(|gift| LineView {
        product: name(&gift.product_code),
        quantity: gift.quantity.0,
        unit_price: "–".to_owned(),
        amount: "0.00".to_owned(),
        is_gift: true,
    });
    let mut sums = vec![(words.t("sum.goods").to_owned(), priced.goods.to_string())];
    if let Some(rebate) = &priced.rebate {
        let values = [("promotion", rebate.promotion.as_str()), ("rate", &*format::share(rebate.rate))];
        sums.push((words.fill("sum.rebate", &values), format!("−{}", rebate.amount)));
    }
    sums.push((words.t("sum.payable").to_owned(), format::money(priced.payable)));
    BreakdownView {
        title: title.to_owned(),
        note: words.fill("order.on_list", &[("list", &priced.price_list_code)]),
        lines: bought.chain(given).collect(),
        sums,
        sentences: explain(priced, words.language()),
    }
}
