//! Work that goes by another road: packing this phone's queue into parcels, and carrying those of others.
//!
//! **States of a carried parcel.** Carried → handed in and gone (the server answers for it from then on). A parcel the
//! server will not have stays, with the reason, and is offered again now and then; a person may throw it away.
//!
//! **Invariants.** Packing changes nothing in the queue: what a parcel brings is still sent by this phone when it can,
//! and the server knows it by number and identity. A carrier can read nothing in a parcel but its size. Carried parcels
//! belong to the phone, not to the person on it, and never hold up its own sync.
//!
//! **Non-goals.** Finding colleagues nearby: a shell moves files.

mod carry;
mod keys;
mod pack;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use serde::Serialize;
use storewalk_domain::{text::Localized, time::Timestamp};

pub(crate) use carry::{carried_count, hasten};
pub(crate) use keys::{from_hex, keep_grant, parking_key, public_key};

use crate::{ClientError, Phone};

impl Phone {
    /// Parcels.
    pub fn courier(&self) -> Courier<'_> {
        Courier { phone: self }
    }
}

/// What packing the queue gave.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Packing {
    /// The parcels, in the order they are best handed in.
    pub files: Vec<PathBuf>,
    /// Bytes of them together.
    pub bytes: u64,
    /// Commands in them.
    pub commands: u64,
    /// Photos in them.
    pub photos: u64,
    /// Photos whose files were not there to be packed.
    pub missing_photos: u64,
}

/// A parcel of somebody that this phone carries.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct CarriedView {
    /// Names it on this phone.
    pub id: String,
    /// Its size; all that a carrier can know.
    pub size_bytes: u64,
    /// What it is, in words.
    pub what: Localized,
    /// How often handing it in has failed in a row.
    pub attempts: u32,
    /// When it is offered next, by the phone's clock.
    pub next_attempt_at: Timestamp,
    /// Code of the last failure.
    pub last_error: Option<String>,
    /// Whether the server will not have it as it is; only then can it be thrown away.
    pub is_refused: bool,
}

/// What a round of handing in did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Delivery {
    /// Parcels the server has taken in.
    pub taken: u64,
    /// Parcels the server keeps until something else arrives or a person decides.
    pub kept: u64,
    /// Parcels the server will not have.
    pub refused: u64,
    /// Parcels still here, the refused ones included.
    pub left: u64,
}

/// Parcels.
pub struct Courier<'p> {
    phone: &'p Phone,
}

impl Courier<'_> {
    /// Packs everything unsent into files in a folder, for somebody else to carry to the server.
    ///
    /// # Errors
    /// When nobody is signed in, no server has told its key yet, or a file cannot be written.
    pub fn pack(&self, folder: &Path) -> Result<Packing, ClientError> {
        pack::pack(self.phone, folder)
    }

    /// Takes a parcel of somebody into this phone's bag. The file itself stays where it is. The same parcel again is
    /// the same parcel.
    ///
    /// # Errors
    /// [`ClientError::Parcel`] when it is none, is cut short or is too large; otherwise when storage fails.
    pub fn carry(&self, file: &Path) -> Result<CarriedView, ClientError> {
        carry::carry(self.phone, file)
    }

    /// The parcels in the bag.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn carried(&self) -> Result<Vec<CarriedView>, ClientError> {
        carry::carried(self.phone)
    }

    /// Throws a parcel away that the server will not have.
    ///
    /// # Errors
    /// When there is none, it was not refused, or storage fails.
    pub fn discard(&self, id: &str) -> Result<(), ClientError> {
        carry::discard(self.phone, id)
    }

    /// Hands in what is due, until none is left or the network fails. Beside any sync, never in its way.
    ///
    /// # Errors
    /// When nobody is signed in, or the phone's storage fails. A failure of the network leaves a next attempt and is
    /// no error.
    pub async fn deliver(&self) -> Result<Delivery, ClientError> {
        carry::deliver(self.phone).await
    }
}
