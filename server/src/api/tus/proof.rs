//! The checksum extension: a part that comes with a checksum is added whole or not at all.

use axum::http::{HeaderMap, HeaderName};
use base64::{Engine, engine::general_purpose::STANDARD};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use storewalk_wire::ErrorCode;
use subtle::ConstantTimeEq;

use crate::error::ApiError;

/// The header.
const CHECKSUM: HeaderName = HeaderName::from_static("upload-checksum");

/// What `Tus-Checksum-Algorithm` says.
pub(super) const ALGORITHMS: &str = "sha1,sha256";

/// Bytes being held against a checksum.
pub(in crate::api) struct Proof {
    hasher: Hasher,
    expected: Vec<u8>,
}

enum Hasher {
    Sha1(Sha1),
    Sha256(Sha256),
}

impl Proof {
    /// What a request's bytes are to be held against; `None` when it says nothing.
    pub(in crate::api) fn of(headers: &HeaderMap) -> Result<Option<Self>, ApiError> {
        let Some(value) = headers.get(CHECKSUM) else { return Ok(None) };
        let fault = |detail: &str| ApiError::new(ErrorCode::RequestMalformed).at(CHECKSUM.as_str()).detail(detail);
        let text = value.to_str().unwrap_or_default().trim();
        let (algorithm, digest) = text.split_once(' ').ok_or_else(|| fault("an algorithm and a checksum in base64"))?;
        let (hasher, length) = match algorithm {
            "sha1" => (Hasher::Sha1(Sha1::new()), 20),
            "sha256" => (Hasher::Sha256(Sha256::new()), 32),
            _ => return Err(fault("an algorithm of sha1, sha256")),
        };
        let expected = STANDARD.decode(digest.trim()).ok().filter(|expected| expected.len() == length);
        expected.map(|expected| Some(Self { hasher, expected })).ok_or_else(|| fault("a checksum of this algorithm"))
    }

    /// Takes bytes in.
    pub(in crate::api) fn update(&mut self, bytes: &[u8]) {
        match &mut self.hasher {
            Hasher::Sha1(hasher) => hasher.update(bytes),
            Hasher::Sha256(hasher) => hasher.update(bytes),
        }
    }

    /// Refuses bytes that are others than the sender's.
    pub(in crate::api) fn settle(self) -> Result<(), ApiError> {
        let is_right: bool = match self.hasher {
            Hasher::Sha1(hasher) => hasher.finalize().as_slice().ct_eq(&self.expected).into(),
            Hasher::Sha256(hasher) => hasher.finalize().as_slice().ct_eq(&self.expected).into(),
        };
        if is_right {
            return Ok(());
        }
        let refusal = ApiError::new(ErrorCode::ChecksumMismatch).at(CHECKSUM.as_str());
        Err(refusal.detail("nothing of this part was kept"))
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn asking(text: &str) -> Result<Option<Proof>, ApiError> {
        let value = HeaderValue::from_str(text).expect("ascii");
        Proof::of(&HeaderMap::from_iter([(CHECKSUM, value)]))
    }

    #[test]
    fn bytes_are_held_against_either_algorithm() {
        // FIPS 180-4, the digests of "abc".
        let sha1 = "sha1 qZk+NkcGgWq6PiVxeFDCbJzQ2J0=";
        let sha256 = "sha256 ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=";
        for text in [sha1, sha256] {
            for (bytes, is_right) in [(&b"abc"[..], true), (b"abd", false), (b"", false)] {
                let mut proof = asking(text).expect("readable").expect("a checksum");
                for byte in bytes {
                    proof.update(&[*byte]);
                }
                assert_eq!(
                    proof.settle().map_err(|error| error.code),
                    is_right.then_some(()).ok_or(ErrorCode::ChecksumMismatch)
                );
            }
        }
    }

    #[test]
    fn a_checksum_that_cannot_be_read_names_its_header() {
        for text in ["", "sha1", "md5 1B2M2Y8AsgTpgAmY7PhCfg==", "sha1 !!!", "sha256 qZk+NkcGgWq6PiVxeFDCbJzQ2J0="] {
            let refused = asking(text).err().expect("refused");
            assert_eq!((refused.code, refused.at.as_str()), (ErrorCode::RequestMalformed, "upload-checksum"), "{text}");
        }
        assert!(Proof::of(&HeaderMap::new()).expect("nothing to read").is_none());
    }
}
