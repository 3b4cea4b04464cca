//! What people say about people in photos, taken in.
//!
//! **Invariants.** A photo is marked only while its bytes are here to be looked at. A version is written in the transaction
//! that saw the one before it. The same form twice is one version.

use storewalk_domain::{
    ids::UserId,
    photo::{Cover, CoverArea, CoverWish, decide_cover},
    problem::{Problem, ProblemCode},
};
use storewalk_wire::Variant;

use crate::{error::ApiError, state::AppState, store::StoreError};

/// Takes in what somebody says about a photo that they may see. The rules' objections are the inner error.
///
/// # Errors
/// When the store fails.
pub async fn mark(state: &AppState, by: UserId, wish: CoverWish) -> Result<Result<Cover, Problem>, ApiError> {
    let now = state.now();
    state
        .store
        .write(move |txn| {
            if txn.photo_file(wish.photo_id, Variant::Original)?.is_none() {
                let is_gone = txn.removal(wish.photo_id, Variant::Original)?.is_some();
                let code = if is_gone { ProblemCode::NotFound } else { ProblemCode::PhotoNotReceived };
                return Ok(Err(Problem::new(code).at("photo_id")));
            }
            let standing = txn.cover(wish.photo_id)?;
            if let Some(cover) = standing.as_ref().filter(|cover| is_same(cover, &wish, by)) {
                return Ok(Ok(cover.clone()));
            }
            let decided = decide_cover(standing.as_ref(), &wish, (by, now));
            if let Ok(cover) = &decided {
                txn.put_cover(cover)?;
            }
            Ok::<_, StoreError>(decided)
        })
        .await
        .map_err(ApiError::from)
}

/// Whether the version that stands is what this very wish has led to.
fn is_same(cover: &Cover, wish: &CoverWish, by: UserId) -> bool {
    let parts: Vec<[u16; 4]> = cover.areas.iter().copied().map(CoverArea::parts).collect();
    cover.marked_by == by
        && cover.version.checked_sub(1) == Some(wish.seen)
        && parts == wish.areas
        && wish.is_nobody == wish.areas.is_empty()
}
