//! What photos look like, and which look like each other.

use storewalk_domain::{
    ids::{OutletId, PhotoId, ShelfPrintsId},
    time::{BusinessDate, Timestamp},
};

use crate::store::StoreError;

/// How prints are made now. 1 were hashes of the whole picture; 2 are of its middle, as phones make them. A print of an
/// older way says nothing beside others: it is found by its bytes alone until its photo is looked at anew.
pub const PRINT_WAY: u32 = 2;

/// What a photo looks like, by the bytes the server holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PhotoPrint {
    /// The photo.
    pub photo_id: PhotoId,
    /// Its outlet when it was hashed.
    pub outlet_id: OutletId,
    /// The day it was taken, in the outlet's zone.
    pub taken_on: BusinessDate,
    /// SHA-256 of its bytes; lower-case hex.
    pub sha256: String,
    /// The 64-bit hash.
    pub short: u64,
    /// The 256-bit hash (PDQ).
    pub pdq: [u8; 32],
    /// How much there is to see, 0 to 100; 0 too for a picture that cannot be read.
    pub quality: u8,
    /// How it was made; see [`PRINT_WAY`].
    pub way: u32,
}

/// Two photos that look alike.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PhotoMatch {
    /// The one that arrived later.
    pub photo_id: PhotoId,
    /// The one that was there.
    pub other_id: PhotoId,
    /// How many of 256 bits differ; 0 for the same bytes.
    pub bits: u32,
    /// Whether one had to be turned or mirrored for it.
    pub is_turned: bool,
    /// Whether the bytes are the same.
    pub is_same_bytes: bool,
    /// When it was found.
    pub found_at: Timestamp,
}

/// A print's place in the order in which prints were written, with what the index needs of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PrintPlace {
    /// Counted up with every print.
    pub place: u64,
    /// The photo.
    pub photo_id: PhotoId,
    /// The 64-bit hash.
    pub short: u64,
}

/// Questions about prints.
pub trait PrintsRead {
    /// The print of a photo, made as prints are made now.
    fn photo_print(&self, photo: PhotoId) -> Result<Option<PhotoPrint>, StoreError>;

    /// Prints that mean something (made as they are now, quality of at least 50) behind a place, in order, at most so many.
    fn prints_after(&self, place: u64, limit: usize) -> Result<Vec<PrintPlace>, StoreError>;

    /// The photos of these bytes, in the order in which they were hashed, however that was.
    fn prints_of_bytes(&self, sha256: &str) -> Result<Vec<PhotoPrint>, StoreError>;

    /// The photos that look like a photo, the nearest first, whichever came first.
    fn matches_of(&self, photo: PhotoId) -> Result<Vec<PhotoMatch>, StoreError>;

    /// Synced rows of prints of days before a day, at most so many.
    fn shelf_prints_before(&self, day: BusinessDate, limit: usize) -> Result<Vec<ShelfPrintsId>, StoreError>;

    /// Photos whose original is held, that have no print as they are made now and were not tried at this instant, at most so many: those
    /// that were never tried first, then those whose turn was longest ago.
    fn photos_without_print(&self, pass: Timestamp, limit: usize) -> Result<Vec<PhotoId>, StoreError>;
}

/// Changes to prints.
pub trait PrintsWrite {
    /// Keeps the print of a photo; one that is there stays, unless it was made in an older way. That it was tried before
    /// is forgotten.
    fn put_photo_print(&mut self, print: &PhotoPrint) -> Result<(), StoreError>;

    /// Notes that a photo is about to be looked at again.
    fn note_look(&mut self, photo: PhotoId, pass: Timestamp) -> Result<(), StoreError>;

    /// Keeps that two photos look alike; known already, it stays.
    fn put_photo_match(&mut self, found: &PhotoMatch) -> Result<(), StoreError>;
}
