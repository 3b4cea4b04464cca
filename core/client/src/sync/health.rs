//! What a phone tells about itself with every sync, so that somebody can help.
//!
//! **Invariant.** A phone in step with nothing new says the same as last time, but for its clock: sizes are rounded, and
//! what is empty is left out. No name, text or place is in it.

use std::collections::BTreeMap;

use rusqlite::{Connection, named_params};
use storewalk_domain::time::{DAY_MS, HOUR_MS, Timestamp};
use storewalk_wire::{DeviceHealth, UnsentAges};

use super::status;
use crate::{ClientError, Phone, courier, outbox, receipt};

/// Sizes are told in steps of this many bytes.
const STEP: u64 = 1024 * 1024;

/// What the phone says now.
pub(super) fn of(phone: &Phone, connection: &Connection, device_at: Timestamp) -> Result<DeviceHealth, ClientError> {
    let unsent_commands = outbox::unsent_count(connection)?;
    let (unsent_kinds, unsent_ages) = if unsent_commands == 0 {
        (BTreeMap::new(), UnsentAges::default())
    } else {
        (kinds(connection)?, ages(connection, phone.now().trusted())?)
    };
    let receipts = receipt::health(connection)?;
    Ok(DeviceHealth {
        unsent_commands,
        unsent_photos: status::unsent_photos(connection)?,
        oldest_unsent_at: outbox::oldest_unsent(connection)?,
        last_error: status::state(connection)?.last_error,
        device_at,
        app_version: phone.inner.app_version.clone(),
        // The server's to write down.
        protocol: 0,
        unsent_kinds,
        unsent_ages,
        database_bytes: database_bytes(connection)?.next_multiple_of(STEP),
        queue_bytes: queue_bytes(connection)?.next_multiple_of(STEP),
        parcels: courier::carried_count(phone),
        receipt_problems: receipts.wanted,
        is_receipt_key_new: receipts.is_key_new,
    })
}

fn kinds(connection: &Connection) -> Result<BTreeMap<String, u64>, ClientError> {
    let mut statement = connection.prepare_cached(
        "SELECT kind, count(*) FROM outbox WHERE state = 'pending' AND verdict IS NULL GROUP BY kind ORDER BY 2 DESC, 1 LIMIT 12",
    )?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn ages(connection: &Connection, now: Timestamp) -> Result<UnsentAges, ClientError> {
    let mut statement = connection.prepare_cached(
        "SELECT
             count(*) FILTER (WHERE captured_at > :hour),
             count(*) FILTER (WHERE captured_at <= :hour AND captured_at > :day),
             count(*) FILTER (WHERE captured_at <= :day AND captured_at > :week),
             count(*) FILTER (WHERE captured_at <= :week)
         FROM outbox WHERE state = 'pending' AND verdict IS NULL",
    )?;
    let limits = named_params! {
        ":hour": now.plus_ms(-HOUR_MS).0,
        ":day": now.plus_ms(-DAY_MS).0,
        ":week": now.plus_ms(-7 * DAY_MS).0,
    };
    Ok(statement.query_row(limits, |row| {
        Ok(UnsentAges { hour: row.get(0)?, day: row.get(1)?, week: row.get(2)?, older: row.get(3)? })
    })?)
}

fn database_bytes(connection: &Connection) -> Result<u64, ClientError> {
    // An encrypted database answers with a text.
    let sql = "SELECT page_count * CAST(page_size AS INTEGER) FROM pragma_page_count, pragma_page_size";
    Ok(connection.query_row(sql, [], |row| row.get(0))?)
}

fn queue_bytes(connection: &Connection) -> Result<u64, ClientError> {
    let mut statement =
        connection.prepare_cached("SELECT coalesce(sum(size_bytes), 0) FROM uploads WHERE state <> 'done'")?;
    Ok(statement.query_row([], |row| row.get(0))?)
}
