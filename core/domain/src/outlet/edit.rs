//! `outlet.edit`: the profile of an outlet is corrected, each field by itself.

use std::collections::BTreeSet;

use super::{Edit, FieldName, Outlet, ProfileField, Role, Settled, Territory};
use crate::{
    problem::{Problem, ProblemCode},
    sync::{
        Change, Context, Decision, EditOutlet, FieldChange, State, StateError, StateExt, Stop, existing,
        require_outlet, require_role, settle,
    },
};

/// Most corrections of one field that may wait for a decision.
const MAX_WAITING: usize = 50;

/// Corrections of a field that agree are put together beyond this number.
const MAX_SETTLED: usize = 16;

/// Answers `outlet.edit`.
///
/// Fields that other people corrected meanwhile are no obstacle: what does not contradict is merged, what does is kept
/// beside it and contested. Refused is only what the field cannot take at all.
///
/// # Errors
/// When the state cannot be read.
pub fn decide_edit(state: &dyn State, args: &EditOutlet, context: &Context) -> Result<Decision, StateError> {
    settle(edit(state, args, context))
}

fn edit(state: &dyn State, args: &EditOutlet, context: &Context) -> Result<Vec<Change>, Stop> {
    require_role(context, &[Role::Rep, Role::Supervisor, Role::Admin])?;
    let mut outlet: Outlet = existing(state, args.outlet_id.row(), "outlet_id")?;
    // A correction from before a handover was known is merged like any other.
    require_outlet(state, context, &outlet)?;
    let changes = checked(&args.changes)?;
    let before = outlet.clone();
    let mut rows = Vec::new();
    for change in changes.into_iter().filter(|change| change.from != change.to) {
        let mut field = field_of(state, &outlet, change.field, context)?;
        if field.is_contested && field.edits.len() >= MAX_WAITING {
            return Err(value_problem(ProblemCode::ProfileContested, change.field).into());
        }
        field.take(Edit {
            id: context.command_id,
            from: change.from,
            to: change.to,
            by: context.actor.user_id,
            at: context.captured_at,
            clocks: context.clocks(),
        });
        change.field.write(&mut outlet, &field.shown);
        rows.push(Change::put(folded(field, context)));
    }
    if outlet != before {
        rows.push(Change::put(outlet));
    }
    Ok(rows)
}

/// The changes as they are kept. What the person saw is only compared, so it need not be a valid value.
fn checked(changes: &[FieldChange]) -> Result<Vec<FieldChange>, Problem> {
    let fields: BTreeSet<FieldName> = changes.iter().map(|change| change.field).collect();
    if changes.is_empty() || fields.len() != changes.len() {
        return Err(Problem::new(ProblemCode::ProfileEditEmpty).at("changes"));
    }
    changes.iter().map(checked_one).collect()
}

fn checked_one(change: &FieldChange) -> Result<FieldChange, Problem> {
    let fault = |value: &str| value_problem(ProblemCode::ProfileValueInvalid, change.field).with("value", value);
    let from = change.from.trim();
    if from.chars().count() > 500 {
        return Err(fault(from));
    }
    let to = change.field.checked(&change.to).ok_or_else(|| fault(&change.to))?;
    Ok(FieldChange { field: change.field, from: from.to_owned(), to })
}

pub(super) fn value_problem(code: ProblemCode, field: FieldName) -> Problem {
    Problem::new(code).at(field.code()).with_label("field", &field.label())
}

/// The row of a field, up to date with an outlet whose master data may have been loaded anew.
pub(super) fn field_of(
    state: &dyn State,
    outlet: &Outlet,
    field: FieldName,
    context: &Context,
) -> Result<ProfileField, StateError> {
    let present = field.read(outlet);
    let id = ProfileField::id_of(outlet.id, field);
    let region = state.get::<Territory>(outlet.territory_id.row())?.map(|territory| territory.region_code);
    let mut row = state.get::<ProfileField>(id.row())?.unwrap_or_else(|| ProfileField {
        id,
        outlet_id: outlet.id,
        territory_id: outlet.territory_id,
        region_code: String::new(),
        field,
        base: present.clone(),
        shown: present.clone(),
        is_contested: false,
        edits: Vec::new(),
        decisions: Vec::new(),
    });
    row.territory_id = outlet.territory_id;
    row.region_code = region.unwrap_or_default();
    if row.shown != present {
        let edits = std::mem::take(&mut row.edits);
        row.settle(Settled { value: present, by: None, at: context.decided_at(), edits });
    }
    Ok(row)
}

/// The row with corrections that agree put together when they have become many.
fn folded(mut row: ProfileField, context: &Context) -> ProfileField {
    if !row.is_contested && row.edits.len() > MAX_SETTLED {
        let last = row.edits.pop();
        row.base = last.as_ref().map_or_else(|| row.shown.clone(), |last| last.from.clone());
        row.edits = last.into_iter().collect();
        if super::resolve(&row.base, &row.edits).shown != row.shown {
            row.settle(Settled { value: row.shown.clone(), by: None, at: context.decided_at(), edits: Vec::new() });
            row.edits.clear();
        }
    }
    row
}
