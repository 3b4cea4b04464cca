//! What to know before the door: who decides, what was left open, what was missing last time.

use std::collections::BTreeMap;

use rusqlite::{Connection, named_params};
use rust_decimal::Decimal;
use serde::Serialize;
use storewalk_domain::{
    checklist::{Answer, AnswerValue, must_stock_of},
    handbook::HandbookList,
    ids::{OutletId, ProductId, VisitId},
    outlet::{Outlet, Person},
    sync::{Find, StateExt},
    task::Task,
    text::Localized,
    time::{BusinessDate, Timestamp},
    visit::{ON_SHELF_ITEM, Visit},
};
use storewalk_sqlite::{SqliteState, id_blob, select};

use super::{Handbook, OutletView};
use crate::{
    ClientError,
    tasks::{TaskView, task_views},
};

/// The item whose answer says what was agreed for next time.
const NEXT_STEP_ITEM: &str = "next_step";

/// What to know before entering.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct VisitBrief {
    /// The outlet.
    pub outlet: OutletView,
    /// Open tasks, those due first at the top.
    pub open_points: Vec<TaskView>,
    /// What came of the last visit; `None` before the first.
    pub last_visit: Option<LastVisitView>,
    /// What must stand on the shelf, by product code.
    pub must_stock: Vec<MustStockView>,
    /// Of these, what was missing last time.
    pub missing_last_time: Vec<MustStockView>,
    /// What the organisation wants read first; none until there are notices.
    pub notices: Vec<Localized>,
}

/// What came of a visit.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct LastVisitView {
    /// The visit.
    pub visit_id: VisitId,
    /// When, in the outlet's calendar.
    pub visited_on: BusinessDate,
    /// Who visited; empty when the phone does not know.
    pub rep_name: String,
    /// The store score.
    pub score: Option<Decimal>,
    /// Must-stock products found.
    pub on_shelf: Option<u32>,
    /// Must-stock products that applied.
    pub must_stock: Option<u32>,
    /// Minutes in the outlet.
    pub minutes: Option<i64>,
    /// What was agreed for this time; empty when nothing was.
    pub next_step: String,
}

/// A product that must stand on the shelf.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct MustStockView {
    /// The product.
    pub product_id: ProductId,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: Localized,
    /// Whether it is a hero model.
    pub is_hero: bool,
    /// Whether it was missing at the last visit.
    pub was_missing: bool,
    /// Why it was missing.
    pub missing_reason: Option<Localized>,
}

/// Puts the brief together.
pub(super) fn load(connection: &Connection, outlet_id: OutletId, now: Timestamp) -> Result<VisitBrief, ClientError> {
    let state = SqliteState(connection);
    let outlet: Outlet = state.get(outlet_id.row())?.ok_or(ClientError::NotFound { what: "outlet" })?;
    let last = last_visit(connection, outlet_id)?;
    let answers = last.as_ref().map(|visit| state.list::<Answer>(Find::AnswersOfVisit(visit.id))).transpose()?;
    let mut answers = answers.unwrap_or_default();
    answers.retain(|answer| answer.late.is_none());
    let must_stock = must_stock(state, &outlet, &answers)?;
    Ok(VisitBrief {
        outlet: OutletView::of(state, &outlet)?,
        open_points: open_points(connection, outlet_id, now)?,
        last_visit: last.map(|visit| last_view(state, &visit, &answers)).transpose()?,
        missing_last_time: must_stock.iter().filter(|line| line.was_missing).cloned().collect(),
        must_stock,
        notices: Vec::new(),
    })
}

fn last_visit(connection: &Connection, outlet: OutletId) -> Result<Option<Visit>, ClientError> {
    let tail = "WHERE outlet_id = :outlet AND status = 'completed' ORDER BY visited_on DESC, id DESC LIMIT 1";
    let found: Vec<Visit> = select(connection, tail, named_params! { ":outlet": id_blob(outlet.row()) })?;
    Ok(found.into_iter().next())
}

fn open_points(connection: &Connection, outlet: OutletId, now: Timestamp) -> Result<Vec<TaskView>, ClientError> {
    let tail = "WHERE outlet_id = :outlet AND status = 'open' ORDER BY due_on, raised_at, id";
    let tasks: Vec<Task> = select(connection, tail, named_params! { ":outlet": id_blob(outlet.row()) })?;
    task_views(connection, tasks, now)
}

fn last_view(state: SqliteState<'_>, visit: &Visit, answers: &[Answer]) -> Result<LastVisitView, ClientError> {
    let rep: Option<Person> = state.get(visit.rep_id.row())?;
    let next_step = answers.iter().find_map(|answer| match &answer.value {
        AnswerValue::Text(text) if answer.item == NEXT_STEP_ITEM => Some(text.clone()),
        _ => None,
    });
    let summary = visit.summary.as_ref();
    Ok(LastVisitView {
        visit_id: visit.id,
        visited_on: visit.visited_on,
        rep_name: rep.map(|rep| rep.name).unwrap_or_default(),
        score: summary.map(|summary| summary.score.total),
        on_shelf: summary.map(|summary| summary.on_shelf),
        must_stock: summary.map(|summary| summary.must_stock),
        minutes: summary.map(|summary| summary.minutes),
        next_step: next_step.unwrap_or_default(),
    })
}

fn must_stock(state: SqliteState<'_>, outlet: &Outlet, answers: &[Answer]) -> Result<Vec<MustStockView>, ClientError> {
    let handbook = Handbook::load(state.0)?;
    let is_missing = |answer: &&Answer| answer.item == ON_SHELF_ITEM && answer.value == AnswerValue::YesNo(false);
    let missing: BTreeMap<&str, &Answer> =
        answers.iter().filter(is_missing).map(|answer| (answer.instance.as_str(), answer)).collect();
    let view = |product: storewalk_domain::catalog::Product| {
        let answer = missing.get(product.code.as_str());
        let reason = answer.and_then(|answer| answer.reason.as_deref());
        MustStockView {
            product_id: product.id,
            name: product.name,
            is_hero: product.is_hero,
            was_missing: answer.is_some(),
            missing_reason: reason.map(|code| handbook.text(HandbookList::NotOnShelfReason, code)),
            code: product.code,
        }
    };
    Ok(must_stock_of(&state, outlet.class)?.into_iter().map(view).collect())
}
