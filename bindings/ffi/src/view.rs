//! The records that cross: plain values, made from the core's views.

use storewalk_client::{CallState, CallView, ProblemView, SessionView, SyncReport, SyncStatus, TodayView};
use storewalk_domain::{self as domain, text::Localized};

/// A text in both languages.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct Text {
    /// Simplified Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

/// One thing that stands in the way.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct Problem {
    /// Stable code.
    pub code: String,
    /// Where: the field, item or line; empty when it is the whole.
    pub at: String,
    /// What happened.
    pub what: Text,
    /// What to do next.
    pub next_step: Text,
}

/// Who is signed in.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct Person {
    /// Identity.
    pub id: String,
    /// Staff code.
    pub code: String,
    /// Name.
    pub name: String,
    /// `rep`, `dealer`, `supervisor` or `admin`.
    pub role: String,
    /// Why the server asks for the password again; nothing while the session is good.
    pub needs_sign_in: Option<String>,
}

/// The calls of a day.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct Today {
    /// The date, `YYYY-MM-DD`.
    pub date: String,
    /// Planned calls in route order.
    pub calls: Vec<Call>,
    /// Visits of the day that no plan asked for.
    pub unplanned: Vec<Call>,
    /// How many planned calls are done or skipped.
    pub settled: u32,
    /// Plans that cannot be read.
    pub problems: Vec<Problem>,
}

/// One call.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct Call {
    /// The plan it comes from; nothing for an unplanned visit.
    pub plan_id: Option<String>,
    /// Where.
    pub outlet_id: String,
    /// The outlet's code.
    pub outlet_code: String,
    /// The outlet's name.
    pub outlet_name: String,
    /// The outlet's address.
    pub address: String,
    /// `planned`, `in_progress`, `done` or `skipped`.
    pub state: String,
    /// The visit, once there is one.
    pub visit_id: Option<String>,
    /// Open tasks at the outlet.
    pub open_tasks: u32,
    /// Photos to be taken again, among them.
    pub retakes: u32,
}

/// What a sync did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, uniffi::Record)]
pub struct SyncOutcome {
    /// Commands the server has worked through.
    pub commands_sent: u64,
    /// Of these: refused.
    pub refused: u64,
    /// Of these: done, but not as meant.
    pub changed: u64,
    /// Of these: done, and waiting.
    pub held: u64,
    /// Rows written or removed.
    pub rows_applied: u64,
    /// Bytes sent.
    pub bytes_up: u64,
    /// Bytes received.
    pub bytes_down: u64,
    /// Whether phone and server are now wholly in step.
    pub is_complete: bool,
}

/// Where syncing stands.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct Status {
    /// Commands the server has not acknowledged.
    pub unsent_commands: u64,
    /// Photos the server has not received.
    pub unsent_photos: u64,
    /// When the oldest unsent command was captured, in milliseconds since 1970 UTC.
    pub oldest_unsent_at_ms: Option<i64>,
    /// When phone and server were last wholly in step.
    pub last_success_at_ms: Option<i64>,
    /// What went wrong at the last attempt.
    pub last_error: Option<crate::Details>,
    /// When it is tried again, by the phone's clock.
    pub next_attempt_at_ms: i64,
    /// Whether the password is needed before anything can be sent.
    pub needs_sign_in: bool,
    /// The phone's clock, when its owner should set it: how far it is off and what to do.
    pub clock: Option<crate::Details>,
}

/// What was brought back from a damaged database.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct Recovery {
    /// Commands that were not acknowledged and are queued again.
    pub commands_kept: u64,
    /// Where the damaged file lies now; nothing when only its last writes were missing.
    pub file: Option<String>,
}

impl Problem {
    /// Problems of the rules, in words.
    pub(crate) fn all(problems: &[domain::problem::Problem]) -> Vec<Self> {
        problems.iter().map(|problem| ProblemView::from(problem).into()).collect()
    }
}

impl From<Localized> for Text {
    fn from(Localized { zh, en }: Localized) -> Self {
        Self { zh, en }
    }
}

impl From<ProblemView> for Problem {
    fn from(view: ProblemView) -> Self {
        Self { code: view.code, at: view.at, what: view.sentence.into(), next_step: view.next_step.into() }
    }
}

impl From<SessionView> for Person {
    fn from(view: SessionView) -> Self {
        Self {
            id: view.user.id.to_string(),
            code: view.user.code,
            name: view.user.name,
            role: view.user.role.as_str().to_owned(),
            needs_sign_in: view.needs_sign_in,
        }
    }
}

impl From<TodayView> for Today {
    fn from(view: TodayView) -> Self {
        let calls = |calls: Vec<CallView>| calls.into_iter().map(Call::from).collect();
        Self {
            date: view.date.to_string(),
            calls: calls(view.calls),
            unplanned: calls(view.unplanned),
            settled: view.settled,
            problems: view.problems.into_iter().map(Problem::from).collect(),
        }
    }
}

impl From<CallView> for Call {
    fn from(view: CallView) -> Self {
        let state = match view.state {
            CallState::Planned => "planned",
            CallState::InProgress => "in_progress",
            CallState::Done => "done",
            CallState::Skipped => "skipped",
        };
        Self {
            plan_id: view.plan_id.map(|id| id.to_string()),
            outlet_id: view.outlet_id.to_string(),
            outlet_code: view.outlet_code,
            outlet_name: view.outlet_name,
            address: view.address,
            state: state.to_owned(),
            visit_id: view.visit_id.map(|id| id.to_string()),
            open_tasks: view.open_tasks,
            retakes: view.retakes,
        }
    }
}

impl From<storewalk_client::Recovery> for Recovery {
    fn from(recovery: storewalk_client::Recovery) -> Self {
        let file = recovery.file.map(|path| path.to_string_lossy().into_owned());
        Self { commands_kept: recovery.commands_kept, file }
    }
}

impl From<SyncReport> for SyncOutcome {
    fn from(report: SyncReport) -> Self {
        Self {
            commands_sent: report.commands_sent,
            refused: report.refused,
            changed: report.changed,
            held: report.held,
            rows_applied: report.rows_applied,
            bytes_up: report.bytes_up,
            bytes_down: report.bytes_down,
            is_complete: report.complete,
        }
    }
}

impl From<SyncStatus> for Status {
    fn from(status: SyncStatus) -> Self {
        Self {
            unsent_commands: status.unsent_commands,
            unsent_photos: status.unsent_photos,
            oldest_unsent_at_ms: status.oldest_unsent_at.map(|at| at.0),
            last_success_at_ms: status.last_success_at.map(|at| at.0),
            last_error: status.last_error.map(|error| crate::Details {
                code: error.code,
                what: error.sentence.into(),
                next_step: error.next_step.into(),
            }),
            next_attempt_at_ms: status.next_attempt_at.0,
            needs_sign_in: status.needs_sign_in,
            clock: status.clock.map(|clock| crate::Details {
                code: "clock_off".to_owned(),
                what: clock.sentence.into(),
                next_step: clock.next_step.into(),
            }),
        }
    }
}
