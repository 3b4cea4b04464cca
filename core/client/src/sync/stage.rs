//! Pages of a pull on their way in: kept on disk, shown to nobody, until the pull is complete.
//!
//! **Invariant.** A row in the log stands at the place of its last change, so a page read earlier can only be
//! overtaken, never contradicted: the later entry of a bucket for a row replaces the earlier one. Rows in bulk come
//! before all entries of their bucket; of them only the manifest is staged, the files lie in a folder of their own.

use std::collections::BTreeMap;

use rusqlite::{Connection, named_params};
use storewalk_domain::sync::Bucket;
use storewalk_sqlite::id_blob;
use storewalk_wire::{BucketDelta, Cursor, SegmentRef, Snapshot, SyncResponse};

use crate::ClientError;

/// Keeps a page.
pub(super) fn stage(connection: &Connection, response: &SyncResponse) -> Result<(), ClientError> {
    for gone in &response.gone {
        let bucket = gone.bucket.to_string();
        empty(connection, &bucket)?;
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
    if delta.is_restart || delta.snapshot.is_some() {
        empty(connection, &bucket)?;
    }
    if let Some(snapshot) = &delta.snapshot {
        stage_snapshot(connection, &bucket, snapshot)?;
    }
    // A bucket that was gone and is back within one pull starts from nothing too.
    connection.execute(
        "INSERT INTO staged_buckets (bucket, epoch, position, is_restart, is_gone, row_count, sum)
         VALUES (:bucket, :epoch, :position, :restart, 0, :rows, :sum)
         ON CONFLICT (bucket) DO UPDATE SET
             epoch = excluded.epoch, position = excluded.position, is_gone = 0,
             is_restart = excluded.is_restart OR is_restart OR is_gone,
             row_count = excluded.row_count, sum = excluded.sum",
        named_params! {
            ":bucket": bucket,
            ":epoch": delta.epoch,
            ":position": delta.position,
            ":restart": delta.is_restart,
            ":rows": delta.sum.map(|sum| sum.rows),
            ":sum": delta.sum.map(|sum| sum.checksum.to_bits()),
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

fn stage_snapshot(connection: &Connection, bucket: &str, snapshot: &Snapshot) -> Result<(), ClientError> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO staged_segments (bucket, place, hash, bytes, unpacked_bytes, row_count)
         VALUES (:bucket, :place, :hash, :bytes, :unpacked, :rows)",
    )?;
    for (place, segment) in (0_u64..).zip(&snapshot.segments) {
        insert.execute(named_params! {
            ":bucket": bucket,
            ":place": place,
            ":hash": segment.hash,
            ":bytes": segment.bytes,
            ":unpacked": segment.unpacked_bytes,
            ":rows": segment.rows,
        })?;
    }
    Ok(())
}

/// The files of rows that a pull under way needs, bucket by bucket, the most needed first.
pub(super) fn segments(connection: &Connection) -> Result<Vec<(String, SegmentRef)>, ClientError> {
    let mut statement = connection.prepare_cached(
        "SELECT bucket, hash, bytes, unpacked_bytes, row_count FROM staged_segments
         ORDER BY CASE substr(bucket, 1, 4) WHEN 'org' THEN 0 WHEN 'terr' THEN 1 ELSE 2 END, bucket, place",
    )?;
    let rows = statement.query_map([], |row| {
        let (hash, bytes, unpacked_bytes, rows) = (row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?);
        Ok((row.get(0)?, SegmentRef { hash, bytes, unpacked_bytes, rows }))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Whether what is staged comes from another life of the server than what was published: it was put back.
pub(super) fn is_another_life(connection: &Connection) -> Result<bool, ClientError> {
    let mut statement = connection.prepare_cached(
        "SELECT 1 FROM staged_buckets JOIN cursors ON cursors.bucket = staged_buckets.bucket
         WHERE staged_buckets.is_gone = 0 AND staged_buckets.epoch <> cursors.epoch",
    )?;
    Ok(statement.exists([])?)
}

/// Forgets what is staged of a bucket, as if nothing of it had come.
pub(super) fn forget(connection: &Connection, bucket: &str) -> Result<(), ClientError> {
    empty(connection, bucket)?;
    connection.execute("DELETE FROM staged_buckets WHERE bucket = ?", [bucket])?;
    Ok(())
}

fn empty(connection: &Connection, bucket: &str) -> Result<(), ClientError> {
    connection.execute("DELETE FROM staged_entries WHERE bucket = ?", [bucket])?;
    connection.execute("DELETE FROM staged_segments WHERE bucket = ?", [bucket])?;
    Ok(())
}

/// Where the next request goes on: what is published, or staged beyond it.
pub(super) fn cursors(connection: &Connection) -> Result<Vec<Cursor>, ClientError> {
    let mut known: BTreeMap<Bucket, Cursor> = BTreeMap::new();
    let mut add = |sql: &str| -> Result<(), ClientError> {
        let mut statement = connection.prepare_cached(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            // One of a class that only a newer app has waits for it.
            let Some(bucket) = bucket_of(&row.get::<_, String>(0)?)? else { continue };
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
    bucket_of(bucket)?.ok_or_else(|| ClientError::Internal("a bucket of a newer app".to_owned()))
}

fn bucket_of(bucket: &str) -> Result<Option<Bucket>, ClientError> {
    Bucket::known(bucket).map_err(|fault| ClientError::Internal(fault.to_string()))
}

/// Forgets what is staged.
pub(super) fn clear(connection: &Connection) -> Result<(), ClientError> {
    connection.execute("DELETE FROM staged_entries", [])?;
    connection.execute("DELETE FROM staged_segments", [])?;
    connection.execute("DELETE FROM staged_buckets", [])?;
    Ok(())
}
