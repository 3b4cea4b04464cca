//! A phone in a folder of its own, signed in at the fake server.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use serde_json::Value;
use storewalk_domain::{
    ids::{CountyId, OutletId, RowId, TaskId, TerritoryId, UserId},
    outlet::{Outlet, OutletClass, Role},
    sync::{Actor, Bucket, CloseTask, RaiseTask, Table},
    task::Task,
    time::{BusinessDate, Zone},
};
use tempfile::TempDir;
use uuid::Uuid;

use super::{CountedIds, FakeServer, HandClock};
use crate::{ClientError, Config, HostKey, Opened, Phone, Recorded};

pub(crate) const TERRITORY: TerritoryId = TerritoryId(Uuid::from_u128(0x7E));
pub(crate) const OUTLET: OutletId = OutletId(Uuid::from_u128(0x0A));
const USER: UserId = UserId(Uuid::from_u128(0x05));

/// The rep behind the phone.
pub(super) fn rep() -> Actor {
    Actor { user_id: USER, role: Role::Rep, territories: vec![TERRITORY], dealers: Vec::new() }
}

/// An outlet of the rep's territory.
pub(crate) fn outlet(number: u128) -> Outlet {
    Outlet {
        id: OutletId(Uuid::from_u128(number)),
        code: format!("S{number:04}"),
        name: format!("门店{number}"),
        class: OutletClass::B,
        county_id: CountyId(Uuid::from_u128(1)),
        territory_id: TERRITORY,
        gln: None,
        address: String::new(),
        position: None,
        fence_m: 150,
        decision_maker: String::new(),
        phone: String::new(),
        zone: Zone::SHANGHAI,
        is_active: true,
        opening_hours: None,
        contact: None,
    }
}

/// A task at the outlet.
pub(crate) fn task(number: u128) -> RaiseTask {
    RaiseTask {
        task_id: TaskId(Uuid::from_u128(0x7A_0000 + number)),
        outlet_id: OUTLET,
        visit_id: None,
        note: format!("第{number}件"),
        due_on: BusinessDate::parse("2025-03-20").expect("a date"),
    }
}

/// A server whose territory has one outlet.
pub(crate) fn server_of_one_outlet(epoch: u64) -> Arc<FakeServer> {
    let server = Arc::new(FakeServer::of_epoch(epoch));
    server.put(outlet(OUTLET.0.as_u128()));
    server.grant(Bucket::Territory(TERRITORY));
    server.grant(Bucket::User(USER));
    server
}

/// The fields of every synced row on a phone.
pub(crate) fn rows_of(phone: &Phone) -> BTreeMap<(String, RowId), Value> {
    let rows = phone.read(|connection| {
        let mut found = BTreeMap::new();
        for table in Table::ALL {
            for fields in storewalk_sqlite::select_fields(connection, *table, "ORDER BY id", [])? {
                let id: RowId = serde_json::from_value(fields["id"].clone())?;
                found.insert((table.name().to_owned(), id), Value::Object(fields));
            }
        }
        Ok(found)
    });
    rows.expect("read")
}

/// A phone and its server.
pub(crate) struct Bench {
    pub(crate) server: Arc<FakeServer>,
    pub(crate) clock: Arc<HandClock>,
    pub(crate) dir: TempDir,
    pub(crate) phone: Phone,
    /// The host's key at the next opening.
    pub(crate) key: Option<HostKey>,
    ids: Arc<CountedIds>,
}

impl Bench {
    /// A phone that is signed in and has not synced; the territory has one outlet.
    pub(crate) async fn signed_in() -> Self {
        Self::under_key(None).await
    }

    /// The same under a key, in step with the server.
    pub(crate) async fn sealed(key: u8) -> Self {
        let bench = Self::under_key(Some(host_key(key))).await;
        bench.phone.sync().await.expect("in step");
        bench
    }

    /// A phone under a key or none, signed in and not synced.
    pub(crate) async fn under_key(key: Option<HostKey>) -> Self {
        let server = server_of_one_outlet(1);
        let dir = tempfile::tempdir().expect("a folder");
        let clock = Arc::new(HandClock::at("2025-03-14T08:59:00+08:00"));
        let ids = Arc::new(CountedIds::from(9));
        let config = Config { key: key.clone(), ..config(dir.path(), &server, &clock, &ids) };
        let phone = Phone::open(config).expect("opened").phone;
        phone.sign_in("liwen", "right").await.expect("signed in");
        Self { server, clock, dir, phone, key, ids }
    }

    /// The same, in step with the server.
    pub(crate) async fn in_step() -> Self {
        let bench = Self::signed_in().await;
        bench.phone.sync().await.expect("in step");
        bench
    }

    /// Lets the app die and starts it again.
    pub(crate) fn restart(&mut self) -> Opened {
        let opened = self.reopen().expect("opened");
        self.phone = opened.phone.clone();
        opened
    }

    /// Lets the app die and starts another release of it, which speaks another protocol.
    pub(crate) fn update_app(&mut self, version: &str, protocol: u32) {
        let config = self.config();
        let opened = Phone::open(Config { app_version: version.to_owned(), protocol, ..config }).expect("opened");
        self.phone = opened.phone;
    }

    pub(crate) fn reopen(&self) -> Result<Opened, ClientError> {
        Phone::open(self.config())
    }

    fn config(&self) -> Config {
        Config { key: self.key.clone(), ..config(self.dir.path(), &self.server, &self.clock, &self.ids) }
    }

    /// Raises a task on the phone.
    pub(crate) fn raise(&self, number: u128) -> TaskId {
        let command = task(number);
        let id = command.task_id;
        assert!(matches!(self.phone.record(command).expect("recorded"), Recorded::Done { .. }));
        id
    }

    /// Closes a task on the phone.
    pub(crate) fn close(&self, task_id: TaskId) {
        let recorded = self.phone.record(CloseTask { task_id }).expect("recorded");
        assert!(matches!(recorded, Recorded::Done { .. }), "{recorded:?}");
    }

    /// The phone's version of a task.
    pub(crate) fn task(&self, id: TaskId) -> Option<Task> {
        let rows = self.phone.read(|connection| {
            let params = rusqlite::named_params! { ":id": storewalk_sqlite::id_blob(id.row()) };
            Ok(storewalk_sqlite::select::<Task>(connection, "WHERE id = :id", params)?)
        });
        rows.expect("read").pop()
    }

    /// The fields of every synced row on the phone.
    pub(crate) fn rows(&self) -> BTreeMap<(String, RowId), Value> {
        rows_of(&self.phone)
    }

    /// A number the database answers to a query.
    pub(crate) fn count(&self, sql: &str) -> u64 {
        self.phone.read(|connection| Ok(connection.query_row(sql, [], |row| row.get(0))?)).expect("counted")
    }
}

/// A key of the host's.
pub(crate) fn host_key(number: u8) -> HostKey {
    HostKey::from_bytes(&[number; 32]).expect("32 bytes")
}

/// Opens a phone in a folder.
pub(crate) fn open_in(
    dir: &Path,
    server: &Arc<FakeServer>,
    clock: &Arc<HandClock>,
    ids: &Arc<CountedIds>,
) -> Result<Opened, ClientError> {
    Phone::open(config(dir, server, clock, ids))
}

fn config(dir: &Path, server: &Arc<FakeServer>, clock: &Arc<HandClock>, ids: &Arc<CountedIds>) -> Config {
    Config {
        platform: "test".into(),
        device_name: "phone".into(),
        clock: Arc::clone(clock) as _,
        ids: Arc::clone(ids) as _,
        api: Some(Arc::clone(server) as _),
        ..Config::new(dir, "http://127.0.0.1/")
    }
}
