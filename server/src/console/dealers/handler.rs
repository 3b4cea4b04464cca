//! `GET /console/dealers` and `POST /console/dealers`

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
    dealer::Dealer,
    ids::{DealerId, UserId},
    outlet::Role,
    sync::{Row, Scope, Table},
};

use super::view::{DealersPage, Done, Rows, page};
use crate::{
    console::{
        desk::{Desk, see},
        fault::Trouble,
        form::BadField,
    },
    service::dealers::{self, Change, Wish},
    store::StoreRead,
};

/// What was done a moment ago.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct JustNow {
    /// `given`, `taken` or `needless`.
    done: String,
    person: String,
    dealer: String,
}

/// Shows the reps with their dealers.
pub(crate) async fn show(desk: Desk, just_now: Result<Query<JustNow>, QueryRejection>) -> Response {
    let just_now = just_now.map(|Query(just_now)| just_now).unwrap_or_default();
    let region = desk.region();
    let made = desk.read(move |snapshot, names, f| {
        let rows =
            Rows { reps: reps(snapshot, region.as_deref())?, dealers: all_dealers(snapshot)?, done: done(&just_now) };
        Ok(page(f, names, &rows)?)
    });
    desk.answer(made.await)
}

fn done(just_now: &JustNow) -> Option<Done> {
    let (person, dealer) = (just_now.person.parse().ok()?, just_now.dealer.parse().ok()?);
    match just_now.done.as_str() {
        "given" => Some(Done::Given(person, dealer)),
        "taken" => Some(Done::Taken(person, dealer)),
        "needless" => Some(Done::Needless),
        _ => None,
    }
}

fn reps(snapshot: &dyn StoreRead, region: Option<&str>) -> Result<Vec<Scope>, Trouble> {
    let scopes = snapshot.rows_of(Table::Scopes)?.into_iter().filter_map(|row| match row {
        Row::Scope(scope) if scope.role == Role::Rep => Some(scope),
        _ => None,
    });
    Ok(scopes.filter(|scope| region.is_none_or(|region| scope.region_code.as_deref() == Some(region))).collect())
}

fn all_dealers(snapshot: &dyn StoreRead) -> Result<Vec<Dealer>, Trouble> {
    let rows = snapshot.rows_of(Table::Dealers)?.into_iter().filter_map(|row| match row {
        Row::Dealer(dealer) => Some(dealer),
        _ => None,
    });
    let mut dealers: Vec<Dealer> = rows.collect();
    dealers.sort_by(|one, other| one.code.cmp(&other.code));
    Ok(dealers)
}

/// What the form sends.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ChangeForm {
    /// Proves that the form came from a page of this session.
    form_token: String,
    person: String,
    dealer: String,
    /// `give` or `take`.
    wish: String,
    reason: String,
}

impl ChangeForm {
    fn read(self) -> Result<Change, BadField> {
        let person: UserId = self.person.parse().map_err(|_| BadField("person"))?;
        let dealer: DealerId = self.dealer.parse().map_err(|_| BadField("dealer"))?;
        let wish = match self.wish.as_str() {
            "give" => Wish::Give,
            "take" => Wish::Take,
            _ => return Err(BadField("wish")),
        };
        if self.reason.trim().is_empty() {
            return Err(BadField("reason"));
        }
        Ok(Change { person, dealer, wish, reason: self.reason })
    }
}

/// Changes which dealers a rep serves.
pub(crate) async fn change(desk: Desk, form: Result<Form<ChangeForm>, FormRejection>) -> Response {
    match decide(&desk, form).await {
        Ok(address) => see(&address),
        Err(trouble) => desk.answer(Err::<DealersPage, _>(trouble)),
    }
}

async fn decide(desk: &Desk, form: Result<Form<ChangeForm>, FormRejection>) -> Result<String, Trouble> {
    let Form(form) = form.map_err(|_| BadField("form"))?;
    desk.check_form(&form.form_token)?;
    let change = form.read()?;
    let (person, dealer, wish) = (change.person, change.dealer, change.wish);
    let has_changed = dealers::change(&desk.state, desk.user(), desk.region(), change).await?;
    let done = match (has_changed, wish) {
        (false, _) => "needless",
        (true, Wish::Give) => "given",
        (true, Wish::Take) => "taken",
    };
    Ok(format!("/console/dealers?done={done}&person={person}&dealer={dealer}"))
}
