//! Pages of a pull on their way in: kept on disk, shown to nobody, until the pull is complete.
//!
//! **Invariant.** A row in the log stands at the place of its last change, so a page read earlier can only be
//! overtaken, never contradicted: the later entry of a bucket for a row replaces the earlier one.

use std::collections::BTreeMap;

use rusqlite::{Connection, named_params};
use storewalk_domain::sync::Bucket;
use storewalk_sqlite::id_blob;
use storewalk_wire::{BucketDelta, Cursor, SyncResponse};

use crate::ClientError;

/// Keeps a page.
pub(super) fn stage(connection: &Connection, response: &SyncResponse) -> Result<(), ClientError> {
    for gone in &response.gone {
        let bucket = gone.bucket.to_string();
        connection.execute("DELETE FROM staged_entries WHERE bucket = ?", [&bucket])?;
        connection.execute(
            "INSERT OR REPLACE INTO staged_buckets (bucket, epoch, position, is_restart, is_gone)
             VALUES (?, 0, 0, 0, 1)",
            [&bucket],
        )?;
    }
    response.buckets.iter().try_for_each(|delta| stage_delta(connection, delta))
}

fn stage_delta(connection: &Connection, delta: &BucketDelta) -> Result<(), ClientError> {
    let bucket = delta.bucket.to_string();
    if delta.is_restart {
        connection.execute("DELETE FROM staged_entries WHERE bucket = ?", [&bucket])?;
    }
    // A bucket that was gone and is back within one pull starts from nothing too.
    connection.execute(
        "INSERT INTO staged_buckets (bucket, epoch, position, is_restart, is_gone)
         VALUES (:bucket, :epoch, :position, :restart, 0)
         ON CONFLICT (bucket) DO UPDATE SET
             epoch = excluded.epoch, position = excluded.position, is_gone = 0,
             is_restart = excluded.is_restart OR is_restart OR is_gone",
        named_params! {
            ":bucket": bucket,
            ":epoch": delta.epoch,
            ":position": delta.position,
            ":restart": delta.is_restart,
        },
    )?;
    let mut insert = connection.prepare_cached(
        "INSERT OR REPLACE INTO staged_entries (bucket, tbl, row_id, position, version, fields)
         VALUES (:bucket, :tbl, :id, :position, :version, :fields)",
    )?;
    for entry in &delta.entries {
        insert.execute(named_params! {
            ":bucket": bucket,
            ":tbl": entry.table,
            ":id": id_blob(entry.id),
            ":position": entry.position,
            ":version": entry.version,
            ":fields": entry.row.as_ref().map(ToString::to_string),
        })?;
    }
    Ok(())
}

/// Where the next request goes on: what is published, or staged beyond it.
pub(super) fn cursors(connection: &Connection) -> Result<Vec<Cursor>, ClientError> {
    let mut known: BTreeMap<Bucket, Cursor> = BTreeMap::new();
    let mut add = |sql: &str| -> Result<(), ClientError> {
        let mut statement = connection.prepare_cached(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let bucket = parse(&row.get::<_, String>(0)?)?;
            let (epoch, position, is_gone) = (row.get(1)?, row.get(2)?, row.get::<_, bool>(3)?);
            if is_gone {
                known.remove(&bucket);
            } else {
                known.insert(bucket.clone(), Cursor { bucket, epoch, position });
            }
        }
        Ok(())
    };
    add("SELECT bucket, epoch, position, 0 FROM cursors")?;
    add("SELECT bucket, epoch, position, is_gone FROM staged_buckets")?;
    Ok(known.into_values().collect())
}

/// A bucket as the phone's own tables name it.
pub(super) fn parse(bucket: &str) -> Result<Bucket, ClientError> {
    bucket.parse().map_err(|fault: storewalk_domain::sync::BucketParseError| ClientError::Internal(fault.to_string()))
}

/// Forgets what is staged.
pub(super) fn clear(connection: &Connection) -> Result<(), ClientError> {
    connection.execute("DELETE FROM staged_entries", [])?;
    connection.execute("DELETE FROM staged_buckets", [])?;
    Ok(())
}
