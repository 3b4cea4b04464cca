//! An installation that finds out that it is a copy takes an identity of its own.
//!
//! A phone cloned to a second device, or restored from a backup while the first one lives on, gives the numbers the other
//! one gives. Whoever notices first (the server calls a number used twice, has worked through numbers this phone never
//! sent, or has met the other one's sign-in) parts from the other: another device id, another device number, a session of its own. What has no answer yet is
//! numbered after what both have in common and sent under the new identity; the server knows each command by its own
//! identity, so nothing is done twice. Orders that were never sent get numbers of the new block, because the other
//! installation may have given the same ones.

use rusqlite::{Transaction, named_params};
use serde_json::Value;
use storewalk_domain::ids::{DeviceId, RowId};
use storewalk_sqlite::id_blob;
use storewalk_wire::{CopyOf, CopyRequest, ErrorCode, SessionGrant, SignInMarks, SignInRequest};

use super::{device, marks, store};
use crate::{ClientError, Phone, SessionView, courier, outbox, receipt, record::take_order_number, sync};

impl Phone {
    /// Parts from the other installation. Commands from the number `own_from` on were captured here alone and never
    /// reached the server. Gives the last number both have in common; `None` when the server knows of no
    /// such thing.
    pub(crate) async fn become_copy(&self, own_from: u64) -> Result<Option<u64>, ClientError> {
        let fresh = DeviceId(self.new_id());
        let (present, common, copy) = self.write(|transaction| {
            Ok((device(transaction)?, outbox::last_answered(transaction)?, store::copy_id(transaction, fresh)?))
        })?;
        let parcel_key = self.write(|transaction| courier::public_key(transaction))?;
        let request =
            CopyRequest { device: self.device_info(copy, Some(parcel_key)), copied_from: present.id, last_seq: common };
        let answer = self
            .authorized(|api, token| {
                let request = request.clone();
                async move { api.enrol_copy(&token, &request).await }
            })
            .await;
        let grant = match answer {
            Ok(grant) => grant,
            Err(ClientError::NotTheServer) => return Ok(None),
            Err(ClientError::Refused(body))
                if matches!(body.code, ErrorCode::NotFound | ErrorCode::MethodNotAllowed) =>
            {
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        tracing::warn!(
            number = grant.device_number,
            "this phone is a copy of another one and has its own identity now"
        );
        self.write(|transaction| {
            take_identity(transaction, copy, common, own_from, &grant)?;
            sync::hasten_for_session(transaction, self.inner.clock.now())?;
            self.meet_server_clock(transaction, &grant)
        })?;
        self.inner.mirror.rewrite(&self.inner.db);
        Ok(Some(common))
    }
}

impl Phone {
    /// Another copy of this installation has signed in since this one last did: signs in under an identity of its own,
    /// beside the other, whose session goes on. What of the unsent work the other one has, too, is not known here.
    pub(super) async fn sign_in_as_copy(&self, refused: SignInRequest) -> Result<SessionView, ClientError> {
        // Nothing moves the numbers while the server is asked.
        let _quiet = self.quiet().await;
        let fresh = DeviceId(self.new_id());
        let (present, common, copy, parcel_key) = self.write(|transaction| {
            Ok((
                device(transaction)?,
                outbox::last_answered(transaction)?,
                store::copy_id(transaction, fresh)?,
                courier::public_key(transaction)?,
            ))
        })?;
        let marks = refused.marks.map(|marks| SignInMarks { earlier: Vec::new(), ..marks });
        let request = SignInRequest {
            device: self.device_info(copy, Some(parcel_key)),
            copy_of: Some(CopyOf { device_id: present.id, last_seq: common }),
            marks,
            ..refused
        };
        let grant = self.inner.api.sign_in(&request).await?;
        tracing::warn!(
            number = grant.device_number,
            "this phone is a copy of another one and has its own identity now"
        );
        self.write(|transaction| {
            take_identity(transaction, copy, common, u64::MAX, &grant)?;
            if let Some(marks) = &request.marks {
                marks::keep(transaction, marks.mark)?;
            }
            transaction.execute("UPDATE device SET owner_login = ?", [&request.login])?;
            sync::hasten_for_session(transaction, self.inner.clock.now())?;
            self.meet_server_clock(transaction, &grant)
        })?;
        self.forget_unwritten();
        self.inner.mirror.rewrite(&self.inner.db);
        self.session()?.ok_or_else(|| ClientError::Internal("no session after signing in".to_owned()))
    }
}

fn take_identity(
    transaction: &Transaction<'_>,
    copy: DeviceId,
    common: u64,
    own_from: u64,
    grant: &SessionGrant,
) -> Result<(), ClientError> {
    let own = orders_from(transaction, own_from)?;
    outbox::lift_unanswered(transaction, common)?;
    transaction.execute(
        "UPDATE device SET device_id = :id, acked_seq = :common, copied_seq = :common, must_ask = 0, copy_id = NULL,
                           next_order = 1",
        named_params! { ":id": id_blob(RowId(copy.0)), ":common": common },
    )?;
    store::save_grant(transaction, grant)?;
    for (command_id, command) in own {
        give_own_number(transaction, &command_id, &command)?;
    }
    // What the other identity sent has that identity's receipts; nobody can ask for them under this one.
    transaction.execute(
        "DELETE FROM receipts_wanted WHERE item IN (SELECT command_id FROM outbox WHERE seq <= ?)",
        [common],
    )?;
    if let Some(key) = &grant.receipt_key {
        receipt::meet_key(transaction, key, grant.server_at, false)?;
    }
    sync::rebase_in_place(transaction)
}

/// The orders from a number on.
fn orders_from(transaction: &Transaction<'_>, seq: u64) -> Result<Vec<([u8; 16], String)>, ClientError> {
    let mut statement = transaction.prepare(
        "SELECT command_id, command FROM outbox WHERE seq >= ? AND kind = 'order.submit' AND verdict IS NULL ORDER BY seq",
    )?;
    let rows = statement.query_map([i64::try_from(seq).unwrap_or(i64::MAX)], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn give_own_number(transaction: &Transaction<'_>, command_id: &[u8; 16], text: &str) -> Result<(), ClientError> {
    let mut command: Value = serde_json::from_str(text)?;
    let number = take_order_number(transaction)?;
    if let Some(args) = command.get_mut("args").and_then(Value::as_object_mut) {
        args.insert("number".to_owned(), Value::from(number));
    }
    transaction.execute(
        "UPDATE outbox SET command = :command WHERE command_id = :id",
        named_params! { ":command": command.to_string(), ":id": command_id },
    )?;
    Ok(())
}
