//! Signing in and out.

use rusqlite::{Connection, Transaction, named_params};
use storewalk_domain::{
    ids::{DeviceId, RowId},
    sync::Table,
};
use storewalk_sqlite::id_blob;
use storewalk_wire::{SessionGrant, SignInRequest};

use super::{device, store::save_grant};
use crate::{ClientError, Phone, SessionView, courier, outbox, sync};

impl Phone {
    /// Signs in and enrols this phone. Another login name than before begins anew with an empty phone.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses, or when somebody else's work is still unsent here.
    pub async fn sign_in(&self, login: &str, password: &str) -> Result<SessionView, ClientError> {
        let login = login.trim();
        let device = self.read(device)?;
        let is_other = device.owner_login.as_deref().is_some_and(|owner| !is_same_login(owner, login));
        if is_other {
            self.read(refuse_loss)?;
        }
        let device_id = if is_other { DeviceId(self.new_id()) } else { device.id };
        // Another person's installation mints its own key with its own file.
        let parcel_key =
            if is_other { None } else { Some(self.write(|transaction| courier::public_key(transaction))?) };
        let request = SignInRequest {
            login: login.to_owned(),
            password: password.to_owned(),
            device: self.device_info(device_id, parcel_key),
        };
        let grant = self.inner.api.sign_in(&request).await?;
        // A sync under way must not publish the last person's rows into the next one's phone.
        let _turn = self.inner.syncing.lock().await;
        self.write(|transaction| {
            if is_other {
                refuse_loss(transaction)?;
                begin_anew(transaction, device_id)?;
            }
            save_grant(transaction, &grant)?;
            transaction.execute("UPDATE device SET owner_login = ?", [login])?;
            self.meet_server_clock(transaction, &grant)
        })?;
        if is_other {
            self.inner.segments.clear();
        }
        self.inner.mirror.rewrite(&self.inner.db);
        self.session()?.ok_or_else(|| ClientError::Internal("no session after signing in".to_owned()))
    }

    /// Signs out. What was synced stays on the phone for the same person's return.
    ///
    /// # Errors
    /// When anything is unsent, or the storage fails.
    pub async fn sign_out(&self) -> Result<(), ClientError> {
        let _turn = self.inner.syncing.lock().await;
        self.write(|transaction| {
            refuse_unsent(transaction)?;
            transaction.execute("DELETE FROM session", [])?;
            Ok(())
        })
    }

    pub(super) fn meet_server_clock(&self, connection: &Connection, grant: &SessionGrant) -> Result<(), ClientError> {
        let anchor = self.anchor_at(grant.server_at);
        sync::save_anchor(connection, &anchor)?;
        self.set_anchor(anchor);
        Ok(())
    }
}

fn is_same_login(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

fn refuse_unsent(connection: &Connection) -> Result<(), ClientError> {
    let commands = outbox::pending_count(connection)?;
    let photos = sync::unsent_photos(connection)?;
    if commands + photos > 0 { Err(ClientError::Unsent { commands, photos, drafts: 0 }) } else { Ok(()) }
}

/// Another person's sign-in empties the phone, so here drafts count too: they live nowhere else.
fn refuse_loss(connection: &Connection) -> Result<(), ClientError> {
    refuse_unsent(connection)?;
    let drafts: u64 = connection.query_row("SELECT count(*) FROM order_drafts", [], |row| row.get(0))?;
    if drafts > 0 { Err(ClientError::Unsent { commands: 0, photos: 0, drafts }) } else { Ok(()) }
}

/// Empties the phone for another person. Called only when nothing is unsent or drafted, so nothing captured is lost.
fn begin_anew(transaction: &Transaction<'_>, device_id: DeviceId) -> Result<(), ClientError> {
    const LOCAL: &[&str] = &[
        "session",
        "outbox",
        "shadows",
        "memberships",
        "cursors",
        "parted",
        "unknown_rows",
        "staged_buckets",
        "staged_entries",
        "staged_segments",
        "photo_files",
        "uploads",
        "order_draft_lines",
        "order_drafts",
        "attention_dismissed",
    ];
    let names = LOCAL.iter().copied().chain(Table::ALL.iter().map(|table| table.name()));
    for name in names {
        transaction.execute(&format!("DELETE FROM {name}"), [])?;
    }
    transaction.execute(
        "UPDATE device SET device_id = :id, owner_login = NULL, device_number = 0, last_seq = 0, acked_seq = 0,
                           sent_seq = 0, must_ask = 0, next_order = 1",
        named_params! { ":id": id_blob(RowId(device_id.0)) },
    )?;
    transaction.execute(
        "UPDATE sync_state SET failures = 0, last_error = NULL, last_success_at = NULL, next_attempt_at = 0,
                               scanned_at = NULL, standing = NULL",
        [],
    )?;
    Ok(())
}
