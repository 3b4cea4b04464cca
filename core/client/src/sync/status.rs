//! How syncing goes: what a screen shows and when it is tried again.
//!
//! **Invariant.** There is always a next attempt, never further away than [`backoff::LONGEST_MS`] from the phone's
//! present clock, whatever the clock was when it was set.

use std::sync::PoisonError;

use rusqlite::{Connection, OptionalExtension, named_params};
use storewalk_domain::{
    text::Localized,
    time::{ServerAnchor, Timestamp},
};

use super::{
    ClockWarning, backoff, network,
    state::{Signs, SyncState},
};
use crate::{ClientError, Phone, outbox, photos, session, text};

/// Where syncing stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SyncStatus {
    /// Commands the server has not acknowledged.
    pub unsent_commands: u64,
    /// Photos with bytes the server has not received.
    pub unsent_photos: u64,
    /// When the oldest unsent command was captured.
    pub oldest_unsent_at: Option<Timestamp>,
    /// When phone and server were last wholly in step.
    pub last_success_at: Option<Timestamp>,
    /// What went wrong at the last attempt; `None` when it went well.
    pub last_error: Option<ErrorView>,
    /// Attempts in a row that failed.
    pub failures: u32,
    /// When it is tried again, by the phone's clock.
    pub next_attempt_at: Timestamp,
    /// Whether the password is needed before anything can be sent.
    pub needs_sign_in: bool,
    /// The phone's clock, when its owner should set it; [`SyncState::ClockWrong`] says the same when nothing presses more.
    pub clock: Option<ClockWarning>,
    /// What the status bar says.
    pub state: SyncState,
}

/// An error as a person reads it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ErrorView {
    /// Stable code.
    pub code: String,
    /// What happened.
    pub sentence: Localized,
    /// What to do next.
    pub next_step: Localized,
}

impl ErrorView {
    /// The view of a code.
    pub fn of_code(code: &str) -> Self {
        let text = text::of_code(code);
        Self { code: code.to_owned(), sentence: text.what, next_step: text.next }
    }
}

/// A failed attempt, as it is written down.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Failure {
    code: String,
    failures: u32,
    next_attempt_at: Timestamp,
}

impl Failure {
    /// Brings the next attempt forward when the line was the reason.
    pub(super) fn hasten(&mut self, due: Timestamp) {
        if network::is_of_the_line(&self.code) {
            self.next_attempt_at = self.next_attempt_at.min(due);
        }
    }
}

impl Phone {
    /// Where syncing stands.
    ///
    /// # Errors
    /// When the storage fails.
    pub fn status(&self) -> Result<SyncStatus, ClientError> {
        let unwritten = self.inner.unwritten.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let now = self.inner.clock.now();
        let clock = ClockWarning::of(&self.now());
        self.read(|connection| {
            let state = state(connection)?;
            let session = session::session(connection)?;
            let needs_sign_in = session.as_ref().is_none_or(|session| session.needs_sign_in.is_some());
            let (code, failures, next) = match unwritten {
                Some(failure) => (Some(failure.code), failure.failures, failure.next_attempt_at),
                None => (state.last_error, state.failures, state.next_attempt_at),
            };
            let (unsent_commands, unsent_photos) = (outbox::unsent_count(connection)?, unsent_photos(connection)?);
            let oldest_unsent_at = outbox::oldest_unsent(connection)?;
            let signs = Signs {
                is_signed_in: session.is_some(),
                needs_password: session.is_some() && needs_sign_in,
                waiting: unsent_commands + unsent_photos,
                since: oldest_unsent_at,
                error: code.as_deref(),
                clock: clock.as_ref(),
            };
            Ok(SyncStatus {
                state: SyncState::of(&signs),
                unsent_commands,
                unsent_photos,
                oldest_unsent_at,
                last_success_at: state.last_success_at,
                last_error: code.as_deref().map(ErrorView::of_code),
                failures,
                next_attempt_at: backoff::within_reach(next, now),
                needs_sign_in,
                clock,
            })
        })
    }

    /// Writes down that an attempt failed, and when the next one is.
    pub(super) fn note_failure(&self, error: &ClientError) {
        let now = self.inner.clock.now();
        let mut unwritten = self.inner.unwritten.lock().unwrap_or_else(PoisonError::into_inner);
        let written = self.read(state).map_or(0, |state| state.failures);
        let failures = unwritten.as_ref().map_or(0, |failure| failure.failures).max(written).saturating_add(1);
        let asked = match error {
            ClientError::Busy { retry_after_ms } => *retry_after_ms,
            _ => None,
        };
        let delay = backoff::delay_ms(failures, asked, self.new_id());
        let failure = Failure { code: error.code().to_owned(), failures, next_attempt_at: now.plus_ms(delay) };
        let written = self.write(|transaction| {
            transaction.execute(
                "UPDATE sync_state SET failures = :failures, last_error = :code, next_attempt_at = :next",
                named_params! { ":failures": failures, ":code": failure.code, ":next": failure.next_attempt_at.0 },
            )?;
            Ok(())
        });
        // A full disk takes no note either; the status must speak of it all the same.
        *unwritten = written.is_err().then_some(failure);
    }

    /// Writes down that phone and server are in step since a run began. What was captured or delivered too late for its
    /// last answer is due at once.
    pub(super) fn note_success(&self, began: Timestamp) -> Result<(), ClientError> {
        let now = self.inner.clock.now();
        let poll = now.plus_ms(backoff::poll_ms(self.new_id()));
        self.write(|transaction| {
            let is_late = outbox::unsent_count(transaction)? > 0 || photos::has_arrived_since(transaction, began)?;
            let next = if is_late { now } else { poll };
            transaction.execute(
                "UPDATE sync_state SET failures = 0, last_error = NULL, last_success_at = :now,
                                       next_attempt_at = :next",
                named_params! { ":now": self.now().trusted().0, ":next": next.0 },
            )?;
            network::hasten_uploads(transaction, now)
        })?;
        self.forget_unwritten();
        Ok(())
    }

    /// The database takes notes again.
    pub(crate) fn forget_unwritten(&self) {
        *self.inner.unwritten.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// The server's time, met now.
    pub(crate) fn anchor_at(&self, server_at: Timestamp) -> ServerAnchor {
        ServerAnchor { server_at, monotonic_ms: self.inner.clock.monotonic_ms(), boot_id: self.inner.clock.boot_id() }
    }

    pub(crate) fn set_anchor(&self, anchor: ServerAnchor) {
        *self.inner.anchor.lock().unwrap_or_else(PoisonError::into_inner) = Some(anchor);
    }
}

/// New work is due at once, unless the server is being left alone after a failure.
pub(crate) fn make_due(connection: &Connection, now: Timestamp) -> Result<(), ClientError> {
    connection
        .prepare_cached("UPDATE sync_state SET next_attempt_at = min(next_attempt_at, ?) WHERE failures = 0")?
        .execute([now.0])?;
    Ok(())
}

/// Photos with bytes the server has not received, or has not said by pull that it holds. Not those whose command was
/// refused: their bytes follow the refusal, which a supervisor can still take in.
pub(crate) fn unsent_photos(connection: &Connection) -> Result<u64, ClientError> {
    let mut statement = connection.prepare_cached(include_str!("unsent_photos.sql"))?;
    Ok(statement.query_row([], |row| row.get(0))?)
}

/// Photos with bytes that only this phone has, those of refused commands included.
pub(crate) fn only_here(connection: &Connection) -> Result<u64, ClientError> {
    let sql = "SELECT count(DISTINCT photo_id) FROM uploads WHERE state <> 'done'";
    Ok(connection.query_row(sql, [], |row| row.get(0))?)
}

/// The last meeting with the server's clock.
pub(crate) fn anchor(connection: &Connection) -> Result<Option<ServerAnchor>, ClientError> {
    let text: Option<Option<String>> =
        connection.query_row("SELECT anchor FROM sync_state", [], |row| row.get(0)).optional()?;
    Ok(text.flatten().map(|text| serde_json::from_str(&text)).transpose()?)
}

/// Keeps a meeting with the server's clock.
pub(crate) fn save_anchor(connection: &Connection, anchor: &ServerAnchor) -> Result<(), ClientError> {
    connection.execute("UPDATE sync_state SET anchor = ?", [serde_json::to_string(anchor)?])?;
    Ok(())
}

pub(super) struct State {
    pub(super) failures: u32,
    pub(super) next_attempt_at: Timestamp,
    pub(super) last_error: Option<String>,
    pub(super) last_success_at: Option<Timestamp>,
}

pub(super) fn state(connection: &Connection) -> Result<State, ClientError> {
    let mut statement =
        connection.prepare_cached("SELECT failures, next_attempt_at, last_error, last_success_at FROM sync_state")?;
    Ok(statement.query_row([], |row| {
        Ok(State {
            failures: row.get(0)?,
            next_attempt_at: Timestamp(row.get(1)?),
            last_error: row.get(2)?,
            last_success_at: row.get::<_, Option<i64>>(3)?.map(Timestamp),
        })
    })?)
}
