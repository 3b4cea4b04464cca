//! `GET /console/devices`

use std::collections::BTreeMap;

use axum::response::Response;

use super::{Background, page};
use crate::console::desk::Desk;

/// Shows the devices.
pub(crate) async fn show(desk: Desk) -> Response {
    let (region, protocols) = (desk.region(), desk.state.protocols);
    let made = desk.read(move |snapshot, names, f| {
        let devices = snapshot.attention(region.as_deref())?.devices;
        let mut copies = BTreeMap::new();
        for device in &devices {
            let original = snapshot.copied_from(device.id)?.map(|original| snapshot.device(original)).transpose()?;
            copies.extend(original.flatten().map(|original| (device.id, original.number)));
        }
        let background = Background { served: protocols, restored_at: snapshot.restored_at()?, copies };
        Ok(page(f, names, devices, &background)?)
    });
    desk.answer(made.await)
}
