//! No correction of a profile is lost: it is shown, or somebody saw it and put something else, or it waits, contested, or
//! stands in the history below the master data that was put above it.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Connection;
use storewalk_domain::{
    ids::{CommandId, OutletId},
    outlet::{FieldName, Outlet, ProfileField},
    sync::{Command, FieldChange, StateExt},
};
use storewalk_sqlite::{SqliteState, select};

use crate::simulation::handset::Captured;

/// What is wrong with the profiles, where no supervisor has decided anything.
///
/// # Errors
/// When the server's database cannot be read.
pub fn no_correction_is_lost<'c>(
    server: &Connection,
    captured: impl Iterator<Item = &'c Captured>,
) -> anyhow::Result<Vec<String>> {
    let mut accepted: BTreeMap<(OutletId, FieldName), Vec<(CommandId, FieldChange)>> = BTreeMap::new();
    for captured in captured {
        let Ok(Command::EditOutlet(args)) = serde_json::from_value(captured.command.clone()) else { continue };
        if is_applied(server, captured.command_id)? {
            // Whoever confirms what they see corrects nothing.
            for change in args.changes.into_iter().filter(|change| change.from != change.to) {
                accepted.entry((args.outlet_id, change.field)).or_default().push((captured.command_id, change));
            }
        }
    }
    let rows: Vec<ProfileField> = select(server, "ORDER BY id", [])?;
    let kept: BTreeSet<(CommandId, FieldName)> = rows.iter().flat_map(kept_in).collect();
    let mut objections = Vec::new();
    for ((outlet_id, field), edits) in accepted {
        let Some(outlet) = SqliteState(server).get::<Outlet>(outlet_id.row())? else { continue };
        let shown = field.read(&outlet);
        if !edits.iter().any(|(_, change)| change.to == shown || change.from == shown) {
            objections.push(format!("{} of {}: nobody ever gave {shown:?}", field.code(), outlet.code));
        }
        for (id, change) in &edits {
            let is_followed = edits.iter().any(|(other, next)| other != id && next.from == change.to);
            if change.to != shown && !is_followed && !kept.contains(&(*id, field)) {
                let what = format!("{} of {}: {:?} of {id} is lost", field.code(), outlet.code, change.to);
                objections.push(what);
            }
        }
    }
    Ok(objections)
}

/// The corrections that wait for a decision, and those that master data was put above.
fn kept_in(row: &ProfileField) -> impl Iterator<Item = (CommandId, FieldName)> {
    let waiting = row.edits.iter().filter(|_| row.is_contested);
    let overruled = row.decisions.iter().flat_map(|decision| &decision.edits);
    waiting.chain(overruled).map(|edit| (edit.id, row.field))
}

fn is_applied(server: &Connection, command: CommandId) -> anyhow::Result<bool> {
    let sql = "SELECT 1 FROM commands WHERE command_id = ? AND verdict NOT LIKE '%\"refused\"%'";
    Ok(server.prepare_cached(sql)?.exists([command.0.as_bytes()])?)
}
