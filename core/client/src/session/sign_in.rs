//! Signing in and out.

use rusqlite::Connection;
use storewalk_domain::ids::DeviceId;
use storewalk_wire::{ApiError, DeviceInfo, ErrorCode, SessionGrant, SignInMarks, SignInRequest};

use super::{Device, change::Comer, device, marks, parking, store::save_grant};
use crate::{ClientError, Phone, SessionView, courier, outbox, receipt, sync};

impl Phone {
    /// Signs in and enrols this phone. Another login name than before works on a file of its own: the data of whoever
    /// was here is parked, and what was parked for this person comes back.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses, when somebody else's work is still unsent here and cannot be
    /// parked, or when what is parked for this person cannot be opened. Then everything is as before.
    pub async fn sign_in(&self, login: &str, password: &str) -> Result<SessionView, ClientError> {
        let login = login.trim();
        let device = self.read(device)?;
        let comer = self.comer(&device, login);
        let (device_id, parcel_key) = match &comer {
            Comer::Same => (device.id, Some(self.write(|transaction| courier::public_key(transaction))?)),
            // Their installations mint, or have enrolled, keys of their own.
            Comer::New(device_id) => (*device_id, None),
            Comer::Returning(who) => (who.device_id, None),
        };
        if !matches!(comer, Comer::Same) {
            self.can_leave()?;
        }
        let request = SignInRequest {
            login: login.to_owned(),
            password: password.to_owned(),
            device: DeviceInfo {
                number: (matches!(comer, Comer::Same) && device.number > 0).then_some(device.number),
                ..self.device_info(device_id, parcel_key)
            },
            marks: self.marks_of(&comer)?,
            copy_of: None,
        };
        let grant = match self.inner.api.sign_in(&request).await {
            Err(ApiError::Refused(body)) if body.code == ErrorCode::DeviceCopied && matches!(comer, Comer::Same) => {
                return self.sign_in_as_copy(request).await;
            }
            other => other?,
        };
        // A sync under way must not publish the last person's rows into the next one's phone.
        let _quiet = self.quiet().await;
        match &comer {
            Comer::Same => {}
            Comer::New(device_id) => self.make_room(*device_id)?,
            Comer::Returning(who) => self.bring_back(who, &grant)?,
        }
        self.write(|transaction| {
            save_grant(transaction, &grant)?;
            if let Some(marks) = &request.marks {
                marks::keep(transaction, marks.mark)?;
            }
            if let Some(key) = &grant.receipt_key {
                receipt::meet_key(transaction, key, grant.server_at, true)?;
            }
            transaction.execute("UPDATE device SET owner_login = ?", [login])?;
            sync::hasten_for_session(transaction, self.inner.clock.now())?;
            self.meet_server_clock(transaction, &grant)
        })?;
        self.forget_unwritten();
        if matches!(comer, Comer::New(_)) {
            self.inner.segments.clear();
        }
        self.inner.mirror.rewrite(&self.inner.db);
        self.session()?.ok_or_else(|| ClientError::Internal("no session after signing in".to_owned()))
    }

    /// The trace of the sign-ins of whoever comes. What is parked cannot be read before it is opened.
    fn marks_of(&self, comer: &Comer) -> Result<Option<SignInMarks>, ClientError> {
        let fresh = self.new_id();
        match comer {
            Comer::Same => Ok(Some(self.write(|transaction| marks::begin(transaction, fresh))?)),
            Comer::New(_) => Ok(Some(SignInMarks { mark: fresh, earlier: Vec::new() })),
            Comer::Returning(_) => Ok(None),
        }
    }

    /// Who comes with a login name.
    fn comer(&self, device: &Device, login: &str) -> Comer {
        let is_owner = device.owner_login.as_deref().is_some_and(|owner| is_same_login(owner, login));
        match parking::parked(self.dir(), login) {
            Some(who) if !is_owner => Comer::Returning(who),
            _ if is_owner || device.owner_login.is_none() => Comer::Same,
            _ => Comer::New(DeviceId(self.new_id())),
        }
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
    let commands = outbox::unsent_count(connection)?;
    let photos = sync::unsent_photos(connection)?;
    if commands + photos > 0 { Err(ClientError::Unsent { commands, photos, drafts: 0 }) } else { Ok(()) }
}

/// When the data of whoever leaves cannot be parked it is removed, so here drafts count too: they live nowhere else.
pub(super) fn refuse_loss(connection: &Connection) -> Result<(), ClientError> {
    refuse_unsent(connection)?;
    let photos = sync::only_here(connection)?;
    if photos > 0 {
        return Err(ClientError::Unsent { commands: 0, photos, drafts: 0 });
    }
    let drafts: u64 = connection.query_row("SELECT count(*) FROM order_drafts", [], |row| row.get(0))?;
    if drafts > 0 { Err(ClientError::Unsent { commands: 0, photos: 0, drafts }) } else { Ok(()) }
}
