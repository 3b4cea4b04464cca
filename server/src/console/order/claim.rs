//! `POST /console/orders/{id}/claim`: price protection is claimed for the dealer, or let go.

use axum::{
    Form,
    extract::{Path, rejection::FormRejection},
    response::Response,
};
use serde::Deserialize;
use storewalk_domain::{
    ids::OrderId,
    money::Money,
    order::Order,
    sync::{AnswerClaim, StateExt},
};
use storewalk_wire::CommandVerdict;
use uuid::Uuid;

use super::view::OrderPage;
use crate::{
    console::{
        desk::{Desk, see},
        fault::{Trouble, WayOut},
        form::{BadField, command_id},
    },
    service,
};

/// What the form sends.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ClaimForm {
    form_token: String,
    command: String,
    /// The amount that was shown, in minor units.
    amount: String,
    /// `claim` or `decline`.
    answer: String,
}

/// Answers the offer.
pub(crate) async fn answer(
    desk: Desk,
    Path(id): Path<String>,
    form: Result<Form<ClaimForm>, FormRejection>,
) -> Response {
    match decide(&desk, &id, form).await {
        Ok(()) => see(&format!("/console/orders/{id}")),
        Err(trouble) => desk.answer(Err::<OrderPage, _>(trouble)),
    }
}

async fn decide(desk: &Desk, id: &str, form: Result<Form<ClaimForm>, FormRejection>) -> Result<(), Trouble> {
    let Form(form) = form.map_err(|_| BadField("form"))?;
    desk.check_form(&form.form_token)?;
    let order_id: OrderId = id.parse().map_err(|_| Trouble::NotFound)?;
    let minted = Uuid::parse_str(&form.command).map_err(|_| BadField("command"))?;
    let is_claimed = match form.answer.as_str() {
        "claim" => true,
        "decline" => false,
        _ => return Err(BadField("answer").into()),
    };
    let minor: i64 = form.amount.parse().map_err(|_| BadField("amount"))?;
    let order = desk.look_up(move |snapshot| snapshot.get::<Order>(order_id.row())?.ok_or(Trouble::NotFound)).await?;
    let amount = Money::new(minor, order.priced.currency);
    let command_id = command_id(minted, &["claim", &form.answer, &form.amount]);
    let command = AnswerClaim { order_id, amount, is_claimed };
    match service::execute(&desk.state, desk.user(), command.into(), command_id).await? {
        CommandVerdict::Refused { problems } => Err(Trouble::Refused(problems, WayOut::Order(order_id))),
        CommandVerdict::Applied | CommandVerdict::Held { .. } | CommandVerdict::Changed { .. } => Ok(()),
    }
}
