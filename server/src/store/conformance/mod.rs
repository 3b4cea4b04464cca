//! One test suite for every store: [`check`] runs each case on a fresh one.

mod accounts;
mod commands;
mod couriers;
mod covers;
mod feed;
mod jobs;
mod lives;
mod prints;
mod queue;
mod retention;
mod reviews;
mod scopes;
mod segments;
mod sessions;
mod sums;
mod uploads;

use storewalk_domain::{
    ids::{DeviceId, TerritoryId, UserId},
    outlet::{Role, Territory},
    text::Localized,
    time::Timestamp,
};
use uuid::Uuid;

use crate::store::{Account, Device, Store, StoreError, StoreRead, StoreTxn};

type Case = fn(&(dyn Store + 'static));

/// Runs every case on a store of its own.
fn check(mut open: impl FnMut() -> Box<dyn Store>) {
    let groups = [
        jobs::CASES,
        lives::CASES,
        feed::CASES,
        sums::CASES,
        commands::CASES,
        accounts::CASES,
        scopes::CASES,
        sessions::CASES,
        uploads::CASES,
        prints::CASES,
        segments::CASES,
        couriers::CASES,
        queue::CASES,
        reviews::CASES,
        retention::CASES,
        covers::CASES,
    ];
    for case in groups.into_iter().flatten() {
        case(open().as_ref());
    }
}

/// Writes, and keeps what was written.
fn write<T: Send + 'static>(
    store: &(dyn Store + 'static),
    work: impl FnOnce(&mut dyn StoreTxn) -> Result<T, StoreError> + Send + 'static,
) -> T {
    store.write_blocking(work).expect("the job succeeds")
}

/// Reads from one snapshot.
fn read<T: Send + 'static>(
    store: &(dyn Store + 'static),
    work: impl FnOnce(&dyn StoreRead) -> Result<T, StoreError> + Send + 'static,
) -> T {
    store.read_blocking(work).expect("the job succeeds")
}

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn territory(number: u128, name: &str) -> Territory {
    Territory {
        id: TerritoryId(id(number)),
        code: format!("T{number}"),
        name: Localized::same(name),
        region_code: "jiangcheng".into(),
    }
}

fn account(number: u128) -> Account {
    Account {
        user_id: UserId(id(number)),
        login: format!("user{number}"),
        password_hash: "hash".into(),
        code: format!("R{number}"),
        name: "someone".into(),
        role: Role::Rep,
        region_code: None,
        is_disabled: false,
        territories: vec![TerritoryId(id(100))],
        dealers: Vec::new(),
    }
}

fn device(number: u32, owner: &Account) -> Device {
    Device {
        id: DeviceId(id(1_000 + u128::from(number))),
        user_id: owner.user_id,
        number,
        name: "phone".into(),
        platform: "android".into(),
        app_version: "0.1.0".into(),
        enrolled_at: Timestamp(1),
        last_seen_at: None,
        is_revoked: false,
        health: None,
    }
}

#[test]
fn sqlite_is_a_store() {
    let folder = tempfile::tempdir().expect("folder");
    let mut count = 0;
    check(|| {
        count += 1;
        let path = folder.path().join(format!("{count}.sqlite"));
        let store = crate::store::sqlite::SqliteStore::open(&path, &crate::clock::RandomIds);
        Box::new(store.expect("opened"))
    });
}
