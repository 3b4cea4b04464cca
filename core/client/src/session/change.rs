//! One person leaves the phone and another takes it: files change places, the handle stays.
//!
//! **Invariant.** No sync, upload or exchange of tokens runs while people change: their locks are held. Whatever fails
//! half way, the database is opened again: as it was, or as the person's who comes.

use storewalk_domain::ids::DeviceId;
use storewalk_wire::SessionGrant;
use tokio::sync::MutexGuard;

use super::{
    create_device, device,
    parking::{self, Who},
    sign_in::refuse_loss,
};
use crate::{ClientError, Phone, courier, vault};

/// Who comes.
pub(super) enum Comer {
    /// Whoever was here.
    Same,
    /// Somebody who was never on this phone.
    New(DeviceId),
    /// Somebody whose data is parked here.
    Returning(Who),
}

/// The locks under which people change, in the order in which everybody takes them.
pub(super) struct Quiet<'p> {
    _syncing: MutexGuard<'p, ()>,
    _uploading: MutexGuard<'p, ()>,
    _fetching: MutexGuard<'p, ()>,
    _delivering: MutexGuard<'p, ()>,
    _refreshing: MutexGuard<'p, ()>,
}

impl Phone {
    /// How many people's data is parked on this phone.
    pub fn parked_people(&self) -> usize {
        parking::parked_count(self.dir())
    }

    /// Signs out and parks everything, unsent work included, encrypted. It comes back whole when the same person signs
    /// in again on this phone; until then nothing of it is sent.
    ///
    /// # Errors
    /// [`ClientError::CannotPark`] when the server has given no key to park under; otherwise when nobody is signed in
    /// or storage fails. What could not be parked stays as it was.
    pub async fn sign_out_and_park(&self) -> Result<(), ClientError> {
        let _quiet = self.quiet().await;
        let has_session = self.read(|connection| Ok(super::session(connection)?.is_some()))?;
        if !has_session {
            return Err(ClientError::SignedOut { reason: "nobody".to_owned() });
        }
        if self.read(courier::parking_key)?.is_none() {
            return Err(ClientError::CannotPark);
        }
        let fresh = DeviceId(self.new_id());
        self.change_files(Some(fresh), leave)
    }

    pub(super) async fn quiet(&self) -> Quiet<'_> {
        Quiet {
            _syncing: self.inner.syncing.lock().await,
            _uploading: self.inner.uploading.lock().await,
            _fetching: self.inner.fetching.lock().await,
            _delivering: self.inner.delivering.lock().await,
            _refreshing: self.inner.refreshing.lock().await,
        }
    }

    /// Whether the person on the phone can make room for another without losing anything.
    pub(super) fn can_leave(&self) -> Result<(), ClientError> {
        self.read(|connection| match courier::parking_key(connection)? {
            Some(_) => Ok(()),
            None => refuse_loss(connection),
        })
    }

    /// Lets a new person begin with a file of their own. The locks are held.
    pub(super) fn make_room(&self, device_id: DeviceId) -> Result<(), ClientError> {
        self.change_files(Some(device_id), leave)
    }

    /// Opens what is parked for somebody who returns. The locks are held.
    pub(super) fn bring_back(&self, who: &Who, grant: &SessionGrant) -> Result<(), ClientError> {
        let key = grant.parking_key.as_deref().and_then(courier::from_hex).ok_or(ClientError::ParkedUnreadable)?;
        // First of all: a key that does not open it must change nothing.
        parking::lay_ready(self.dir(), who.device_id, &key)?;
        self.change_files(None, |phone| {
            leave(phone)?;
            parking::take_over(phone.dir(), who.device_id)
        })
    }

    /// Closes the database, changes files, opens it again; a fresh one gets an installation of its own.
    fn change_files(
        &self,
        fresh: Option<DeviceId>,
        change: impl FnOnce(&Leaver<'_>) -> Result<(), ClientError>,
    ) -> Result<(), ClientError> {
        let leaver = self.read(|connection| {
            let owner = device(connection)?.owner_login;
            let key = courier::parking_key(connection)?;
            if owner.is_some() && key.is_none() {
                refuse_loss(connection)?;
            }
            Ok(Leaver { phone: self, id: device(connection)?.id, owner, key })
        })?;
        self.inner.db.close();
        vault::clear_copies(self.dir());
        let changed = change(&leaver);
        self.inner.db.reopen()?;
        changed?;
        self.seal_what_is_plain()?;
        if let Some(device_id) = fresh {
            let (version, now) = (self.inner.app_version.clone(), self.inner.clock.now());
            self.write(|transaction| create_device(transaction, device_id, &version, now))?;
        }
        self.inner.mirror.let_go();
        self.inner.mirror.rewrite(&self.inner.db);
        *self.inner.unwritten.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = None;
        Ok(())
    }
}

/// The person who leaves.
struct Leaver<'p> {
    phone: &'p Phone,
    id: DeviceId,
    owner: Option<String>,
    key: Option<[u8; 32]>,
}

impl Leaver<'_> {
    fn dir(&self) -> &std::path::Path {
        self.phone.dir()
    }
}

fn leave(leaver: &Leaver<'_>) -> Result<(), ClientError> {
    let Leaver { phone, id, owner, key } = leaver;
    match (owner, key) {
        (Some(login), Some(key)) => parking::park(leaver.dir(), &Who::of(login, *id), key, phone.new_id()),
        // Nobody, or somebody with nothing to lose.
        _ => parking::clear(leaver.dir()),
    }
}
