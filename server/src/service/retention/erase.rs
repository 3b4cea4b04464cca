//! Erasing bytes that were let go: the second of two steps, outside of the writer's turn, because a shelf may be far away.
//!
//! **States of deleted bytes.** Waiting (let go in the writer's transaction, with the trail) → gone, or shared: another
//! photo has the same bytes, so they stay, and go with the last of them.
//!
//! **Invariants.** Whether bytes are needed is asked with their hash in hand (`blob::Grip`), and whoever brings bytes keeps
//! it in hand until the database knows of them: bytes that arrive meanwhile are not lost. Gone is noted after the shelf has
//! said so; a crash in between leaves bytes waiting that the next sweep finds gone. What cannot be erased goes to the end of
//! the line and holds back nothing else.

use std::io;

use storewalk_domain::{photo::Photo, sync::StateExt, time::Timestamp};

use crate::{
    state::AppState,
    store::{Removal, StoreError},
};

/// Deletions that are read at once.
const AT_ONCE: u32 = 200;

/// After so many failures on end the shelf is left in peace until the next sweep.
const FAILURES: u32 = 3;

/// Erases what waits.
///
/// # Errors
/// When the store fails. What the shelf refuses is logged and waits.
pub(super) async fn erase(state: &AppState) -> Result<(), StoreError> {
    let (pass, mut failures) = (state.now(), 0);
    loop {
        let waiting = state.store.read::<_, StoreError>(move |snapshot| snapshot.unerased(pass, AT_ONCE)).await?;
        if waiting.is_empty() {
            return Ok(());
        }
        for removal in waiting {
            let Err(fault) = settle(state, &removal, pass).await? else {
                failures = 0;
                continue;
            };
            tracing::warn!(photo = %removal.photo_id, error = %fault, "deleted bytes could not be erased; they wait");
            let sha256 = removal.sha256;
            state.store.write::<_, StoreError>(move |txn| txn.note_not_erased(&sha256, pass)).await?;
            failures += 1;
            if failures == FAILURES {
                return Ok(());
            }
        }
    }
}

/// Erases the bytes of one deletion unless a photo needs them, and notes what became of them. The shelf's fault is the
/// inner error.
async fn settle(state: &AppState, removal: &Removal, now: Timestamp) -> Result<io::Result<()>, StoreError> {
    let grip = state.blobs.grip(&removal.sha256).await;
    let (photo_id, sha256) = (removal.photo_id, removal.sha256.clone());
    let asked = state.store.read::<_, StoreError>(move |snapshot| {
        let photo = snapshot.get::<Photo>(photo_id.row())?;
        Ok((snapshot.is_hash_held(&sha256)?, photo.map(|photo| photo.rep_id)))
    });
    let (is_held, deliverer) = asked.await?;
    let sha256 = removal.sha256.clone();
    if is_held {
        state.store.write::<_, StoreError>(move |txn| txn.note_shared(&sha256, now)).await?;
        return Ok(Ok(()));
    }
    let erased = match deliverer {
        Some(person) => state.blobs.forget(&grip, person).await,
        None => state.blobs.shelf().remove(&sha256).await,
    };
    if let Err(fault) = erased {
        return Ok(Err(fault));
    }
    state.store.write::<_, StoreError>(move |txn| txn.note_gone(&sha256, now)).await?;
    Ok(Ok(()))
}
