//! `GET /console/`

use axum::{
    extract::{Query, rejection::QueryRejection},
    response::Response,
};
use serde::Deserialize;
use storewalk_domain::{time::BusinessDate, visit::width};

use super::page;
use crate::console::desk::{Desk, ZONE};

/// Which day.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct DayChoice {
    date: String,
}

/// Shows a day; today when none, or none that can be read, is asked for.
pub(crate) async fn show(desk: Desk, choice: Result<Query<DayChoice>, QueryRejection>) -> Response {
    let asked = choice.map(|Query(choice)| choice.date).unwrap_or_default();
    let date = BusinessDate::parse(&asked).unwrap_or_else(|| desk.state.now().date_in(ZONE));
    let region = desk.region();
    let made = desk.read(move |snapshot, names, f| {
        let region = region.as_deref();
        let day = snapshot.day(region, date, ZONE)?;
        let postings = snapshot.postings(region)?;
        let width = width(&snapshot.outlets(region)?, &snapshot.last_visits(region)?);
        Ok(page(f, names, date, &day, (&postings, &width))?)
    });
    desk.answer(made.await)
}
