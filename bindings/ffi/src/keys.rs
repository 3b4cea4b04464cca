//! Another key for the data, and a way to begin anew when the key is lost.

use std::{path::Path, sync::Arc};

use storewalk_client::{ClientError, Config, KeyFault, key_generation, set_unreadable_aside};

use crate::{CoreError, Platform, Setup, Storewalk, core::Core, lease::Lease, storewalk::Door};

/// Data that could not be read any more and was set aside.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct LeftBehind {
    /// Where it lies now, unread and undeleted.
    pub folder: String,
    /// Commands that were not yet sent, at most.
    pub commands: u64,
    /// Photos whose bytes the server may not hold, at most.
    pub photos: u64,
}

#[uniffi::export]
impl Storewalk {
    /// Opens the core anew after `key_wrong`, `key_gone` or `key_lost`: the data that nobody can read any more is set
    /// aside, a fresh key is asked for, and what the server has comes with the next sign-in and sync. `left_behind` says
    /// what was unsent. Refused as `key_fits` when the data can be read.
    #[uniffi::constructor(default(platform = None))]
    pub async fn open_anew(setup: Setup, platform: Option<Platform>) -> Result<Arc<Self>, CoreError> {
        Self::through(setup, platform, Door::Anew).await
    }

    /// What was set aside when the core was opened anew; nothing otherwise.
    pub fn left_behind(&self) -> Option<LeftBehind> {
        self.left_behind.clone()
    }

    /// Has the key store make another key and puts it in the place of the one in use, without writing any data anew. The
    /// new one is kept under the next name: `storewalk.database.2` follows on `storewalk.database`. When this has
    /// returned the older ones may be forgotten; when it fails, or the app is killed, the one before still counts.
    pub async fn rotate_key(&self) -> Result<(), CoreError> {
        let core = Arc::clone(self.core());
        self.core().ask(move || rotate(&core)).await
    }
}

fn rotate(core: &Core) -> Result<(), CoreError> {
    let generation = key_generation(core.phone.dir())?.saturating_add(1);
    // Paused or ended, nothing is asked of the host.
    core.phone.session()?;
    let key = core.platform.key(generation)?.ok_or(ClientError::Key(KeyFault::Needed))?;
    Ok(core.phone.rotate_key(&key, generation)?)
}

/// Sets aside what the host's key does not open. The folder is held.
///
/// # Errors
/// `key_fits` when it does open it; `key_locked` and `key_unusable` when the host may yet have it.
pub(crate) fn set_aside(_held: &Lease, config: &Config, platform: &Platform) -> Result<LeftBehind, CoreError> {
    let folder: &Path = &config.dir;
    // Where even the number of keys is lost, the first is as good as any.
    let key = match platform.key(key_generation(folder).unwrap_or(1)) {
        Ok(Some(key)) => Some(key),
        Ok(None) => return Err(ClientError::Key(KeyFault::Needed).into()),
        Err(error) if error.code() == "key_gone" => None,
        Err(error) => return Err(error),
    };
    let aside = set_unreadable_aside(folder, key.as_ref(), config.clock.now())?;
    let folder = aside.folder.to_string_lossy().into_owned();
    Ok(LeftBehind { folder, commands: aside.commands, photos: aside.photos })
}
