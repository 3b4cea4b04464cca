//! `GET /console/review` and the forms that claim, give back, approve and take back.

use std::collections::BTreeSet;

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
    ids::{CommandId, PhotoId, VerdictId},
    photo::Photo,
    review::Claim,
    sync::StateExt,
};

use super::{
    choice::{RuleChoice, query},
    view::{Done, ReviewPage, ReviewRows, page},
};
use crate::{
    console::{
        desk::{Desk, see},
        fault::Trouble,
        form::BadField,
        pictures,
    },
    service::review,
    store::{AtDesk, StoreRead},
};

/// The pairs of a form whose fields may come more than once.
type Pairs = Vec<(String, String)>;

/// What was done a moment ago.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct JustNow {
    /// How many photos were approved together.
    approved: String,
    /// How many of the chosen were left.
    left: String,
    /// The verdicts that were given, separated by commas.
    verdicts: String,
    /// How many verdicts were taken back.
    withdrawn: String,
    /// The verdict given on the photo's own page, with which the last claim ended.
    done: String,
}

/// Shows the queue and the person's claims.
pub(crate) async fn show(
    desk: Desk,
    choice: Result<Query<RuleChoice>, QueryRejection>,
    just_now: Result<Query<JustNow>, QueryRejection>,
) -> Response {
    let rule = choice.map(|Query(choice)| choice.rule()).unwrap_or_default();
    let just_now = just_now.map(|Query(just_now)| just_now).unwrap_or_default();
    let (user, region) = (desk.user(), desk.region());
    let minted = CommandId(desk.state.new_id());
    let made = desk.read(move |snapshot, names, f| {
        let desk = AtDesk { user, now: f.now, is_own_only: false };
        let waiting = review::queue(snapshot, region.as_deref(), rule, desk)?;
        let (own, others): (Vec<Claim>, Vec<Claim>) =
            snapshot.claims(f.now)?.into_iter().partition(|claim| claim.user_id == user);
        let mine: BTreeSet<PhotoId> = own.iter().map(|claim| claim.photo_id).collect();
        let is_own = |photo: &PhotoId| mine.contains(photo);
        let mut claimed = Vec::new();
        for claim in &own {
            let photo: Option<Photo> = snapshot.get(claim.photo_id.row())?;
            // A photo that was decided elsewhere meanwhile needs no claim.
            let Some(photo) = photo.filter(|photo| photo.verdict_id.is_none()) else { continue };
            claimed.push(photo);
        }
        claimed.sort_by_key(|photo| (photo.taken_at, photo.id));
        pictures::note(snapshot, names, claimed.iter().map(|photo| photo.id))?;
        let rows = ReviewRows {
            rule,
            waiting: waiting.photos.iter().filter(|photo| !is_own(photo)).count(),
            may_go_on: waiting.may_go_on,
            claimed,
            until: own.iter().map(|claim| claim.until).min(),
            others,
            second: snapshot.open_draw_count(region.as_deref(), user, SECOND_COUNTED)?,
            minted,
            done: done(snapshot, &just_now)?,
        };
        Ok(page(f, names, &rows)?)
    });
    desk.answer(made.await)
}

/// Up to how many second looks are counted.
pub(crate) const SECOND_COUNTED: u32 = 99;

fn done(snapshot: &dyn StoreRead, just_now: &JustNow) -> Result<Option<Done>, Trouble> {
    if let Ok(count) = just_now.withdrawn.parse() {
        return Ok(Some(Done::Withdrawn(count)));
    }
    if let Ok(approved) = just_now.approved.parse() {
        let verdicts = just_now.verdicts.split(',').filter_map(|id| id.parse::<VerdictId>().ok()).collect();
        return Ok(Some(Done::Approved { approved, left: just_now.left.parse().unwrap_or(0), verdicts }));
    }
    let last = just_now.done.parse::<VerdictId>().ok();
    let last = last.map(|id| snapshot.get::<storewalk_domain::photo::Verdict>(id.row())).transpose()?.flatten();
    Ok(last.map(|verdict| Done::Last(verdict.id)))
}

/// Claims the next photos of a rule.
pub(crate) async fn claim(desk: Desk, form: Result<Form<Pairs>, FormRejection>) -> Response {
    let done = async {
        let form = read(&desk, form)?;
        let rule = RuleChoice {
            rule: first(&form, "rule"),
            percent: first(&form, "percent"),
            seed: first(&form, "seed"),
            least: first(&form, "least"),
        }
        .rule();
        let count = first(&form, "count").parse().map_err(|_| BadField("count"))?;
        review::claim_next(&desk.state, desk.user(), desk.region(), rule, count).await?;
        Ok(format!("/console/review?{}", query(rule)))
    };
    go(&desk, done.await)
}

/// Gives every claim back.
pub(crate) async fn release(desk: Desk, form: Result<Form<Pairs>, FormRejection>) -> Response {
    let done = async {
        read(&desk, form)?;
        review::release(&desk.state, desk.user()).await?;
        Ok("/console/review".to_owned())
    };
    go(&desk, done.await)
}

/// Approves the chosen ones of the person's claims.
pub(crate) async fn approve(desk: Desk, form: Result<Form<Pairs>, FormRejection>) -> Response {
    let done = async {
        let form = read(&desk, form)?;
        let minted: CommandId = first(&form, "command").parse().map_err(|_| BadField("command"))?;
        let photos = ids::<PhotoId>(&form, "photo")?;
        let ended = review::approve_all(&desk.state, desk.user(), photos, minted.0).await?;
        let verdicts: Vec<_> = ended.verdicts.iter().map(ToString::to_string).collect();
        let (approved, left) = (verdicts.len(), ended.left.len());
        Ok(format!("/console/review?approved={approved}&left={left}&verdicts={}", verdicts.join(",")))
    };
    go(&desk, done.await)
}

/// Takes back verdicts that were given together.
pub(crate) async fn undo(desk: Desk, form: Result<Form<Pairs>, FormRejection>) -> Response {
    let done = async {
        let form = read(&desk, form)?;
        let verdicts = ids::<VerdictId>(&form, "verdict")?;
        let count = review::withdraw_all(&desk.state, desk.user(), verdicts).await?;
        Ok(format!("/console/review?withdrawn={count}"))
    };
    go(&desk, done.await)
}

fn read(desk: &Desk, form: Result<Form<Pairs>, FormRejection>) -> Result<Pairs, Trouble> {
    let Form(form) = form.map_err(|_| BadField("form"))?;
    desk.check_form(&first(&form, "form_token"))?;
    Ok(form)
}

fn first(form: &[(String, String)], name: &str) -> String {
    form.iter().find(|(field, _)| field == name).map(|(_, value)| value.clone()).unwrap_or_default()
}

fn ids<T: std::str::FromStr>(form: &[(String, String)], name: &'static str) -> Result<Vec<T>, BadField> {
    let values = form.iter().filter(|(field, _)| field == name);
    values.map(|(_, value)| value.parse().map_err(|_| BadField(name))).collect()
}

fn go(desk: &Desk, done: Result<String, Trouble>) -> Response {
    match done {
        Ok(address) => see(&address),
        Err(trouble) => desk.answer(Err::<ReviewPage, _>(trouble)),
    }
}
