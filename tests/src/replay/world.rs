//! The server's side of the replay: a catalogue that came in through `storewalk import`, a dealer and an account for
//! each customer, and the server itself on a free port.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
};

use anyhow::Context;
use futures::{StreamExt, TryStreamExt, stream};
use storewalk_domain::{
    dealer::{Dealer, DealerTier},
    ids::{DealerId, OrderId, PriceListId, ProductId, UserId, derived},
    money::{Currency, Money},
    order::{Order, OrderStatus},
    outlet::Role,
    sync::{Entity, Row},
    text::{Language, Localized},
    time::{Timestamp, Zone},
};
use storewalk_server::{
    AppState, Config,
    admin::{NewAccount, create_account, load_rows},
    import::{self, Encoding, ImportArgs, ImportKind},
    serve_on,
};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};
use uuid::Uuid;

use super::{
    catalogue::{Catalogue, list_code},
    invoices::Buyer,
};

/// The namespace of the replay's own ids.
const NAMESPACE: Uuid = Uuid::from_u128(0x5357_5245_504c_4159_8000_0000_0000_0001);

/// Ten million pounds: nobody in the file orders as much.
const CREDIT_LIMIT_PENCE: i64 = 1_000_000_000;

/// Passwords hashed at the same time; more only wait for the processor.
const HASHES_AT_ONCE: usize = 2;

/// The dealer of a customer.
pub(super) fn dealer_id(customer: &str) -> DealerId {
    DealerId(derived(NAMESPACE, &format!("dealer/{customer}")))
}

/// The login name of a customer.
pub(super) fn login(customer: &str) -> String {
    format!("d{customer}")
}

/// The password of a customer.
pub(super) fn password(customer: &str) -> String {
    format!("replay of customer {customer}")
}

/// Ids by code, as the import gave them.
#[derive(Clone, Debug, Default)]
pub(super) struct Ids {
    /// Products.
    pub(super) products: BTreeMap<String, ProductId>,
    /// Price lists.
    pub(super) price_lists: BTreeMap<String, PriceListId>,
}

impl Ids {
    /// The list to name on a line: none for the standard list.
    pub(super) fn list_of_rank(&self, rank: usize) -> anyhow::Result<Option<PriceListId>> {
        if rank == 0 {
            return Ok(None);
        }
        let code = list_code(rank);
        self.price_lists.get(&code).copied().map(Some).with_context(|| format!("find price list {code}"))
    }
}

/// An order as the server holds it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct ServerOrder {
    /// The order.
    pub(super) id: OrderId,
    /// State.
    pub(super) status: OrderStatus,
    /// What it comes to, in pence.
    pub(super) payable: i64,
}

/// A server that runs.
pub(super) struct World {
    /// Its address.
    pub(super) url: String,
    state: AppState,
    stop: Option<oneshot::Sender<()>>,
    serving: JoinHandle<std::io::Result<()>>,
}

/// Loads a catalogue into an empty data folder the way a person would: two files, `storewalk import … --commit`.
/// Returns what the command reported.
///
/// # Errors
/// When a row is faulty or a file cannot be written.
pub(super) async fn import_catalogue(dir: &Path, catalogue: &Catalogue) -> anyhow::Result<String> {
    let products = dir.join("products.csv");
    let lists = dir.join("price_lists.csv");
    catalogue.write_products(BufWriter::new(File::create(&products)?))?;
    catalogue.write_price_lists(BufWriter::new(File::create(&lists)?))?;
    let mut out: Vec<u8> = Vec::new();
    for (kind, file) in [(ImportKind::Products, products), (ImportKind::PriceLists, lists)] {
        let imported = import::run_to(config(dir), args(kind, file), &mut out).await;
        imported.with_context(|| String::from_utf8_lossy(&out).into_owned())?;
    }
    out.flush()?;
    Ok(String::from_utf8_lossy(&out).into_owned())
}

fn args(kind: ImportKind, file: PathBuf) -> ImportArgs {
    let zone = Zone::from_name("Europe/London").unwrap_or(Zone::SHANGHAI);
    let lang = Some(Language::En);
    ImportArgs { kind, file, encoding: Encoding::Auto, sheet: None, zone, errors: None, lang, commit: true }
}

fn config(dir: &Path) -> Config {
    let mut config = Config::default();
    config.storage.data_dir = dir.join("server");
    // All dealers of the replay share one address; for a server of the world that many sign-ins would be an attack.
    config.auth.attempts_per_address = 10_000;
    config
}

impl World {
    /// Opens the data folder, adds dealers and accounts, and serves on a free port.
    ///
    /// # Errors
    /// When the folder or the socket cannot be used.
    pub(super) async fn start(dir: &Path, buyers: &[Buyer]) -> anyhow::Result<Self> {
        let state = AppState::open(config(dir)).context("open the server's data")?;
        let dealers = buyers.iter().map(|buyer| dealer(&buyer.customer).into()).collect();
        load_rows(&state, dealers).await.context("load the dealers")?;
        stream::iter(buyers)
            .map(|buyer| add_account(&state, &buyer.customer))
            .buffer_unordered(HASHES_AT_ONCE)
            .try_collect::<Vec<()>>()
            .await?;
        let listener = TcpListener::bind("127.0.0.1:0").await.context("listen")?;
        let url = format!("http://{}", listener.local_addr()?);
        let (stop, stopped) = oneshot::channel();
        let server = serve_on(listener, state.clone(), async move { drop(stopped.await) });
        Ok(Self { url, state, stop: Some(stop), serving: tokio::spawn(server) })
    }

    /// The ids of the catalogue.
    ///
    /// # Errors
    /// When the store fails.
    pub(super) async fn ids(&self) -> anyhow::Result<Ids> {
        let products = self.all::<storewalk_domain::catalog::Product>().await?;
        let lists = self.all::<storewalk_domain::catalog::PriceList>().await?;
        Ok(Ids {
            products: products.into_iter().map(|product| (product.code, product.id)).collect(),
            price_lists: lists.into_iter().map(|list| (list.code, list.id)).collect(),
        })
    }

    /// Every order the server holds.
    ///
    /// # Errors
    /// When the store fails.
    pub(super) async fn orders(&self) -> anyhow::Result<Vec<ServerOrder>> {
        let orders = self.all::<Order>().await?;
        let shown = |order: Order| {
            anyhow::ensure!(order.priced.payable.currency == Currency::Gbp, "order {} is not in pounds", order.number);
            Ok(ServerOrder { id: order.id, status: order.status, payable: order.priced.payable.minor })
        };
        orders.into_iter().map(shown).collect()
    }

    async fn all<T: Entity>(&self) -> anyhow::Result<Vec<T>> {
        let rows: Vec<Row> = self.state.store.read(|snapshot| snapshot.rows_of(T::TABLE)).await?;
        Ok(rows.into_iter().filter_map(T::from_row).collect())
    }

    /// Stops serving; open requests are finished first.
    ///
    /// # Errors
    /// When the server ended by itself with an error.
    pub(super) async fn stop(mut self) -> anyhow::Result<()> {
        drop(self.stop.take());
        Ok(self.serving.await??)
    }
}

fn dealer(customer: &str) -> Dealer {
    Dealer {
        id: dealer_id(customer),
        code: customer.to_owned(),
        name: Localized::same(format!("Customer {customer}")),
        tier: DealerTier::C,
        credit_limit: Money::new(CREDIT_LIMIT_PENCE, Currency::Gbp),
        unpaid_invoices: Money::zero(Currency::Gbp),
        books_as_of: Timestamp(0),
        zone: Zone::from_name("Europe/London").unwrap_or(Zone::SHANGHAI),
    }
}

async fn add_account(state: &AppState, customer: &str) -> anyhow::Result<()> {
    let account = NewAccount {
        user_id: UserId(derived(NAMESPACE, &format!("user/{customer}"))),
        login: login(customer),
        password: password(customer).into(),
        code: customer.to_owned(),
        name: format!("Buyer of {customer}"),
        role: Role::Dealer,
        territories: Vec::new(),
        dealers: vec![dealer_id(customer)],
        region_code: None,
    };
    create_account(state, account).await.map_err(|error| anyhow::anyhow!("create the account of {customer}: {error}"))
}
