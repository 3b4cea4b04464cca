//! One photo as a copy: covered as it would be handed out, or upright and bare for marking people in it.

use std::ops::ControlFlow;

use bytes::Bytes;
use storewalk_domain::ids::PhotoId;
use storewalk_photo::{PhotoFault, Redacted, Redaction, Settings, Stamp, Watch, redact};
use tokio::runtime::Handle;

use super::{
    held::{Held, Original, held},
    list::{Hidden, Outcome},
};
use crate::{error::ApiError, state::AppState};

/// What there is to show of a photo.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Shown {
    /// A JPEG.
    Copy(Bytes),
    /// Nothing, and why.
    Not(Outcome),
}

/// The copy that would be handed out of a photo.
///
/// # Errors
/// When the store or the shelf fails.
pub async fn covered_copy(state: &AppState, photo: PhotoId, stamp: Stamp) -> Result<Shown, ApiError> {
    shown(state, photo, move |state, original| {
        let made = covered(state, original, &stamp)?;
        Ok(made.map(|(file, _)| file))
    })
    .await
}

/// A photo upright and as small as its copies, with nothing covered: what a marked area is marked on.
///
/// # Errors
/// When the store or the shelf fails.
pub async fn upright_copy(state: &AppState, photo: PhotoId) -> Result<Shown, ApiError> {
    shown(state, photo, |_, original| {
        let bare = Redaction { finder: None, marked: &[], stamp: &Stamp::default() };
        written(original, bare).map(|copy| Some(copy.file.into()))
    })
    .await
}

async fn shown(
    state: &AppState,
    photo: PhotoId,
    work: impl FnOnce(&AppState, &Original) -> Result<Option<Bytes>, PhotoFault> + Send + 'static,
) -> Result<Shown, ApiError> {
    let original = match held(state, photo, false).await.map_err(crate::service::photo::disk)? {
        Held::Here(original) => original,
        Held::Not(outcome) => return Ok(Shown::Not(outcome)),
    };
    let state = state.clone();
    let made = tokio::task::spawn_blocking(move || {
        let _turn = Handle::current().block_on(state.photo_slots.acquire());
        work(&state, &original)
    });
    Ok(match made.await.map_err(|_| ApiError::from(storewalk_wire::ErrorCode::Internal))? {
        Ok(Some(file)) => Shown::Copy(file),
        Ok(None) => Shown::Not(Outcome::Unmarked),
        Err(fault) => Shown::Not(unreadable(photo, &fault)),
    })
}

/// The covered copy and how much is covered in it; `None` when nobody has looked for people and nothing here finds faces.
/// Whoever calls it has a turn at the photos.
pub(super) fn covered(
    state: &AppState,
    original: &Original,
    stamp: &Stamp,
) -> Result<Option<(Bytes, Hidden)>, PhotoFault> {
    let (finder, cover) = (state.faces.as_deref(), original.cover.as_ref());
    if finder.is_none() && cover.is_none() {
        return Ok(None);
    }
    let marked = cover.map(|cover| cover.areas.as_slice());
    let copy = written(original, Redaction { finder, marked: marked.unwrap_or_default(), stamp })?;
    let hidden = Hidden { marked: marked.map(<[_]>::len), found: finder.map(|_| copy.found.len()) };
    Ok(Some((copy.file.into(), hidden)))
}

fn written(original: &Original, wanted: Redaction<'_>) -> Result<Redacted, PhotoFault> {
    let mut go_on = |_| ControlFlow::Continue(());
    redact(&original.bytes, &Settings::default(), wanted, &mut Watch::new(&mut go_on))
}

/// That a photo's picture cannot be read.
pub(super) fn unreadable(photo: PhotoId, fault: &PhotoFault) -> Outcome {
    tracing::warn!(photo = %photo, fault = %fault, "a photo cannot be read and is not handed out as a copy");
    Outcome::Unreadable
}
