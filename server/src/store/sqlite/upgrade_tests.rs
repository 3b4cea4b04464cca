//! Databases of older and newer servers, filled.

use std::{collections::BTreeMap, path::Path};

use rusqlite::Connection;
use storewalk_domain::{
    ids::{RowId, TerritoryId},
    sync::{Bucket, Row, Table, buckets_of},
};
use storewalk_sqlite::migrate;
use storewalk_wire::{Checksum, row_checksum};
use uuid::Uuid;

use super::{LEAST_STEPS, REWRITTEN, Rewritten, STEPS, SqliteStore, SqliteTxn, memory, sum_after_migration};
use crate::{
    clock::RandomIds,
    store::{FeedRead, FeedWrite, Store, StoreError, StoreRead, StoreTxn},
};

/// How many steps the first server had.
const FIRST_SERVER: usize = 2;

/// What the first server held: an outlet, two tasks of which one was removed, in their buckets' logs.
const FILLED: &str = include_str!("upgrade_tests/first_server.sql");

fn open(folder: &Path) -> Result<SqliteStore, StoreError> {
    SqliteStore::open(&folder.join("storewalk.sqlite"), &RandomIds)
}

/// How many rows, and their checksum.
type Held = (u64, Checksum);

/// What every bucket holds, from the rows alone, beside what is kept of it.
fn held(snapshot: &dyn StoreRead) -> Result<Vec<(Bucket, Held, Held)>, StoreError> {
    let mut computed: BTreeMap<Bucket, Held> = BTreeMap::new();
    for table in Table::ALL {
        for row in snapshot.rows_of(*table)? {
            let version = snapshot.row_version(*table, row.id())?;
            let fields = snapshot.row_fields(*table, row.id())?.unwrap_or_default();
            let sum = row_checksum(table.name(), row.id(), version, &fields);
            for bucket in buckets_of(&row) {
                let (rows, whole) = computed.entry(bucket).or_default();
                (*rows, *whole) = (*rows + 1, whole.plus(sum));
            }
        }
    }
    let kept = |bucket: Bucket, scratch| {
        let head = snapshot.bucket_head(&bucket)?.ok_or(StoreError::Stopped)?;
        Ok((bucket, scratch, (head.row_count, head.checksum)))
    };
    computed.into_iter().map(|(bucket, scratch)| kept(bucket, scratch)).collect()
}

#[test]
fn a_filled_database_of_any_older_server_has_the_right_checksums_after_the_update() {
    for steps in FIRST_SERVER..=STEPS.len() {
        let folder = tempfile::tempdir().expect("a folder");
        {
            let mut connection = Connection::open(folder.path().join("storewalk.sqlite")).expect("a file");
            migrate(&mut connection, &STEPS[..FIRST_SERVER]).expect("the first server");
            connection.execute_batch(FILLED).expect("filled");
            migrate(&mut connection, &STEPS[..steps]).expect("an update that ended here");
        }
        for _ in 0..2 {
            let store = open(folder.path()).expect("opened");
            let store: &(dyn Store + 'static) = &store;
            let found: Result<_, StoreError> = store.read_blocking(|snapshot| held(snapshot));
            let found = found.expect("read");
            assert_eq!(found.len(), 1, "after {steps} steps");
            for (bucket, computed, kept) in found {
                assert_eq!(computed, kept, "{bucket} after {steps} steps");
                assert_eq!(kept.0, 2);
                let resummed: Result<bool, StoreError> = store.write_blocking(move |txn| txn.resum(&bucket));
                assert!(!resummed.expect("summed"), "nothing to set right after {steps} steps");
            }
        }
    }
}

fn task(number: u128, territory: u128) -> Row {
    let json = serde_json::json!({
        "id": Uuid::from_u128(number), "outlet_id": Uuid::from_u128(1), "territory_id": Uuid::from_u128(territory),
        "kind": "open_point", "params": {}, "note": "换灯箱", "owner_id": Uuid::from_u128(2), "visit_id": null,
        "photo_id": null, "due_on": "2025-03-20", "proof": "word", "status": "open", "raised_at": 0, "closed_at": null,
    });
    Row::from_json(Table::Tasks, json).expect("a task")
}

#[test]
fn a_step_that_fills_a_column_is_told_to_phones_as_a_change_of_every_row_of_the_table_and_of_no_other() {
    let database = memory();
    let territory = |number: u128| Bucket::Territory(TerritoryId(Uuid::from_u128(number)));
    let put = |txn: &mut dyn StoreTxn| -> Result<(), StoreError> {
        let mut moves = crate::service::changes::Moves::default();
        for (number, place) in [(11, 1), (12, 1), (13, 2)] {
            moves.put(txn, &task(number, place))?;
        }
        let territory = serde_json::json!({
            "id": Uuid::from_u128(1), "code": "T1", "name": { "zh": "一", "en": "One" }, "region_code": "jiangcheng",
        });
        moves.put(txn, &Row::from_json(Table::Territories, territory).expect("a territory"))?;
        moves.publish(txn)?;
        let mut moves = crate::service::changes::Moves::default();
        moves.remove(txn, Table::Tasks, RowId(Uuid::from_u128(12)))?;
        moves.publish(txn)
    };
    database.in_transaction(put).expect("filled");
    let connection = database.connection();
    sum_after_migration(connection, REWRITTEN).expect("as the last start left it");
    let heads = || SqliteTxn(connection).bucket_heads().expect("read");
    let before = heads();
    sum_after_migration(connection, &[Rewritten { step: 1, table: Table::Tasks }]).expect("nothing is new");
    assert_eq!(heads(), before);

    // A step later: every task has a note of another wording now.
    let step = i64::try_from(STEPS.len()).expect("few") + 1;
    connection.execute("UPDATE tasks SET note = note || '。'", []).expect("rewritten");
    connection.pragma_update(None, "user_version", step).expect("counted");
    let rewritten = [Rewritten { step, table: Table::Tasks }, Rewritten { step, table: Table::Tasks }];
    sum_after_migration(connection, &rewritten).expect("raised");
    let after = heads();
    assert_eq!(after[&Bucket::Org], before[&Bucket::Org]);
    let txn = SqliteTxn(connection);
    for (number, place, rows) in [(11, 1, 1), (13, 2, 1)] {
        let bucket = territory(place);
        assert_eq!(after[&bucket], before[&bucket] + rows);
        let news = txn.entries_after(&bucket, before[&bucket], 10).expect("read");
        let found: Vec<_> = news.iter().map(|entry| (entry.id.0.as_u128(), entry.version, entry.is_removed)).collect();
        assert_eq!(found, [(number, 2, false)], "what was removed stays as it went");
        assert_eq!(txn.row_version(Table::Tasks, RowId(Uuid::from_u128(number))).expect("read"), 2);
    }
    for (bucket, computed, kept) in held(&txn).expect("read") {
        assert_eq!(computed, kept, "{bucket}");
    }
    let again = heads();
    sum_after_migration(connection, &rewritten).expect("once is enough");
    assert_eq!(heads(), again);
    // The next change goes on above.
    let mut txn = SqliteTxn(connection);
    let head = txn.append(&territory(1), &[]).expect("allocated");
    assert_eq!(head, after[&territory(1)]);
}

#[test]
fn a_server_that_was_set_back_works_on_where_the_newer_one_only_added_and_else_says_why_not() {
    for (least, works) in [(LEAST_STEPS, true), (STEPS.len() + 1, false)] {
        let folder = tempfile::tempdir().expect("a folder");
        drop(open(folder.path()).expect("made"));
        let path = folder.path().join("storewalk.sqlite");
        let connection = Connection::open(&path).expect("a file");
        connection.execute_batch("ALTER TABLE tasks ADD COLUMN zz_priority INTEGER;").expect("a step");
        connection.pragma_update(None, "user_version", STEPS.len() + 1).expect("counted");
        connection.execute("UPDATE schema_readers SET least_steps = ?", [least]).expect("said");
        drop(connection);
        match open(folder.path()) {
            Ok(store) => {
                assert!(works, "least {least}");
                let store: &(dyn Store + 'static) = &store;
                let written: Result<_, StoreError> = store.write_blocking(|txn| txn.put_row(&task(11, 1)));
                assert_eq!(written.expect("written").version, 1);
            }
            Err(error) => {
                assert!(!works, "{error}");
                assert!(format!("{error:?}").contains("Newer"), "{error:?}");
            }
        }
    }
}
