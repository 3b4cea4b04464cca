//! What there is of a photo when its turn has come.

use std::io;

use bytes::Bytes;
use sha2::{Digest, Sha256};
use storewalk_domain::{ids::PhotoId, photo::Cover};
use storewalk_wire::Variant;

use super::list::Outcome;
use crate::{auth::hex, state::AppState, store::StoreError};

/// What is left or held of a photo.
pub(super) enum Held {
    Here(Original),
    Not(Outcome),
}

/// A photo's bytes, and what was said about the people in it.
pub(super) struct Original {
    pub(super) bytes: Bytes,
    pub(super) ending: &'static str,
    pub(super) cover: Option<Cover>,
}

/// What there is of a photo now: a policy may have deleted it since it was chosen, and somebody may have marked it.
pub(super) async fn held(state: &AppState, id: PhotoId, is_on_phone: bool) -> io::Result<Held> {
    let asked = state.store.read::<_, StoreError>(move |snapshot| {
        let file = snapshot.photo_file(id, Variant::Original)?;
        Ok((file, snapshot.removal(id, Variant::Original)?, snapshot.cover(id)?))
    });
    let (file, removal, cover) = asked.await.map_err(io::Error::other)?;
    let Some(file) = file else {
        let none = if is_on_phone { Outcome::OnPhone } else { Outcome::Missing };
        return Ok(Held::Not(removal.map_or(none, |removal| Outcome::Erased(removal.removed_at))));
    };
    let bytes = state.blobs.shelf().read(&file.sha256).await?.unwrap_or_default();
    if hex(&Sha256::digest(&bytes)) != file.sha256 {
        tracing::error!(photo = %id, sha256 = file.sha256, "the bytes of a photo are missing or not those received");
        return Ok(Held::Not(Outcome::Missing));
    }
    let ending = if file.media_type == "image/png" { "png" } else { "jpg" };
    Ok(Held::Here(Original { bytes, ending, cover }))
}
