//! Parcels: what was packed, what is carried, what was handed in.

use storewalk_client::{self as client, CarriedView};
use storewalk_domain::text::Localized;

/// What packing the queue gave.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct Packing {
    /// The files, in the order they are best handed in.
    pub files: Vec<String>,
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
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct Parcel {
    /// Names it on this phone.
    pub id: String,
    /// Its size; all that a carrier can know.
    pub size_bytes: u64,
    /// What it is, in words.
    pub what: Localized,
    /// How often handing it in has failed in a row.
    pub attempts: u32,
    /// When it is offered next, by the phone's clock.
    pub next_attempt_at_ms: i64,
    /// Code of the last failure.
    pub last_error: Option<String>,
    /// Whether the server will not have it as it is; only then can it be thrown away.
    pub is_refused: bool,
}

/// What a round of handing in did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, uniffi::Record)]
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

impl From<client::Packing> for Packing {
    fn from(packing: client::Packing) -> Self {
        let client::Packing { files, bytes, commands, photos, missing_photos } = packing;
        let files = files.into_iter().map(|file| file.to_string_lossy().into_owned()).collect();
        Self { files, bytes, commands, photos, missing_photos }
    }
}

impl From<CarriedView> for Parcel {
    fn from(view: CarriedView) -> Self {
        let CarriedView { id, size_bytes, what, attempts, next_attempt_at, last_error, is_refused } = view;
        Self { id, size_bytes, what, attempts, next_attempt_at_ms: next_attempt_at.0, last_error, is_refused }
    }
}

impl From<client::Delivery> for Delivery {
    fn from(delivery: client::Delivery) -> Self {
        let client::Delivery { taken, kept, refused, left } = delivery;
        Self { taken, kept, refused, left }
    }
}
