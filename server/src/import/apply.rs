//! The database's side of an import: what is there, and writing it, in one transaction.
//!
//! The comparison is made again inside the transaction that writes, so nobody can change anything in between.

use std::sync::Arc;

use storewalk_domain::{
    outlet::{Outlet, Why, moved_with_outlet},
    sync::{Row, StateExt},
};

use super::{
    columns::ImportKind,
    existing::Existing,
    plan::{ImportPlan, PlanOptions, plan},
    table::Table,
};
use crate::{
    service::changes::Moves,
    state::AppState,
    store::{StoreError, StoreRead, StoreTxn},
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
    let why = Why {
        cause: state.new_id(),
        by: None,
        at: state.now(),
        reason: String::new(),
        rule: state.config.policies.credit_rule,
    };
    state
        .store
        .write(move |txn| {
            let plan = plan(kind, &table, &existing(txn, kind)?, options);
            if plan.faults.is_empty() {
                let mut moves = Moves::default();
                for row in &plan.rows {
                    write(txn, &mut moves, row, &why)?;
                }
                moves.publish(txn)?;
            }
            Ok(plan)
        })
        .await
}

/// Writes a row. An outlet that a file puts into another territory is handed over like any other: with all that belongs
/// to it, and with a note for everybody concerned.
fn write(txn: &mut dyn StoreTxn, moves: &mut Moves, row: &Row, why: &Why) -> Result<(), StoreError> {
    if let Row::Outlet(outlet) = row
        && let Some(was) = txn.get::<Outlet>(outlet.id.row())?
        && was.territory_id != outlet.territory_id
    {
        let there = Outlet { territory_id: was.territory_id, ..outlet.clone() };
        let changes = moved_with_outlet(&*txn, &there, outlet.territory_id, why)?;
        return moves.apply(txn, &changes);
    }
    moves.put(txn, row)
}

fn existing<R: StoreRead + ?Sized>(snapshot: &R, kind: ImportKind) -> Result<Existing, StoreError> {
    let mut rows: Vec<Row> = Vec::new();
    for table in Existing::tables(kind) {
        rows.extend(snapshot.rows_of(*table)?);
    }
    Ok(Existing::of(rows))
}
