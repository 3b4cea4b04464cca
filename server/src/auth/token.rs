//! Tokens: 256 random bits, told apart by a prefix so that leaked ones are found by scanners, kept only as SHA-256.

use secrecy::SecretString;
use sha2::{Digest, Sha256};

use crate::store::TokenHash;

/// Longest text that is looked at as a token.
const LONGEST: usize = 128;

/// What a token is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum TokenKind {
    /// Sent with every request.
    Access,
    /// Exchanged for the next grant.
    Refresh,
    /// The cookie of a console session.
    Console,
}

impl TokenKind {
    fn prefix(self) -> &'static str {
        match self {
            Self::Access => "swa_",
            Self::Refresh => "swr_",
            Self::Console => "swc_",
        }
    }
}

/// A fresh token.
pub(super) fn mint(kind: TokenKind) -> String {
    written(kind, &rand::random())
}

/// The token that follows from a spent one: only somebody who knows the server's key, the spent token and the nonce
/// can tell it, so a lost reply can be given again without keeping any token.
pub(super) fn successor(kind: TokenKind, key: &[u8; 32], spent: &str, nonce: &str) -> String {
    let mut hasher = blake3::Hasher::new_keyed(key);
    for part in [kind.prefix(), spent, nonce] {
        hasher.update(&(part.len() as u64).to_be_bytes());
        hasher.update(part.as_bytes());
    }
    written(kind, hasher.finalize().as_bytes())
}

/// What is kept of a token; `None` for text that cannot be one.
pub(super) fn hash(kind: TokenKind, token: &str) -> Option<TokenHash> {
    let is_likely = token.len() <= LONGEST && token.starts_with(kind.prefix());
    is_likely.then(|| Sha256::digest(token.as_bytes()).into())
}

/// What is kept of a token of ours.
pub(super) fn hash_own(token: &str) -> TokenHash {
    Sha256::digest(token.as_bytes()).into()
}

/// Lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble & 15)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(*byte)]).collect()
}

fn written(kind: TokenKind, bits: &[u8; 32]) -> String {
    format!("{}{}", kind.prefix(), hex(bits))
}

/// A password or token from a request, kept out of logs.
pub(crate) fn secret(text: &str) -> SecretString {
    SecretString::from(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_tokens_are_never_alike() {
        assert_ne!(mint(TokenKind::Access), mint(TokenKind::Access));
    }

    #[test]
    fn a_successor_depends_on_key_token_nonce_and_purpose() {
        let first = successor(TokenKind::Refresh, &[1; 32], "token", "nonce");
        assert_eq!(first, successor(TokenKind::Refresh, &[1; 32], "token", "nonce"));
        let others = [
            successor(TokenKind::Access, &[1; 32], "token", "nonce"),
            successor(TokenKind::Refresh, &[2; 32], "token", "nonce"),
            successor(TokenKind::Refresh, &[1; 32], "tokenn", "once"),
            successor(TokenKind::Refresh, &[1; 32], "token", "other"),
        ];
        assert!(others.iter().all(|other| *other != first));
    }

    #[test]
    fn a_token_of_one_kind_is_none_of_another() {
        let access = mint(TokenKind::Access);
        assert!(hash(TokenKind::Access, &access).is_some());
        assert_eq!(hash(TokenKind::Refresh, &access), None);
        assert_eq!(hash(TokenKind::Access, &format!("swa_{}", "0".repeat(5_000))), None);
    }
}
