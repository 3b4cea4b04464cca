//! `GET /console/orders`

use axum::{
    extract::{Query, rejection::QueryRejection},
    response::Response,
};

use super::{OrdersChoice, page};
use crate::{
    console::{desk::Desk, photos::PAGE_SIZE},
    store::Slice,
};

/// Shows the list.
pub(crate) async fn show(desk: Desk, choice: Result<Query<OrdersChoice>, QueryRejection>) -> Response {
    let choice = choice.map(|Query(choice)| choice).unwrap_or_default();
    let made = desk.read(move |snapshot, names, f| {
        let offset = (choice.page_number() - 1).saturating_mul(PAGE_SIZE);
        let rows = snapshot.orders(&choice.filter(), Slice { offset, limit: PAGE_SIZE })?;
        Ok(page(f, names, &choice, &rows)?)
    });
    desk.answer(made.await)
}
