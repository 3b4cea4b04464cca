//! The list of orders as the page shows it.

use askama::Template;
use serde::Deserialize;
use storewalk_domain::{
    order::{Order, OrderStatus},
    sync::StateError,
};

use crate::{
    console::{
        format,
        frame::{Frame, Part, Pill, Tone},
        lookup::Names,
        photos::{PAGE_SIZE, Pager, pager},
        words::Words,
    },
    store::{OrderFilter, Page},
};

/// What was chosen to be seen, as it stands in the address. What cannot be read counts as not chosen.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct OrdersChoice {
    /// A state's name; empty for all.
    pub(crate) state: String,
    /// Page, from 1.
    pub(crate) page: String,
}

impl OrdersChoice {
    const STATES: [(&'static str, Option<OrderStatus>, &'static str); 5] = [
        ("", None, "orders.tab_all"),
        ("held", Some(OrderStatus::Held), "orders.tab_held"),
        ("awaiting", Some(OrderStatus::AwaitingConfirmation), "orders.tab_awaiting"),
        ("accepted", Some(OrderStatus::Accepted), "orders.tab_accepted"),
        ("cancelled", Some(OrderStatus::Cancelled), "orders.tab_cancelled"),
    ];

    fn status(&self) -> Option<OrderStatus> {
        Self::STATES.iter().find(|(name, ..)| *name == self.state).and_then(|(_, status, _)| *status)
    }

    /// The choice as a question to the store.
    pub(crate) fn filter(&self) -> OrderFilter {
        OrderFilter { status: self.status(), dealer: None }
    }

    /// The page asked for, from 1.
    pub(crate) fn page_number(&self) -> u32 {
        self.page.parse().unwrap_or(1).clamp(1, 100_000)
    }
}

/// The page.
#[derive(Template)]
#[template(path = "orders.html")]
pub(crate) struct OrdersPage {
    f: Frame,
    tabs: Vec<Tab>,
    orders: Vec<OrderLine>,
    range: String,
    pager: Option<Pager>,
}

struct Tab {
    name: String,
    address: String,
    is_current: bool,
}

struct OrderLine {
    id: String,
    number: String,
    dealer: String,
    placed_by: String,
    placed_at: String,
    state: Pill,
    hold: String,
    payable: String,
    promised: String,
}

/// The state of an order.
pub(crate) fn order_state(status: OrderStatus, words: &Words) -> Pill {
    let (tone, icon) = match status {
        OrderStatus::Accepted => (Tone::Good, "check"),
        OrderStatus::Held => (Tone::Warn, "pause"),
        OrderStatus::AwaitingConfirmation => (Tone::Info, "clock"),
        OrderStatus::Cancelled => (Tone::Plain, "cross"),
    };
    Pill::new(tone, icon, status.label().get(words.language()))
}

/// Builds the list.
pub(crate) fn page(
    mut f: Frame,
    names: &mut Names<'_>,
    choice: &OrdersChoice,
    rows: &Page<Order>,
) -> Result<OrdersPage, StateError> {
    let words = f.words;
    f.part = Part::Orders;
    words.t("orders.title").clone_into(&mut f.title);
    let address = |state: &str, page: u32| match (state, page) {
        ("", 1) => "/console/orders".to_owned(),
        ("", page) => format!("/console/orders?page={page}"),
        (state, 1) => format!("/console/orders?state={state}"),
        (state, page) => format!("/console/orders?state={state}&page={page}"),
    };
    let status = choice.status();
    let tabs = OrdersChoice::STATES.into_iter().map(|(name, of, key)| Tab {
        name: words.t(key).to_owned(),
        address: address(name, 1),
        is_current: of == status,
    });
    let current = OrdersChoice::STATES.into_iter().find(|(_, of, _)| *of == status).map_or("", |(name, ..)| name);
    let orders = rows.items.iter().map(|order| line(order, names, &f)).collect::<Result<Vec<_>, _>>()?;
    let from = (choice.page_number() - 1).saturating_mul(PAGE_SIZE);
    let to = from + u32::try_from(orders.len()).unwrap_or(PAGE_SIZE);
    let figures = [("from", (from + 1).to_string()), ("to", to.to_string()), ("of", rows.total.to_string())];
    let figures: Vec<(&str, &str)> = figures.iter().map(|(name, value)| (*name, value.as_str())).collect();
    Ok(OrdersPage {
        tabs: tabs.collect(),
        range: words.fill("orders.range", &figures),
        pager: pager(&f, choice.page_number(), rows.total, |page| address(current, page)),
        orders,
        f,
    })
}

fn line(order: &Order, names: &mut Names<'_>, f: &Frame) -> Result<OrderLine, StateError> {
    Ok(OrderLine {
        id: order.id.to_string(),
        number: order.number.clone(),
        dealer: names.dealer_name(order.dealer_id)?,
        placed_by: names.person(order.placed_by)?,
        placed_at: format::moment(order.placed_at, f.zone),
        state: order_state(order.status, f.words),
        hold: order.hold.as_ref().map(|hold| hold.problem.sentence(f.language())).unwrap_or_default(),
        payable: format::money(order.priced.payable),
        promised: order.promised_on.map_or_else(|| "–".to_owned(), |date| date.to_string()),
    })
}
