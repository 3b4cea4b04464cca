//! `GET /console/conflicts` and `POST /console/conflicts`

use std::collections::BTreeMap;

use axum::{
    Form,
    extract::{
        Query,
        rejection::{FormRejection, QueryRejection},
    },
    response::Response,
};
use serde::Deserialize;
use storewalk_domain::{
    ids::{CommandId, OutletId},
    outlet::{FieldName, ProfileField},
    sync::{Find, SettleConflict, StateExt},
};
use storewalk_wire::CommandVerdict;
use uuid::Uuid;

use super::{ConflictsPage, page};
use crate::{
    console::{
        desk::{Desk, see},
        fault::{Trouble, WayOut},
        form::{BadField, command_id},
        frame::{Frame, Notice, Tone},
    },
    service,
    store::{StoreError, StoreRead},
};

/// What the form sends: the field, and the value that is to count.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct SettleForm {
    form_token: String,
    command: String,
    outlet: String,
    field: String,
    value: String,
}

/// What was done a moment ago.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct JustNow {
    /// Whether a field was decided.
    done: String,
}

/// Shows what is contested in the person's region.
pub(crate) async fn show(desk: Desk, just_now: Result<Query<JustNow>, QueryRejection>) -> Response {
    let is_done = just_now.is_ok_and(|Query(just_now)| !just_now.done.is_empty());
    let region = desk.region();
    let command = CommandId(desk.state.new_id());
    let made = desk.read(move |snapshot, names, mut f| {
        let mut fields: Vec<ProfileField> = snapshot.list(Find::ContestedFields)?;
        fields.retain(|field| region.as_ref().is_none_or(|region| field.region_code == *region));
        if is_done {
            let [text, next] = ["conflicts.done", "conflicts.done_next"].map(|key| f.t(key).to_owned());
            f.notice = Some(Notice { tone: Tone::Good, text, next });
        }
        let phones = phones(snapshot, &fields, &f)?;
        Ok(page(f, names, &fields, &phones, command)?)
    });
    desk.answer(made.await)
}

/// The phones that gave the values, by the command that gave each.
fn phones(
    snapshot: &dyn StoreRead,
    fields: &[ProfileField],
    f: &Frame,
) -> Result<BTreeMap<CommandId, String>, StoreError> {
    let mut phones = BTreeMap::new();
    for edit in fields.iter().flat_map(|field| &field.edits) {
        let Some(device) = snapshot.device_of(edit.by, edit.id)? else { continue };
        let Some(device) = snapshot.device(device)? else { continue };
        let number = device.number.to_string();
        phones.insert(edit.id, f.words.fill("conflicts.phone", &[("name", &device.name), ("number", &number)]));
    }
    Ok(phones)
}

/// Decides which value counts.
pub(crate) async fn decide(desk: Desk, form: Result<Form<SettleForm>, FormRejection>) -> Response {
    match settle(&desk, form).await {
        Ok(()) => see("/console/conflicts?done=1"),
        Err(trouble) => desk.answer(Err::<ConflictsPage, _>(trouble)),
    }
}

async fn settle(desk: &Desk, form: Result<Form<SettleForm>, FormRejection>) -> Result<(), Trouble> {
    let Form(form) = form.map_err(|_| BadField("form"))?;
    desk.check_form(&form.form_token)?;
    let minted = Uuid::parse_str(&form.command).map_err(|_| BadField("command"))?;
    let outlet_id: OutletId = form.outlet.parse().map_err(|_| BadField("outlet"))?;
    let field = FieldName::from_code(&form.field).ok_or(BadField("field"))?;
    let command_id = command_id(minted, &[&form.outlet, &form.field, &form.value]);
    let command = SettleConflict { outlet_id, field, value: form.value };
    match service::execute(&desk.state, desk.user(), command.into(), command_id).await? {
        CommandVerdict::Refused { problems } => Err(Trouble::Refused(problems, WayOut::Conflicts)),
        CommandVerdict::Applied | CommandVerdict::Held { .. } | CommandVerdict::Changed { .. } => Ok(()),
    }
}
