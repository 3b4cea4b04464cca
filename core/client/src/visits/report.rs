//! The report of a day, built by the rules from what the phone holds.

use rusqlite::{Connection, named_params};
use storewalk_domain::{
    order::Order,
    outlet::{CallPlan, PlannedCall, calls_on},
    sync::{Actor, StateExt},
    task::Task,
    time::{BusinessDate, Timestamp, Zone},
    visit::{DayReport, Visit, day_report},
};
use storewalk_sqlite::{SqliteState, id_blob, select};

use crate::ClientError;

/// Sums up a day of a person.
pub(super) fn load(connection: &Connection, actor: &Actor, date: BusinessDate) -> Result<DayReport, ClientError> {
    let me = id_blob(actor.user_id.row());
    let params = named_params! { ":date": date.to_string() };
    let mut visits: Vec<Visit> = select(connection, "WHERE visited_on = :date ORDER BY id", params)?;
    visits.retain(|visit| visit.credited_to() == actor.user_id);
    let tasks: Vec<Task> = select(connection, "WHERE owner_id = :me ORDER BY id", named_params! { ":me": me })?;
    let orders = orders_of(connection, actor, date)?;
    Ok(day_report(date, &visits, &planned(connection, actor, date)?, &tasks, &orders))
}

fn planned(connection: &Connection, actor: &Actor, date: BusinessDate) -> Result<Vec<PlannedCall>, ClientError> {
    let mut plans: Vec<CallPlan> = Vec::new();
    for territory in &actor.territories {
        let params = named_params! { ":territory": id_blob(territory.row()) };
        plans.extend(select::<CallPlan>(connection, "WHERE territory_id = :territory ORDER BY id", params)?);
    }
    Ok(calls_on(&plans, date).0)
}

/// The orders a person placed on a date, by the calendar of the dealer they were placed for.
fn orders_of(connection: &Connection, actor: &Actor, date: BusinessDate) -> Result<Vec<Order>, ClientError> {
    let state = SqliteState(connection);
    // A date begins at most a day before and ends at most a day after it does in UTC, whatever the zone.
    let utc = Zone::from_name("UTC").unwrap_or(Zone::SHANGHAI);
    let (from, until): (Timestamp, Timestamp) = (date.plus_days(-1).start_in(utc), date.plus_days(2).start_in(utc));
    let params = named_params! { ":from": from.0, ":until": until.0 };
    let tail = "WHERE placed_at >= :from AND placed_at < :until ORDER BY placed_at, id";
    let mut orders: Vec<Order> = Vec::new();
    let of_day = select::<Order>(connection, tail, params)?;
    for order in of_day.into_iter().filter(|order| order.credited_to() == actor.user_id) {
        let dealer: Option<storewalk_domain::dealer::Dealer> = state.get(order.dealer_id.row())?;
        let zone = dealer.map_or(Zone::SHANGHAI, |dealer| dealer.zone);
        if order.placed_at.date_in(zone) == date {
            orders.push(order);
        }
    }
    Ok(orders)
}
