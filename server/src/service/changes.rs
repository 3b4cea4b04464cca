//! The one door through which synced rows change: rows, versions and logs move together.
//!
//! **Invariants.** A row has one entry in every bucket it travels in and, as a removal, in every bucket it left. A row
//! that is put as it was does not move. Positions are taken at the end of a job, bucket by bucket in sorted order, so
//! that two writers of one database can never wait for each other in a circle.

use std::collections::BTreeMap;

use storewalk_domain::{
    ids::RowId,
    sync::{Bucket, Change, Row, Table, buckets_of},
};

use crate::store::{Move, StoreError, StoreTxn};

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
        let version = txn.put_row(row)?;
        let buckets = buckets_of(row);
        let left = old.iter().flat_map(buckets_of).filter(|bucket| !buckets.contains(bucket));
        for bucket in left {
            self.note(bucket, Move { table: row.table(), id: row.id(), version, is_removed: true });
        }
        for bucket in buckets {
            self.note(bucket, Move { table: row.table(), id: row.id(), version, is_removed: false });
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
            self.note(bucket, Move { table, id, version, is_removed: true });
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
            txn.append(&bucket, &moves)?;
        }
        Ok(())
    }

    fn note(&mut self, bucket: Bucket, moved: Move) {
        self.0.entry(bucket).or_default().insert((moved.table, moved.id), moved);
    }
}
