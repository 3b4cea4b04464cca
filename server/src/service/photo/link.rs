//! Links to a photo's bytes that carry their own right, for pictures in places that send no token.
//!
//! **Invariants.** A link is for one photo, one rendering and one person, and ends within minutes. It gives nothing that
//! the person may not see at the moment it is used. The server keeps nothing of it: the key follows from its secret.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use storewalk_domain::{
    ids::{PhotoId, UserId},
    time::Timestamp,
};
use storewalk_wire::{ErrorCode, Variant};

use super::visible_file;
use crate::{
    auth::hex,
    error::ApiError,
    state::AppState,
    store::{Account, StoreRead},
};

/// How long a link lasts.
const LINK_LASTS_MS: i64 = 5 * 60_000;

/// What a link is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Link {
    /// The photo.
    pub photo_id: PhotoId,
    /// The rendering.
    pub variant: Variant,
    /// Who may look.
    pub person: UserId,
    /// Until when.
    pub until: Timestamp,
}

impl Link {
    /// The text that is signed.
    fn text(&self) -> String {
        let Self { photo_id, variant, person, until } = self;
        format!("storewalk photo link 1\n{photo_id}\n{}\n{person}\n{}", variant.as_str(), until.0)
    }

    fn mac(&self, snapshot: &dyn StoreRead) -> Result<Hmac<Sha256>, ApiError> {
        let mut hasher = blake3::Hasher::new_keyed(&snapshot.token_key()?);
        hasher.update(b"storewalk photo link key 1");
        let mac = Hmac::<Sha256>::new_from_slice(hasher.finalize().as_bytes());
        let mut mac = mac.map_err(|_| ErrorCode::Internal)?;
        mac.update(self.text().as_bytes());
        Ok(mac)
    }
}

/// Signs a link to a photo for somebody who may see it now; gives the link and its seal.
///
/// # Errors
/// When there are no such bytes, or not for this person.
pub async fn sign_link(
    state: &AppState,
    account: Account,
    photo_id: PhotoId,
    variant: Variant,
) -> Result<(Link, String), ApiError> {
    let until = state.now().plus_ms(LINK_LASTS_MS);
    state
        .store
        .read(move |snapshot| {
            visible_file(snapshot, &account, photo_id, variant)?;
            let link = Link { photo_id, variant, person: account.user_id, until };
            let seal = hex(&link.mac(snapshot)?.finalize().into_bytes());
            Ok((link, seal))
        })
        .await
}

/// Whose right a link carries, if it is whole, still lasts, and the person is still somebody here.
///
/// # Errors
/// When it is none: whatever is wrong with it looks the same.
pub async fn bearer_of_link(state: &AppState, link: Link, seal: &str) -> Result<Account, ApiError> {
    let now = state.now();
    let lasts = now < link.until && link.until <= now.plus_ms(LINK_LASTS_MS);
    let seal = bytes_of(seal).filter(|_| lasts).ok_or(ErrorCode::NotFound)?;
    state
        .store
        .read(move |snapshot| {
            // Compared in constant time.
            link.mac(snapshot)?.verify_slice(&seal).map_err(|_| ErrorCode::NotFound)?;
            let account = snapshot.account(link.person)?.filter(|account| !account.is_disabled);
            account.ok_or_else(|| ErrorCode::NotFound.into())
        })
        .await
}

/// The bytes of a text in lower-case hex.
fn bytes_of(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let bytes = pairs.iter().map(|[high, low]| Some(digit(*high)? * 16 + digit(*low)?));
    if rest.is_empty() { bytes.collect() } else { None }
}
