//! Rows, versions and logs.

use storewalk_domain::{
    ids::{RowId, TerritoryId},
    sync::{Bucket, Table},
};

use storewalk_wire::{Checksum, row_checksum};

use super::{Case, id, read, territory, write};
use crate::store::{FeedEntry, Move, Store, StoreError, StoreTxn};

pub(super) const CASES: &[Case] = &[
    a_row_counts_its_versions_even_over_its_removal,
    positions_have_no_gaps_and_each_row_one_entry,
    buckets_do_not_mix,
    a_reader_from_the_start_is_spared_removals,
    entries_come_in_pages,
    positions_taken_by_a_job_that_fails_are_given_again,
];

fn moved(number: u128, version: u64, is_removed: bool) -> Move {
    Move { table: Table::Territories, id: RowId(id(number)), version, is_removed, checksum: Checksum::default() }
}

fn positions(entries: &[FeedEntry]) -> Vec<(u64, u128)> {
    entries.iter().map(|entry| (entry.position, entry.id.0.as_u128())).collect()
}

fn append(txn: &mut dyn StoreTxn, moves: &[Move]) -> Result<u64, StoreError> {
    txn.append(&Bucket::Org, moves)
}

fn a_row_counts_its_versions_even_over_its_removal(store: &(dyn Store + 'static)) {
    let versions = write(store, |txn| {
        let row = RowId(id(1));
        Ok([
            txn.row_version(Table::Territories, row)?,
            txn.put_row(&territory(1, "one").into())?.version,
            txn.put_row(&territory(1, "uno").into())?.version,
            txn.remove_row(Table::Territories, row)?,
            txn.put_row(&territory(1, "one").into())?.version,
            txn.row_version(Table::Territories, row)?,
            txn.row_version(Table::Counties, row)?,
        ])
    });
    assert_eq!(versions, [0, 1, 2, 3, 4, 4, 0]);
    let written =
        write(store, |txn| Ok((txn.put_row(&territory(2, "two").into())?, txn.put_row(&territory(2, "deux").into())?)));
    let read_back = read(store, |snapshot| snapshot.row_fields(Table::Territories, RowId(id(2)))).expect("there");
    let checksum = |fields| row_checksum("territories", RowId(id(2)), 2, fields);
    assert_eq!((written.0.version, written.1.version), (1, 2));
    assert_eq!(checksum(&written.1.fields), checksum(&read_back), "what was written is what travels");
    write(store, |txn| txn.remove_row(Table::Territories, RowId(id(2))));
    let fields = read(store, |snapshot| snapshot.row_fields(Table::Territories, RowId(id(1))));
    assert_eq!(fields.expect("there").get("code"), Some(&"T1".into()));
    assert_eq!(read(store, |snapshot| snapshot.rows_of(Table::Territories)), [territory(1, "one").into()]);
    write(store, |txn| txn.remove_row(Table::Territories, RowId(id(1))));
    assert_eq!(read(store, |snapshot| snapshot.row_fields(Table::Territories, RowId(id(1)))), None);
}

fn positions_have_no_gaps_and_each_row_one_entry(store: &(dyn Store + 'static)) {
    assert_eq!(read(store, |snapshot| snapshot.bucket_head(&Bucket::Org)), None);
    let heads = write(store, |txn| {
        Ok([
            append(txn, &[moved(1, 1, false), moved(2, 1, false), moved(3, 1, false)])?,
            append(txn, &[moved(2, 2, false)])?,
            append(txn, &[moved(1, 2, true), moved(4, 1, true)])?,
        ])
    });
    assert_eq!(heads, [3, 4, 6]);
    let entries = read(store, |snapshot| snapshot.entries_after(&Bucket::Org, 1, 100));
    assert_eq!(positions(&entries), [(3, 3), (4, 2), (5, 1), (6, 4)]);
    assert_eq!(entries.iter().map(|entry| entry.is_removed).collect::<Vec<_>>(), [false, false, true, true]);
    assert_eq!(entries.iter().map(|entry| entry.version).collect::<Vec<_>>(), [1, 2, 2, 1]);
    let head = read(store, |snapshot| snapshot.bucket_head(&Bucket::Org)).expect("begun");
    assert_eq!((head.head, head.floor, head.row_count), (6, 0, 2));
    assert_eq!(head.epoch, read(store, |snapshot| snapshot.epoch()));
    write(store, |txn| append(txn, &[moved(1, 3, false)]));
    assert_eq!(read(store, |snapshot| snapshot.bucket_head(&Bucket::Org)).expect("begun").row_count, 3);
}

fn buckets_do_not_mix(store: &(dyn Store + 'static)) {
    let north = Bucket::Territory(TerritoryId(id(1)));
    let south = Bucket::Territory(TerritoryId(id(2)));
    let (n, s) = (north.clone(), south.clone());
    write(store, move |txn| {
        txn.append(&n, &[moved(1, 1, false)])?;
        txn.append(&s, &[moved(1, 1, true), moved(2, 1, false)])
    });
    let entries =
        read(store, move |snapshot| Ok((snapshot.entries_after(&north, 0, 9)?, snapshot.entries_after(&south, 0, 9)?)));
    assert_eq!((positions(&entries.0), positions(&entries.1)), (vec![(1, 1)], vec![(2, 2)]));
}

fn a_reader_from_the_start_is_spared_removals(store: &(dyn Store + 'static)) {
    write(store, |txn| append(txn, &[moved(1, 1, true), moved(2, 1, false), moved(3, 1, true)]));
    let entries = read(store, |snapshot| {
        Ok((snapshot.entries_after(&Bucket::Org, 0, 9)?, snapshot.entries_after(&Bucket::Org, 1, 9)?))
    });
    assert_eq!((positions(&entries.0), positions(&entries.1)), (vec![(2, 2)], vec![(2, 2), (3, 3)]));
}

fn entries_come_in_pages(store: &(dyn Store + 'static)) {
    let moves: Vec<Move> = (1..=10).map(|number| moved(number, 1, false)).collect();
    write(store, move |txn| append(txn, &moves));
    let page = |after| positions(&read(store, move |snapshot| snapshot.entries_after(&Bucket::Org, after, 4)));
    assert_eq!(page(0), [(1, 1), (2, 2), (3, 3), (4, 4)]);
    assert_eq!(page(8), [(9, 9), (10, 10)]);
    assert_eq!(page(10), []);
    assert_eq!(page(u64::from(u32::MAX)), []);
}

fn positions_taken_by_a_job_that_fails_are_given_again(store: &(dyn Store + 'static)) {
    write(store, |txn| append(txn, &[moved(1, 1, false)]));
    let failed: Result<(), StoreError> = store.write_blocking(|txn| {
        append(txn, &[moved(2, 1, false)])?;
        Err(StoreError::Stopped)
    });
    assert!(failed.is_err());
    assert_eq!(write(store, |txn| append(txn, &[moved(3, 1, false)])), 2);
}
