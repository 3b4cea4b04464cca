//! Data at rest under a key of the host's: the database, the outbox mirror, photos, files of rows.
//!
//! **States of a folder.** Plain (nobody ever gave a key) → sealed (the first opening with a key encrypts what lies there,
//! piece by piece, and a kill anywhere is gone on from) → sealed under another key ([`crate::Phone::rotate_key`]) → set
//! aside, when the key is lost for good ([`crate::set_unreadable_aside`]).
//!
//! **Keys.** The host's key seals nothing but `storewalk.key`, a small file with two random keys: one for the database,
//! one for files. Changing the host's key writes that file anew and nothing else; a key that does not fit is known
//! before any other file is touched, so that it is never taken for damage.
//!
//! **Invariants.** Every file with content of a person's is sealed once a key was given; no file is ever opened with a
//! key that `storewalk.key` has not proven. Sealed files are authenticated: a byte that changes is found.
//!
//! **Against whom.** Whoever has the phone's flash memory without its key store. Not against whoever rules the unlocked
//! phone while the core is open, nor against what lingers in flash of files that were plain before.
//!
//! **Non-goals.** Keeping the host's key: the platform's key store does.

mod database;
mod key_file;
#[cfg(test)]
mod kill;
mod lost;
mod photos;
mod sealed;
mod shown;
#[cfg(test)]
mod tests;

use std::{
    borrow::Cow,
    fmt,
    fs::{self, File},
    io,
    path::Path,
    sync::{Arc, PoisonError},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Generate, Payload},
};
use zeroize::Zeroizing;

pub(crate) use database::{encrypt_in_place, open_any, unlock};
pub use lost::{SetAside, set_unreadable_aside};
pub(crate) use lost::{seal_set_aside, where_sealed};
pub(crate) use shown::{Shown, clear_copies, clear_shown};

use self::key_file::KeyFile;
use crate::{ClientError, Phone, photos::write_durably};

/// Bytes of a key.
pub const KEY_BYTES: usize = 32;

const NONCE: usize = 24;

/// How a sealed line of the mirror begins.
const SEALED_LINE: &[u8] = b"sealed ";

/// A key of the host's. Wiped when it is dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct HostKey(Zeroizing<[u8; KEY_BYTES]>);

impl HostKey {
    /// The key of so many bytes; `None` for any other number than 32.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Some(Self(Zeroizing::new(bytes.try_into().ok()?)))
    }
}

impl fmt::Debug for HostKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HostKey")
    }
}

/// Why data cannot be read or sealed with what the host gave.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum KeyFault {
    /// The data was sealed under another key.
    #[error("open what another key has sealed")]
    Wrong,
    /// The data is sealed and no key was given.
    #[error("open what is sealed without a key")]
    Needed,
    /// The file that holds the keys to the data is gone or damaged, both copies of it.
    #[error("find the keys to what is sealed")]
    Lost,
    /// This build cannot encrypt.
    #[error("encrypt with a build that cannot")]
    Unsupported,
    /// The data can be read with this key: there is no reason to set it aside.
    #[error("set aside what can be read")]
    Fits,
}

impl KeyFault {
    /// The stable code.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Wrong => "key_wrong",
            Self::Needed => "key_needed",
            Self::Lost => "key_lost",
            Self::Unsupported => "key_unsupported",
            Self::Fits => "key_fits",
        }
    }
}

/// The keys to a folder's data; none for a folder that is plain.
#[derive(Clone, Default)]
pub(crate) struct Vault(Option<Arc<Keys>>);

struct Keys {
    database: Zeroizing<[u8; KEY_BYTES]>,
    files: Zeroizing<[u8; KEY_BYTES]>,
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Vault").field(&self.0.is_some()).finish()
    }
}

/// How many keys a folder has had: a host keeps each under a name of its own, so that a change of keys that is cut off
/// leaves the one that still counts.
///
/// # Errors
/// When the file with the keys cannot be read.
pub fn key_generation(dir: &Path) -> Result<u32, ClientError> {
    Ok(KeyFile::read(dir)?.map_or(1, |file| file.generation))
}

impl Vault {
    /// The keys to a folder's data. A folder that has none yet gets them from the system's random source.
    ///
    /// # Errors
    /// [`ClientError::Key`] when the host's key is not the one, or none was given and one is needed.
    pub(crate) fn open(dir: &Path, key: Option<&HostKey>) -> Result<Self, ClientError> {
        let file = KeyFile::read(dir)?;
        let has_keys = file.as_ref().is_some_and(|file| file.sealed.is_some());
        match (file, key) {
            (Some(file), Some(key)) if has_keys => {
                let keys = file.open(key)?;
                file.restore_copies(dir)?;
                Ok(keys)
            }
            (Some(_), None) if has_keys => Err(KeyFault::Needed.into()),
            _ if lost::looks_sealed(dir) => Err(KeyFault::Lost.into()),
            (_, None) => Ok(Self(None)),
            (file, Some(key)) => {
                database::ensure_supported()?;
                let vault = Self::fresh();
                KeyFile::seal(&vault, key, file.map_or(1, |file| file.generation))?.write(dir)?;
                Ok(vault)
            }
        }
    }

    /// Seals the keys under another key of the host's.
    fn rotate(&self, dir: &Path, key: &HostKey, generation: u32) -> Result<(), ClientError> {
        let current = key_generation(dir)?;
        if !self.is_sealed() {
            return Err(KeyFault::Needed.into());
        }
        if current == generation {
            return Ok(());
        }
        if current.saturating_add(1) != generation {
            return Err(ClientError::Internal(format!("change key {current} for key {generation}")));
        }
        KeyFile::seal(self, key, generation)?.write(dir)
    }

    fn fresh() -> Self {
        let random = || -> Zeroizing<[u8; KEY_BYTES]> { Zeroizing::new(chacha20poly1305::Key::generate().into()) };
        Self(Some(Arc::new(Keys { database: random(), files: random() })))
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (database, files) = bytes.split_at_checked(KEY_BYTES)?;
        let key = |bytes: &[u8]| Some(Zeroizing::new(bytes.try_into().ok()?));
        Some(Self(Some(Arc::new(Keys { database: key(database)?, files: key(files)? }))))
    }

    /// Both keys one after the other; nothing of a plain folder.
    fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let keys = self.0.as_ref().map(|keys| [keys.database.as_slice(), keys.files.as_slice()].concat());
        Zeroizing::new(keys.unwrap_or_default())
    }

    /// Whether the folder is sealed.
    pub(crate) fn is_sealed(&self) -> bool {
        self.0.is_some()
    }

    /// The key to the database.
    fn database_key(&self) -> Option<&[u8; KEY_BYTES]> {
        self.0.as_ref().map(|keys| &*keys.database)
    }

    /// Writes a file as [`write_durably`] does, sealed when the folder is.
    pub(crate) fn write(&self, folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
        write_durably(folder, name, &self.sealed(name, bytes)?)
    }

    /// What is to be written of a file that is bound to its name.
    pub(crate) fn sealed<'b>(&self, name: &str, bytes: &'b [u8]) -> io::Result<Cow<'b, [u8]>> {
        let Some(keys) = &self.0 else { return Ok(Cow::Borrowed(bytes)) };
        let mut target = Vec::with_capacity(bytes.len() + bytes.len() / 1024 + 64);
        sealed::seal(&keys.files, name, &mut io::Cursor::new(bytes), &mut target)?;
        Ok(Cow::Owned(target))
    }

    /// The bytes of a file, sealed or plain.
    pub(crate) fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.read_part(path, 0, u64::MAX)
    }

    /// Bytes of a file from an offset, at most `length`.
    pub(crate) fn read_part(&self, path: &Path, offset: u64, length: u64) -> io::Result<Vec<u8>> {
        let mut file = File::open(path)?;
        match &self.0 {
            Some(keys) if sealed::is_sealed(&mut file)? => {
                sealed::read_part(&keys.files, &name_of(path), &mut file, offset, length)
            }
            _ => crate::photos::read_part(path, offset, length),
        }
    }

    /// Whether a file is sealed; one that cannot be read is none.
    pub(crate) fn has_sealed(&self, path: &Path) -> bool {
        self.is_sealed() && File::open(path).and_then(|mut file| sealed::is_sealed(&mut file)).unwrap_or(false)
    }

    /// How long a file is without its seal.
    pub(crate) fn length(&self, path: &Path) -> io::Result<u64> {
        let mut file = File::open(path)?;
        let length = file.metadata()?.len();
        if self.is_sealed() && sealed::is_sealed(&mut file)? {
            return sealed::plain_length(length);
        }
        Ok(length)
    }

    /// Seals a file beside itself as `<name>.sealed` and removes it; one that is sealed stays as it is.
    fn seal_beside(&self, path: &Path) -> io::Result<()> {
        let Some(keys) = &self.0 else { return Ok(()) };
        let name = format!("{}.sealed", name_of(path));
        let part = path.with_file_name(format!(".part-{name}"));
        let mut target = io::BufWriter::new(File::create(&part)?);
        sealed::seal(&keys.files, &name, &mut io::BufReader::new(File::open(path)?), &mut target)?;
        target.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        boundary("a file is sealed beside itself");
        fs::rename(&part, path.with_file_name(&name))?;
        boundary("a sealed file has its name");
        fs::remove_file(path)
    }

    /// A line of text, sealed when the folder is; without its line break.
    pub(crate) fn seal_line(&self, line: String) -> Result<String, ClientError> {
        let Some(keys) = &self.0 else { return Ok(line) };
        let cipher = XChaCha20Poly1305::new((&*keys.files).into());
        let nonce = XNonce::generate();
        let payload = Payload { msg: line.as_bytes(), aad: SEALED_LINE };
        let sealed = cipher.encrypt(&nonce, payload).map_err(|_| ClientError::Internal("seal a line".to_owned()))?;
        Ok(format!("sealed {}", STANDARD.encode([nonce.as_slice(), &sealed].concat())))
    }

    /// The text of a line, sealed or plain; nothing when it was sealed under another key or has changed.
    pub(crate) fn open_line<'l>(&self, line: &'l [u8]) -> Option<Cow<'l, [u8]>> {
        let Some(sealed) = line.strip_prefix(SEALED_LINE) else { return Some(Cow::Borrowed(line)) };
        let bytes = STANDARD.decode(sealed).ok()?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE>()?;
        let cipher = XChaCha20Poly1305::new((&*self.0.as_ref()?.files).into());
        cipher.decrypt(&(*nonce).into(), Payload { msg: sealed, aad: SEALED_LINE }).ok().map(Cow::Owned)
    }
}

/// What a file is bound to: its name, or the one it will have when it is whole.
fn name_of(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.strip_suffix(".part").unwrap_or(&name).to_owned()
}

impl Phone {
    /// Changes the host's key to the data; what the data itself is sealed under stays. `generation` is one more than
    /// [`key_generation`] says; when it is the same, the key is taken for the one that is in use, and nothing happens.
    ///
    /// # Errors
    /// When the data is not sealed, somebody else changed the key meanwhile, or the storage fails: the key before counts.
    pub fn rotate_key(&self, key: &HostKey, generation: u32) -> Result<(), ClientError> {
        let _turn = self.inner.rotating.lock().unwrap_or_else(PoisonError::into_inner);
        self.inner.vault.rotate(self.dir(), key, generation)
    }

    /// Seals what lies in the folder plain although there is a key.
    pub(crate) fn seal_what_is_plain(&self) -> Result<(), ClientError> {
        photos::seal_photos(&self.photos_dir(), &self.inner.vault)?;
        self.inner.segments.drop_plain();
        seal_set_aside(self.dir(), &self.inner.vault)?;
        Ok(())
    }
}

/// A moment at which a kill must lose nothing; the tests kill at each.
#[cfg(not(test))]
fn boundary(_: &str) {}

#[cfg(test)]
use kill::boundary;
