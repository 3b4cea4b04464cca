//! Parcels: work that goes by another road, as files that a shell moves.

use std::sync::Arc;

use super::part;
use crate::{CancelToken, CoreError, Delivery, Packing, Parcel, Topic, argument};

part! {
    /// Work that goes by another road: packing this phone's queue, and carrying the parcels of others.
    Parcels
}

#[uniffi::export]
impl Parcels {
    /// Packs everything unsent into files in a folder, which is made when there is none, for somebody else to carry to
    /// the server. Only the server can read them. Nothing leaves the queue: this phone sends it too, when it can.
    pub async fn pack(&self, folder: String) -> Result<Packing, CoreError> {
        let folder = argument::path(folder, "folder")?;
        self.core.read(move |phone| phone.courier().pack(&folder)).await
    }

    /// Takes somebody's parcel from a file into this phone's bag; the file stays where it is. The same parcel again is the
    /// same parcel. Nobody has to be signed in.
    pub async fn carry(&self, path: String) -> Result<Parcel, CoreError> {
        let file = argument::path(path, "path")?;
        self.core.change(&[Topic::Sync], move |phone| phone.courier().carry(&file)).await
    }

    /// The parcels in the bag.
    pub async fn carried(&self) -> Result<Vec<Parcel>, CoreError> {
        self.core.list(|phone| phone.courier().carried()).await
    }

    /// Throws a parcel away that the server will not have; any other is refused as `not_found`.
    pub async fn discard(&self, id: String) -> Result<(), CoreError> {
        self.core.change(&[Topic::Sync], move |phone| phone.courier().discard(&id)).await
    }

    /// Hands in what is due, until none is left or the network fails, which leaves a next attempt and is no error.
    /// Beside any sync, never in its way.
    #[uniffi::method(default(cancel = None))]
    pub async fn deliver(&self, cancel: Option<Arc<CancelToken>>) -> Result<Delivery, CoreError> {
        self.core.travel(&[Topic::Sync], cancel, |phone| async move { phone.courier().deliver().await }).await
    }
}
