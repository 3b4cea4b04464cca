//! Versions of scopes.

use storewalk_domain::{
    ids::{DealerId, RowId, TerritoryId, UserId},
    outlet::Role,
    sync::{Bucket, Scope, ScopeGrant, Table},
    time::Timestamp,
};

use super::{Case, account, id, read, write};
use crate::store::{Account, Move, Store, StoreError, StoreRead};

pub(super) const CASES: &[Case] = &[
    a_position_tells_the_version_a_reader_knew,
    every_bucket_that_ever_was_is_remembered,
    a_scope_sets_what_is_the_accounts,
    who_has_no_scope_yet_is_named,
    a_row_has_one_entry_in_a_bucket,
];

const USER: UserId = UserId(uuid::Uuid::from_u128(1));

fn scope(before: Option<&Scope>, territories: &[u128]) -> Scope {
    let grant = ScopeGrant {
        role: Role::Rep,
        region_code: None,
        territories: territories.iter().map(|number| TerritoryId(id(*number))).collect(),
        dealers: vec![DealerId(id(9))],
    };
    Scope::following(before, USER, grant, Timestamp(1), None, "").expect("something differs")
}

fn two_versions(store: &(dyn Store + 'static)) {
    write(store, |txn| {
        let first = scope(None, &[2]);
        txn.put_scope_version(&first)?;
        txn.place_scope_versions(USER, 5)?;
        txn.put_scope_version(&scope(Some(&first), &[3]))?;
        txn.place_scope_versions(USER, 8)
    });
}

fn a_position_tells_the_version_a_reader_knew(store: &(dyn Store + 'static)) {
    let seen = |position| read(store, move |snapshot| snapshot.scope_seen(USER, position));
    assert_eq!(seen(5), None);
    two_versions(store);
    let (first, second) = (scope(None, &[2]).buckets(), scope(None, &[3]).buckets());
    assert_eq!(seen(0), Some(first.clone()), "before the first version, the first one stands");
    assert_eq!((seen(5), seen(7)), (Some(first.clone()), Some(first)));
    assert_eq!((seen(8), seen(u64::MAX)), (Some(second.clone()), Some(second)));
    assert_eq!(read(store, |snapshot| snapshot.scope_seen(UserId(id(2)), 8)), None);
}

fn every_bucket_that_ever_was_is_remembered(store: &(dyn Store + 'static)) {
    two_versions(store);
    let territories = [2, 3].map(|number| Bucket::Territory(TerritoryId(id(number))));
    let expected = [
        Bucket::Org,
        territories[0].clone(),
        territories[1].clone(),
        Bucket::Dealer(DealerId(id(9))),
        Bucket::User(USER),
    ];
    assert_eq!(read(store, |snapshot| snapshot.scope_ever(USER)), expected);
}

fn a_scope_sets_what_is_the_accounts(store: &(dyn Store + 'static)) {
    let found = write(store, |txn| {
        txn.put_account(&account(1))?;
        txn.put_account_scope(USER, &[TerritoryId(id(7)), TerritoryId(id(8))], &[DealerId(id(9))])?;
        txn.put_account_scope(UserId(id(2)), &[TerritoryId(id(7))], &[])?;
        Ok((txn.account(USER)?, txn.account(UserId(id(2)))?))
    });
    let territories = vec![TerritoryId(id(7)), TerritoryId(id(8))];
    let expected = Account { territories, dealers: vec![DealerId(id(9))], ..account(1) };
    assert_eq!(found, (Some(expected), None));
}

fn who_has_no_scope_yet_is_named(store: &(dyn Store + 'static)) {
    let without = |snapshot: &dyn StoreRead| snapshot.users_without_scope();
    write(store, |txn| {
        txn.put_account(&account(1))?;
        txn.put_account(&account(2))
    });
    assert_eq!(read(store, without), [UserId(id(1)), UserId(id(2))]);
    write(store, |txn| txn.put_row(&scope(None, &[2]).into()));
    assert_eq!(read(store, without), [UserId(id(2))]);
}

fn a_row_has_one_entry_in_a_bucket(store: &(dyn Store + 'static)) {
    let row = RowId(id(4));
    let moved = move |version, is_removed| Move {
        table: Table::Outlets,
        id: row,
        version,
        is_removed,
        checksum: storewalk_wire::Checksum::default(),
    };
    let entries = write(store, move |txn| {
        let before = txn.entry_of(&Bucket::Org, Table::Outlets, row)?;
        txn.append(&Bucket::Org, &[moved(1, false)])?;
        let there = txn.entry_of(&Bucket::Org, Table::Outlets, row)?;
        txn.append(&Bucket::Org, &[moved(2, true)])?;
        Ok::<_, StoreError>([before, there, txn.entry_of(&Bucket::Org, Table::Outlets, row)?])
    });
    let shown = entries.map(|entry| entry.map(|entry| (entry.position, entry.version, entry.is_removed)));
    assert_eq!(shown, [None, Some((1, 1, false)), Some((2, 2, true))]);
}
