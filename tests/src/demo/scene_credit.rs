//! D4: the order is over the credit limit; a payment releases it. Then two orders race for the last credit.

use anyhow::Context;
use storewalk_client::{Attempt, OrderView};
use storewalk_domain::{
    ids::{DealerId, OrderId},
    order::OrderStatus,
    quantity::Quantity,
    text::Language,
};

use super::{
    Ledger, Stage,
    console::Console,
    scene_order::Desk,
    stage::{Handset, done},
};
use crate::world;

pub(super) async fn play(stage: &mut Stage, ledger: &mut Ledger, desk: Desk) -> anyhow::Result<()> {
    ledger.chapter("D4 · the order is over credit, a payment releases it");
    let order = submitted_offline(ledger, &desk)?;
    held_by_the_server(stage, ledger, &desk.handset, order).await?;
    released_by_payment(stage, ledger, &desk.handset, order).await?;
    two_orders_race(stage, ledger).await
}

fn submitted_offline(ledger: &mut Ledger, desk: &Desk) -> anyhow::Result<OrderId> {
    let orders = desk.handset.phone.orders();
    let view = orders.price(desk.draft)?;
    let credit = view.credit.ok_or_else(|| anyhow::anyhow!("the phone knows no credit figures"))?;
    ledger.check("offline: exposure before the order", "182,400.00", credit.exposure);
    ledger.check("offline: exposure with the order", "213,818.80", credit.exposure_with_order);
    ledger.check("offline: over by", "13,818.80", credit.over_by.map_or_else(String::new, |over| over.to_string()));
    let warning = credit.warning.context("the phone does not warn")?;
    ledger.tell(&format!("the phone says: {}", warning.get(Language::ZhHans)));
    ledger.check("offline: the warning names the amount", true, warning.get(Language::ZhHans).contains("13,818.80"));
    ledger.check("offline: age of the credit data in hours", 16, credit.books_age_hours);
    let submitted = done(orders.submit(desk.draft)?)?;
    ledger.tell(&format!("order {} is placed in flight mode", submitted.number));
    Ok(submitted.order_id)
}

async fn held_by_the_server(
    stage: &mut Stage,
    ledger: &mut Ledger,
    handset: &Handset,
    order: OrderId,
) -> anyhow::Result<()> {
    stage.time("2025-03-14T22:55").await?;
    handset.link.cut(false);
    let report = handset.phone.sync().await?;
    ledger.check("orders the server held", 1, report.held);
    let again = handset.phone.sync().await?;
    ledger.check("commands sent again by a second sync", 0, again.commands_sent);
    let view = handset.phone.orders().view(order)?;
    ledger.check("state", "信用冻结", view.status_text.get(Language::ZhHans));
    ledger.check("payable as the server reckons it", "31,418.80", view.payable);
    let hold = view.hold.context("the order is not held")?;
    ledger.tell(&format!("the dealer reads: {}", hold.sentence.zh));
    ledger.tell(&format!("the way out: {}", hold.next_step.zh));
    let expected = "Over the credit limit by 13,818.80: in use 182,400.00, this order 31,418.80, limit 200,000.00";
    ledger.check("what the dealer reads", expected, &hold.sentence.en);
    Ok(())
}

async fn released_by_payment(
    stage: &mut Stage,
    ledger: &mut Ledger,
    handset: &Handset,
    order: OrderId,
) -> anyhow::Result<()> {
    stage.time("2025-03-14T23:10").await?;
    let console = Console::sign_in(stage.url(), "zhaomin", world::PASSWORD).await?;
    console.record_payment(order, "15000.00", "HD-20250314-01").await?;
    ledger.tell("赵敏 records a payment slip of 15,000.00 in the console");
    handset.phone.sync().await?;
    let view = handset.phone.orders().view(order)?;
    ledger.check("state after the payment", "accepted", view.status_text.get(Language::En));
    ledger.check("delivery promised for", "2025-03-21", promised(&view));
    ledger.check("exposure after the release", "198,818.80", exposure(handset, "D01")?);
    Ok(())
}

fn promised(view: &OrderView) -> String {
    view.promised_on.map_or_else(String::new, |date| date.to_string())
}

/// What a dealer owes, as a new draft would see it.
fn exposure(handset: &Handset, dealer: &str) -> anyhow::Result<String> {
    let orders = handset.phone.orders();
    let draft = done(orders.create_draft(world::dealer(dealer), None)?)?;
    let view = done(orders.set_line(draft, world::product("P1"), Quantity(1), None)?)?;
    orders.discard_draft(draft)?;
    Ok(view.credit.map_or_else(String::new, |credit| credit.exposure.to_string()))
}

/// 南岸通讯 has 17,600.00 of credit left; two of its phones each send an order of 10,000.00 at the same moment.
async fn two_orders_race(stage: &mut Stage, ledger: &mut Ledger) -> anyhow::Result<()> {
    ledger.chapter("D4 · two orders of 10,000.00 race for 17,600.00 of credit");
    stage.time("2025-03-14T23:20").await?;
    let dealer = world::dealer("D02");
    let (first, second) = (racer(stage, "nanan-1", dealer).await?, racer(stage, "nanan-2", dealer).await?);
    let (one, two) = tokio::join!(first.0.phone.sync(), second.0.phone.sync());
    ledger.check("held of the two", 1, one?.held + two?.held);
    first.0.phone.sync().await?;
    let states = [first.0.phone.orders().view(first.1)?.status, first.0.phone.orders().view(second.1)?.status];
    let count = |status| states.iter().filter(|state| **state == status).count();
    ledger.check("accepted of the two", 1, count(OrderStatus::Accepted));
    ledger.check("waiting of the two", 1, count(OrderStatus::Held));
    Ok(())
}

/// A phone of the dealer with an order of exactly 10,000.00 placed and not yet sent.
async fn racer(stage: &Stage, name: &str, dealer: DealerId) -> anyhow::Result<(Handset, OrderId)> {
    let handset = stage.handset(name)?;
    handset.sign_in("nanan").await?;
    handset.phone.sync().await?;
    let orders = handset.phone.orders();
    let draft = done(orders.create_draft(dealer, None)?)?;
    for (product, quantity) in [("P1", 2), ("P4", 2), ("P5", 1)] {
        done(orders.set_line(draft, world::product(product), Quantity(quantity), None)?)?;
    }
    match orders.submit(draft)? {
        Attempt::Done(order) => Ok((handset, order.order_id)),
        Attempt::Refused(problems) => anyhow::bail!("the order was refused: {problems:?}"),
    }
}
