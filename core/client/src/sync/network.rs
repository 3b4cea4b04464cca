//! The network is there again, or the person has signed in: what waited for that need not wait longer.
//!
//! **Invariants.** Only waits that a dead line or a session that was over is the reason for are shortened. What the server
//! asked to wait for, what it refused and what the phone's own storage holds up wait as they did. Phones that hear of the
//! same network at the same moment do not all begin at once.

use std::sync::PoisonError;

use rusqlite::{Connection, named_params};
use storewalk_domain::time::Timestamp;

use super::backoff;
use crate::{ClientError, Phone, courier};

/// SQL: the codes of failures that a dead, slow or walled line is the reason for.
const OF_THE_LINE: &str = "('offline', 'timeout', 'not_the_server')";

/// Whether a line is the reason for a failure.
pub(crate) fn is_of_the_line(code: &str) -> bool {
    matches!(code, "offline" | "timeout" | "not_the_server")
}

impl Phone {
    /// To be called when the operating system says that there is a network where there was none, or another one:
    /// everything that waits because of the line is due within two seconds, and what is under way is asked anew. A call
    /// for no reason costs a request that is under way, nothing else.
    ///
    /// # Errors
    /// When the storage fails.
    pub fn network_returned(&self) -> Result<(), ClientError> {
        let now = self.inner.clock.now();
        let due = now.plus_ms(backoff::soon_ms(self.new_id()));
        if let Some(failure) = self.inner.unwritten.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            failure.hasten(due);
        }
        self.write(|transaction| {
            let sql = format!(
                "UPDATE sync_state SET next_attempt_at = min(next_attempt_at, :due)
                 WHERE last_error IS NULL OR last_error IN {OF_THE_LINE}"
            );
            transaction.prepare_cached(&sql)?.execute(named_params! { ":due": due.0 })?;
            hasten_uploads(transaction, now)
        })?;
        courier::hasten(self)?;
        self.inner.network.send_modify(|changes| *changes = changes.wrapping_add(1));
        Ok(())
    }
}

/// Somebody has signed in: the line carries, the server answers, the session is good. What waited for want of any of
/// these is due now; how often it failed is still remembered, so that a poor line gets little at a time.
pub(crate) fn hasten_for_session(connection: &Connection, now: Timestamp) -> Result<(), ClientError> {
    let sql = format!(
        "UPDATE sync_state SET next_attempt_at = min(next_attempt_at, :now), last_error = nullif(last_error, 'signed_out')
         WHERE last_error IS NULL OR last_error = 'signed_out' OR last_error IN {OF_THE_LINE}"
    );
    connection.prepare_cached(&sql)?.execute(named_params! { ":now": now.0 })?;
    hasten_uploads(connection, now)
}

/// The line works: photo bytes that a dead one held up are due, and those that waited for somebody to sign in.
pub(super) fn hasten_uploads(connection: &Connection, now: Timestamp) -> Result<(), ClientError> {
    let sql = format!(
        "UPDATE uploads SET next_attempt_at = :now
         WHERE state = 'pending' AND next_attempt_at > :now
             AND (last_error IS NULL OR last_error = 'signed_out' OR last_error IN {OF_THE_LINE})"
    );
    connection.prepare_cached(&sql)?.execute(named_params! { ":now": now.0 })?;
    Ok(())
}
