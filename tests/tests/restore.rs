//! A server put back from yesterday's backup, and a phone that was copied: real phone cores, real HTTP, real files.
//!
//! What must hold: every command of the last 24 hours comes back from the phones, once; photos too; nobody's order number
//! is refused; a copied phone and the one it was copied from both work on.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use rstest::rstest;
use storewalk_client::{Attempt, Config as PhoneConfig, Phone, Recorded};
use storewalk_domain::{
    ids::{CommandId, OrderId, OutletId, TaskId, UserId, VisitId},
    order::Order,
    photo::Photo,
    quantity::Quantity,
    sync::{CloseTask, Command, RaiseTask, Row, Table},
    time::{BusinessDate, Clock, HOUR_MS, Timestamp},
};
use storewalk_server::{
    AppState, Config,
    admin::{NewAccount, create_account, load_rows},
    clock::RandomIds,
    life, serve_on,
    store::{StoreError, StoredCommand},
};
use storewalk_tests::world;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

/// One clock for everybody, moved by hand.
struct DayClock(AtomicI64);

impl Clock for DayClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }

    fn monotonic_ms(&self) -> i64 {
        self.now().0
    }

    fn boot_id(&self) -> String {
        "test".to_owned()
    }
}

struct Server {
    state: AppState,
    url: String,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<std::io::Result<()>>,
}

impl Server {
    async fn start(folder: &Path, clock: &Arc<DayClock>) -> Self {
        let mut config = Config::default();
        config.storage.data_dir = folder.to_owned();
        config.auth.argon2_memory_kib = 8;
        config.auth.argon2_passes = 1;
        let state = AppState::open_with(config, Arc::clone(clock) as _, Arc::new(RandomIds)).expect("a server");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = tokio::spawn(serve_on(listener, state.clone(), async move { drop(stopped.await) }));
        Self { state, url, stop, serving }
    }

    async fn stop(self) {
        self.stop.send(()).expect("told");
        self.serving.await.expect("no panic").expect("a clean end");
    }

    async fn stored(&self, user: UserId, command: CommandId) -> Option<StoredCommand> {
        let found: Result<_, StoreError> =
            self.state.store.read(move |snapshot| snapshot.command_of(user, command)).await;
        found.expect("read")
    }

    async fn rows(&self, table: Table) -> Vec<Row> {
        let found: Result<_, StoreError> = self.state.store.read(move |snapshot| snapshot.rows_of(table)).await;
        found.expect("read")
    }
}

async fn load_world(state: &AppState) {
    load_rows(state, world::rows()).await.expect("the demo world");
    for account in world::ACCOUNTS {
        let new = NewAccount {
            user_id: world::user(account.login),
            login: account.login.to_owned(),
            password: world::PASSWORD.into(),
            code: account.code.to_owned(),
            name: account.name.to_owned(),
            role: account.role,
            territories: account.territories(),
            dealers: account.dealers(),
            region_code: Some(world::REGION.to_owned()),
        };
        create_account(state, new).await.expect("an account");
    }
}

/// A phone, and what its user has recorded on it.
struct Handset {
    login: &'static str,
    folder: PathBuf,
    phone: Phone,
    recorded: Vec<CommandId>,
}

fn open(folder: &Path, url: &str, clock: &Arc<DayClock>) -> Phone {
    let config = PhoneConfig { clock: Arc::clone(clock) as _, ..PhoneConfig::new(folder, url) };
    Phone::open(config).expect("a phone").phone
}

impl Handset {
    async fn new(login: &'static str, folder: PathBuf, server: &Server, clock: &Arc<DayClock>) -> Self {
        let phone = open(&folder, &server.url, clock);
        let handset = Self { login, folder, phone, recorded: Vec::new() };
        handset.sign_in().await;
        handset.sync().await;
        handset
    }

    async fn sign_in(&self) {
        self.phone.sign_in(self.login, world::PASSWORD).await.expect("signed in");
    }

    async fn sync(&self) {
        assert!(self.phone.sync().await.expect("synced").complete);
    }

    fn record(&mut self, command: impl Into<Command>) {
        match self.phone.record(command).expect("recorded") {
            Recorded::Done { command_id, .. } => self.recorded.push(command_id),
            Recorded::Refused(problems) => panic!("{problems:?}"),
        }
    }

    fn raise(&mut self, outlet: OutletId, note: &str) -> TaskId {
        let task_id = TaskId(self.phone.new_id());
        let due_on = BusinessDate::parse("2025-03-20").expect("a date");
        self.record(RaiseTask { task_id, outlet_id: outlet, visit_id: None, note: note.to_owned(), due_on });
        task_id
    }

    /// A morning at an outlet: tasks raised and closed.
    fn work(&mut self, outlet: OutletId, rounds: usize) {
        for round in 0..rounds {
            let task = self.raise(outlet, &format!("第{round}件"));
            if round % 2 == 0 {
                self.record(CloseTask { task_id: task });
            }
        }
    }

    fn enter(&self, outlet: &str) -> VisitId {
        let started = self.phone.visits().start(world::outlet(outlet), None).expect("started");
        let Attempt::Done(started) = started else { panic!("{started:?}") };
        started.visit_id
    }

    /// Takes a photo of a zone of a visit.
    fn photograph(&self, visit: VisitId, zone: usize, picture: &Path) {
        let view = self.phone.visits().view(visit).expect("a view");
        let zone = view.zones.get(zone).expect("a zone").code.clone();
        let taken = self.phone.photos().capture(visit, &zone, picture, None).expect("taken");
        assert!(matches!(taken, Attempt::Done(_)), "{taken:?}");
    }

    fn order(&self) -> (OrderId, String) {
        let orders = self.phone.orders();
        let draft = orders.create_draft(world::dealer("D01"), None).expect("a draft");
        let Attempt::Done(draft) = draft else { panic!("{draft:?}") };
        orders.set_line(draft, world::product("P1"), Quantity(20), None).expect("a line");
        let Attempt::Done(order) = orders.submit(draft).expect("submitted") else { panic!("refused") };
        (order.order_id, order.number)
    }

    /// The app is started anew with another address.
    fn move_to(&mut self, server: &Server, clock: &Arc<DayClock>) {
        self.phone.shutdown();
        self.phone = open(&self.folder, &server.url, clock);
    }
}

fn pictures() -> Vec<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/photos/shelf");
    let entries = fs::read_dir(folder).expect("pictures").filter_map(Result::ok).map(|entry| entry.path());
    let mut found: Vec<PathBuf> = entries.filter(|path| path.extension().is_some_and(|name| name == "jpg")).collect();
    found.sort();
    found
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("there").filter_map(Result::ok) {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("copied");
        }
    }
}

/// How the operator puts the backup back.
#[derive(Clone, Copy, PartialEq, Debug)]
enum PutBack {
    /// The database alone, into the folder it came from: the server finds out by itself.
    Database,
    /// The whole folder, photos and all: the operator says so.
    Folder,
}

#[rstest]
#[case(PutBack::Database)]
#[case(PutBack::Folder)]
#[tokio::test]
async fn all_work_of_the_last_day_comes_back_once_after_yesterdays_backup(#[case] put_back: PutBack) {
    let dir = tempfile::tempdir().expect("a folder");
    let (data, backup) = (dir.path().join("data"), dir.path().join("backup"));
    let clock = Arc::new(DayClock(AtomicI64::new(world::at("2025-03-14T08:00").0)));
    let server = Server::start(&data, &clock).await;
    load_world(&server.state).await;
    let mut li = Handset::new("liwen", dir.path().join("li"), &server, &clock).await;
    let mut wang = Handset::new("wangqiang", dir.path().join("wang"), &server, &clock).await;
    let shelf = pictures();
    li.work(world::outlet("S0101"), 6);
    wang.work(world::outlet("S0107"), 6);
    let visit = li.enter("S0101");
    li.photograph(visit, 0, &shelf[0]);
    li.sync().await;
    wang.sync().await;
    assert_eq!(li.phone.upload_photos().await.expect("sent").originals, 1);
    server.stop().await;
    copy_folder(&data, &backup);

    // The day after: more work, a new phone, an order, a photo; everything is acknowledged.
    clock.0.fetch_add(24 * HOUR_MS, Ordering::SeqCst);
    let server = Server::start(&data, &clock).await;
    li.move_to(&server, &clock);
    wang.move_to(&server, &clock);
    li.work(world::outlet("S0102"), 12);
    wang.work(world::outlet("S0107"), 12);
    li.photograph(visit, 1, &shelf[1]);
    li.sync().await;
    wang.sync().await;
    assert_eq!(li.phone.upload_photos().await.expect("sent").originals, 1);
    let mut buyer = Handset::new("jiangbei", dir.path().join("buyer"), &server, &clock).await;
    let (order, number) = buyer.order();
    buyer.sync().await;
    li.sync().await;
    let receipt = li.phone.receipt(li.recorded[20].row()).expect("read").expect("a receipt from before");
    let tasks = server.rows(Table::Tasks).await.len();
    let mut before = Vec::new();
    for handset in [&li, &wang] {
        for command in &handset.recorded {
            before.push(server.stored(world::user(handset.login), *command).await.expect("worked through").verdict);
        }
    }
    server.stop().await;

    match put_back {
        PutBack::Database => {
            for suffix in ["", "-wal", "-shm"] {
                fs::remove_file(data.join(format!("storewalk.sqlite{suffix}"))).ok();
            }
            fs::copy(backup.join("storewalk.sqlite"), data.join("storewalk.sqlite")).expect("put back");
        }
        PutBack::Folder => {
            fs::remove_dir_all(&data).expect("gone");
            copy_folder(&backup, &data);
        }
    }
    let server = Server::start(&data, &clock).await;
    if put_back == PutBack::Folder {
        life::restore(server.state.store.as_ref(), &data, &RandomIds).expect("said");
    }
    assert!(server.rows(Table::Tasks).await.len() < tasks, "the backup lacks a day");
    assert!(server.stored(world::user("liwen"), *li.recorded.last().expect("work")).await.is_none());

    // Somebody enrols before the phones are back: nobody's number is given away.
    let newcomer = Handset::new("nanan", dir.path().join("newcomer"), &server, &clock).await;
    clock.0.fetch_add(2 * HOUR_MS, Ordering::SeqCst);
    for handset in [&mut li, &mut wang, &mut buyer] {
        let number = handset.phone.session().expect("read").expect("signed in before").device_number;
        handset.move_to(&server, &clock);
        handset.sign_in().await;
        handset.sync().await;
        handset.sync().await;
        let session = handset.phone.session().expect("read").expect("signed in");
        assert_eq!(session.device_number, number, "{}", handset.login);
        assert_eq!(handset.phone.status().expect("status").unsent_commands, 0);
    }
    let newest = newcomer.phone.session().expect("read").expect("signed in").device_number;
    assert!(newest > 3, "{newest}");

    let mut after = Vec::new();
    for handset in [&li, &wang] {
        for command in &handset.recorded {
            after.push(server.stored(world::user(handset.login), *command).await.expect("back").verdict);
        }
    }
    assert_eq!(after, before, "every command is back, with the same answer");
    assert_eq!(server.rows(Table::Tasks).await.len(), tasks, "and none was done twice");
    let orders = server.rows(Table::Orders).await;
    assert!(
        orders
            .iter()
            .any(|row| matches!(row, Row::Order(Order { id, number: found, .. }) if *id == order && *found == number)),
        "{orders:?}"
    );
    let held = li.phone.upload_photos().await.expect("sent");
    let whole = fs::metadata(&shelf[1]).expect("a picture").len();
    match put_back {
        PutBack::Database => assert_eq!(held.bytes_sent, 0, "the bytes are still there and are taken up again"),
        PutBack::Folder => assert!(held.bytes_sent >= whole, "the bytes are sent again: {held:?}"),
    }
    let photos = server.rows(Table::Photos).await;
    assert!(photos.iter().all(|row| matches!(row, Row::Photo(Photo { received_at: Some(_), .. }))), "{photos:?}");
    let again = li.phone.receipt(li.recorded[20].row()).expect("read").expect("a receipt");
    assert_eq!(again, receipt, "the receipt from before is still good");
    server.stop().await;
}

#[tokio::test]
async fn a_copied_phone_and_the_one_it_was_copied_from_both_work_on() {
    let dir = tempfile::tempdir().expect("a folder");
    let clock = Arc::new(DayClock(AtomicI64::new(world::at("2025-03-14T08:00").0)));
    let server = Server::start(&dir.path().join("data"), &clock).await;
    load_world(&server.state).await;
    let first = Handset::new("jiangbei", dir.path().join("first"), &server, &clock).await;
    let (common, _) = first.order();
    first.sync().await;
    // Unsent when it is copied: both have it, it is done once.
    let (unsent, unsent_number) = first.order();
    first.phone.pause();
    copy_folder(&dir.path().join("first"), &dir.path().join("second"));
    first.phone.resume().expect("resumed");
    let second = open(&dir.path().join("second"), &server.url, &clock);
    let second = Handset { login: "jiangbei", folder: dir.path().join("second"), phone: second, recorded: Vec::new() };

    let (of_first, first_number) = first.order();
    first.sync().await;
    let (of_second, clashing) = second.order();
    assert_eq!(clashing, first_number, "the copy gave the same number");
    second.sync().await;
    let session = |handset: &Handset| handset.phone.session().expect("read").expect("signed in");
    assert_ne!(session(&first).device_id, session(&second).device_id);
    assert_ne!(session(&first).device_number, session(&second).device_number);
    let (also_first, _) = first.order();
    let (also_second, _) = second.order();
    for _ in 0..2 {
        first.sync().await;
        second.sync().await;
    }
    let orders = server.rows(Table::Orders).await;
    let mut found: Vec<(OrderId, String)> = orders
        .into_iter()
        .filter_map(|row| match row {
            Row::Order(order) => Some((order.id, order.number)),
            _ => None,
        })
        .collect();
    found.sort();
    let mut ids: Vec<OrderId> = found.iter().map(|(id, _)| *id).collect();
    let mut expected = vec![common, unsent, of_first, of_second, also_first, also_second];
    expected.sort();
    ids.sort();
    assert_eq!(ids, expected, "each once");
    let mut numbers: Vec<&String> = found.iter().map(|(_, number)| number).collect();
    numbers.sort();
    numbers.dedup();
    assert_eq!(numbers.len(), expected.len(), "and no number twice: {found:?}");
    let own = format!("{}-", session(&second).device_number);
    assert!(found.iter().any(|(id, number)| *id == of_second && number.starts_with(&own)), "{found:?}");
    assert!(found.iter().any(|(id, number)| *id == unsent && *number == unsent_number), "{found:?}");
    for handset in [&first, &second] {
        assert_eq!(handset.phone.status().expect("status").unsent_commands, 0);
        assert_eq!(handset.phone.receipt_health().expect("read").wanted, 0);
    }
    server.stop().await;
}
