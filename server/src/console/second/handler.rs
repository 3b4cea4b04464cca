//! `GET /console/second`, `GET` and `POST /console/second/{verdict}`, `GET /console/agreement`

use axum::{
    Form,
    extract::{Path, rejection::FormRejection},
    response::Response,
};
use serde::Deserialize;
use storewalk_domain::{
    ids::VerdictId,
    photo::{Photo, VerdictDecision},
    review::{Drawn, SecondLook, may_look},
    sync::StateExt,
};

use super::view::{AgreementPage, LookPage, SecondPage, agreement_page, look_page, second_page};
use crate::{
    console::{
        access,
        desk::{Desk, see},
        fault::{Trouble, WayOut},
        form::BadField,
        pictures,
        review::handler::SECOND_COUNTED,
    },
    service::{retention, review},
    store::ViewKind,
};

/// How many pairs the agreement is reckoned from, the latest first.
const PAIRS: u32 = 10_000;

/// Shows how many second looks wait.
pub(crate) async fn show(desk: Desk) -> Response {
    let (user, region) = (desk.user(), desk.region());
    let share = desk.state.config.review.second_percent;
    let made = desk.read(move |snapshot, _, f| {
        let first = snapshot.open_draws(region.as_deref(), user, 1)?;
        let count = snapshot.open_draw_count(region.as_deref(), user, SECOND_COUNTED)?;
        Ok(second_page(f, first.first(), count, share))
    });
    desk.answer::<SecondPage>(made.await)
}

/// Shows a photo without its verdict.
pub(crate) async fn one(desk: Desk, Path(id): Path<String>) -> Response {
    let (user, region) = (desk.user(), desk.region());
    let made = desk.read(move |snapshot, names, f| {
        let id: VerdictId = id.parse().map_err(|_| Trouble::NotFound)?;
        let drawn = snapshot.drawn(id)?.ok_or(Trouble::NotFound)?;
        let photo: Photo = snapshot.get(drawn.photo_id.row())?.ok_or(Trouble::NotFound)?;
        access::require_territory(snapshot, photo.territory_id, region.as_deref())?;
        if !may_look(&drawn, user, snapshot.has_seen(id, user)?) {
            return Err(Trouble::NotFound);
        }
        // This one and the one behind it.
        let open = snapshot.open_draws(region.as_deref(), user, 2)?;
        let left = snapshot.open_draw_count(region.as_deref(), user, SECOND_COUNTED)?;
        let next = open.iter().find(|other| other.verdict_id != id).map(|other| other.photo_id);
        pictures::note(snapshot, names, [photo.id].into_iter().chain(next).collect::<Vec<_>>())?;
        Ok((look_page(f, names, (&drawn, &photo), next, left)?, photo.id))
    });
    let made = made.await;
    if let Ok((_, photo)) = &made {
        retention::note_view(&desk.state, user, *photo, ViewKind::Page).await;
    }
    desk.answer::<LookPage>(made.map(|(page, _)| page))
}

/// What the form sends.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct LookForm {
    /// Proves that the form came from a page of this session.
    form_token: String,
    /// `approved` or `rejected`.
    decision: String,
    /// Handbook code.
    reason: String,
    /// A word; may be empty.
    note: String,
}

/// Takes in a second look and goes on to the next.
pub(crate) async fn look(desk: Desk, Path(id): Path<String>, form: Result<Form<LookForm>, FormRejection>) -> Response {
    match give(&desk, &id, form).await {
        Ok(address) => see(&address),
        Err(trouble) => desk.answer(Err::<LookPage, _>(trouble)),
    }
}

async fn give(desk: &Desk, id: &str, form: Result<Form<LookForm>, FormRejection>) -> Result<String, Trouble> {
    let Form(form) = form.map_err(|_| BadField("form"))?;
    desk.check_form(&form.form_token)?;
    let id: VerdictId = id.parse().map_err(|_| Trouble::NotFound)?;
    let (user, region) = (desk.user(), desk.region());
    require_own_region(desk, id, region.clone()).await?;
    let decision = match form.decision.as_str() {
        "approved" => VerdictDecision::Approved,
        "rejected" => VerdictDecision::Rejected,
        _ => return Err(BadField("decision").into()),
    };
    let reason = Some(form.reason.trim().to_owned());
    let look = SecondLook {
        by: user,
        decision,
        reason: reason.filter(|reason| decision == VerdictDecision::Rejected && !reason.is_empty()),
        note: form.note.replace("\r\n", "\n").trim().to_owned(),
        at: desk.state.now(),
    };
    if let Err(problems) = review::look_again(&desk.state, id, look).await? {
        return Err(Trouble::Refused(problems, WayOut::Second));
    }
    let open = desk.look_up(move |snapshot| Ok(snapshot.open_draws(region.as_deref(), user, 1)?)).await?;
    Ok(match open.first() {
        Some(Drawn { verdict_id, .. }) => format!("/console/second/{verdict_id}?done=1"),
        None => "/console/second".to_owned(),
    })
}

async fn require_own_region(desk: &Desk, id: VerdictId, region: Option<String>) -> Result<(), Trouble> {
    desk.look_up(move |snapshot| {
        let drawn = snapshot.drawn(id)?.ok_or(Trouble::NotFound)?;
        let photo: Photo = snapshot.get(drawn.photo_id.row())?.ok_or(Trouble::NotFound)?;
        access::require_territory(snapshot, photo.territory_id, region.as_deref())
    })
    .await
}

/// Shows how far first and second reviewers agree.
pub(crate) async fn agreement(desk: Desk) -> Response {
    let (user, region) = (desk.user(), desk.region());
    let config = desk.state.config.review.clone();
    let made = desk.read(move |snapshot, names, f| {
        let pairs = snapshot.looked_at(region.as_deref(), PAIRS)?;
        let second = snapshot.open_draw_count(region.as_deref(), user, SECOND_COUNTED)?;
        Ok(agreement_page(f, names, &pairs, (config.second_percent, config.second_seed), second)?)
    });
    desk.answer::<AgreementPage>(made.await)
}
