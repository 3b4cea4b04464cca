//! The folder of segments.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
    time::SystemTime,
};

use storewalk_wire::{MAX_SEGMENT_BYTES, SegmentRef, segment_name};

use crate::vault::Vault;

/// Bytes of files kept beyond what a pull under way needs: should a bucket start again, most of its files are the same.
const KEPT_BYTES: u64 = 2 * 1024 * 1024;

/// Files of rows under their names; one that is not whole ends in `.part`.
#[derive(Clone, Debug)]
pub(crate) struct SegmentFiles {
    dir: PathBuf,
    vault: Vault,
}

impl SegmentFiles {
    /// The segments in the folder of a phone.
    pub(crate) fn of(phone_dir: &Path, vault: &Vault) -> Self {
        Self { dir: phone_dir.join("segments"), vault: vault.clone() }
    }

    /// Whether a segment may be asked for at all: a name that is a hash, of a size a phone takes.
    pub(super) fn is_fit(segment: &SegmentRef) -> bool {
        let is_hash = segment.hash.len() == 64 && segment.hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_hash && segment.bytes <= MAX_SEGMENT_BYTES && segment.unpacked_bytes <= MAX_SEGMENT_BYTES
    }

    /// Whether a whole segment lies here, as far as its length tells.
    pub(super) fn has(&self, segment: &SegmentRef) -> bool {
        self.vault.length(&self.whole(segment)).is_ok_and(|length| length == segment.bytes)
    }

    /// Bytes of a segment that have arrived.
    pub(super) fn offset(&self, segment: &SegmentRef) -> u64 {
        self.vault.length(&self.part(segment)).unwrap_or(0)
    }

    /// Adds bytes that follow on those that have arrived; keeps no more than the segment has.
    pub(super) fn append(&self, segment: &SegmentRef, offset: u64, bytes: &[u8]) -> io::Result<()> {
        use io::{Seek, Write};
        fs::create_dir_all(&self.dir)?;
        let room = usize::try_from(segment.bytes.saturating_sub(offset)).unwrap_or(usize::MAX);
        if self.vault.is_sealed() {
            return self.append_sealed(segment, offset, &bytes[..bytes.len().min(room)]);
        }
        let mut file = fs::OpenOptions::new().create(true).write(true).truncate(false).open(self.part(segment))?;
        file.set_len(offset)?;
        file.seek(io::SeekFrom::Start(offset))?;
        file.write_all(&bytes[..bytes.len().min(room)])
    }

    /// A seal is over the whole of a file: what has arrived is sealed anew, once for each answer of the server. A part
    /// that cannot be read is begun again.
    fn append_sealed(&self, segment: &SegmentRef, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let part = self.part(segment);
        let mut arrived = match self.vault.read_part(&part, 0, offset) {
            Ok(arrived) => arrived,
            Err(error) if error.kind() == io::ErrorKind::InvalidData => return fs::remove_file(part),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(error),
        };
        arrived.extend_from_slice(bytes);
        fs::write(&part, self.vault.sealed(&segment.hash, &arrived)?)
    }

    /// Makes the part a whole segment if it is one. What is not is thrown away: nobody knows which byte is wrong.
    pub(super) fn finish(&self, segment: &SegmentRef) -> io::Result<bool> {
        let part = self.part(segment);
        let arrived = self.vault.read(&part);
        if arrived.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::InvalidData) {
            fs::remove_file(part)?;
            return Ok(false);
        }
        if segment_name(&arrived?) != segment.hash {
            fs::remove_file(part)?;
            return Ok(false);
        }
        // Should the bytes never reach the drive, the name will not fit them when they are used.
        fs::rename(part, self.whole(segment))?;
        Ok(true)
    }

    /// The bytes of a segment, if they are what its name says. One that is not is thrown away.
    pub(super) fn read(&self, segment: &SegmentRef) -> io::Result<Option<Vec<u8>>> {
        let path = self.whole(segment);
        let bytes = match self.vault.read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            // Nothing has this name.
            Err(error) if error.kind() == io::ErrorKind::InvalidData => Vec::new(),
            Err(error) => return Err(error),
        };
        if segment_name(&bytes) == segment.hash {
            return Ok(Some(bytes));
        }
        tracing::warn!(hash = segment.hash, "a segment has changed on the drive; it is fetched again");
        fs::remove_file(path)?;
        Ok(None)
    }

    /// Throws away what is not needed: parts at once, whole ones from the one used longest ago until little is left.
    pub(crate) fn tidy(&self, needed: &BTreeSet<String>) {
        let Ok(entries) = fs::read_dir(&self.dir) else { return };
        let mut kept: Vec<(SystemTime, u64, PathBuf)> = Vec::new();
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let whole = name.strip_suffix(".part");
            if needed.contains(whole.unwrap_or(&name)) {
                continue;
            }
            match entry.metadata() {
                Ok(file) if whole.is_none() => {
                    kept.push((file.modified().unwrap_or(SystemTime::UNIX_EPOCH), file.len(), entry.path()));
                }
                _ => discard(&entry.path()),
            }
        }
        kept.sort_unstable_by(|one, other| other.cmp(one));
        let mut bytes = 0;
        for (_, length, path) in kept {
            bytes += length;
            if bytes > KEPT_BYTES {
                discard(&path);
            }
        }
    }

    /// Throws away what a time without a key has left: it can be fetched again.
    pub(crate) fn drop_plain(&self) {
        for entry in fs::read_dir(&self.dir).into_iter().flatten().flatten() {
            if self.vault.is_sealed() && !self.vault.has_sealed(&entry.path()) {
                discard(&entry.path());
            }
        }
    }

    /// Throws everything away: for another person.
    pub(crate) fn clear(&self) {
        if let Err(error) = fs::remove_dir_all(&self.dir)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(%error, "segments were left behind");
        }
    }

    fn whole(&self, segment: &SegmentRef) -> PathBuf {
        self.dir.join(&segment.hash)
    }

    fn part(&self, segment: &SegmentRef) -> PathBuf {
        self.dir.join(format!("{}.part", segment.hash))
    }
}

fn discard(path: &Path) {
    if let Err(error) = fs::remove_file(path) {
        tracing::debug!(%error, "a segment was left behind");
    }
}
