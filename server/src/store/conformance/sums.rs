//! What buckets hold in short, ranges of it, and removals that are forgotten.

use storewalk_domain::{
    ids::RowId,
    sync::{Bucket, Table},
    time::Timestamp,
};
use storewalk_wire::{Checksum, RANGES, RangeSum, range_of, row_checksum};

use super::{Case, id, read, territory, write};
use crate::store::{FeedEntry, Move, RowKey, Store, StoreError, StoreRead, StoreTxn};

pub(super) const CASES: &[Case] = &[
    a_sum_follows_its_rows_in_and_out,
    sums_by_range_add_up_to_the_whole,
    the_rows_of_a_range_are_those_its_sum_counts,
    rows_come_in_order_of_table_and_id,
    a_wrong_sum_is_found_and_set_right,
    a_removal_is_forgotten_only_when_it_was_noted_long_ago,
    a_row_that_came_back_is_not_forgotten,
    entries_after_a_position_are_counted,
];

/// Puts a territory as it is named and gives the move that says so.
fn put(txn: &mut dyn StoreTxn, number: u128, name: &str) -> Result<Move, StoreError> {
    let row = RowId(id(number));
    let version = txn.put_row(&territory(number, name).into())?.version;
    let checksum = sum_of(&*txn, row, version)?;
    Ok(Move { table: Table::Territories, id: row, version, is_removed: false, checksum })
}

fn remove(txn: &mut dyn StoreTxn, number: u128) -> Result<Move, StoreError> {
    let row = RowId(id(number));
    let version = txn.remove_row(Table::Territories, row)?;
    Ok(Move { table: Table::Territories, id: row, version, is_removed: true, checksum: Checksum(99) })
}

fn sum_of<S: StoreRead + ?Sized>(snapshot: &S, row: RowId, version: u64) -> Result<Checksum, StoreError> {
    let fields = snapshot.row_fields(Table::Territories, row)?.expect("there");
    Ok(row_checksum("territories", row, version, &fields))
}

/// Puts territories of these numbers into the organisation's bucket.
fn fill(store: &(dyn Store + 'static), numbers: std::ops::RangeInclusive<u128>) {
    write(store, move |txn| {
        let moves: Result<Vec<Move>, StoreError> = numbers.map(|number| put(txn, number, "one")).collect();
        txn.append(&Bucket::Org, &moves?)
    });
}

fn held(store: &(dyn Store + 'static)) -> (u64, Checksum) {
    let head = read(store, |snapshot| snapshot.bucket_head(&Bucket::Org)).expect("begun");
    (head.row_count, head.checksum)
}

/// What the bucket holds, from its rows alone.
fn scratch(store: &(dyn Store + 'static)) -> (u64, Checksum) {
    read(store, |snapshot| {
        let entries = snapshot.entries_by_key(&Bucket::Org, None, usize::MAX)?;
        let mut sum = Checksum::default();
        for entry in &entries {
            sum = sum.plus(sum_of(snapshot, entry.id, entry.version)?);
        }
        Ok((entries.len() as u64, sum))
    })
}

fn a_sum_follows_its_rows_in_and_out(store: &(dyn Store + 'static)) {
    fill(store, 1..=3);
    let three = held(store);
    assert_eq!(three, scratch(store));
    write(store, |txn| {
        let changed = put(txn, 2, "uno")?;
        txn.append(&Bucket::Org, &[changed])
    });
    assert_eq!(held(store), scratch(store));
    assert_ne!(held(store).1, three.1);
    write(store, |txn| {
        let gone = [remove(txn, 2)?, remove(txn, 7)?];
        txn.append(&Bucket::Org, &gone)
    });
    assert_eq!(held(store), scratch(store));
    write(store, |txn| {
        let gone = [remove(txn, 1)?, remove(txn, 3)?, remove(txn, 2)?];
        txn.append(&Bucket::Org, &gone)
    });
    assert_eq!(held(store), (0, Checksum::default()));
}

fn sums_by_range_add_up_to_the_whole(store: &(dyn Store + 'static)) {
    assert_eq!(read(store, |snapshot| snapshot.range_sums(&Bucket::Org)), vec![RangeSum::default(); RANGES]);
    fill(store, 1..=600);
    write(store, |txn| {
        let gone = remove(txn, 5)?;
        txn.append(&Bucket::Org, &[gone])
    });
    let sums = read(store, |snapshot| snapshot.range_sums(&Bucket::Org));
    assert_eq!(sums.len(), RANGES);
    let whole = sums.iter().fold(Checksum::default(), |whole, sum| whole.plus(sum.checksum));
    assert_eq!((sums.iter().map(|sum| sum.rows).sum::<u64>(), whole), held(store));
    // 600 rows over 256 ranges: 5 and 261 and 517 share one, and 5 has left.
    assert_eq!((sums[5].rows, sums[6].rows, sums[200].rows), (2, 3, 2));
}

fn the_rows_of_a_range_are_those_its_sum_counts(store: &(dyn Store + 'static)) {
    fill(store, 1..=600);
    let entries = read(store, |snapshot| snapshot.entries_in_ranges(&Bucket::Org, &[200, 3]));
    let numbers: Vec<u128> = entries.iter().map(|entry| entry.id.0.as_u128()).collect();
    assert_eq!(numbers, [3, 259, 515, 200, 456]);
    assert!(entries.iter().all(|entry| [3, 200].contains(&range_of(entry.id))));
    assert_eq!(read(store, |snapshot| snapshot.entries_in_ranges(&Bucket::Org, &[])), []);
}

fn rows_come_in_order_of_table_and_id(store: &(dyn Store + 'static)) {
    let change = |table, number, is_removed| Move {
        table,
        id: RowId(id(number)),
        version: 1,
        is_removed,
        checksum: Checksum::default(),
    };
    write(store, move |txn| {
        let moves = [
            change(Table::Visits, 1, false),
            change(Table::Outlets, 900, false),
            change(Table::Counties, 5, true),
            change(Table::Outlets, 3, false),
        ];
        txn.append(&Bucket::Org, &moves)
    });
    let from = |after: Option<RowKey>, limit| {
        let entries = read(store, move |snapshot| snapshot.entries_by_key(&Bucket::Org, after.as_ref(), limit));
        entries.iter().map(FeedEntry::key).collect::<Vec<_>>()
    };
    let key = |table: &str, number| RowKey { table: table.into(), id: RowId(id(number)) };
    let all = [key("outlets", 3), key("outlets", 900), key("visits", 1)];
    assert_eq!(from(None, 9), all);
    assert_eq!(from(None, 2), all[..2]);
    assert_eq!(from(Some(key("outlets", 3)), 9), all[1..]);
    assert_eq!(from(Some(key("outlets", 901)), 9), all[2..]);
    assert_eq!(from(Some(key("visits", 1)), 9), []);
}

fn a_wrong_sum_is_found_and_set_right(store: &(dyn Store + 'static)) {
    fill(store, 1..=5);
    let right = held(store);
    assert!(!write(store, |txn| txn.resum(&Bucket::Org)), "nothing is wrong yet");
    write(store, |txn| {
        let good = put(txn, 2, "one")?;
        txn.append(&Bucket::Org, &[Move { checksum: Checksum(7), ..good }])
    });
    assert_ne!(held(store), scratch(store));
    assert!(write(store, |txn| txn.resum(&Bucket::Org)));
    assert_eq!(held(store), scratch(store));
    assert_ne!(held(store), right, "the row has another version now");
    assert!(!write(store, |txn| txn.resum(&Bucket::Org)));
    assert!(!write(store, |txn| txn.resum(&Bucket::User(storewalk_domain::ids::UserId(id(1))))));
}

fn a_removal_is_forgotten_only_when_it_was_noted_long_ago(store: &(dyn Store + 'static)) {
    fill(store, 1..=4);
    let remove_one = |number| {
        write(store, move |txn| {
            let gone = remove(txn, number)?;
            txn.append(&Bucket::Org, &[gone])
        })
    };
    let forget = |now, until| write(store, move |txn| txn.forget_removals(Timestamp(now), Timestamp(until)));
    let head = || read(store, |snapshot| snapshot.bucket_head(&Bucket::Org)).expect("begun");
    let first = remove_one(1);
    assert_eq!(forget(1_000, 1_000), 0, "noted now");
    remove_one(2);
    assert_eq!(forget(2_000, 1_001), 1);
    assert_eq!((head().floor, head().head, head().row_count), (first, 6, 2));
    let left = read(store, |snapshot| snapshot.entries_after(&Bucket::Org, 1, 9));
    assert_eq!(left.iter().filter(|entry| entry.is_removed).count(), 1);
    assert_eq!(forget(3_000, 2_000), 0);
    assert_eq!(forget(3_000, 2_001), 1);
    assert_eq!(head().floor, 6);
    assert_eq!(forget(9_000, 9_000), 0);
    assert_eq!(head().floor, 6);
    assert_eq!(held(store), scratch(store));
}

fn a_row_that_came_back_is_not_forgotten(store: &(dyn Store + 'static)) {
    fill(store, 1..=1);
    write(store, |txn| {
        let gone = remove(txn, 1)?;
        txn.append(&Bucket::Org, &[gone])?;
        txn.forget_removals(Timestamp(1), Timestamp(0))?;
        let back = put(txn, 1, "one")?;
        txn.append(&Bucket::Org, &[back])
    });
    assert_eq!(write(store, |txn| txn.forget_removals(Timestamp(9), Timestamp(9))), 0);
    // Removed once more, its time begins anew.
    write(store, |txn| {
        let gone = remove(txn, 1)?;
        txn.append(&Bucket::Org, &[gone])
    });
    assert_eq!(write(store, |txn| txn.forget_removals(Timestamp(9), Timestamp(9))), 0);
    assert_eq!(write(store, |txn| txn.forget_removals(Timestamp(20), Timestamp(10))), 1);
}

fn entries_after_a_position_are_counted(store: &(dyn Store + 'static)) {
    fill(store, 1..=10);
    let counted = |position, limit| read(store, move |snapshot| snapshot.count_after(&Bucket::Org, position, limit));
    assert_eq!((counted(0, 99), counted(4, 99), counted(4, 3), counted(10, 3)), (10, 6, 3, 0));
}
