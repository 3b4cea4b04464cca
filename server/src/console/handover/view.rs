//! The page of handovers as it is shown.

use std::collections::BTreeMap;

use askama::Template;
use storewalk_domain::{
    ids::{CommandId, TerritoryId, UserId},
    outlet::{Handover, Outlet, Territory},
    sync::StateError,
};

use super::list::{HandoverLine, lines, people};
use crate::{
    console::{
        frame::{Frame, Notice, Part, Tone},
        lookup::Names,
    },
    store::Posting,
};

/// What was found.
pub(super) enum Chosen {
    /// Nothing was looked for.
    Nothing,
    /// There is no such outlet in the region.
    Unknown,
    /// An outlet, and what moves with it.
    Outlet(Box<Outlet>, Moving),
    /// A territory, and how many tasks are open there.
    Territory(Box<Territory>, usize),
}

/// What moves with an outlet.
pub(super) struct Moving {
    pub(super) plans: usize,
    pub(super) visits: usize,
    pub(super) photos: usize,
    pub(super) open_tasks: usize,
    /// Visits under way at this moment.
    pub(super) under_way: usize,
}

/// What the page is made of.
pub(super) struct Rows {
    pub(super) asked: String,
    pub(super) is_done: bool,
    pub(super) chosen: Chosen,
    pub(super) territories: Vec<Territory>,
    pub(super) postings: Vec<Posting>,
    pub(super) reps: Vec<UserId>,
    pub(super) handovers: Vec<Handover>,
    /// The id of the command that the form will send.
    pub(super) command: CommandId,
}

/// The page.
#[derive(Template)]
#[template(path = "handover.html")]
pub(crate) struct HandoverPage {
    f: Frame,
    asked: String,
    is_unknown: bool,
    territories: Vec<Choosable>,
    form: Option<FormView>,
    handovers: Vec<HandoverLine>,
}

/// A territory or a rep to choose.
struct Choosable {
    id: String,
    name: String,
    is_chosen: bool,
}

/// What is about to happen.
struct FormView {
    action: &'static str,
    field: &'static str,
    id: String,
    title: String,
    now: String,
    steps: Vec<String>,
    target: String,
    target_name: &'static str,
    targets: Vec<Choosable>,
    command: String,
}

/// Builds the page.
pub(super) fn page(mut f: Frame, names: &mut Names<'_>, rows: &Rows) -> Result<HandoverPage, StateError> {
    f.part = Part::Handover;
    f.t("handover.title").to_owned().clone_into(&mut f.title);
    if rows.is_done {
        let [text, next] = ["handover.done", "handover.done_next"].map(|key| f.t(key).to_owned());
        f.notice = Some(Notice { tone: Tone::Good, text, next });
    }
    let mut holders: BTreeMap<TerritoryId, Vec<UserId>> = BTreeMap::new();
    for posting in &rows.postings {
        holders.entry(posting.territory_id).or_default().push(posting.user_id);
    }
    let form = match &rows.chosen {
        Chosen::Nothing | Chosen::Unknown => None,
        Chosen::Outlet(outlet, moving) => Some(outlet_form(outlet, moving, rows, &holders, names, &f)?),
        Chosen::Territory(territory, tasks) => Some(territory_form(territory, *tasks, rows, &holders, names, &f)?),
    };
    let chosen = match &rows.chosen {
        Chosen::Territory(territory, _) => Some(territory.id),
        _ => None,
    };
    let territories = rows.territories.iter().map(|territory| {
        let name = territory_name(territory, &holders, names, &f)?;
        Ok(Choosable { id: territory.id.to_string(), name, is_chosen: chosen == Some(territory.id) })
    });
    Ok(HandoverPage {
        asked: rows.asked.clone(),
        is_unknown: matches!(rows.chosen, Chosen::Unknown),
        territories: territories.collect::<Result<_, StateError>>()?,
        form,
        handovers: lines(&rows.handovers, names, &f)?,
        f,
    })
}

type Holders = BTreeMap<TerritoryId, Vec<UserId>>;

/// "T1 江北片 (李雯 R001)".
fn territory_name(
    territory: &Territory,
    holders: &Holders,
    names: &mut Names<'_>,
    f: &Frame,
) -> Result<String, StateError> {
    let who = people(holders.get(&territory.id).map_or(&[], Vec::as_slice), names, f)?;
    Ok(format!("{} {} ({who})", territory.code, f.say(&territory.name)))
}

fn outlet_form(
    outlet: &Outlet,
    moving: &Moving,
    rows: &Rows,
    holders: &Holders,
    names: &mut Names<'_>,
    f: &Frame,
) -> Result<FormView, StateError> {
    let words = f.words;
    let here = rows.territories.iter().find(|territory| territory.id == outlet.territory_id);
    let now = here.map(|territory| territory_name(territory, holders, names, f)).transpose()?.unwrap_or_default();
    let figures = [
        ("plans", moving.plans.to_string()),
        ("visits", moving.visits.to_string()),
        ("photos", moving.photos.to_string()),
        ("tasks", moving.open_tasks.to_string()),
    ];
    let figures = figures.each_ref().map(|(name, value)| (*name, value.as_str()));
    let mut steps = vec![words.fill("handover.step_moves", &figures), words.t("handover.step_tasks").to_owned()];
    if moving.under_way > 0 {
        steps.push(words.count("handover.step_under_way", moving.under_way));
    }
    steps.push(words.t("handover.step_unsent").to_owned());
    let others = rows.territories.iter().filter(|territory| territory.id != outlet.territory_id);
    let targets = others.map(|territory| {
        let name = territory_name(territory, holders, names, f)?;
        Ok(Choosable { id: territory.id.to_string(), name, is_chosen: false })
    });
    Ok(FormView {
        action: "/console/handover/outlet",
        field: "outlet",
        id: outlet.id.to_string(),
        title: format!("{} {}", outlet.name, outlet.code),
        now,
        steps,
        target: words.t("handover.to_territory").to_owned(),
        target_name: "territory",
        targets: targets.collect::<Result<_, StateError>>()?,
        command: rows.command.to_string(),
    })
}

fn territory_form(
    territory: &Territory,
    open_tasks: usize,
    rows: &Rows,
    holders: &Holders,
    names: &mut Names<'_>,
    f: &Frame,
) -> Result<FormView, StateError> {
    let words = f.words;
    let present = holders.get(&territory.id).map_or(&[][..], Vec::as_slice);
    let others = rows.reps.iter().filter(|rep| present.len() != 1 || !present.contains(rep));
    let targets =
        others.map(|rep| Ok(Choosable { id: rep.to_string(), name: names.person_with_code(*rep)?, is_chosen: false }));
    let targets = targets.collect::<Result<_, StateError>>()?;
    Ok(FormView {
        action: "/console/handover/territory",
        field: "territory",
        id: territory.id.to_string(),
        title: format!("{} {}", territory.code, f.say(&territory.name)),
        now: people(present, names, f)?,
        steps: vec![
            words.t("handover.step_territory").to_owned(),
            words.count("handover.step_territory_tasks", open_tasks),
            words.t("handover.step_unsent").to_owned(),
        ],
        target: words.t("handover.to_rep").to_owned(),
        target_name: "rep",
        targets,
        command: rows.command.to_string(),
    })
}
