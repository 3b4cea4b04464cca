//! What the host owns and the core asks for: keys, the network's kind, room on the disk, where the phone is.
//!
//! **Invariants.** Each is asked on a thread of ours that may wait, never while the database is locked. A host that fails
//! or throws is an error value here, never a panic. All of them may be missing; the core then does without.

use std::sync::Arc;

use storewalk_client::{ClientError, HostKey, Phone, Transfer};
use storewalk_domain::geo::Fix;
use zeroize::Zeroizing;

use crate::CoreError;

/// Why the host could not answer.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error, uniffi::Error)]
pub enum PlatformError {
    /// Not now: the device was not unlocked since it started.
    #[error("use what is locked")]
    Locked,
    /// Gone for good: a key that was invalidated or left behind on another device.
    #[error("use what is gone")]
    Gone,
    /// The person has not allowed it.
    #[error("use what is not allowed")]
    NotAllowed,
    /// It threw, or something else went wrong.
    #[error("get an answer from the host")]
    Failed {
        /// For logs; nothing of a person.
        detail: String,
    },
}

impl From<uniffi::UnexpectedUniFFICallbackError> for PlatformError {
    fn from(error: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Failed { detail: error.reason }
    }
}

/// Keeps the key to this phone's data: the Keystore of Android, the Keychain of iOS.
#[uniffi::export(foreign)]
pub trait KeyStore: Send + Sync {
    /// The 32 bytes kept under a name; made from the system's random source and kept when there are none yet.
    ///
    /// # Errors
    /// [`PlatformError::Locked`] or [`PlatformError::Gone`] when the key cannot be had.
    fn load_or_create(&self, name: String) -> Result<Vec<u8>, PlatformError>;
}

/// What kind of network there is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, uniffi::Enum)]
pub enum Network {
    /// None.
    Offline,
    /// One that is paid for by volume.
    Metered,
    /// One that is not.
    Unmetered,
}

/// Knows the network.
#[uniffi::export(foreign)]
pub trait Connectivity: Send + Sync {
    /// The network as the system sees it.
    ///
    /// # Errors
    /// When the system does not say; the core then simply tries.
    fn network(&self) -> Result<Network, PlatformError>;
}

/// Knows the room on the disk.
#[uniffi::export(foreign)]
pub trait FreeSpace: Send + Sync {
    /// Bytes that may still be written in a folder.
    ///
    /// # Errors
    /// When the system does not say; the core then simply writes.
    fn free_bytes(&self, folder: String) -> Result<u64, PlatformError>;
}

/// Knows where the phone is.
#[uniffi::export(foreign)]
pub trait PositionSource: Send + Sync {
    /// The latest fix, at once; nothing when there is none.
    ///
    /// # Errors
    /// When the person has not allowed it.
    fn latest_fix(&self) -> Result<Option<Fix>, PlatformError>;
}

/// One request that sends the rest of a photo's file. It may outlive the app; its token runs out before long.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct TransferRequest {
    /// Names it; what `Photos.transfer_ended` is told.
    pub id: String,
    /// `PATCH`.
    pub method: String,
    /// Where to.
    pub url: String,
    /// Headers to send as they are.
    pub headers: std::collections::HashMap<String, String>,
    /// The file.
    pub file_path: String,
    /// From which byte of it.
    pub offset: u64,
    /// How many bytes.
    pub length: u64,
}

impl From<storewalk_client::Transfer> for TransferRequest {
    fn from(transfer: storewalk_client::Transfer) -> Self {
        Self {
            id: transfer.id,
            method: "PATCH".to_owned(),
            url: transfer.url,
            headers: transfer.headers.into_iter().collect(),
            file_path: transfer.path.to_string_lossy().into_owned(),
            offset: transfer.offset,
            length: transfer.length,
        }
    }
}

/// Sends files in the core's stead, as the system can while the app is suspended or gone.
#[uniffi::export(foreign)]
pub trait Transport: Send + Sync {
    /// Takes a request over; `Photos.transfer_ended` is to be called when it has ended, however it has, be it by a later
    /// process.
    ///
    /// # Errors
    /// When it cannot be taken over; the core then sends the file by itself.
    fn enqueue(&self, request: TransferRequest) -> Result<(), PlatformError>;
}

/// What the host gives the core to work with.
#[derive(Clone, Default, uniffi::Record)]
pub struct Platform {
    /// Asked for the key to the data at each opening.
    #[uniffi(default = None)]
    pub key_store: Option<Arc<dyn KeyStore>>,
    /// Asked before the network is used.
    #[uniffi(default = None)]
    pub connectivity: Option<Arc<dyn Connectivity>>,
    /// Asked before a photo is taken in.
    #[uniffi(default = None)]
    pub free_space: Option<Arc<dyn FreeSpace>>,
    /// Asked where a visit begins and ends, when the caller does not say.
    #[uniffi(default = None)]
    pub position: Option<Arc<dyn PositionSource>>,
    /// Given photo files to send, when `Photos.hand_out` is called.
    #[uniffi(default = None)]
    pub transport: Option<Arc<dyn Transport>>,
}

/// The name under which the first key to the data is kept; later ones have their number behind it.
const DATABASE_KEY: &str = "storewalk.database";

/// Room that is left to the system when a photo is taken in.
const RESERVE_BYTES: u64 = 64 * 1024 * 1024;

impl Platform {
    /// The host's key to the data of a folder that has had so many keys; nothing without a key store.
    ///
    /// # Errors
    /// `key_locked`, `key_gone` or `key_unusable`.
    pub(crate) fn key(&self, generation: u32) -> Result<Option<HostKey>, CoreError> {
        let Some(store) = &self.key_store else { return Ok(None) };
        let name = if generation <= 1 { DATABASE_KEY.to_owned() } else { format!("{DATABASE_KEY}.{generation}") };
        let code = match store.load_or_create(name).map(Zeroizing::new) {
            Ok(bytes) => match HostKey::from_bytes(&bytes) {
                Some(key) => return Ok(Some(key)),
                None => "key_unusable",
            },
            Err(PlatformError::Locked) => "key_locked",
            Err(PlatformError::Gone) => "key_gone",
            Err(PlatformError::NotAllowed | PlatformError::Failed { .. }) => "key_unusable",
        };
        Err(CoreError::storage(code))
    }

    /// Whether it is worth using the network, and whether it is paid for by volume.
    ///
    /// # Errors
    /// `offline` when the host says that there is none.
    pub(crate) fn check_network(&self) -> Result<bool, CoreError> {
        let network = self.connectivity.as_ref().and_then(|host| heard(host.network()));
        match network {
            Some(Network::Offline) => Err(CoreError::offline()),
            known => Ok(known == Some(Network::Metered)),
        }
    }

    /// Whether there is room for a photo.
    ///
    /// # Errors
    /// `storage_full` when there is not.
    pub(crate) fn check_room(&self, folder: &std::path::Path) -> Result<(), CoreError> {
        let free = |host: &Arc<dyn FreeSpace>| heard(host.free_bytes(folder.to_string_lossy().into_owned()));
        match self.free_space.as_ref().and_then(free) {
            Some(bytes) if bytes < RESERVE_BYTES => Err(CoreError::storage("storage_full")),
            _ => Ok(()),
        }
    }

    /// Where the phone is: what the caller says, or what the host knows.
    pub(crate) fn whereabouts(&self, said: Option<Fix>) -> Option<Fix> {
        said.or_else(|| self.position.as_ref().and_then(|host| heard(host.latest_fix())).flatten())
    }
}

impl Platform {
    /// Hands transfers to the host. Says how many it took; the others are due again.
    pub(crate) fn enqueue(&self, phone: &Phone, transfers: Vec<Transfer>) -> Result<u32, ClientError> {
        let mut taken = 0;
        for transfer in transfers {
            let id = transfer.id.clone();
            let request = transfer.into();
            match self.transport.as_ref().and_then(|host| heard(host.enqueue(request))) {
                Some(()) => taken += 1,
                None => phone.transfer_ended(&id)?,
            }
        }
        Ok(taken)
    }
}

/// What a host answered; a failure is noted and the core does without.
fn heard<T>(answer: Result<T, PlatformError>) -> Option<T> {
    answer.inspect_err(|error| tracing::info!(%error, "the host did not answer")).ok()
}
