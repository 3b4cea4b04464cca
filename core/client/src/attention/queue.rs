//! Collecting what needs a person.

use std::{cmp::Reverse, collections::BTreeSet};

use rusqlite::{Connection, Row};
use serde_json::Value;
use storewalk_domain::{
    handbook::HandbookList,
    ids::{OutletId, VisitId, derived},
    order::{Order, OrderStatus},
    outlet::Outlet,
    photo::Photo,
    problem::Problem,
    sync::{Command, Refusal, RefusalOutcome, StateExt, kind_words, read_command},
    text::Localized,
    time::Timestamp,
    visit::Visit,
};
use storewalk_sqlite::{SqliteState, select};
use storewalk_wire::CommandVerdict;
use uuid::Uuid;

use super::{
    AttentionKind, AttentionView, ProblemView,
    handovers::handovers,
    problem_views,
    words::{order_words, settled_words, sign_in_words, upload_fault_words, upload_words},
};
use crate::{ClientError, photos::failed_uploads, session, sync::ErrorView, visits::Handbook};

/// Everything that needs a person.
pub(super) fn items(connection: &Connection, now: Timestamp) -> Result<Vec<AttentionView>, ClientError> {
    let mut items = Vec::new();
    items.extend(sign_in(connection, now)?);
    items.extend(commands(connection)?);
    items.extend(refusals(connection)?);
    items.extend(orders(connection)?);
    items.extend(uploads(connection)?);
    items.extend(handovers(connection)?);
    let dismissed = dismissed(connection)?;
    items.retain(|item| !(item.is_dismissible && dismissed.contains(&item.id)));
    items.sort_by_key(|item| (item.kind, Reverse(item.at), item.id));
    items.dedup_by_key(|item| (item.kind, item.id));
    Ok(items)
}

fn dismissed(connection: &Connection) -> Result<BTreeSet<Uuid>, ClientError> {
    let mut statement = connection.prepare_cached("SELECT id FROM attention_dismissed")?;
    let rows = statement.query_map([], |row| row.get(0).map(Uuid::from_bytes))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The password, when the server asks for it again. Before the first sign-in there is nothing to send.
fn sign_in(connection: &Connection, now: Timestamp) -> Result<Option<AttentionView>, ClientError> {
    let Some(code) = session::session(connection)?.and_then(|session| session.needs_sign_in) else { return Ok(None) };
    let error = ErrorView::of_code(&code);
    Ok(Some(AttentionView {
        kind: AttentionKind::SignIn,
        id: Uuid::nil(),
        what: sign_in_words(),
        about: String::new(),
        at: Some(now),
        problems: vec![ProblemView {
            code: error.code,
            at: String::new(),
            sentence: error.sentence,
            next_step: error.next_step,
        }],
        is_dismissible: false,
    }))
}

/// A command of the outbox with what was said about it.
struct Noted {
    command_id: Uuid,
    kind: String,
    schema: u32,
    command: String,
    captured_at: i64,
    verdict: Option<String>,
    local_problem: Option<String>,
}

impl Noted {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            command_id: row.get("command_id").map(Uuid::from_bytes)?,
            kind: row.get("kind")?,
            schema: row.get("schema")?,
            command: row.get("command")?,
            captured_at: row.get("captured_at")?,
            verdict: row.get("verdict")?,
            local_problem: row.get("local_problem")?,
        })
    }
}

/// Commands of this phone that were refused, or no longer fit.
fn commands(connection: &Connection) -> Result<Vec<AttentionView>, ClientError> {
    let mut statement = connection.prepare_cached(include_str!("noted_commands.sql"))?;
    let noted = statement.query_map([], Noted::from_row)?.collect::<Result<Vec<_>, _>>()?;
    let mut items = Vec::new();
    for command in noted {
        let Some((kind, problems)) = standing(&command)? else { continue };
        items.push(AttentionView {
            kind,
            id: command.command_id,
            what: kind_words(&command.kind),
            about: subject(connection, &command.command, command.schema)?,
            at: Some(Timestamp(command.captured_at)),
            problems: problem_views(&problems),
            is_dismissible: kind != AttentionKind::Flagged,
        });
    }
    Ok(items)
}

/// What is to be told of a command; `None` for one that needs nobody. Orders that wait are told of by themselves.
fn standing(command: &Noted) -> Result<Option<(AttentionKind, Vec<Problem>)>, ClientError> {
    let verdict: Option<CommandVerdict> = command.verdict.as_deref().map(serde_json::from_str).transpose()?;
    let is_order = command.kind.starts_with("order.");
    Ok(match verdict {
        Some(CommandVerdict::Refused { problems }) => Some((AttentionKind::Refused, problems)),
        Some(CommandVerdict::Changed { problem }) if !is_order => Some((AttentionKind::Changed, vec![problem])),
        Some(CommandVerdict::Held { problem }) if !is_order => Some((AttentionKind::Held, vec![problem])),
        Some(_) => None,
        None => {
            let problems: Option<Vec<Problem>> =
                command.local_problem.as_deref().map(serde_json::from_str).transpose()?;
            problems.map(|problems| (AttentionKind::Flagged, problems))
        }
    })
}

/// Refusals that the server keeps for this person: of another phone of theirs, of long ago, or settled by a supervisor.
fn refusals(connection: &Connection) -> Result<Vec<AttentionView>, ClientError> {
    let tail = "WHERE outcome IS NOT NULL OR command_id NOT IN (SELECT command_id FROM outbox)
                ORDER BY refused_at DESC, id";
    let refusals: Vec<Refusal> = select(connection, tail, [])?;
    let view = |refusal: Refusal| match &refusal.outcome {
        Some(outcome) => settled(&refusal, outcome),
        None => AttentionView {
            kind: AttentionKind::Refused,
            id: refusal.command_id.0,
            what: kind_words(&refusal.kind),
            about: String::new(),
            at: Some(refusal.refused_at),
            problems: problem_views(&refusal.problems),
            is_dismissible: true,
        },
    };
    Ok(refusals.into_iter().map(view).collect())
}

/// What a supervisor made of a refused command. Another item than the refusal: having read that one is not having read
/// this one.
fn settled(refusal: &Refusal, outcome: &RefusalOutcome) -> AttentionView {
    let (sentence, next_step) = settled_words(refusal, outcome);
    let code = outcome.how.as_str().to_owned();
    AttentionView {
        kind: AttentionKind::Settled,
        id: derived(refusal.command_id.0, "settled"),
        what: kind_words(&refusal.kind),
        about: String::new(),
        at: Some(outcome.at),
        problems: vec![ProblemView { code, at: String::new(), sentence, next_step }],
        is_dismissible: true,
    }
}

/// Orders that the server has taken in and that wait: for credit, or for a word about another price.
fn orders(connection: &Connection) -> Result<Vec<AttentionView>, ClientError> {
    let tail = "WHERE arrived_at IS NOT NULL AND status IN ('held', 'awaiting_confirmation') ORDER BY placed_at, id";
    let orders: Vec<Order> = select(connection, tail, [])?;
    let view = |order: Order| AttentionView {
        kind: if order.status == OrderStatus::Held { AttentionKind::Held } else { AttentionKind::Changed },
        id: order.id.0,
        what: order_words(),
        about: order.number,
        at: Some(order.placed_at),
        problems: order.hold.iter().map(|hold| ProblemView::from(&hold.problem)).collect(),
        is_dismissible: false,
    };
    Ok(orders.into_iter().map(view).collect())
}

/// Photos whose bytes the server will not have, one item each.
fn uploads(connection: &Connection) -> Result<Vec<AttentionView>, ClientError> {
    let (state, handbook) = (SqliteState(connection), Handbook::load(connection)?);
    let mut items: Vec<AttentionView> = Vec::new();
    for upload in failed_uploads(connection)? {
        let photo: Option<Photo> = state.get(upload.request.photo_id.row())?;
        let zone = photo.as_ref().map(|photo| handbook.text(HandbookList::PhotoZone, &photo.zone));
        let code = upload.last_error.unwrap_or_default();
        let (sentence, next_step) = upload_fault_words(&code);
        items.push(AttentionView {
            kind: AttentionKind::Upload,
            id: upload.request.photo_id.0,
            what: upload_words(&zone.unwrap_or_else(|| Localized::same(""))),
            about: photo.as_ref().map_or_else(|| Ok(String::new()), |photo| outlet_name(state, photo.outlet_id))?,
            at: photo.map(|photo| photo.taken_at),
            problems: vec![ProblemView { code, at: upload.request.variant.as_str().to_owned(), sentence, next_step }],
            is_dismissible: false,
        });
    }
    Ok(items)
}

/// What a command is about: an outlet's name or an order's number.
pub(crate) fn subject(connection: &Connection, command: &str, schema: u32) -> Result<String, ClientError> {
    let state = SqliteState(connection);
    let value: Value = serde_json::from_str(command)?;
    // A command of a later release is told of without its subject.
    let Ok(command) = read_command(&value, schema) else { return Ok(String::new()) };
    match command {
        Command::StartVisit(args) => outlet_name(state, args.outlet_id),
        Command::SkipCall(args) => outlet_name(state, args.outlet_id),
        Command::RaiseTask(args) => outlet_name(state, args.outlet_id),
        Command::ChooseGoals(args) => visited(state, args.visit_id),
        Command::BeginStep(args) => visited(state, args.visit_id),
        Command::RecordAnswer(args) => visited(state, args.visit_id),
        Command::AssessGoals(args) => visited(state, args.visit_id),
        Command::FinishVisit(args) => visited(state, args.visit_id),
        Command::AttachPhoto(args) => visited(state, args.visit_id),
        Command::AnswerSignal(args) => {
            let photo: Option<storewalk_domain::photo::Photo> = state.get(args.photo_id.row())?;
            photo.map_or_else(|| Ok(String::new()), |photo| outlet_name(state, photo.outlet_id))
        }
        Command::CloseTask(args) => {
            let task: Option<storewalk_domain::task::Task> = state.get(args.task_id.row())?;
            task.map_or_else(|| Ok(String::new()), |task| outlet_name(state, task.outlet_id))
        }
        Command::SubmitOrder(args) => Ok(args.number),
        Command::CancelOrder(args) => number(state, args.order_id),
        Command::ConfirmOrder(args) => number(state, args.order_id),
        Command::AnswerClaim(args) => number(state, args.order_id),
        Command::EditOutlet(args) => outlet_name(state, args.outlet_id),
        Command::SettleConflict(args) => outlet_name(state, args.outlet_id),
        Command::SettleDuplicate(args) => visited(state, args.keep),
        Command::RecordPayment(args) => Ok(args.slip),
        Command::ReassignOutlet(args) => outlet_name(state, args.outlet_id),
        Command::ReviewPhoto(_) | Command::ReassignTerritory(_) => Ok(String::new()),
    }
}

fn outlet_name(state: SqliteState<'_>, id: OutletId) -> Result<String, ClientError> {
    let outlet: Option<Outlet> = state.get(id.row())?;
    Ok(outlet.map(|outlet| outlet.name).unwrap_or_default())
}

fn visited(state: SqliteState<'_>, id: VisitId) -> Result<String, ClientError> {
    let visit: Option<Visit> = state.get(id.row())?;
    visit.map_or_else(|| Ok(String::new()), |visit| outlet_name(state, visit.outlet_id))
}

fn number(state: SqliteState<'_>, id: storewalk_domain::ids::OrderId) -> Result<String, ClientError> {
    let order: Option<Order> = state.get(id.row())?;
    Ok(order.map(|order| order.number).unwrap_or_default())
}
