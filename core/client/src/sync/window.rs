//! Which protocol the phone speaks, and what it does where the server serves another.
//!
//! **States.** Served in full → too old (`app_outdated`: commands are sent and answered, no rows come; the phone works on
//! offline and says so) → served in full again after an update of the app. Or: newer than the server → the server's
//! newest protocol is spoken, if this app still can → the app's own again, as soon as the server says that it serves it.
//!
//! **Invariants.** Nothing is published without the rows that belong to it: what was answered while no rows came stays
//! pending for the rules, and is no longer unsent for people. Being too old is no failure of the line: new work is sent
//! at once, in whole batches.

use rusqlite::{Connection, named_params};
use storewalk_wire::{ErrorCode, OLDEST_PROTOCOL, ProblemBody, ProtocolWindow, SyncRequest, SyncResponse};

use super::{backoff, run::Run, status};
use crate::{ClientError, Phone, outbox};

impl Phone {
    /// The protocol to speak: the app's own, or the server's newest where that is older.
    pub(super) fn protocol(&self, connection: &Connection) -> Result<u32, ClientError> {
        let own = self.inner.protocol;
        let newest = known(connection)?.map_or(own, |window| window.max.max(OLDEST_PROTOCOL));
        Ok(own.min(newest))
    }

    /// The server does not know the protocol that was spoken. Says whether another can be tried.
    pub(super) fn fall_back(&self, spoken: u32, body: &ProblemBody) -> Result<bool, ClientError> {
        let Some(window) = body.protocols else { return Ok(false) };
        self.write(|transaction| keep(transaction, Some(window)))?;
        let next = self.read(|connection| self.protocol(connection))?;
        tracing::info!(spoken, next, "the server is older than this app");
        Ok(next < spoken)
    }

    /// Takes in an answer that brings no rows, because the app is too old for them: what was worked through is noted, and
    /// nothing is published.
    pub(super) fn receive_without_rows(
        &self,
        run: &mut Run,
        request: &SyncRequest,
        response: &SyncResponse,
        why: &ProblemBody,
    ) -> Result<(), ClientError> {
        let (anchor, now) = (self.anchor_at(response.server_at), self.inner.clock.now());
        let (is_moved, is_all_sent) = self.write(|transaction| {
            let is_moved = self.take_verdicts(transaction, run, request, response)?;
            outbox::note_worked_through(transaction, response.acked_seq)?;
            keep(transaction, response.protocols)?;
            status::save_anchor(transaction, &anchor)?;
            Ok((is_moved, outbox::to_send(transaction, response.acked_seq, 1, now)?.is_empty()))
        })?;
        self.set_anchor(anchor);
        if is_moved {
            self.inner.mirror.rewrite(&self.inner.db);
        }
        run.note_answer(request, response);
        run.withheld = Some(ClientError::Refused(Box::new(why.clone())));
        run.is_done = is_all_sent || run.blocked.is_some();
        Ok(())
    }

    /// Writes down that rows are withheld. The next attempt is that of a phone in step.
    pub(super) fn note_withheld(&self, why: &ClientError) -> Result<(), ClientError> {
        let next = self.inner.clock.now().plus_ms(backoff::poll_ms(self.new_id()));
        self.write(|transaction| {
            transaction.execute(
                "UPDATE sync_state SET failures = 0, last_error = :code, next_attempt_at = :next",
                named_params! { ":code": why.code(), ":next": next.0 },
            )?;
            Ok(())
        })?;
        self.forget_unwritten();
        Ok(())
    }
}

/// Whether a refusal says that the server does not know the protocol that was spoken.
pub(super) fn is_server_outdated(body: &ProblemBody) -> bool {
    matches!(body.code, ErrorCode::ServerOutdated | ErrorCode::ProtocolUnsupported)
}

/// Keeps what the server says it serves.
pub(crate) fn keep(connection: &Connection, window: Option<ProtocolWindow>) -> Result<(), ClientError> {
    let text = window.map(|window| serde_json::to_string(&window)).transpose()?;
    connection
        .prepare_cached("UPDATE sync_state SET protocols = :window WHERE protocols IS NOT :window")?
        .execute(named_params! { ":window": text })?;
    Ok(())
}

/// What the server last said it serves.
fn known(connection: &Connection) -> Result<Option<ProtocolWindow>, ClientError> {
    let text: Option<String> =
        connection.prepare_cached("SELECT max(protocols) FROM sync_state")?.query_row([], |row| row.get(0))?;
    // What cannot be read is asked for anew: the app's own protocol is spoken.
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
}
