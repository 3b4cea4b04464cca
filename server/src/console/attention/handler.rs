//! `GET /console/attention` and `POST /console/attention/{refusal}`

use axum::{
    Form,
    extract::{
        Path, Query,
        rejection::{FormRejection, QueryRejection},
    },
    response::Response,
};
use serde::Deserialize;
use storewalk_domain::{
    ids::RefusalId,
    sync::{Refusal, RefusalSettled, StateExt},
};

use super::{AttentionPage, page, rows};
use crate::{
    console::{
        desk::{Desk, see},
        fault::{Trouble, WayOut},
        form::BadField,
        frame::{Notice, Tone},
        words::Words,
    },
    service::dead_letter::{self, Allowance, Settlement, Wish},
    store::StoreRead,
};

/// What happened a moment ago.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct JustNow {
    /// The refusal that was settled.
    settled: String,
}

/// Shows what needs attention.
pub(crate) async fn show(desk: Desk, just_now: Result<Query<JustNow>, QueryRejection>) -> Response {
    let just_now = just_now.map(|Query(just_now)| just_now).unwrap_or_default();
    let made = attention_page(&desk, move |snapshot, words| notice(snapshot, &just_now, words)).await;
    desk.answer(made)
}

/// The page with a message above it.
pub(in crate::console) async fn attention_page(
    desk: &Desk,
    notice: impl FnOnce(&dyn StoreRead, &Words) -> Result<Option<Notice>, Trouble> + Send + 'static,
) -> Result<AttentionPage, Trouble> {
    let region = desk.region();
    desk.read(move |snapshot, names, mut f| {
        f.notice = notice(snapshot, f.words)?;
        let rows = rows(snapshot, region.as_deref(), f.now)?;
        Ok(page(f, snapshot, names, &rows)?)
    })
    .await
}

/// What a click just did, told from the rows alone.
fn notice(snapshot: &dyn StoreRead, just_now: &JustNow, words: &Words) -> Result<Option<Notice>, Trouble> {
    let Ok(id) = just_now.settled.parse::<RefusalId>() else { return Ok(None) };
    let refusal: Option<Refusal> = snapshot.get(id.row())?;
    let outcome = refusal.and_then(|refusal| refusal.outcome);
    Ok(outcome.map(|outcome| {
        let (text, next) = match outcome.how {
            RefusalSettled::TakenIn => ("recover.done_taken_in", "recover.done_taken_in_next"),
            RefusalSettled::SetAside => ("recover.done_set_aside", "recover.done_set_aside_next"),
        };
        Notice { tone: Tone::Good, text: words.t(text).to_owned(), next: words.t(next).to_owned() }
    }))
}

/// What the form sends.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct DecisionForm {
    /// Proves that the form came from a page of this session.
    form_token: String,
    /// `take_in` or `set_aside`.
    wish: String,
    /// `territories` when work in the supervisor's territories is allowed.
    allow: String,
    /// Why it is set aside.
    reason: String,
}

impl DecisionForm {
    fn read(self) -> Result<Wish, BadField> {
        match (self.wish.as_str(), self.allow.as_str()) {
            ("take_in", "") => Ok(Wish::TakeIn(Allowance::Nothing)),
            ("take_in", "territories") => Ok(Wish::TakeIn(Allowance::Territories)),
            ("take_in", _) => Err(BadField("allow")),
            ("set_aside", _) if self.reason.trim().is_empty() => Err(BadField("reason")),
            ("set_aside", _) => Ok(Wish::SetAside { reason: self.reason }),
            _ => Err(BadField("wish")),
        }
    }
}

/// Settles a refused command.
pub(crate) async fn decide(
    desk: Desk,
    Path(id): Path<String>,
    form: Result<Form<DecisionForm>, FormRejection>,
) -> Response {
    match settle(&desk, &id, form).await {
        Ok(address) => see(&address),
        Err(trouble) => desk.answer(Err::<AttentionPage, _>(trouble)),
    }
}

async fn settle(desk: &Desk, id: &str, form: Result<Form<DecisionForm>, FormRejection>) -> Result<String, Trouble> {
    let Form(form) = form.map_err(|_| BadField("form"))?;
    desk.check_form(&form.form_token)?;
    let id: RefusalId = id.parse().map_err(|_| Trouble::NotFound)?;
    let wish = form.read()?;
    match dead_letter::settle(&desk.state, desk.user(), desk.region(), id, wish).await? {
        Settlement::Settled { .. } => Ok(format!("/console/attention?settled={id}")),
        Settlement::StillRefused(problems) => Err(Trouble::Refused(problems, WayOut::Attention)),
    }
}
