//! `GET /console/orders/{id}` and `POST /console/orders/{id}/payment`

use axum::{
    Form,
    extract::{
        Path, Query,
        rejection::{FormRejection, QueryRejection},
    },
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use storewalk_domain::{
    dealer::Payment,
    ids::{CommandId, OrderId, PaymentId},
    order::{Order, OrderStatus},
    problem::Problem,
    sync::{Find, StateExt},
};
use storewalk_wire::CommandVerdict;

use super::{OrderRows, PaymentForm, PaymentTry, page, view::OrderPage};
use crate::{
    console::{
        desk::{Desk, see},
        fault::Trouble,
        form::BadField,
        format,
        frame::{Notice, Tone},
        words::Words,
    },
    service,
    store::StoreRead,
};

/// Most released orders that are named after a payment.
const NAMED: usize = 20;

/// What happened a moment ago.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct JustNow {
    /// The payment that was recorded.
    paid: String,
    /// The orders it released: ids with dots between.
    released: String,
}

/// Shows an order.
pub(crate) async fn show(
    desk: Desk,
    Path(id): Path<String>,
    just_now: Result<Query<JustNow>, QueryRejection>,
) -> Response {
    let just_now = just_now.map(|Query(just_now)| just_now).unwrap_or_default();
    desk.answer(order_page(&desk, &id, just_now, PaymentTry::default()).await)
}

async fn order_page(desk: &Desk, id: &str, just_now: JustNow, tried: PaymentTry) -> Result<OrderPage, Trouble> {
    let id: OrderId = id.parse().map_err(|_| Trouble::NotFound)?;
    let payment = CommandId(desk.state.new_id());
    desk.read(move |snapshot, names, mut f| {
        let order: Order = snapshot.get(id.row())?.ok_or(Trouble::NotFound)?;
        let rows = OrderRows {
            open_orders: snapshot.list(Find::OpenOrdersOfDealer(order.dealer_id))?,
            payments: snapshot.list(Find::PaymentsOfDealer(order.dealer_id))?,
            order,
        };
        f.notice = notice(snapshot, &just_now, f.words)?;
        Ok(page(f, names, &rows, payment, tried)?)
    })
    .await
}

/// What a payment just did, told from the rows alone: an address cannot put words into the console's mouth.
fn notice(snapshot: &dyn StoreRead, just_now: &JustNow, words: &Words) -> Result<Option<Notice>, Trouble> {
    let Ok(paid) = just_now.paid.parse::<PaymentId>() else { return Ok(None) };
    let payment: Option<Payment> = snapshot.get(paid.row())?;
    let Some(payment) = payment else { return Ok(None) };
    let mut numbers = Vec::new();
    for id in just_now.released.split('.').take(NAMED).filter_map(|id| id.parse::<OrderId>().ok()) {
        let order: Option<Order> = snapshot.get(id.row())?;
        let released = order.filter(|order| order.status == OrderStatus::Accepted);
        numbers.extend(released.filter(|order| order.dealer_id == payment.dealer_id).map(|order| order.number));
    }
    let next = if numbers.is_empty() {
        words.t("payment.none_released").to_owned()
    } else {
        words.fill("payment.released", &[("numbers", &numbers.join(words.t("list.comma")))])
    };
    let amount = format::money(payment.amount);
    let text = words.fill("payment.done", &[("amount", &amount), ("slip", &payment.slip)]);
    Ok(Some(Notice { tone: Tone::Good, text, next }))
}

/// Records a payment of the order's dealer.
pub(crate) async fn pay(
    desk: Desk,
    Path(id): Path<String>,
    form: Result<Form<PaymentForm>, FormRejection>,
) -> Response {
    match record(&desk, &id, form).await {
        Ok(Outcome::Recorded(address)) => see(&address),
        Ok(Outcome::Mistyped(tried)) => {
            let page = order_page(&desk, &id, JustNow::default(), tried).await;
            let status = if page.is_ok() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
            let response = desk.answer(page);
            if status == StatusCode::OK { response } else { (status, response).into_response() }
        }
        Err(trouble) => desk.answer(Err::<OrderPage, _>(trouble)),
    }
}

enum Outcome {
    /// Recorded; where to go.
    Recorded(String),
    /// Not recorded; what was typed, and what stands in the way.
    Mistyped(PaymentTry),
}

async fn record(desk: &Desk, id: &str, form: Result<Form<PaymentForm>, FormRejection>) -> Result<Outcome, Trouble> {
    let Form(form) = form.map_err(|_| BadField("form"))?;
    desk.check_form(&form.form_token)?;
    let id: OrderId = id.parse().map_err(|_| Trouble::NotFound)?;
    let order = desk.look_up(move |snapshot| snapshot.get::<Order>(id.row())?.ok_or(Trouble::NotFound)).await?;
    let mistyped = |problem: Problem| {
        let (amount, slip) = (form.amount.clone(), form.slip.clone());
        Outcome::Mistyped(PaymentTry { amount, slip, problem: Some(problem) })
    };
    let (command_id, payment) = match form.read(&order)? {
        Ok(read) => read,
        Err(problem) => return Ok(mistyped(problem)),
    };
    let payment_id = payment.payment_id;
    let held = held_orders(desk, &order).await?;
    match service::execute(&desk.state, desk.user(), payment.into(), command_id).await? {
        CommandVerdict::Refused { problems } => {
            let problem = problems.into_iter().next().ok_or(Trouble::Failed)?;
            Ok(mistyped(problem))
        }
        CommandVerdict::Applied | CommandVerdict::Held { .. } | CommandVerdict::Changed { .. } => {
            let still = held_orders(desk, &order).await?;
            let released = held.iter().filter(|id| !still.contains(id)).take(NAMED).map(OrderId::to_string);
            let released = released.collect::<Vec<_>>().join(".");
            Ok(Outcome::Recorded(format!("/console/orders/{id}?paid={payment_id}&released={released}")))
        }
    }
}

async fn held_orders(desk: &Desk, order: &Order) -> Result<Vec<OrderId>, Trouble> {
    let dealer = order.dealer_id;
    desk.look_up(move |snapshot| {
        let open: Vec<Order> = snapshot.list(Find::OpenOrdersOfDealer(dealer))?;
        Ok(open.into_iter().filter(|order| order.status == OrderStatus::Held).map(|order| order.id).collect())
    })
    .await
}
