//! `GET /console/visits/{id}` and `POST /console/visits/{id}/keep`

use axum::{
    Form,
    extract::{Path, rejection::FormRejection},
    response::Response,
};
use serde::Deserialize;
use storewalk_domain::{
    checklist::ChecklistTemplate,
    ids::{CommandId, VisitId},
    sync::{Find, SettleDuplicate, StateExt},
    visit::{Visit, same_call},
};
use storewalk_wire::CommandVerdict;
use uuid::Uuid;

use super::{VisitPage, VisitRows, page};
use crate::{
    console::{
        access,
        desk::{Desk, see},
        fault::{Trouble, WayOut},
        form::{BadField, command_id},
        pictures,
    },
    service,
    store::StoreRead,
};

/// Shows a visit.
pub(crate) async fn show(desk: Desk, Path(id): Path<String>) -> Response {
    let region = desk.region();
    let policies = desk.state.config.policies.clone();
    let command = CommandId(desk.state.new_id());
    let made = desk.read(move |snapshot, names, f| {
        let id: VisitId = id.parse().map_err(|_| Trouble::NotFound)?;
        let rows = rows(snapshot, id, region.as_deref())?;
        pictures::note(snapshot, names, rows.photos.iter().map(|photo| photo.id))?;
        Ok(page(f, names, &rows, &policies, command)?)
    });
    desk.answer(made.await)
}

fn rows(snapshot: &dyn StoreRead, id: VisitId, region: Option<&str>) -> Result<VisitRows, Trouble> {
    let visit: Visit = snapshot.get(id.row())?.ok_or(Trouble::NotFound)?;
    access::require_territory(snapshot, visit.territory_id, region)?;
    let template: Option<ChecklistTemplate> = match visit.template_id {
        Some(template) => snapshot.get(template.row())?,
        None => None,
    };
    Ok(VisitRows {
        template,
        answers: snapshot.list(Find::AnswersOfVisit(id))?,
        photos: snapshot.list(Find::PhotosOfVisit(id))?,
        tasks: snapshot.list(Find::TasksOfVisit(id))?,
        same_call: same_call(snapshot, &visit)?.into_iter().filter(|other| other.duplicate.is_some()).collect(),
        visit,
    })
}

/// What the form sends that chooses which of several visits to one call counts.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct KeepForm {
    form_token: String,
    command: String,
}

/// Chooses this visit among those to the same call.
pub(crate) async fn keep(desk: Desk, Path(id): Path<String>, form: Result<Form<KeepForm>, FormRejection>) -> Response {
    match choose(&desk, &id, form).await {
        Ok(id) => see(&format!("/console/visits/{id}")),
        Err(trouble) => desk.answer(Err::<VisitPage, _>(trouble)),
    }
}

async fn choose(desk: &Desk, id: &str, form: Result<Form<KeepForm>, FormRejection>) -> Result<VisitId, Trouble> {
    let Form(form) = form.map_err(|_| BadField("form"))?;
    desk.check_form(&form.form_token)?;
    let keep: VisitId = id.parse().map_err(|_| Trouble::NotFound)?;
    let minted = Uuid::parse_str(&form.command).map_err(|_| BadField("command"))?;
    let command_id = command_id(minted, &[id]);
    match service::execute(&desk.state, desk.user(), SettleDuplicate { keep }.into(), command_id).await? {
        CommandVerdict::Refused { problems } => Err(Trouble::Refused(problems, WayOut::Visit(keep))),
        CommandVerdict::Applied | CommandVerdict::Held { .. } | CommandVerdict::Changed { .. } => Ok(keep),
    }
}
