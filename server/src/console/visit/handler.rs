//! `GET /console/visits/{id}`

use axum::{extract::Path, response::Response};
use storewalk_domain::{
    checklist::ChecklistTemplate,
    ids::VisitId,
    sync::{Find, StateExt},
    visit::Visit,
};

use super::{VisitRows, page};
use crate::{
    console::{access, desk::Desk, fault::Trouble, pictures},
    store::StoreRead,
};

/// Shows a visit.
pub(crate) async fn show(desk: Desk, Path(id): Path<String>) -> Response {
    let region = desk.region();
    let policies = desk.state.config.policies.clone();
    let made = desk.read(move |snapshot, names, f| {
        let id: VisitId = id.parse().map_err(|_| Trouble::NotFound)?;
        let rows = rows(snapshot, id, region.as_deref())?;
        pictures::note(snapshot, names, rows.photos.iter().map(|photo| photo.id))?;
        Ok(page(f, names, &rows, &policies)?)
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
        visit,
    })
}
