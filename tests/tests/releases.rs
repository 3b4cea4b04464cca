//! Apps and servers of different releases: real phone cores, a real server over HTTP, files as older apps left them.
//!
//! What must hold: every command that was ever captured is taken in or visibly refused, once; nothing on the screen is
//! lost; after the update everything is in step.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use rusqlite::{Connection, named_params};
use serde_json::{Map, Value, json};
use storewalk_client::{AttentionKind, Config as PhoneConfig, Phone, SyncState};
use storewalk_domain::{
    ids::{CommandId, IdSource},
    sync::{Bucket, FIRST_SHAPE, Row, Table, buckets_of},
    time::{Clock, DAY_MS, Timestamp},
};
use storewalk_server::{
    AppState, Config,
    admin::{NewAccount, create_account, load_rows},
    clock::RandomIds,
    serve_on,
    store::{StoreError, StoredCommand},
};
use storewalk_tests::world;
use storewalk_wire::{CommandVerdict, ProtocolWindow};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};
use uuid::Uuid;

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
    /// A server of some release: it serves these protocols.
    async fn start(folder: &Path, clock: &Arc<DayClock>, protocols: ProtocolWindow) -> Self {
        let mut config = Config::default();
        config.storage.data_dir = folder.to_owned();
        config.auth.argon2_memory_kib = 8;
        config.auth.argon2_passes = 1;
        let mut state = AppState::open_with(config, Arc::clone(clock) as _, Arc::new(RandomIds)).expect("a server");
        state.protocols = protocols;
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

    async fn rows(&self, table: Table) -> Vec<Row> {
        let found: Result<_, StoreError> = self.state.store.read(move |snapshot| snapshot.rows_of(table)).await;
        found.expect("read")
    }

    async fn stored(&self, command: CommandId) -> Option<StoredCommand> {
        let user = world::user(LOGIN);
        let found: Result<_, StoreError> =
            self.state.store.read(move |snapshot| snapshot.command_of(user, command)).await;
        found.expect("read")
    }
}

const LOGIN: &str = "liwen";

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

/// Starts an app of some release on the data in a folder.
fn app(folder: &Path, url: &str, clock: &Arc<DayClock>, version: &str, protocol: u32) -> Phone {
    let config = PhoneConfig {
        clock: Arc::clone(clock) as _,
        app_version: version.to_owned(),
        protocol,
        ..PhoneConfig::new(folder, url)
    };
    Phone::open(config).expect("a phone").phone
}

/// A command as the first release wrote it, with the ids of this story in it.
fn frozen(kind: &str, changes: &[(&str, Value)]) -> Value {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../core/domain/tests/frozen_commands")
        .join(FIRST_SHAPE.to_string())
        .join(format!("{kind}.json"));
    let written: Vec<Value> = serde_json::from_str(&fs::read_to_string(path).expect("frozen")).expect("a list");
    let mut command = written.into_iter().next().expect("at least one");
    let args: &mut Map<String, Value> = command["args"].as_object_mut().expect("arguments");
    for (name, value) in changes {
        assert!(args.contains_key(*name), "{kind} has no {name}");
        args.insert((*name).to_owned(), value.clone());
    }
    command
}

/// A day and a half of work in an old app: several kinds, some of which the rules must refuse, some that nobody can read.
fn old_work(how_many: usize, outlets: &[Uuid], template: Uuid) -> Vec<Value> {
    let mut work = Vec::new();
    let ids = RandomIds;
    for round in 0.. {
        let outlet = json!(outlets[round % outlets.len()]);
        let (visit, task) = (json!(ids.next_id()), json!(ids.next_id()));
        let at_visit = |kind: &str| frozen(kind, &[("visit_id", visit.clone())]);
        let start = [
            ("visit_id", visit.clone()),
            ("outlet_id", outlet.clone()),
            ("plan_id", Value::Null),
            ("template_id", json!(template)),
        ];
        let raise = [("task_id", task.clone()), ("outlet_id", outlet.clone()), ("visit_id", Value::Null)];
        let mut unreadable = frozen("task.raise", &[("task_id", json!(ids.next_id())), ("outlet_id", outlet)]);
        unreadable["args"].as_object_mut().expect("arguments").remove("note");
        work.extend([
            frozen("visit.start", &start),
            at_visit("visit.choose_goals"),
            at_visit("visit.begin_step"),
            at_visit("visit.answer"),
            frozen("photo.attach", &[("photo_id", json!(ids.next_id())), ("visit_id", visit.clone())]),
            at_visit("visit.finish"),
            frozen("task.raise", &raise),
            frozen("task.close", &[("task_id", task)]),
            // Of a task nobody has, by somebody who may not, and in no shape there ever was.
            frozen("task.close", &[("task_id", json!(ids.next_id()))]),
            frozen(
                "payment.record",
                &[("payment_id", json!(ids.next_id())), ("dealer_id", json!(world::dealer("D02")))],
            ),
            unreadable,
        ]);
        if work.len() >= how_many {
            break;
        }
    }
    work.truncate(how_many);
    work
}

/// Puts commands into the outbox of an app that is not running, as that app wrote them.
fn queue(folder: &Path, work: &[Value], captured_at: Timestamp) -> Vec<CommandId> {
    let connection = Connection::open(folder.join("storewalk.sqlite")).expect("a file");
    let last: u64 = connection.query_row("SELECT last_seq FROM device", [], |row| row.get(0)).expect("a device");
    let actor: String = connection.query_row("SELECT actor FROM session", [], |row| row.get(0)).expect("signed in");
    let captured = json!({ "device_at": captured_at, "monotonic_ms": 0, "boot_id": "old", "anchor": null });
    let mut ids = Vec::new();
    for (seq, command) in (last + 1..).zip(work) {
        let id = RandomIds.next_id();
        let params = named_params! {
            ":seq": seq,
            ":id": id.into_bytes(),
            ":kind": command["kind"].as_str().expect("a kind"),
            ":schema": FIRST_SHAPE,
            ":command": command.to_string(),
            ":captured": captured.to_string(),
            ":captured_at": captured_at.0,
            ":actor": actor,
        };
        let sql = "INSERT INTO outbox (seq, command_id, kind, schema, command, captured, captured_at, seen, actor)
                   VALUES (:seq, :id, :kind, :schema, :command, :captured, :captured_at, '{}', :actor)";
        connection.execute(sql, params).expect("queued");
        connection.execute("UPDATE device SET last_seq = ?", [seq]).expect("counted");
        ids.push(CommandId(id));
    }
    ids
}

/// How the phone was told that its commands ended.
fn verdicts(folder: &Path) -> BTreeMap<Uuid, CommandVerdict> {
    let connection = Connection::open(folder.join("storewalk.sqlite")).expect("a file");
    let mut statement = connection.prepare("SELECT command_id, verdict FROM outbox").expect("a query");
    let rows = statement.query_map([], |row| Ok((Uuid::from_bytes(row.get(0)?), row.get::<_, String>(1)?)));
    let read = |row: rusqlite::Result<(Uuid, String)>| {
        let (id, verdict) = row.expect("answered");
        (id, serde_json::from_str(&verdict).expect("a verdict"))
    };
    rows.expect("rows").map(read).collect()
}

fn ids_of(rows: &[Row]) -> BTreeSet<Uuid> {
    rows.iter().map(|row| row.id().0).collect()
}

/// Whether a row travels to the rep of the story.
fn is_hers(row: &Row) -> bool {
    let hers = [Bucket::Org, Bucket::Territory(world::territory("T1")), Bucket::User(world::user(LOGIN))];
    buckets_of(row).iter().any(|bucket| hers.contains(bucket))
}

#[tokio::test]
async fn an_app_of_18_months_ago_hands_in_500_commands_and_is_in_step_after_its_update() {
    let dir = tempfile::tempdir().expect("a folder");
    let (data, phone_dir) = (dir.path().join("data"), dir.path().join("phone"));
    let clock = Arc::new(DayClock(AtomicI64::new(world::at("2023-09-14T08:00").0)));
    let server = Server::start(&data, &clock, ProtocolWindow { min: 1, max: 1 }).await;
    load_world(&server.state).await;
    let phone = app(&phone_dir, &server.url, &clock, "0.1.0", 1);
    phone.sign_in(LOGIN, world::PASSWORD).await.expect("signed in");
    assert!(phone.sync().await.expect("in step").complete);
    let mut outlets: Vec<Uuid> = Vec::new();
    for row in server.rows(Table::Outlets).await {
        if let Row::Outlet(outlet) = row
            && outlet.territory_id == world::territory("T1")
        {
            outlets.push(outlet.id.0);
        }
    }
    let before = ids_of(&server.rows(Table::Visits).await);
    let template = server.rows(Table::ChecklistTemplates).await[0].id().0;
    phone.shutdown();
    server.stop().await;
    let work = old_work(500, &outlets, template);
    let kinds: BTreeSet<&str> = work.iter().filter_map(|command| command["kind"].as_str()).collect();
    assert!(work.len() == 500 && kinds.len() >= 8, "{kinds:?}");
    let commands = queue(&phone_dir, &work, clock.now());

    // A year and a half later the server no longer serves that app in full.
    clock.0.fetch_add(548 * DAY_MS, Ordering::SeqCst);
    let server = Server::start(&data, &clock, ProtocolWindow { min: 2, max: 2 }).await;
    let phone = app(&phone_dir, &server.url, &clock, "0.1.0", 1);
    assert_eq!(phone.status().expect("status").unsent_commands, 500);
    phone.sync().await.expect_err("nobody is signed in for so long");
    phone.sign_in(LOGIN, world::PASSWORD).await.expect("every app may sign in");
    let mut sent = 0;
    for _ in 0..20 {
        let report = phone.sync().await.expect("sent");
        assert!(!report.complete);
        sent += report.commands_sent;
        if phone.status().expect("status").unsent_commands == 0 {
            break;
        }
    }
    assert_eq!(sent, 500, "each once");
    let status = phone.status().expect("status");
    assert_eq!((status.unsent_commands, status.state), (0, SyncState::AppTooOld { waiting: 0 }));
    assert_eq!(status.last_error.expect("said").code, "app_outdated");

    // Every command is taken in or refused, on the server as the phone was told.
    let told = verdicts(&phone_dir);
    let (mut refused, mut codes) = (BTreeSet::new(), BTreeMap::<&str, usize>::new());
    for command in &commands {
        let stored = server.stored(*command).await.expect("worked through");
        assert_eq!(told[&command.0], stored.verdict);
        if let CommandVerdict::Refused { problems } = &stored.verdict {
            refused.insert(command.0);
            *codes.entry(problems[0].code.as_str()).or_default() += 1;
        }
    }
    assert_eq!(told.len(), 500);
    assert!(codes.contains_key("command_invalid") && codes.contains_key("not_permitted"), "{codes:?}");
    assert!(refused.len() < 300, "most of it is taken in: {codes:?}");
    assert_eq!(ids_of(&server.rows(Table::Refusals).await), refused);
    let shown = phone.attention().items().expect("items");
    let shown: BTreeSet<Uuid> =
        shown.iter().filter(|item| item.kind == AttentionKind::Refused).map(|item| item.id).collect();
    assert_eq!(shown, refused, "each refusal is visible on the phone");
    let accepted = |kind: &str, id: &str| -> BTreeSet<Uuid> {
        let taken = work.iter().zip(&commands).filter(|(_, command)| !refused.contains(&command.0));
        let of_kind = taken.filter(|(command, _)| command["kind"] == kind);
        of_kind.map(|(command, _)| serde_json::from_value(command["args"][id].clone()).expect("an id")).collect()
    };
    for (kind, id, table) in [("visit.start", "visit_id", Table::Visits), ("photo.attach", "photo_id", Table::Photos)] {
        let rows: BTreeSet<Uuid> = ids_of(&server.rows(table).await).difference(&before).copied().collect();
        assert_eq!(rows, accepted(kind, id), "{kind}: none lost, none twice");
        assert!(!rows.is_empty(), "{kind}");
    }
    let tasks = ids_of(&server.rows(Table::Tasks).await);
    assert!(tasks.is_superset(&accepted("task.raise", "task_id")) && !accepted("task.raise", "task_id").is_empty());

    // Nothing is sent again, and the update brings everything.
    assert_eq!(phone.sync().await.expect("asked").commands_sent, 0);
    phone.shutdown();
    let phone = app(&phone_dir, &server.url, &clock, "2.0.0", 2);
    let report = phone.sync().await.expect("in step");
    assert!(report.complete && report.commands_sent == 0 && report.rows_applied > 0, "{report:?}");
    let status = phone.status().expect("status");
    assert_eq!((status.unsent_commands, status.last_error), (0, None));
    let connection = Connection::open(phone_dir.join("storewalk.sqlite")).expect("a file");
    let held = |table: &str| -> BTreeSet<Uuid> {
        let mut statement = connection.prepare(&format!("SELECT id FROM {table}")).expect("a query");
        let rows = statement.query_map([], |row| row.get(0).map(Uuid::from_bytes)).expect("rows");
        rows.collect::<Result<_, _>>().expect("ids")
    };
    for (name, table) in [("visits", Table::Visits), ("tasks", Table::Tasks), ("refusals", Table::Refusals)] {
        let rows = server.rows(table).await.into_iter().filter(is_hers).collect::<Vec<_>>();
        assert_eq!(held(name), ids_of(&rows), "{name}");
    }
    let pending: u64 = connection
        .query_row("SELECT count(*) FROM outbox WHERE state = 'pending'", [], |row| row.get(0))
        .expect("counted");
    assert_eq!(pending, 0);
    server.stop().await;
}

#[tokio::test]
async fn an_app_newer_than_its_server_works_with_it_and_loses_nothing_the_server_does_not_know() {
    let dir = tempfile::tempdir().expect("a folder");
    let (data, phone_dir) = (dir.path().join("data"), dir.path().join("phone"));
    let clock = Arc::new(DayClock(AtomicI64::new(world::at("2025-03-14T08:00").0)));
    let server = Server::start(&data, &clock, ProtocolWindow { min: 1, max: 1 }).await;
    load_world(&server.state).await;
    let phone = app(&phone_dir, &server.url, &clock, "3.0.0", 3);
    phone.sign_in(LOGIN, world::PASSWORD).await.expect("signed in");
    assert!(phone.sync().await.expect("in step").complete, "the server's protocol is spoken");
    phone.shutdown();

    // The newer app has a kind of its own in the middle of its queue.
    let outlet = json!(world::outlet("S0101"));
    let raise = || {
        let task = json!(RandomIds.next_id());
        frozen("task.raise", &[("task_id", task), ("outlet_id", outlet.clone()), ("visit_id", Value::Null)])
    };
    let scan = json!({ "kind": "shelf.scan", "args": { "outlet_id": outlet, "codes": ["6901234567892"] } });
    let commands = queue(&phone_dir, &[raise(), scan.clone(), raise()], clock.now());
    let phone = app(&phone_dir, &server.url, &clock, "3.0.0", 3);
    let report = phone.sync().await.expect("sent");
    assert_eq!((report.commands_sent, report.refused, report.complete), (3, 1, true));
    let told = verdicts(&phone_dir);
    assert_eq!((&told[&commands[0].0], &told[&commands[2].0]), (&CommandVerdict::Applied, &CommandVerdict::Applied));
    let items = phone.attention().items().expect("items");
    let item = items.iter().find(|item| item.id == commands[1].0).expect("visible");
    assert_eq!((item.kind, item.problems[0].code.as_str()), (AttentionKind::Refused, "command_unknown"));
    assert!(item.problems[0].next_step.en.contains("once the server is updated"), "{item:?}");
    let (user, command) = (world::user(LOGIN), commands[1]);
    let kept: Result<_, StoreError> =
        server.state.store.read(move |snapshot| snapshot.dead_letter(user, command)).await;
    assert_eq!(kept.expect("read").expect("kept whole").envelope["command"], scan);
    let connection = Connection::open(phone_dir.join("storewalk.sqlite")).expect("a file");
    let on_phone: String = connection
        .query_row("SELECT command FROM outbox WHERE kind = 'shelf.scan'", [], |row| row.get(0))
        .expect("on the phone too");
    assert_eq!(serde_json::from_str::<Value>(&on_phone).expect("json"), scan);
    server.stop().await;

    // The server is updated: the app's own protocol is spoken again.
    let server = Server::start(&data, &clock, ProtocolWindow { min: 1, max: 3 }).await;
    phone.shutdown();
    let phone = app(&phone_dir, &server.url, &clock, "3.0.0", 3);
    for _ in 0..2 {
        queue_by_hand(&phone, &raise());
        assert!(phone.sync().await.expect("in step").complete);
    }
    let (user, device) = (world::user(LOGIN), phone.session().expect("read").expect("signed in").device_id);
    let noted: Result<_, StoreError> = server.state.store.read(move |snapshot| snapshot.device(device)).await;
    let device = noted.expect("read").expect("enrolled");
    assert_eq!((device.user_id, device.health.expect("told").protocol), (user, 3));
    server.stop().await;
}

/// Records a command that was written as JSON.
fn queue_by_hand(phone: &Phone, command: &Value) {
    let command = storewalk_domain::sync::read_command(command, FIRST_SHAPE).expect("readable");
    let recorded = phone.record(command).expect("recorded");
    assert!(matches!(recorded, storewalk_client::Recorded::Done { .. }), "{recorded:?}");
}
