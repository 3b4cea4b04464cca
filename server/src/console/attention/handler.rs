//! `GET /console/attention`

use axum::response::Response;

use super::page;
use crate::console::desk::Desk;

/// Shows what needs attention.
pub(crate) async fn show(desk: Desk) -> Response {
    let region = desk.region();
    let made = desk.read(move |snapshot, names, f| Ok(page(f, names, &snapshot.attention(region.as_deref())?)?));
    desk.answer(made.await)
}
