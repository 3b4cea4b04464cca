//! Lives of a database.

use storewalk_domain::{ids::DeviceId, sync::Bucket, time::Timestamp};

use super::{Case, account, device, id, read, territory, write};
use crate::store::{Move, Store};

pub(super) const CASES: &[Case] = &[
    what_receipts_are_signed_with_stays,
    the_evidence_rises_with_the_work,
    another_life_renames_every_log_and_sets_numbers_aside,
    a_copy_goes_on_after_the_last_common_number,
    a_device_has_the_mark_of_its_last_sign_in,
    a_life_but_the_first_tells_when_it_began,
];

fn a_life_but_the_first_tells_when_it_began(store: &(dyn Store + 'static)) {
    let restored = || read(store, |snapshot| snapshot.restored_at());
    write(store, |txn| txn.note_life(Timestamp(3)));
    assert_eq!(restored(), None);
    write(store, |txn| txn.begin_life(77, 0));
    write(store, |txn| txn.note_life(Timestamp(5)));
    write(store, |txn| txn.note_life(Timestamp(8)));
    assert_eq!(restored(), Some(Timestamp(5)), "the next start changes nothing");
    write(store, |txn| {
        txn.begin_life(78, 0)?;
        txn.note_life(Timestamp(9))
    });
    assert_eq!(restored(), Some(Timestamp(9)));
}

fn a_device_has_the_mark_of_its_last_sign_in(store: &(dyn Store + 'static)) {
    let (phone, other) = (device(1, &account(1)).id, device(2, &account(1)).id);
    assert_eq!(read(store, move |snapshot| snapshot.sign_in_mark(phone)), None);
    write(store, move |txn| {
        txn.put_sign_in_mark(phone, id(7))?;
        txn.put_sign_in_mark(phone, id(8))
    });
    assert_eq!(read(store, move |snapshot| snapshot.sign_in_mark(phone)), Some(id(8)));
    assert_eq!(read(store, move |snapshot| snapshot.sign_in_mark(other)), None);
}

fn what_receipts_are_signed_with_stays(store: &(dyn Store + 'static)) {
    let seed = read(store, |snapshot| snapshot.receipt_seed());
    assert_ne!(seed, [0; 32]);
    write(store, |txn| txn.begin_life(77, 0));
    assert_eq!(read(store, |snapshot| snapshot.receipt_seed()), seed, "old receipts still verify");
}

fn the_evidence_rises_with_the_work(store: &(dyn Store + 'static)) {
    let empty = read(store, |snapshot| snapshot.evidence());
    assert_eq!((empty.positions, empty.device_number), (0, 0));
    write(store, |txn| {
        let row = territory(1, "north");
        let version = txn.put_row(&row.clone().into())?.version;
        let moved = Move {
            table: storewalk_domain::sync::Table::Territories,
            id: row.id.row(),
            version,
            is_removed: false,
            checksum: storewalk_wire::Checksum::default(),
        };
        txn.append(&Bucket::Org, &[moved])?;
        txn.append(&Bucket::Territory(row.id), &[moved])?;
        txn.put_account(&account(1))?;
        txn.put_device(&device(4, &account(1)))
    });
    let evidence = read(store, |snapshot| snapshot.evidence());
    assert_eq!((evidence.epoch, evidence.positions, evidence.device_number), (empty.epoch, 2, 4));
}

fn another_life_renames_every_log_and_sets_numbers_aside(store: &(dyn Store + 'static)) {
    let (head, epoch, next) = write(store, |txn| {
        let row = territory(1, "north");
        let version = txn.put_row(&row.clone().into())?.version;
        let moved = Move {
            table: storewalk_domain::sync::Table::Territories,
            id: row.id.row(),
            version,
            is_removed: false,
            checksum: storewalk_wire::Checksum::default(),
        };
        txn.append(&Bucket::Org, &[moved])?;
        txn.put_account(&account(1))?;
        txn.put_device(&device(4, &account(1)))?;
        txn.begin_life(77, 9)?;
        txn.begin_life(78, 3)?;
        Ok((txn.bucket_head(&Bucket::Org)?, txn.epoch()?, txn.next_device_number()?))
    });
    assert_eq!(head.map(|head| (head.epoch, head.head, head.row_count)), Some((78, 1, 1)));
    assert_eq!((epoch, next), (78, 10), "what was set aside stays so");
    let forgotten = read(store, |snapshot| {
        [0, 4, 5, 9, 10].into_iter().map(|number| snapshot.is_forgotten_number(number)).collect::<Result<Vec<_>, _>>()
    });
    assert_eq!(forgotten, [false, false, true, true, false], "free, and below the floor");
}

fn a_copy_goes_on_after_the_last_common_number(store: &(dyn Store + 'static)) {
    let found = write(store, |txn| {
        let owner = account(1);
        let (phone, copy) = (device(1, &owner), device(2, &owner));
        txn.put_account(&owner)?;
        txn.put_device(&phone)?;
        txn.put_device(&copy)?;
        txn.put_copy(copy.id, phone.id, 41, Timestamp(9))?;
        Ok((txn.last_seq(copy.id)?, txn.last_seq(phone.id)?, txn.copied_from(copy.id)?, txn.copied_from(phone.id)?))
    });
    assert_eq!(found, (41, 0, Some(DeviceId(id(1_001))), None));
}
