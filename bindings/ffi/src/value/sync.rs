//! How syncing goes.

use storewalk_client::{self as client, SyncReport};
use storewalk_domain::{text::Localized, time::Zone};

use super::ms;
use crate::Details;

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
    /// Rows found damaged, or to differ from the server's, and fetched again.
    pub rows_healed: u64,
    /// Bytes sent.
    pub bytes_up: u64,
    /// Bytes received.
    pub bytes_down: u64,
    /// Whether phone and server are now wholly in step.
    pub is_complete: bool,
}

/// Where syncing stands.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct SyncStatus {
    /// What the status bar says.
    pub state: SyncState,
    /// Commands the server has not acknowledged.
    pub unsent_commands: u64,
    /// Photos the server has not received.
    pub unsent_photos: u64,
    /// When the oldest unsent command was captured, in milliseconds since 1970 UTC.
    pub oldest_unsent_at_ms: Option<i64>,
    /// When phone and server were last wholly in step.
    pub last_success_at_ms: Option<i64>,
    /// What went wrong at the last attempt.
    pub last_error: Option<Details>,
    /// Attempts in a row that failed.
    pub failures: u32,
    /// When it is tried again, by the phone's clock.
    pub next_attempt_at_ms: i64,
    /// Whether the password is needed before anything can be sent.
    pub needs_sign_in: bool,
    /// The phone's clock, when its owner should set it: what is wrong with it and what to do.
    pub clock: Option<Details>,
    /// How far it is ahead of the server's then, in milliseconds; negative when it is behind.
    pub clock_ahead_ms: Option<i64>,
}

/// One state out of a closed list, with its words.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct SyncState {
    /// Which state.
    pub kind: SyncStateKind,
    /// Things that wait to be sent; zero where the state does not speak of them.
    pub waiting: u64,
    /// Since when they wait for a network, where they do.
    pub since_ms: Option<i64>,
    /// How far the phone's clock is ahead, when that is the state.
    pub clock_ahead_ms: Option<i64>,
    /// What it is, in a sentence.
    pub what: Localized,
    /// What the person can do next.
    pub next_step: Localized,
}

/// How syncing stands, the most pressing thing first.
#[derive(Clone, Copy, PartialEq, Eq, Debug, uniffi::Enum)]
pub enum SyncStateKind {
    /// Nobody is signed in.
    NobodySignedIn,
    /// The server asks for the password again.
    NeedsPassword,
    /// The phone's storage is full.
    StorageFull,
    /// The data file is damaged, or cannot be used.
    StorageFaulty,
    /// The app is too old for the server.
    AppTooOld,
    /// The phone's clock is wrong.
    ClockWrong,
    /// Everything is on the server.
    AllSent,
    /// Things wait and are about to be sent.
    Sending,
    /// Things wait for a network.
    WaitsForNetwork,
    /// A network's log-in page stands in the way.
    WaitsForPortal,
    /// The server asks to wait.
    ServerBusy,
    /// Something else went wrong; it is tried again.
    TriesAgain,
}

/// What a look at the rows found.
#[derive(Clone, Copy, PartialEq, Eq, Debug, uniffi::Record)]
pub struct ScanReport {
    /// Rows looked at.
    pub rows: u64,
    /// Rows that are not what came; the next sync fetches them again.
    pub damaged: u64,
}

/// Bytes on the line.
#[derive(Clone, Copy, PartialEq, Eq, Debug, uniffi::Record)]
pub struct Traffic {
    /// Sent.
    pub up: u64,
    /// Received.
    pub down: u64,
}

impl From<SyncReport> for SyncOutcome {
    fn from(report: SyncReport) -> Self {
        Self {
            commands_sent: report.commands_sent,
            refused: report.refused,
            changed: report.changed,
            held: report.held,
            rows_applied: report.rows_applied,
            rows_healed: report.rows_healed,
            bytes_up: report.bytes_up,
            bytes_down: report.bytes_down,
            is_complete: report.complete,
        }
    }
}

impl SyncStatus {
    /// The status with its sentences; times of day are in `zone`.
    pub(crate) fn of(status: client::SyncStatus, zone: Zone) -> Self {
        let clock_ahead_ms = status.clock.as_ref().map(|clock| clock.skew_ms);
        let clock = status.clock.map(|clock| Details {
            code: "clock_off".to_owned(),
            what: clock.sentence,
            next_step: clock.next_step,
        });
        Self {
            state: SyncState::of(status.state, zone),
            unsent_commands: status.unsent_commands,
            unsent_photos: status.unsent_photos,
            oldest_unsent_at_ms: ms(status.oldest_unsent_at),
            last_success_at_ms: ms(status.last_success_at),
            last_error: status.last_error.map(Details::from),
            failures: status.failures,
            next_attempt_at_ms: status.next_attempt_at.0,
            needs_sign_in: status.needs_sign_in,
            clock,
            clock_ahead_ms,
        }
    }
}

impl SyncState {
    fn of(state: client::SyncState, zone: Zone) -> Self {
        let (mut found, mut since_ms, mut clock_ahead_ms) = (0, None, None);
        let kind = match state {
            client::SyncState::NobodySignedIn => SyncStateKind::NobodySignedIn,
            client::SyncState::StorageFull => SyncStateKind::StorageFull,
            client::SyncState::StorageFaulty => SyncStateKind::StorageFaulty,
            client::SyncState::AllSent => SyncStateKind::AllSent,
            client::SyncState::ClockWrong { by_ms } => {
                clock_ahead_ms = Some(by_ms);
                SyncStateKind::ClockWrong
            }
            client::SyncState::WaitsForNetwork { waiting, since } => {
                (found, since_ms) = (waiting, ms(since));
                SyncStateKind::WaitsForNetwork
            }
            client::SyncState::NeedsPassword { waiting }
            | client::SyncState::AppTooOld { waiting }
            | client::SyncState::ServerTooOld { waiting }
            | client::SyncState::Sending { waiting }
            | client::SyncState::WaitsForPortal { waiting }
            | client::SyncState::ServerBusy { waiting }
            | client::SyncState::TriesAgain { waiting } => {
                found = waiting;
                waiting_kind(state)
            }
        };
        let (what, next_step) = (state.sentence(zone), state.next_step());
        Self { kind, waiting: found, since_ms, clock_ahead_ms, what, next_step }
    }
}

/// The states that only say how much waits.
fn waiting_kind(state: client::SyncState) -> SyncStateKind {
    match state {
        client::SyncState::NeedsPassword { .. } => SyncStateKind::NeedsPassword,
        client::SyncState::AppTooOld { .. } => SyncStateKind::AppTooOld,
        client::SyncState::Sending { .. } => SyncStateKind::Sending,
        client::SyncState::WaitsForPortal { .. } => SyncStateKind::WaitsForPortal,
        client::SyncState::ServerBusy { .. } => SyncStateKind::ServerBusy,
        // A server older than the app too: the words say which.
        _ => SyncStateKind::TriesAgain,
    }
}

impl From<client::ScanReport> for ScanReport {
    fn from(report: client::ScanReport) -> Self {
        Self { rows: report.rows, damaged: report.damaged }
    }
}

impl From<client::Traffic> for Traffic {
    fn from(traffic: client::Traffic) -> Self {
        Self { up: traffic.up, down: traffic.down }
    }
}
