//! The supervisor's console: pages made on the server, in both languages.
//!
//! **Map.** One folder per page: `handler` (request → rows → page), `view` (rows → what the template shows; pure).
//! `desk` knows who asks and sends pages, `frame` is what surrounds them, `words` the texts, `lookup` the names behind
//! ids, `fault` the pages that say why there is none, `templates`, `assets` and `locales` what they say.
//!
//! **Invariants.** Pages read one snapshot and change nothing; whatever changes something goes through
//! [`crate::service::execute`] with an id minted when its form was made. No page needs a script, no script is inline,
//! no colour stands alone. Every text exists in both languages.

mod access;
mod assets;
mod attention;
mod conflicts;
mod courier;
mod dealers;
mod desk;
mod devices;
mod fault;
mod form;
mod format;
mod frame;
mod handover;
mod lookup;
mod order;
mod orders;
mod people;
mod photo;
mod photos;
mod pictures;
mod policy;
mod review;
mod second;
mod sign_in;
mod times;
mod visit;
mod visits;
mod words;

#[cfg(test)]
pub(crate) mod fixtures;
#[cfg(test)]
mod html;
#[cfg(test)]
mod tests;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};

use crate::state::AppState;
use fault::Trouble;

/// Longest form in bytes; a note has 500 characters at most.
const FORM_LIMIT: usize = 64 * 1024;

/// The console's routes.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/console", get(|| async { Redirect::permanent("/console/") }))
        .route("/console/", get(visits::handler::show))
        .route("/console/visits/{id}", get(visit::handler::show))
        .route("/console/photos", get(photos::handler::show))
        .route("/console/photos/export", post(photos::export::send))
        .route("/console/photos/people", get(people::handler::first))
        .route("/console/photos/{id}", get(photo::handler::show))
        .route("/console/photos/{id}/people", get(people::handler::show).post(people::handler::mark))
        .route("/console/photos/{id}/upright", get(people::copies::upright))
        .route("/console/photos/{id}/covered", get(people::copies::covered))
        .route("/console/photos/{id}/export", post(photos::export::send_one))
        .route("/console/photos/{id}/verdict", post(photo::handler::decide))
        .route("/console/photos/{id}/hold", post(policy::handler::hold))
        .route("/console/policy", get(policy::handler::show).post(policy::handler::change))
        .route("/console/review", get(review::handler::show))
        .route("/console/review/claim", post(review::handler::claim))
        .route("/console/review/release", post(review::handler::release))
        .route("/console/review/approve", post(review::handler::approve))
        .route("/console/review/undo", post(review::handler::undo))
        .route("/console/second", get(second::handler::show))
        .route("/console/second/{id}", get(second::handler::one).post(second::handler::look))
        .route("/console/agreement", get(second::handler::agreement))
        .route("/console/orders", get(orders::handler::show))
        .route("/console/orders/{id}", get(order::handler::show))
        .route("/console/orders/{id}/payment", post(order::handler::pay))
        .route("/console/handover", get(handover::handler::show))
        .route("/console/handover/outlet", post(handover::handler::outlet))
        .route("/console/handover/territory", post(handover::handler::territory))
        .route("/console/dealers", get(dealers::handler::show).post(dealers::handler::change))
        .route("/console/attention", get(attention::handler::show))
        .route("/console/conflicts", get(conflicts::handler::show).post(conflicts::handler::decide))
        .route("/console/visits/{id}/keep", post(visit::handler::keep))
        .route("/console/orders/{id}/claim", post(order::claim::answer))
        .route("/console/attention/{id}", post(attention::handler::decide))
        .route("/console/devices", get(devices::handler::show))
        .route(
            "/console/courier",
            post(courier::handler::hand_in).layer(DefaultBodyLimit::max(courier::handler::UPLOAD_LIMIT)),
        )
        .route("/console/courier/{hash}/retry", post(courier::handler::retry))
        .route("/console/sign-in", get(sign_in::show).post(sign_in::sign_in))
        .route("/console/sign-out", post(sign_in::sign_out))
        .route("/console/language", post(sign_in::choose_language))
        .route("/console/assets/{name}", get(assets::serve))
        .route("/console/{*rest}", get(nothing_here))
        .layer(DefaultBodyLimit::max(FORM_LIMIT))
        .layer(middleware::from_fn(desk::bodies_move))
        .layer(middleware::from_fn(desk::own_site_only))
        .layer(middleware::from_fn(desk::guard))
}

async fn nothing_here(desk: desk::Desk) -> Response {
    desk.answer(Err::<sign_in::SignInPage, _>(Trouble::NotFound)).into_response()
}
