//! Replays a wholesaler's real order lines: every customer's own phone core places its invoices offline, syncs them to a
//! real server over real HTTP, and the server's totals must equal an independent sum to the penny.
//!
//! **Map.** `source` (lines, good or rejected with reasons) → `catalogue` (products and price lists, out of the lines)
//! → `world` (import, dealers, server) → `buyer` (one dealer's phone) → `report`. `independent` reckons the truth without
//! any of them.
//!
//! **Invariants.** No promotion exists here, so what is payable is the goods. Phones share nothing; each has a folder of
//! its own that is deleted when its dealer is done.

mod buyer;
mod catalogue;
mod independent;
mod invoices;
mod report;
mod source;
mod world;

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::Context;
use storewalk_client::SystemClock;
use storewalk_domain::{ids::OrderId, order::OrderStatus, time::Clock};

use buyer::Placed;
use catalogue::Catalogue;
use invoices::Buyer;
pub use report::{Mismatch, Report};
pub use source::Reason;
use source::{GoodLine, Source};
use world::{Ids, ServerOrder, World};

/// Where the file lies, seen from the repository's root.
pub const FILE: &str = "../shared/data/orders/wholesale_order_lines.csv";

/// Called with a line of progress.
pub type Progress = Arc<dyn Fn(&str) + Send + Sync>;

/// How to replay.
#[derive(Clone)]
pub struct Options {
    /// The file with the order lines.
    pub file: PathBuf,
    /// Only so many dealers, in order of their numbers; all when `None`.
    pub dealers: Option<usize>,
    /// How many phones are at work at the same time.
    pub at_once: usize,
    /// Where to list the rejected lines one by one.
    pub rejected: Option<PathBuf>,
    /// Who hears of progress.
    pub progress: Progress,
}

/// What the phones share while they work.
struct Play {
    waiting: Mutex<VecDeque<Buyer>>,
    placed: Mutex<Vec<Placed>>,
    total: usize,
    url: String,
    catalogue: Catalogue,
    ids: Ids,
    dir: PathBuf,
    progress: Progress,
}

/// Replays the file.
///
/// # Errors
/// When anything is refused or fails; totals that differ are no error but stand in the report.
pub async fn run(options: Options) -> anyhow::Result<Report> {
    let clock = SystemClock::new();
    let file = std::fs::read(&options.file).with_context(|| format!("read {}", options.file.display()))?;
    let source = Source::read(&file)?;
    if let Some(path) = &options.rejected {
        report::write_rejected(path, &source.rejected)?;
    }
    let buyers = slice(&source.good, options.dealers)?;
    let customers: BTreeSet<String> = buyers.iter().map(|buyer| buyer.customer.clone()).collect();
    let catalogue = catalogue_of(&source.good, &buyers);
    let mut report = Report {
        lines: source.good.len() + source.rejected.len(),
        good: source.good.len(),
        rejected: source.rejected_by_reason(),
        products: catalogue.size(),
        price_lists: catalogue.lists(),
        ..Report::default()
    };
    drop(source);

    let dir = tempfile::tempdir().context("make a folder for the replay")?;
    let began = clock.monotonic_ms();
    (options.progress)(world::import_catalogue(dir.path(), &catalogue).await?.trim_end());
    report.import_ms = clock.monotonic_ms() - began;
    let began = clock.monotonic_ms();
    let world = World::start(dir.path(), &buyers).await?;
    report.accounts_ms = clock.monotonic_ms() - began;
    (options.progress)(&format!("{} dealers can sign in at {}", buyers.len(), world.url));

    let began = clock.monotonic_ms();
    let play = Arc::new(Play {
        total: buyers.len(),
        waiting: Mutex::new(buyers.into()),
        placed: Mutex::new(Vec::new()),
        url: world.url.clone(),
        ids: world.ids().await?,
        catalogue,
        dir: dir.path().to_owned(),
        progress: options.progress,
    });
    let placed = play_all(play, options.at_once).await?;
    report.dealers_ms = clock.monotonic_ms() - began;
    let orders = world.orders().await?;
    world.stop().await?;
    count(&mut report, &placed);
    compare(&mut report, &placed, &orders, &independent::totals(&file, |customer| customers.contains(customer)));
    Ok(report)
}

fn slice(lines: &[GoodLine], dealers: Option<usize>) -> anyhow::Result<Vec<Buyer>> {
    let mut buyers = invoices::buyers(lines)?;
    buyers.truncate(dealers.unwrap_or(usize::MAX));
    Ok(buyers)
}

/// The catalogue of what these dealers buy. Which price of a product is the standard one is always told from the whole
/// file.
fn catalogue_of(lines: &[GoodLine], buyers: &[Buyer]) -> Catalogue {
    let bought = buyers.iter().flat_map(|buyer| &buyer.invoices).flat_map(|invoice| &invoice.lines);
    let skus: BTreeSet<&str> = bought.map(|line| line.sku.as_str()).collect();
    Catalogue::of(lines.iter().filter(|line| skus.contains(line.sku.as_str())))
}

/// Lets a few workers take dealers from the queue until it is empty. Each worker has a thread of its own, as each phone
/// has, so that a busy phone never keeps the server waiting.
async fn play_all(play: Arc<Play>, at_once: usize) -> anyhow::Result<Vec<Placed>> {
    let workers: Vec<_> = (0..at_once.max(1))
        .map(|_| {
            let play = Arc::clone(&play);
            tokio::task::spawn_blocking(move || work(&play))
        })
        .collect();
    for worker in workers {
        worker.await.context("run a phone")??;
    }
    Ok(std::mem::take(&mut *lock(&play.placed)))
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn work(play: &Play) -> anyhow::Result<()> {
    /// A line of progress after so many dealers.
    const STEP: usize = 50;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    loop {
        let Some(buyer) = lock(&play.waiting).pop_front() else { return Ok(()) };
        let dir = tempfile::tempdir_in(&play.dir).context("make a phone's folder")?;
        let day = buyer::play(&buyer, &play.url, &play.catalogue, &play.ids, dir.path());
        // After a failure the other workers finish the dealer they are at and stop.
        let day = runtime.block_on(day).inspect_err(|_| lock(&play.waiting).clear())?;
        let mut placed = lock(&play.placed);
        placed.push(day);
        if placed.len().is_multiple_of(STEP) || placed.len() == play.total {
            let orders: usize = placed.iter().map(|placed| placed.orders.len()).sum();
            (play.progress)(&format!("{} of {} dealers, {orders} orders", placed.len(), play.total));
        }
    }
}

fn count(report: &mut Report, placed: &[Placed]) {
    report.dealers = placed.len();
    report.order_lines = placed.iter().map(|placed| placed.lines).sum();
    report.bytes_up = placed.iter().map(|placed| placed.bytes_up).sum();
    report.bytes_down = placed.iter().map(|placed| placed.bytes_down).sum();
    report.order_bytes = placed.iter().map(|placed| placed.order_bytes).sum();
}

/// Holds the server's orders against the file, invoice by invoice, in both directions.
fn compare(report: &mut Report, placed: &[Placed], orders: &[ServerOrder], expected: &independent::Totals) {
    let invoice_of: BTreeMap<OrderId, &str> =
        placed.iter().flat_map(|placed| &placed.orders).map(|(order, invoice)| (*order, invoice.as_str())).collect();
    let mut actual: BTreeMap<&str, i64> = BTreeMap::new();
    for order in orders {
        // An order nobody placed is a mismatch under its own id.
        let unknown = || Mismatch { invoice: order.id.to_string(), expected: None, actual: Some(order.payable) };
        match invoice_of.get(&order.id) {
            Some(invoice) => *actual.entry(invoice).or_default() += order.payable,
            None => report.mismatches.push(unknown()),
        }
    }
    report.orders = orders.len();
    report.accepted = orders.iter().filter(|order| order.status == OrderStatus::Accepted).count();
    report.server_total = orders.iter().map(|order| order.payable).sum();
    report.file_total = expected.values().sum();
    let invoices: BTreeSet<&str> = actual.keys().copied().chain(expected.keys().map(String::as_str)).collect();
    for invoice in invoices {
        let (expected, actual) = (expected.get(invoice).copied(), actual.get(invoice).copied());
        if expected != actual {
            report.mismatches.push(Mismatch { invoice: invoice.to_owned(), expected, actual });
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn order(id: u128, payable: i64) -> ServerOrder {
        ServerOrder { id: OrderId(Uuid::from_u128(id)), status: OrderStatus::Accepted, payable }
    }

    fn compared(orders: &[ServerOrder]) -> Report {
        let invoices = [(1, "A"), (2, "B")].map(|(id, invoice)| (OrderId(Uuid::from_u128(id)), invoice.to_owned()));
        let placed = [Placed { orders: invoices.to_vec(), ..Placed::default() }];
        let expected = [("A".to_owned(), 100), ("B".to_owned(), 200)].into();
        let mut report = Report::default();
        compare(&mut report, &placed, orders, &expected);
        report
    }

    #[test]
    fn totals_that_agree_are_exact() {
        assert!(compared(&[order(1, 100), order(2, 200)]).is_exact());
    }

    #[test]
    fn a_wrong_a_missing_a_double_and_a_foreign_order_are_all_found() {
        let found = |orders: &[ServerOrder]| -> Vec<String> {
            compared(orders).mismatches.into_iter().map(|mismatch| mismatch.invoice).collect()
        };
        assert_eq!(found(&[order(1, 101), order(2, 199)]), ["A", "B"]);
        assert_eq!(found(&[order(1, 100)]), ["B"]);
        assert_eq!(found(&[order(1, 100), order(1, 100), order(2, 200)]), ["A"]);
        assert_eq!(found(&[order(1, 100), order(2, 200), order(9, 5)]).len(), 1);
    }

    #[test]
    fn the_standard_price_is_told_from_the_whole_file() {
        let line = |customer: &str, pence| GoodLine {
            line: 1,
            invoice: format!("{customer}{pence}"),
            sku: "A".into(),
            description: String::new(),
            quantity: 1,
            pence,
            customer: customer.into(),
        };
        let lines = [line("1", 5), line("2", 7), line("3", 7)];
        let first = slice(&lines, Some(1)).expect("countable");
        assert_eq!(catalogue_of(&lines, &first).rank("A", 5), Some(1));
    }
}
