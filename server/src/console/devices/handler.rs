//! `GET /console/devices`

use axum::response::Response;

use super::page;
use crate::console::desk::Desk;

/// Shows the devices.
pub(crate) async fn show(desk: Desk) -> Response {
    let (region, protocols) = (desk.region(), desk.state.protocols);
    let made = desk.read(move |snapshot, names, f| {
        let devices = snapshot.attention(region.as_deref())?.devices;
        Ok(page(f, names, devices, protocols)?)
    });
    desk.answer(made.await)
}
