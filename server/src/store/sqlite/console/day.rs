//! A day in the field.

use rusqlite::{Connection, Params, ToSql, named_params};
use storewalk_domain::{
    sync::Entity,
    time::{BusinessDate, Zone},
};
use storewalk_sqlite::select;

use super::store_error;
use crate::store::{Day, StoreError};

/// Territories of the region asked for.
const TERRITORIES: &str =
    "(:region IS NULL OR territory_id IN (SELECT id FROM territories WHERE region_code = :region))";

/// How many days back alerts are shown.
const ALERT_DAYS: i64 = 7;

pub(super) fn read(
    connection: &Connection,
    region: Option<&str>,
    date: BusinessDate,
    zone: Zone,
) -> Result<Day, StoreError> {
    let day = date.to_string();
    let of_day: [(&str, &dyn ToSql); 2] = [(":region", &region), (":day", &day)];
    let visits_of_day = "visit_id IN (SELECT id FROM visits WHERE visited_on = :day)";
    let (from, until) = (date.start_in(zone).0, date.plus_days(1).start_in(zone).0);
    Ok(Day {
        visits: chosen(connection, &format!("WHERE visited_on = :day AND {TERRITORIES} ORDER BY id"), &of_day[..])?,
        photos: chosen(
            connection,
            &format!("WHERE {visits_of_day} AND {TERRITORIES} ORDER BY taken_at, id"),
            &of_day[..],
        )?,
        tasks: chosen(connection, &format!("WHERE {visits_of_day} AND {TERRITORIES} ORDER BY id"), &of_day[..])?,
        plans: chosen(
            connection,
            &format!("WHERE {TERRITORIES} ORDER BY territory_id, position, id"),
            named_params! { ":region": region },
        )?,
        orders: chosen(
            connection,
            "WHERE placed_at >= :from AND placed_at < :until ORDER BY placed_at, id",
            named_params! { ":from": from, ":until": until },
        )?,
        alerts: chosen(
            connection,
            "WHERE (:region IS NULL OR region_code = :region) AND raised_at >= :from AND raised_at < :until \
             ORDER BY raised_at DESC, id LIMIT 50",
            named_params! {
                ":region": region, ":from": date.plus_days(1 - ALERT_DAYS).start_in(zone).0, ":until": until,
            },
        )?,
    })
}

fn chosen<T: Entity>(connection: &Connection, tail: &str, params: impl Params) -> Result<Vec<T>, StoreError> {
    select(connection, tail, params).map_err(store_error)
}
