//! `GET /console/policy`, `POST /console/policy` and `POST /console/photos/{id}/hold`

use std::collections::BTreeMap;

use axum::{
    Form,
    extract::{Path, rejection::FormRejection},
    response::Response,
};
use serde::Deserialize;
use storewalk_domain::{ids::PhotoId, outlet::Role, photo::Photo, retention::PhotoClass, sync::StateExt};

use super::view::{PolicyPage, PolicyRows, page};
use crate::{
    console::{
        access,
        desk::{Desk, see},
        fault::{Trouble, WayOut},
        form::BadField,
        review::handler::SECOND_COUNTED,
    },
    service::retention::{self, HoldWish},
};

/// Most holds that are listed.
const HOLDS: u32 = 200;

/// Shows the policy with its versions, and what is held.
pub(crate) async fn show(desk: Desk) -> Response {
    let (user, region) = (desk.user(), desk.region());
    let may_decide = may_decide(&desk);
    let made = desk.read(move |snapshot, names, f| {
        let mut held = Vec::new();
        for hold in snapshot.binding_holds(HOLDS)? {
            let photo: Option<Photo> = snapshot.get(hold.photo_id.row())?;
            let Some(photo) = photo else { continue };
            if access::require_territory(snapshot, photo.territory_id, region.as_deref()).is_ok() {
                held.push((hold, photo));
            }
        }
        let rows = PolicyRows {
            policy: retention::policy(snapshot)?,
            versions: snapshot.policies()?,
            held,
            may_decide,
            second: snapshot.open_draw_count(region.as_deref(), user, SECOND_COUNTED)?,
        };
        Ok(page(f, names, &rows)?)
    });
    desk.answer(made.await)
}

/// The policy is the organisation's, not a region's.
fn may_decide(desk: &Desk) -> bool {
    desk.session.account.role == Role::Admin
}

/// What the policy's form sends.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct PolicyForm {
    /// Proves that the form came from a page of this session.
    form_token: String,
    visit: String,
    price: String,
    contested: String,
    reason: String,
}

/// Decides the next version.
pub(crate) async fn change(desk: Desk, form: Result<Form<PolicyForm>, FormRejection>) -> Response {
    match decide(&desk, form).await {
        Ok(address) => see(&address),
        Err(trouble) => desk.answer(Err::<PolicyPage, _>(trouble)),
    }
}

async fn decide(desk: &Desk, form: Result<Form<PolicyForm>, FormRejection>) -> Result<String, Trouble> {
    let Form(form) = form.map_err(|_| BadField("form"))?;
    desk.check_form(&form.form_token)?;
    if !may_decide(desk) {
        return Err(Trouble::NotPermitted);
    }
    let fields =
        [(PhotoClass::Visit, &form.visit), (PhotoClass::Price, &form.price), (PhotoClass::Contested, &form.contested)];
    let mut days = BTreeMap::new();
    for (class, text) in fields {
        days.insert(class, text.trim().parse().map_err(|_| BadField(class.as_str()))?);
    }
    let reason = form.reason.trim().to_owned();
    match retention::change_policy(&desk.state, desk.user(), days, reason).await? {
        Ok(_) => Ok("/console/policy".to_owned()),
        Err(problem) => Err(Trouble::Refused(vec![problem], WayOut::Policy)),
    }
}

/// What a hold's form sends.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct HoldForm {
    /// Proves that the form came from a page of this session.
    form_token: String,
    /// `set` or `lift`.
    wish: String,
    reason: String,
}

/// Sets or lifts a hold.
pub(crate) async fn hold(desk: Desk, Path(id): Path<String>, form: Result<Form<HoldForm>, FormRejection>) -> Response {
    match keep(&desk, &id, form).await {
        Ok(address) => see(&address),
        Err(trouble) => desk.answer(Err::<PolicyPage, _>(trouble)),
    }
}

async fn keep(desk: &Desk, id: &str, form: Result<Form<HoldForm>, FormRejection>) -> Result<String, Trouble> {
    let Form(form) = form.map_err(|_| BadField("form"))?;
    desk.check_form(&form.form_token)?;
    let id: PhotoId = id.parse().map_err(|_| Trouble::NotFound)?;
    let wish = match form.wish.as_str() {
        "set" => HoldWish::Set,
        "lift" => HoldWish::Lift,
        _ => return Err(BadField("wish").into()),
    };
    let region = desk.region();
    desk.look_up(move |snapshot| {
        let photo: Photo = snapshot.get(id.row())?.ok_or(Trouble::NotFound)?;
        access::require_territory(snapshot, photo.territory_id, region.as_deref())
    })
    .await?;
    let reason = form.reason.trim().to_owned();
    match retention::change_hold(&desk.state, desk.user(), id, wish, reason).await? {
        Ok(()) => Ok(format!("/console/photos/{id}#keeping")),
        Err(problem) => Err(Trouble::Refused(vec![problem], WayOut::Photo(id, None))),
    }
}
