//! Parcels: what one phone packs, another carries and hands in.

use std::path::PathBuf;

use storewalk_client::ClientError;

use super::{Handset, calls::note_error};

impl Handset {
    /// Packs everything unsent; gives the parcels in the order they are best handed in.
    pub fn pack(&self, number: usize) -> Vec<PathBuf> {
        let folder = self.folder.with_extension(format!("parcels-{number}"));
        match self.phone().courier().pack(&folder) {
            Ok(packing) => {
                let told = format!("packed {} commands and {} photos", packing.commands, packing.photos);
                self.trace.note(&self.name, &told);
                packing.files
            }
            Err(ClientError::NoCourier | ClientError::SignedOut { .. }) => Vec::new(),
            Err(error) => {
                note_error(&self.trace, &self.name, &self.disk, "pack", &error);
                Vec::new()
            }
        }
    }

    /// Is given parcels to carry.
    pub fn give(&mut self, parcels: Vec<PathBuf>) {
        self.errands.extend(parcels);
    }

    /// Whether it has parcels that are not handed in.
    ///
    /// # Errors
    /// When the bag cannot be read.
    pub fn has_parcels(&self) -> anyhow::Result<bool> {
        Ok(!self.errands.is_empty() || !self.phone().courier().carried()?.is_empty())
    }

    /// Hands in all it has, one parcel after another, each given so long; stops at the first that stays.
    ///
    /// # Errors
    /// When the bag cannot be read.
    pub fn deliver_all(&mut self, each_ms: i64) -> anyhow::Result<()> {
        let mut left = usize::MAX;
        loop {
            let now = self.errands.len() + self.phone().courier().carried()?.len();
            if now == 0 || now >= left {
                return Ok(());
            }
            left = now;
            self.start_delivery()?;
            self.executor.run_out(&self.tasks(), each_ms);
        }
    }

    /// Takes the next parcel into the bag when that is empty, and starts handing in what is there. One at a time: the
    /// names of sealed parcels are as random as their keys, and would decide the order.
    ///
    /// # Errors
    /// When the bag cannot be read.
    pub fn start_delivery(&mut self) -> anyhow::Result<()> {
        if self.phone().session()?.is_none() {
            return Ok(());
        }
        if self.phone().courier().carried()?.is_empty() {
            let Some(parcel) = self.errands.pop_front() else { return Ok(()) };
            if let Err(error) = self.phone().courier().carry(&parcel) {
                note_error(&self.trace, &self.name, &self.disk, "carry", &error);
                self.errands.push_front(parcel);
                return Ok(());
            }
        }
        let (phone, name, trace, disk) =
            (self.phone().clone(), self.name.clone(), self.trace.clone(), self.disk.clone());
        self.spawn(async move {
            match phone.courier().deliver().await {
                Ok(delivery) => {
                    trace.note(&name, &format!("delivered: {delivery:?}"));
                    if delivery.refused > 0 {
                        trace.fail("an honest parcel is taken", &format!("{name}: {delivery:?}"));
                    }
                }
                Err(error) => note_error(&trace, &name, &disk, "deliver", &error),
            }
        });
        Ok(())
    }
}
