//! The database's side of an import: what is there, and writing it, in one transaction.
//!
//! The comparison is made again inside the transaction that writes, so nobody can change anything in between.

use std::sync::Arc;

use storewalk_domain::sync::Row;

use super::{
    columns::ImportKind,
    existing::Existing,
    plan::{ImportPlan, PlanOptions, plan},
    table::Table,
};
use crate::{
    service::changes::Moves,
    state::AppState,
    store::{StoreError, StoreRead},
};

/// What a table would do; writes nothing.
///
/// # Errors
/// When the store fails.
pub async fn preview(
    state: &AppState,
    kind: ImportKind,
    table: Arc<Table>,
    options: PlanOptions,
) -> Result<ImportPlan, StoreError> {
    state.store.read(move |snapshot| Ok(plan(kind, &table, &existing(snapshot, kind)?, options))).await
}

/// Writes everything a table says, or, when anything in it is faulty, nothing.
///
/// # Errors
/// When the store fails; then nothing is written either.
pub async fn commit(
    state: &AppState,
    kind: ImportKind,
    table: Arc<Table>,
    options: PlanOptions,
) -> Result<ImportPlan, StoreError> {
    state
        .store
        .write(move |txn| {
            let plan = plan(kind, &table, &existing(txn, kind)?, options);
            if plan.faults.is_empty() {
                let mut moves = Moves::default();
                for row in &plan.rows {
                    moves.put(txn, row)?;
                }
                moves.publish(txn)?;
            }
            Ok(plan)
        })
        .await
}

fn existing<R: StoreRead + ?Sized>(snapshot: &R, kind: ImportKind) -> Result<Existing, StoreError> {
    let mut rows: Vec<Row> = Vec::new();
    for table in Existing::tables(kind) {
        rows.extend(snapshot.rows_of(*table)?);
    }
    Ok(Existing::of(rows))
}
