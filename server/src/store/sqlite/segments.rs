//! Segments in SQL.

use std::collections::BTreeSet;

use rusqlite::{Row, named_params, params};
use storewalk_domain::{ids::RowId, sync::Bucket, time::Timestamp};
use storewalk_sqlite::id_blob;
use storewalk_wire::SegmentRef;

use super::{
    SqliteTxn, sql_error,
    values::{count, id, to_sql},
};
use crate::{
    auth::hex,
    store::{Manifest, RowKey, Segment, SegmentsRead, SegmentsWrite, StoreError},
};

impl SegmentsRead for SqliteTxn<'_> {
    fn manifest(&self, bucket: &Bucket) -> Result<Option<Manifest>, StoreError> {
        let sql = "SELECT id, epoch, as_of, built_at FROM segment_manifests WHERE bucket = ? AND replaced_at IS NULL";
        let found = self.query(sql, [bucket.to_string()], |row| {
            let built_at = Timestamp(row.get("built_at")?);
            let manifest =
                Manifest { epoch: count(row, "epoch")?, as_of: count(row, "as_of")?, built_at, segments: Vec::new() };
            Ok((row.get::<_, i64>("id")?, manifest))
        })?;
        let Some((manifest_id, manifest)) = found else { return Ok(None) };
        let sql = "SELECT hash, bytes, unpacked_bytes, row_count, last_tbl, last_row_id FROM segments \
                   WHERE manifest_id = ? ORDER BY place";
        let mut statement = self.0.prepare_cached(sql).map_err(sql_error)?;
        let segments = statement.query_map([manifest_id], |row| {
            let last = RowKey { table: row.get("last_tbl")?, id: RowId(id(row, "last_row_id")?) };
            Ok(Segment { file: read_file(row)?, last })
        });
        let segments = segments.and_then(Iterator::collect).map_err(sql_error)?;
        Ok(Some(Manifest { segments, ..manifest }))
    }

    fn segment_in(&self, bucket: &Bucket, hash: &str) -> Result<Option<SegmentRef>, StoreError> {
        let Some(name) = unhex(hash) else { return Ok(None) };
        let sql = include_str!("segments/segment_in.sql");
        let params = named_params! { ":bucket": bucket.to_string(), ":hash": name };
        self.query(sql, params, read_file)
    }

    fn segment_names(&self) -> Result<BTreeSet<String>, StoreError> {
        let mut statement = self.0.prepare_cached("SELECT DISTINCT hash FROM segments").map_err(sql_error)?;
        let names = statement.query_map([], |row| Ok(hex(&row.get::<_, [u8; 32]>(0)?)));
        names.and_then(Iterator::collect).map_err(sql_error)
    }
}

impl SegmentsWrite for SqliteTxn<'_> {
    fn put_manifest(&mut self, bucket: &Bucket, manifest: &Manifest) -> Result<(), StoreError> {
        let name = bucket.to_string();
        let sql = "UPDATE segment_manifests SET replaced_at = ? WHERE bucket = ? AND replaced_at IS NULL";
        self.execute(sql, params![manifest.built_at.0, name])?;
        let sql = "INSERT INTO segment_manifests (bucket, epoch, as_of, built_at) VALUES (?, ?, ?, ?) RETURNING id";
        let facts = params![name, to_sql(manifest.epoch)?, to_sql(manifest.as_of)?, manifest.built_at.0];
        let manifest_id: i64 = self.query(sql, facts, |row| row.get(0))?.ok_or(StoreError::Stopped)?;
        for (place, segment) in manifest.segments.iter().enumerate() {
            self.put_segment(manifest_id, place, segment)?;
        }
        Ok(())
    }

    fn drop_segment(&mut self, hash: &str) -> Result<(), StoreError> {
        let Some(name) = unhex(hash) else { return Ok(()) };
        let sql = "DELETE FROM segment_manifests WHERE id IN (SELECT manifest_id FROM segments WHERE hash = ?)";
        self.execute(sql, [name])?;
        Ok(())
    }

    fn forget_manifests(&mut self, until: Timestamp) -> Result<usize, StoreError> {
        self.execute("DELETE FROM segment_manifests WHERE replaced_at < ?", [until.0])
    }
}

impl SqliteTxn<'_> {
    fn put_segment(&self, manifest_id: i64, place: usize, segment: &Segment) -> Result<(), StoreError> {
        let name = unhex(&segment.file.hash).ok_or_else(|| StoreError::Unfit("a name that is no hash".into()))?;
        let params = named_params! {
            ":manifest_id": manifest_id,
            ":place": to_sql(place as u64)?,
            ":hash": name,
            ":bytes": to_sql(segment.file.bytes)?,
            ":unpacked_bytes": to_sql(segment.file.unpacked_bytes)?,
            ":row_count": to_sql(segment.file.rows)?,
            ":last_tbl": segment.last.table,
            ":last_row_id": id_blob(segment.last.id),
        };
        self.execute(include_str!("segments/put_segment.sql"), params)?;
        Ok(())
    }
}

fn read_file(row: &Row<'_>) -> rusqlite::Result<SegmentRef> {
    Ok(SegmentRef {
        hash: hex(&row.get::<_, [u8; 32]>("hash")?),
        bytes: count(row, "bytes")?,
        unpacked_bytes: count(row, "unpacked_bytes")?,
        rows: count(row, "row_count")?,
    })
}

/// The bytes of a name; `None` for text that is no name of ours.
fn unhex(name: &str) -> Option<[u8; 32]> {
    let is_name = name.len() == 64 && name.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    is_name.then(|| blake3::Hash::from_hex(name).ok()).flatten().map(Into::into)
}
