//! One dealer's day with its own phone core: sign in and sync, go offline, place every invoice, sync.

use std::path::Path;

use anyhow::Context;
use storewalk_client::{Attempt, Config, Phone};
use storewalk_domain::ids::OrderId;

use super::{
    catalogue::Catalogue,
    invoices::{Buyer, Invoice},
    world::{Ids, dealer_id, login, password},
};

/// What one dealer's phone did.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Placed {
    /// Which order stands for which invoice.
    pub(super) orders: Vec<(OrderId, String)>,
    /// Lines placed.
    pub(super) lines: usize,
    /// Rows the first sync brought.
    pub(super) rows_down: u64,
    /// Bytes of all syncs, up.
    pub(super) bytes_up: u64,
    /// Bytes of all syncs, down.
    pub(super) bytes_down: u64,
    /// Bytes of the second sync, which carried the orders: up and down.
    pub(super) order_bytes: u64,
}

/// Plays a dealer's day. Its folder is the caller's to delete.
///
/// # Errors
/// When the phone, the server or the rules refuse anything: nothing may be refused here.
pub(super) async fn play(
    buyer: &Buyer,
    url: &str,
    catalogue: &Catalogue,
    ids: &Ids,
    dir: &Path,
) -> anyhow::Result<Placed> {
    let opened = Phone::open(Config { platform: "replay".to_owned(), ..Config::new(dir, url) })?;
    let phone = opened.phone;
    let placed = play_on(&phone, buyer, catalogue, ids).await;
    phone.shutdown();
    placed.with_context(|| format!("replay customer {}", buyer.customer))
}

async fn play_on(phone: &Phone, buyer: &Buyer, catalogue: &Catalogue, ids: &Ids) -> anyhow::Result<Placed> {
    phone.sign_in(&login(&buyer.customer), &password(&buyer.customer)).await.context("sign in")?;
    let first = phone.sync().await.context("sync for the first time")?;
    anyhow::ensure!(first.complete, "the first sync did not complete");

    let before = phone.traffic();
    let mut placed = Placed { rows_down: first.rows_applied, ..Placed::default() };
    for invoice in &buyer.invoices {
        let order =
            place(phone, buyer, invoice, catalogue, ids).with_context(|| format!("invoice {}", invoice.number))?;
        placed.orders.push((order, invoice.number.clone()));
        placed.lines += invoice.lines.len();
    }
    anyhow::ensure!(phone.traffic() == before, "something was sent while offline");

    let last = phone.sync().await.context("sync the orders")?;
    let sent = u64::try_from(placed.orders.len()).unwrap_or(u64::MAX);
    anyhow::ensure!(last.complete && last.commands_sent == sent, "{} of {sent} orders were sent", last.commands_sent);
    anyhow::ensure!(
        (last.refused, last.changed, last.held) == (0, 0, 0),
        "{} refused, {} changed, {} held",
        last.refused,
        last.changed,
        last.held
    );
    placed.order_bytes = last.bytes_up + last.bytes_down;
    placed.bytes_up = first.bytes_up + last.bytes_up;
    placed.bytes_down = first.bytes_down + last.bytes_down;
    Ok(placed)
}

fn place(phone: &Phone, buyer: &Buyer, invoice: &Invoice, catalogue: &Catalogue, ids: &Ids) -> anyhow::Result<OrderId> {
    let orders = phone.orders();
    let draft = done(orders.create_draft(dealer_id(&buyer.customer), None)?)?;
    for line in &invoice.lines {
        let product = ids.products.get(&line.sku).with_context(|| format!("find product {}", line.sku))?;
        let rank = catalogue.rank(&line.sku, line.pence).with_context(|| format!("find a price of {}", line.sku))?;
        let quantity = storewalk_domain::quantity::Quantity(line.quantity);
        done(orders.set_line(draft, *product, quantity, ids.list_of_rank(rank)?)?)?;
    }
    Ok(done(orders.submit(draft)?)?.order_id)
}

fn done<T>(attempt: Attempt<T>) -> anyhow::Result<T> {
    match attempt {
        Attempt::Done(value) => Ok(value),
        Attempt::Refused(problems) => {
            let codes: Vec<&str> = problems.iter().map(|problem| problem.code.as_str()).collect();
            anyhow::bail!("refused: {}", codes.join(", "))
        }
    }
}
