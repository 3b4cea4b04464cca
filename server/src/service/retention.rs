//! How long the bytes of photos are kept: the policy, holds, the sweep, and who was shown what.
//!
//! **Invariants.** Only bytes are deleted: the photo's row, its verdicts, its hash and length stay, and so does under which
//! version of the policy the bytes went. A hold is asked for in the transaction that lets the bytes go. Erasing what was let
//! go is a step of its own (`erase`).

mod erase;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use storewalk_domain::{
    ids::{PhotoId, UserId},
    photo::Photo,
    problem::Problem,
    retention::{PhotoClass, RetentionPolicy, Sweep, decide_hold, decide_lift, decide_policy, judge_bytes},
    sync::StateExt,
    time::{DAY_MS, Timestamp},
};
use storewalk_wire::Variant;

use crate::{
    error::ApiError,
    state::AppState,
    store::{Erasure, Removal, StoreError, StoreRead, StoreTxn, View, ViewKind},
};

/// Photos that one transaction of the sweep looks at.
const AT_ONCE: u32 = 200;

/// How long the same view is noted once, in milliseconds.
const SAME_VIEW_MS: i64 = 10 * 60_000;

/// The policy that counts.
///
/// # Errors
/// When the store fails.
pub fn policy(snapshot: &(impl StoreRead + ?Sized)) -> Result<RetentionPolicy, StoreError> {
    Ok(snapshot.policies()?.into_iter().next().unwrap_or_else(RetentionPolicy::usual))
}

/// Decides the next version of the policy. The rules' objections are the inner error.
///
/// # Errors
/// When the store fails.
pub async fn change_policy(
    state: &AppState,
    by: UserId,
    days: BTreeMap<PhotoClass, u32>,
    reason: String,
) -> Result<Result<RetentionPolicy, Problem>, ApiError> {
    let now = state.now();
    state
        .store
        .write(move |txn| {
            let standing = policy(&*txn)?;
            // The same form twice is one version.
            if standing.decided_by == Some(by) && standing.days == days && standing.reason == reason {
                return Ok(Ok(standing));
            }
            let decided = decide_policy(&standing, &days, &reason, (by, now));
            if let Ok(policy) = &decided {
                txn.put_policy(policy)?;
            }
            Ok::<_, StoreError>(decided)
        })
        .await
        .map_err(ApiError::from)
}

/// What is to become of a hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HoldWish {
    /// It is set.
    Set,
    /// It is lifted.
    Lift,
}

/// Sets or lifts a hold. The rules' objections are the inner error.
///
/// # Errors
/// When the store fails.
pub async fn change_hold(
    state: &AppState,
    by: UserId,
    photo: PhotoId,
    wish: HoldWish,
    reason: String,
) -> Result<Result<(), Problem>, ApiError> {
    let now = state.now();
    state
        .store
        .write(move |txn| {
            let standing = txn.holds(photo)?.into_iter().next();
            let decided = match wish {
                HoldWish::Set => decide_hold(standing.as_ref(), photo, &reason, (by, now)),
                HoldWish::Lift => decide_lift(standing.as_ref(), &reason, (by, now)),
            };
            match decided {
                Ok(hold) => txn.put_hold(&hold).map(Ok),
                Err(problem) => Ok(Err(problem)),
            }
        })
        .await
        .map_err(ApiError::from)
}

/// Notes that somebody was shown a photo. A fault is logged and keeps nobody from working.
pub async fn note_view(state: &AppState, user_id: UserId, photo_id: PhotoId, kind: ViewKind) {
    let view = View { photo_id, user_id, kind, at: state.now() };
    let since = view.at.plus_ms(-SAME_VIEW_MS);
    let noted: Result<(), StoreError> = state.store.write(move |txn| txn.note_view(&view, since)).await;
    if let Err(error) = noted {
        tracing::error!(error = %error, "a view of a photo could not be noted");
    }
}

/// Notes that a photo is handed out, every time.
///
/// # Errors
/// When the store fails: what is not noted is not handed out.
pub async fn note_export(
    state: &AppState,
    user_id: UserId,
    photo_id: PhotoId,
    is_covered: bool,
) -> Result<(), StoreError> {
    let kind = if is_covered { ViewKind::ExportedCovered } else { ViewKind::Exported };
    let view = View { photo_id, user_id, kind, at: state.now() };
    // Nothing was noted after this very moment.
    state.store.write(move |txn| txn.note_view(&view, view.at)).await
}

/// Deletes the bytes whose days have run out. Says of how many renderings they were let go.
///
/// # Errors
/// When the store fails; the next call goes on from there. Bytes that cannot be erased now wait for the next.
pub async fn sweep(state: &AppState) -> Result<usize, StoreError> {
    let now = state.now();
    let days = state.store.read(|snapshot| policy(snapshot)).await?.shortest();
    // What falls due at this very moment is due.
    let before = now.plus_ms(1 - i64::from(days).saturating_mul(DAY_MS));
    let mut place = None;
    let mut removed = 0;
    loop {
        let page = state.store.write(move |txn| let_go(txn, before, place, now)).await?;
        removed += page.removed;
        match page.last {
            Some(last) => place = Some(last),
            None => break,
        }
    }
    erase::erase(state).await?;
    Ok(removed)
}

/// What one transaction of the sweep came to.
struct SweptPage {
    removed: usize,
    /// Where the next goes on; `None` at the end.
    last: Option<(Timestamp, PhotoId)>,
}

fn let_go(
    txn: &mut dyn StoreTxn,
    before: Timestamp,
    place: Option<(Timestamp, PhotoId)>,
    now: Timestamp,
) -> Result<SweptPage, StoreError> {
    let policy = policy(&*txn)?;
    let photos = txn.photos_received_before(before, place, AT_ONCE)?;
    let mut removed = 0;
    for (_, id) in &photos {
        let Some(photo) = txn.get::<Photo>(id.row())? else { continue };
        let hold = txn.holds(*id)?.into_iter().next();
        let Sweep::Deleted(class) = judge_bytes(&photo, hold.as_ref(), &policy, now) else { continue };
        for variant in [Variant::Original, Variant::Thumbnail] {
            let Some(file) = txn.photo_file(*id, variant)? else { continue };
            txn.remove_photo_file(&Removal {
                photo_id: *id,
                variant,
                sha256: file.sha256,
                size_bytes: file.size_bytes,
                received_at: file.received_at,
                removed_at: now,
                class: class.as_str().to_owned(),
                policy_version: policy.version,
                erasure: Erasure::Waiting,
            })?;
            removed += 1;
        }
    }
    Ok(SweptPage { removed, last: photos.last().copied() })
}
