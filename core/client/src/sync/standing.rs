//! Asking in a few bytes whether there is any news at all.
//!
//! **Invariants.** The name of a standing is kept in the transaction that publishes the answer it came with, and only
//! when nothing is in doubt; whatever moves a cursor otherwise takes it away. It is used only while there is nothing
//! to send and nothing new to tell about the phone. Any answer but "the same" leads to a whole sync.

use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use storewalk_domain::time::Timestamp;
use storewalk_wire::{DeviceHealth, StandingRequest, SyncResponse};

use super::{heal, health, status};
use crate::{ClientError, Phone, outbox, session};

/// What is kept.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    standing: String,
    /// What the server was last told about the phone, its clock left out.
    told: DeviceHealth,
}

impl Phone {
    /// Whether the server says that nothing has changed. `false` when it cannot be asked like that.
    pub(super) async fn is_same(&self) -> Result<bool, ClientError> {
        let device_at = self.inner.clock.now();
        let Some(kept) = self.read(|connection| kept(connection, device_at))? else { return Ok(false) };
        let health = self.read(|connection| health::of(self, connection, device_at))?;
        if timeless(health) != kept.told {
            return Ok(false);
        }
        let request = StandingRequest { standing: kept.standing, device_at };
        let answer = self
            .authorized(|api, token| {
                let request = request.clone();
                async move { api.standing(&token, &request).await }
            })
            .await;
        match answer {
            Ok(answer) if answer.is_same => {
                let anchor = self.anchor_at(answer.server_at);
                self.write(|transaction| status::save_anchor(transaction, &anchor))?;
                self.set_anchor(anchor);
                Ok(true)
            }
            Ok(_) => Ok(false),
            // A server of before this question, or something in between: the whole question tells which.
            Err(ClientError::NotTheServer | ClientError::Refused(_)) => {
                self.write(|transaction| heal::forget_standing(transaction))?;
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }
}

/// Keeps the name that a published answer gave.
pub(super) fn keep(connection: &Connection, told: &DeviceHealth, response: &SyncResponse) -> Result<(), ClientError> {
    let is_doubtful = connection.prepare_cached("SELECT 1 FROM cursors WHERE is_doubtful")?.exists([])?;
    let kept = response
        .standing
        .clone()
        .filter(|_| !is_doubtful)
        .map(|standing| serde_json::to_string(&Kept { standing, told: timeless(told.clone()) }))
        .transpose()?;
    connection.execute("UPDATE sync_state SET standing = ?", [kept])?;
    Ok(())
}

/// The name that may be relied upon now.
fn kept(connection: &Connection, now: Timestamp) -> Result<Option<Kept>, ClientError> {
    let text: Option<String> = connection.query_row("SELECT max(standing) FROM sync_state", [], |row| row.get(0))?;
    let Some(text) = text else { return Ok(None) };
    let device = session::device(connection)?;
    let is_idle = !device.must_ask && outbox::to_send(connection, device.acked_seq, 1, now)?.is_empty();
    let has_staged = connection.prepare_cached("SELECT 1 FROM staged_buckets")?.exists([])?;
    Ok(serde_json::from_str(&text).ok().filter(|_| is_idle && !has_staged))
}

fn timeless(health: DeviceHealth) -> DeviceHealth {
    DeviceHealth { device_at: storewalk_domain::time::Timestamp(0), ..health }
}
