//! D3: an order with a gift and a ladder, edited back and forth, offline.

use storewalk_client::DraftView;
use storewalk_domain::{ids::OrderId, order::replay, quantity::Quantity, text::Language};

use super::{
    Ledger, Stage,
    stage::{Handset, done},
};
use crate::world;

/// 江北商贸's phone with the order of D3 still a draft.
pub(super) struct Desk {
    pub(super) handset: Handset,
    pub(super) draft: OrderId,
}

pub(super) async fn play(stage: &mut Stage, ledger: &mut Ledger) -> anyhow::Result<Desk> {
    ledger.chapter("D3 · 江北商贸 orders in flight mode, late in the evening, on list v7");
    stage.time("2025-03-14T22:30").await?;
    let handset = stage.handset("jiangbei")?;
    handset.sign_in("jiangbei").await?;
    handset.sync(ledger).await?;
    handset.link.cut(true);
    stage.time("2025-03-14T22:40").await?;

    let orders = handset.phone.orders();
    let draft = done(orders.create_draft(world::dealer("D01"), None)?)?;
    for (product, quantity) in [("P1", 20), ("P2", 10), ("A10", 40)] {
        done(orders.set_line(draft, world::product(product), Quantity(quantity), None)?)?;
    }
    let first = orders.price(draft)?;
    check_full_order(ledger, &first);
    for sentence in &first.explanation {
        ledger.tell(&format!("  {}", sentence.get(Language::ZhHans)));
    }

    let with_p1 = |count| -> anyhow::Result<DraftView> {
        done(orders.set_line(draft, world::product("P1"), Quantity(count), None)?)
    };
    check_variant(ledger, "P1 cut to 19", &with_p1(19)?, ("1", "624.00", "30,576.00"));
    check_variant(ledger, "P1 cut to 10", &with_p1(10)?, ("1", "0", "23,460.00"));
    check_variant(ledger, "P1 back to 20", &with_p1(20)?, ("2", "641.20", "31,418.80"));
    Ok(Desk { handset, draft })
}

fn check_full_order(ledger: &mut Ledger, view: &DraftView) {
    let Some(priced) = &view.priced else {
        ledger.check("the order can be priced", true, false);
        return;
    };
    ledger.check("price list", "v7", &priced.price_list_code);
    let lines: Vec<String> = priced.lines.iter().map(|line| format!("{} {}", line.product_code, line.amount)).collect();
    ledger.check("lines", "P1 17,200.00 + P2 13,900.00 + A10 960.00", lines.join(" + "));
    ledger.check("goods", "32,060.00", priced.goods);
    check_variant(ledger, "20 P1, 10 P2, 40 A10", view, ("2", "641.20", "31,418.80"));
    ledger.check("every figure can be reckoned again from its trace", true, replay(priced).is_ok());
}

fn check_variant(ledger: &mut Ledger, what: &str, view: &DraftView, expected: (&str, &str, &str)) {
    let Some(priced) = &view.priced else {
        ledger.check(&format!("{what}: the order can be priced"), true, false);
        return;
    };
    let gifts: u32 = priced.free_goods.iter().map(|gift| gift.quantity.0).sum();
    ledger.check(&format!("{what}: free A10"), expected.0, gifts);
    let ladder = priced.rebate.as_ref().map_or_else(|| "0".to_owned(), |rebate| rebate.amount.to_string());
    ledger.check(&format!("{what}: ladder"), expected.1, ladder);
    ledger.check(&format!("{what}: payable"), expected.2, priced.payable);
}
