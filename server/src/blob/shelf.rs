//! Where finished photos lie: a folder, or a bucket of any S3-compatible store. Named by their SHA-256, so that the same
//! bytes lie there once; never changed.
//!
//! **Invariants.** A name is given only after all its bytes are safe: in a folder by moving a synced file, in a bucket by
//! one request, or by parts that become an object together, each with a checksum that the store holds against what came.
//! A note about who delivered bytes lies beside them, outside the database.

use std::{
    fs::{self, File},
    io,
    path::{Path as FilePath, PathBuf},
    sync::Arc,
};

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream::BoxStream};
use object_store::{ObjectStore, ObjectStoreExt, WriteMultipart, local::LocalFileSystem, path::Path};
use sha2::{Digest, Sha256};
use storewalk_domain::ids::UserId;
use tokio::io::AsyncReadExt;

use super::is_sha256;

/// Up to this length a photo is sent to a bucket in one request; longer ones in parts of this length.
const ONE_REQUEST: u64 = 8 * 1024 * 1024;

/// Parts of one photo on their way at once.
const PARTS_AT_ONCE: usize = 2;

/// Finished photos.
#[derive(Clone, Debug)]
pub struct Shelf {
    objects: Arc<dyn ObjectStore>,
    /// The folder, when it is one.
    folder: Option<PathBuf>,
    /// What every name in a bucket begins with.
    prefix: Path,
}

/// Bytes of a photo, as they are read.
pub struct Opened {
    /// How many.
    pub size_bytes: u64,
    /// The bytes.
    pub chunks: BoxStream<'static, io::Result<Bytes>>,
}

impl Shelf {
    /// A folder.
    ///
    /// # Errors
    /// When it is not there.
    pub fn folder(folder: &FilePath) -> io::Result<Self> {
        let objects = LocalFileSystem::new_with_prefix(folder).map_err(fault)?;
        Ok(Self { objects: Arc::new(objects), folder: Some(folder.to_owned()), prefix: Path::default() })
    }

    /// A bucket, in which every name begins with the prefix.
    pub fn bucket(objects: Arc<dyn ObjectStore>, prefix: &str) -> Self {
        Self { objects, folder: None, prefix: Path::from(prefix) }
    }

    /// The folder, when it is one.
    pub(super) fn as_folder(&self) -> Option<&FilePath> {
        self.folder.as_deref()
    }

    /// Takes a whole file in under its hash; the same bytes may be there already. When this returns they are safe, and
    /// the file is gone.
    ///
    /// # Errors
    /// When the text is no SHA-256, or the disk or the store fails; the file is still there then.
    pub async fn adopt(&self, file: PathBuf, sha256: &str) -> io::Result<()> {
        let place = self.place(sha256).ok_or(io::ErrorKind::InvalidInput)?;
        if let Some(folder) = &self.folder {
            let to = folder.join(place.as_ref());
            return blocking(move || move_in(&file, &to)).await;
        }
        let size_bytes = tokio::fs::metadata(&file).await?.len();
        if self.size(sha256).await? != Some(size_bytes) {
            self.send(&file, size_bytes, &place).await?;
        }
        tokio::fs::remove_file(file).await
    }

    async fn send(&self, file: &FilePath, size_bytes: u64, place: &Path) -> io::Result<()> {
        if size_bytes <= ONE_REQUEST {
            let bytes = tokio::fs::read(file).await?;
            return self.objects.put(place, bytes.into()).await.map(drop).map_err(fault);
        }
        let mut file = tokio::fs::File::open(file).await?;
        let chunk = usize::try_from(ONE_REQUEST).unwrap_or(usize::MAX);
        let parts = self.objects.put_multipart(place).await.map_err(fault)?;
        let mut parts = WriteMultipart::new_with_chunk_size(parts, chunk);
        let mut buffer = vec![0; 256 * 1024];
        loop {
            let count = match file.read(&mut buffer).await {
                Ok(count) => count,
                Err(error) => {
                    parts.abort().await.map_err(fault)?;
                    return Err(error);
                }
            };
            if count == 0 {
                return parts.finish().await.map(drop).map_err(fault);
            }
            parts.wait_for_capacity(PARTS_AT_ONCE).await.map_err(fault)?;
            parts.write(&buffer[..count]);
        }
    }

    /// How many bytes lie under a hash; `None` when none do.
    ///
    /// # Errors
    /// When the store cannot be asked.
    pub async fn size(&self, sha256: &str) -> io::Result<Option<u64>> {
        let Some(place) = self.place(sha256) else { return Ok(None) };
        Ok(found(self.objects.head(&place).await)?.map(|meta| meta.size))
    }

    /// Opens the bytes of a hash; `None` when there are none.
    ///
    /// # Errors
    /// When the store cannot be asked.
    pub async fn open(&self, sha256: &str) -> io::Result<Option<Opened>> {
        let Some(place) = self.place(sha256) else { return Ok(None) };
        let Some(result) = found(self.objects.get(&place).await)? else { return Ok(None) };
        Ok(Some(Opened { size_bytes: result.meta.size, chunks: result.into_stream().map_err(fault).boxed() }))
    }

    /// The bytes of a hash, whole.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn read(&self, sha256: &str) -> io::Result<Option<Bytes>> {
        let Some(place) = self.place(sha256) else { return Ok(None) };
        let Some(result) = found(self.objects.get(&place).await)? else { return Ok(None) };
        result.bytes().await.map(Some).map_err(fault)
    }

    /// Whether the bytes of a hash are there, whole.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn is_whole(&self, sha256: &str, size_bytes: u64) -> io::Result<bool> {
        let Some(mut opened) = self.open(sha256).await? else { return Ok(false) };
        if opened.size_bytes != size_bytes {
            return Ok(false);
        }
        let mut hasher = Sha256::new();
        while let Some(bytes) = opened.chunks.try_next().await? {
            hasher.update(&bytes);
        }
        Ok(crate::auth::hex(&hasher.finalize()) == sha256)
    }

    /// Removes the bytes of a hash; says whether there were any.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn remove(&self, sha256: &str) -> io::Result<bool> {
        let Some(place) = self.place(sha256) else { return Ok(false) };
        if let Some(folder) = &self.folder {
            let file = folder.join(place.as_ref());
            return blocking(move || move_out(&file)).await;
        }
        let was_there = self.size(sha256).await?.is_some();
        if was_there { found(self.objects.delete(&place).await).map(|_| true) } else { Ok(false) }
    }

    /// Notes that a person has delivered the bytes of a hash.
    ///
    /// # Errors
    /// When the text is no SHA-256 or the store fails.
    pub async fn note(&self, user: UserId, sha256: &str) -> io::Result<()> {
        let place = self.note_of(user, sha256).ok_or(io::ErrorKind::InvalidInput)?;
        self.objects.put(&place, Bytes::new().into()).await.map(drop).map_err(fault)
    }

    /// Whether it was noted that a person has delivered the bytes of a hash.
    ///
    /// # Errors
    /// When the store cannot be asked.
    pub async fn is_noted(&self, user: UserId, sha256: &str) -> io::Result<bool> {
        let Some(place) = self.note_of(user, sha256) else { return Ok(false) };
        Ok(found(self.objects.head(&place).await)?.is_some())
    }

    /// Takes such a note back; there may be none.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn forget_note(&self, user: UserId, sha256: &str) -> io::Result<()> {
        let Some(place) = self.note_of(user, sha256) else { return Ok(()) };
        found(self.objects.delete(&place).await).map(drop)
    }

    /// Every name there is, below the prefix.
    ///
    /// # Errors
    /// When the store cannot be asked.
    pub async fn names(&self) -> io::Result<Vec<String>> {
        let listed = self.objects.list(Some(&self.prefix)).map_err(fault);
        listed.map_ok(|meta| meta.location.to_string()).try_collect().await
    }

    fn place(&self, sha256: &str) -> Option<Path> {
        is_sha256(sha256).then(|| self.named([&sha256[..2], &sha256[2..4], sha256]))
    }

    fn note_of(&self, user: UserId, sha256: &str) -> Option<Path> {
        is_sha256(sha256).then(|| self.named(["delivered", &user.to_string(), sha256]))
    }

    fn named(&self, parts: [&str; 3]) -> Path {
        self.prefix.parts().chain(parts.into_iter().map(Into::into)).collect()
    }
}

/// Moves a file to its place so that a power cut at any moment leaves it whole under one of its names.
fn move_in(from: &FilePath, to: &FilePath) -> io::Result<()> {
    File::options().append(true).open(from)?.sync_all()?;
    let Some(folder) = to.parent() else { return Err(io::ErrorKind::InvalidInput.into()) };
    fs::create_dir_all(folder)?;
    fs::rename(from, to)?;
    // The name, too, must survive a power cut before anybody is told.
    for folder in folder.ancestors().take(3) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

/// Removes a file so that a power cut does not bring it back; says whether there was one.
fn move_out(file: &FilePath) -> io::Result<bool> {
    match fs::remove_file(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        other => other?,
    }
    if let Some(folder) = file.parent() {
        File::open(folder)?.sync_all()?;
    }
    Ok(true)
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}

fn found<T>(result: object_store::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(object_store::Error::NotFound { .. }) => Ok(None),
        Err(error) => Err(fault(error)),
    }
}

fn fault(error: object_store::Error) -> io::Error {
    io::Error::other(error)
}
