//! The one door through which synced rows change: rows, versions and logs move together.
//!
//! **Invariants.** A row has one entry in every bucket it travels in and, as a removal, in every bucket it left. A row
//! that is put as it was does not move. Positions are taken at the end of a job, bucket by bucket in sorted order, so
//! that two writers of one database can never wait for each other in a circle. A person's scope is written with its
//! version, its place and the account it sets.

use std::collections::BTreeMap;

use storewalk_domain::{
    ids::{RowId, UserId},
    sync::{Bucket, Change, Row, Table, buckets_of},
};

use storewalk_wire::{Checksum, row_checksum};

use crate::store::{Move, StoreError, StoreTxn, Written};

/// Row changes of a job, waiting for their positions.
#[derive(Clone, Debug, Default)]
pub struct Moves(BTreeMap<Bucket, BTreeMap<(Table, RowId), Move>>);

impl Moves {
    /// Makes the changes of a decision.
    ///
    /// # Errors
    /// When the store fails or refuses a value.
    pub fn apply(&mut self, txn: &mut dyn StoreTxn, changes: &[Change]) -> Result<(), StoreError> {
        for change in changes {
            match change {
                Change::Put(row) => self.put(txn, row)?,
                Change::Remove { table, id } => self.remove(txn, *table, *id)?,
            }
        }
        Ok(())
    }

    /// Puts a row: it enters or moves in the buckets it names and leaves those it no longer names.
    ///
    /// # Errors
    /// When the store fails or refuses a value.
    pub fn put(&mut self, txn: &mut dyn StoreTxn, row: &Row) -> Result<(), StoreError> {
        let old = txn.load(row.table(), row.id())?;
        if old.as_ref() == Some(row) {
            return Ok(());
        }
        let (table, id) = (row.table(), row.id());
        let Written { version, fields } = txn.put_row(row)?;
        if let Row::Scope(scope) = row {
            txn.put_scope_version(scope)?;
            txn.put_account_scope(scope.user_id, &scope.territories, &scope.dealers)?;
        }
        let checksum = row_checksum(table.name(), id, version, &fields);
        let buckets = buckets_of(row);
        let left = old.iter().flat_map(buckets_of).filter(|bucket| !buckets.contains(bucket));
        for bucket in left {
            self.note(bucket, Move { table, id, version, is_removed: true, checksum });
        }
        for bucket in buckets {
            self.note(bucket, Move { table, id, version, is_removed: false, checksum });
        }
        Ok(())
    }

    /// Removes a row from every bucket it travels in; it may already be gone.
    ///
    /// # Errors
    /// When the store fails.
    pub fn remove(&mut self, txn: &mut dyn StoreTxn, table: Table, id: RowId) -> Result<(), StoreError> {
        let Some(old) = txn.load(table, id)? else { return Ok(()) };
        let version = txn.remove_row(table, id)?;
        for bucket in buckets_of(&old) {
            self.note(bucket, Move { table, id, version, is_removed: true, checksum: Checksum::default() });
        }
        Ok(())
    }

    /// Takes over what a part of the job changed.
    pub fn absorb(&mut self, part: Self) {
        for (bucket, moves) in part.0 {
            self.0.entry(bucket).or_default().extend(moves);
        }
    }

    /// Gives every change its position. To be called once, last in the job.
    ///
    /// # Errors
    /// When the store fails.
    pub fn publish(self, txn: &mut dyn StoreTxn) -> Result<(), StoreError> {
        for (bucket, moves) in self.0 {
            let moves: Vec<Move> = moves.into_values().collect();
            let head = txn.append(&bucket, &moves)?;
            place_scopes(txn, &moves, head)?;
        }
        Ok(())
    }

    fn note(&mut self, bucket: Bucket, moved: Move) {
        self.0.entry(bucket).or_default().insert((moved.table, moved.id), moved);
    }
}

/// Notes the places that scopes have taken: they tell later which version a phone knew. `head` is that of the last move.
fn place_scopes(txn: &mut dyn StoreTxn, moves: &[Move], head: u64) -> Result<(), StoreError> {
    let first = head.saturating_sub(moves.len() as u64) + 1;
    for (position, moved) in (first..).zip(moves) {
        if moved.table == Table::Scopes && !moved.is_removed {
            txn.place_scope_versions(UserId::from(moved.id), position)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use storewalk_domain::{
        ids::{OutletId, TerritoryId},
        outlet::{Outlet, OutletClass},
        time::Zone,
    };
    use uuid::Uuid;

    use super::*;
    use crate::store::{StoreRead, sqlite::memory};

    /// What may happen to one of a few outlets.
    #[derive(Clone, Copy, Debug)]
    enum Step {
        Put { outlet: u128, territory: u128, fence_m: u32 },
        Remove { outlet: u128 },
    }

    fn step() -> impl Strategy<Value = Step> {
        let put = (0_u128..6, 0_u128..3, 1_u32..4).prop_map(|(outlet, territory, fence_m)| Step::Put {
            outlet,
            territory,
            fence_m,
        });
        prop_oneof![3 => put, 1 => (0_u128..6).prop_map(|outlet| Step::Remove { outlet })]
    }

    fn outlet(number: u128, territory: u128, fence_m: u32) -> Row {
        Row::from(Outlet {
            id: OutletId(Uuid::from_u128(number)),
            code: format!("S{number}"),
            name: "幸福路手机城".into(),
            class: OutletClass::B,
            county_id: storewalk_domain::ids::CountyId(Uuid::from_u128(1)),
            territory_id: TerritoryId(Uuid::from_u128(territory)),
            gln: None,
            address: String::new(),
            position: None,
            fence_m,
            decision_maker: String::new(),
            phone: String::new(),
            zone: Zone::SHANGHAI,
            is_active: true,
            opening_hours: None,
            contact: None,
        })
    }

    /// What the buckets hold, from the rows alone.
    fn scratch(snapshot: &dyn StoreRead) -> Result<BTreeMap<Bucket, (u64, Checksum)>, StoreError> {
        let mut held: BTreeMap<Bucket, (u64, Checksum)> = BTreeMap::new();
        for row in snapshot.rows_of(Table::Outlets)? {
            let version = snapshot.row_version(Table::Outlets, row.id())?;
            let fields = snapshot.row_fields(Table::Outlets, row.id())?.expect("there");
            let sum = row_checksum("outlets", row.id(), version, &fields);
            for bucket in buckets_of(&row) {
                let (rows, whole) = held.entry(bucket).or_default();
                (*rows, *whole) = (*rows + 1, whole.plus(sum));
            }
        }
        Ok(held)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn the_sum_of_a_bucket_kept_up_change_by_change_is_that_of_its_rows(
            jobs in proptest::collection::vec(proptest::collection::vec(step(), 1..6), 1..12),
        ) {
            let database = memory();
            for job in jobs {
                let done = database.in_transaction(|txn| {
                    let mut moves = Moves::default();
                    for step in job {
                        match step {
                            Step::Put { outlet: number, territory, fence_m } => {
                                moves.put(txn, &outlet(number, territory, fence_m))?;
                            }
                            Step::Remove { outlet } => {
                                moves.remove(txn, Table::Outlets, RowId(Uuid::from_u128(outlet)))?;
                            }
                        }
                    }
                    moves.publish(txn)
                });
                prop_assert!(done.is_ok());
                let (kept, computed) = database
                    .in_transaction(|txn| {
                        let mut kept = BTreeMap::new();
                        for bucket in txn.bucket_heads()?.into_keys() {
                            let head = txn.bucket_head(&bucket)?.expect("listed");
                            assert!(!txn.resum(&bucket)?, "nothing to set right");
                            kept.insert(bucket, (head.row_count, head.checksum));
                        }
                        kept.retain(|_, held| *held != (0, Checksum::default()));
                        Ok::<_, StoreError>((kept, scratch(&*txn)?))
                    })
                    .expect("read");
                prop_assert_eq!(kept, computed);
            }
        }
    }
}
