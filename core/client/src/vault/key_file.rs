//! `storewalk.key`: the keys to the data, sealed under the host's.
//!
//! **Layout.** One line, `<16 hex digits of SHA-256> <JSON>`, in two files of the same content, so that one that rots is
//! made good from the other. Without `sealed` it says only how many keys there have been.
//!
//! **Invariants.** Both files are written durably, the one that counts first; a kill between the two leaves the new
//! keys in the first and the old in the second, and the first counts. The checksum tells a damaged file from a wrong key.

use std::{fs, io, path::Path};

use base64::{Engine, engine::general_purpose::STANDARD};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Generate, Payload},
};
use serde::{Deserialize, Serialize};
use storewalk_wire::read_json;
use zeroize::Zeroizing;

use super::{HostKey, KeyFault, NONCE, Vault, boundary};
use crate::{
    ClientError,
    photos::{sha256_hex, write_durably},
};

/// The file that counts, and the one beside it.
pub(super) const NAMES: [&str; 2] = ["storewalk.key", "storewalk.key-copy"];

/// What the file says.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) struct KeyFile {
    /// How many keys of the host's the folder has had, this one included.
    pub(super) generation: u32,
    /// Nonce and sealed keys, in base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) sealed: Option<String>,
}

impl KeyFile {
    /// What the folder's file says; `None` when there is none.
    ///
    /// # Errors
    /// [`KeyFault::Lost`] when there is one and no copy of it can be read.
    pub(super) fn read(dir: &Path) -> Result<Option<Self>, ClientError> {
        let mut is_damaged = false;
        for name in NAMES {
            match fs::read(dir.join(name)) {
                Ok(bytes) => match Self::decode(&bytes) {
                    Some(file) => return Ok(Some(file)),
                    None => is_damaged = true,
                },
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error.into()),
            }
        }
        if is_damaged { Err(KeyFault::Lost.into()) } else { Ok(None) }
    }

    /// A file that knows how many keys there were, and holds none.
    pub(super) fn empty(generation: u32) -> Self {
        Self { generation, sealed: None }
    }

    /// Seals the keys of a vault.
    pub(super) fn seal(vault: &Vault, key: &HostKey, generation: u32) -> Result<Self, ClientError> {
        let nonce = XNonce::generate();
        let (keys, bound) = (vault.to_bytes(), bound(generation));
        let sealed = XChaCha20Poly1305::new((&*key.0).into())
            .encrypt(&nonce, Payload { msg: &keys, aad: bound.as_bytes() })
            .map_err(|_| ClientError::Internal("seal the keys".to_owned()))?;
        let sealed = STANDARD.encode([nonce.as_slice(), &sealed].concat());
        Ok(Self { generation, sealed: Some(sealed) })
    }

    /// The keys.
    ///
    /// # Errors
    /// [`KeyFault::Wrong`] when the host's key is another.
    pub(super) fn open(&self, key: &HostKey) -> Result<Vault, ClientError> {
        self.opened(key).ok_or_else(|| KeyFault::Wrong.into())
    }

    fn opened(&self, key: &HostKey) -> Option<Vault> {
        let bytes = STANDARD.decode(self.sealed.as_ref()?).ok()?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE>()?;
        let bound = bound(self.generation);
        let payload = Payload { msg: sealed, aad: bound.as_bytes() };
        let keys = XChaCha20Poly1305::new((&*key.0).into()).decrypt(&(*nonce).into(), payload).ok()?;
        Vault::from_bytes(&Zeroizing::new(keys))
    }

    /// Writes both files.
    pub(super) fn write(&self, dir: &Path) -> Result<(), ClientError> {
        let bytes = self.encode()?;
        for name in NAMES {
            boundary("a file of keys is written");
            write_durably(dir, name, &bytes)?;
        }
        boundary("both files of keys are written");
        Ok(())
    }

    /// Writes those of the files that say something else.
    pub(super) fn restore_copies(&self, dir: &Path) -> Result<(), ClientError> {
        let bytes = self.encode()?;
        for name in NAMES {
            if fs::read(dir.join(name)).ok().as_deref() != Some(&bytes) {
                tracing::warn!(name, "a file of keys was made good from the other");
                write_durably(dir, name, &bytes)?;
            }
        }
        Ok(())
    }

    fn encode(&self) -> Result<Vec<u8>, ClientError> {
        let json = serde_json::to_string(self)?;
        Ok(format!("{} {json}\n", checksum(json.as_bytes())).into_bytes())
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let line = bytes.strip_suffix(b"\n")?;
        let (sum, json) = (line.get(..16)?, line.get(17..)?);
        if checksum(json).as_bytes() != sum {
            return None;
        }
        read_json(json).ok()
    }
}

fn bound(generation: u32) -> String {
    format!("storewalk.key 1 {generation}")
}

fn checksum(bytes: &[u8]) -> String {
    sha256_hex(bytes).chars().take(16).collect()
}
