//! Reads segments into the tables: one thread unpacks and parses, the other writes.

use std::{
    collections::BTreeMap,
    sync::mpsc::{Receiver, SyncSender, sync_channel},
};

use rusqlite::Connection;
use storewalk_sqlite::{BulkWriter, FaultKind};
use storewalk_wire::{RowSum, SegmentReader, SegmentRef};

use super::{
    SegmentFiles,
    parse::{Batch, ReadyRow},
};
use crate::{
    ClientError,
    sync::{
        membership::{self, Arrival, Holding},
        rows, stage,
    },
};

/// Rows that travel from one thread to the other at once, and how many such batches may wait.
const BATCH_ROWS: usize = 256;
const BATCHES: usize = 4;

/// Writes the staged segments of a bucket. Says how many rows there were.
pub(in crate::sync) fn apply(
    holding: &mut Holding<'_>,
    files: &SegmentFiles,
    bucket: &str,
) -> Result<u64, ClientError> {
    let segments: Vec<SegmentRef> =
        stage::segments(holding.connection)?.into_iter().filter(|(of, _)| of == bucket).map(|(_, one)| one).collect();
    if segments.is_empty() {
        return Ok(0);
    }
    std::thread::scope(|scope| {
        let (sender, receiver) = sync_channel(BATCHES);
        let reading = scope.spawn(move || read(files, &segments, &sender));
        let written = Writer::new(holding)?.take(&receiver);
        // A writer that gave up must not leave the reader waiting for room.
        drop(receiver);
        let read = reading.join().map_err(|_| ClientError::Internal("the reader of segments broke off".to_owned()))?;
        let written = written?;
        read.map(|()| written)
    })
}

/// Reads every segment to its end; what is no whole segment fails the publish.
fn read(files: &SegmentFiles, segments: &[SegmentRef], sender: &SyncSender<Batch>) -> Result<(), ClientError> {
    let mut sum = RowSum::default();
    for segment in segments {
        let bytes = files.read(segment)?.ok_or(ClientError::NotTheServer)?;
        let unfit = |error| {
            tracing::warn!(hash = segment.hash, %error, "a segment cannot be read");
            ClientError::NotTheServer
        };
        let mut reader = SegmentReader::new(bytes.as_slice(), segment).map_err(unfit)?;
        let mut batch = Batch::default();
        while let Some(row) = reader.next_row().map_err(unfit)? {
            let is_over = batch.table != row.table || batch.len() >= BATCH_ROWS;
            if is_over && sender.send(std::mem::replace(&mut batch, Batch::of(row.table))).is_err() {
                return Ok(());
            }
            batch.push(row.version, row.json, &mut sum);
        }
        if sender.send(batch).is_err() {
            return Ok(());
        }
    }
    Ok(())
}

struct Writer<'h, 'c> {
    holding: &'h mut Holding<'c>,
    /// Tables of which the phone held no row of any bucket before: by their codes.
    is_fresh: BTreeMap<i64, bool>,
    /// Whether any row is kept apart.
    has_unknown: bool,
}

impl<'h, 'c> Writer<'h, 'c> {
    fn new(holding: &'h mut Holding<'c>) -> Result<Self, ClientError> {
        let has_unknown = has_unknown(holding.connection)?;
        Ok(Self { holding, is_fresh: BTreeMap::new(), has_unknown })
    }

    fn take(mut self, receiver: &Receiver<Batch>) -> Result<u64, ClientError> {
        let mut rows = 0;
        for batch in receiver {
            rows += batch.len() as u64;
            self.write(&batch)?;
        }
        Ok(rows)
    }

    fn write(&mut self, batch: &Batch) -> Result<(), ClientError> {
        let connection = self.holding.connection;
        if let Some(table) = batch.known
            && !batch.ready.is_empty()
        {
            let code = membership::code_of(connection, &batch.table)?;
            let is_fresh = self.is_fresh(code)?;
            let mut writer = BulkWriter::of(connection, table)?;
            for row in &batch.ready {
                self.write_row(&mut writer, batch, row, code, is_fresh)?;
            }
        }
        for (version, json) in &batch.slow {
            self.write_slow(&batch.table, *version, json)?;
        }
        Ok(())
    }

    fn write_row(
        &mut self,
        writer: &mut BulkWriter<'_>,
        batch: &Batch,
        row: &ReadyRow,
        code: i64,
        is_fresh: bool,
    ) -> Result<(), ClientError> {
        let is_shown = if is_fresh {
            self.holding.total.rows += 1;
            self.holding.insert(code, row.id, row.version, row.sum)?;
            true
        } else {
            self.holding.note(code, row.id, row.version, row.sum)?
        };
        if !is_shown {
            return Ok(());
        }
        match writer.put(batch.cells(row)) {
            Ok(()) if self.has_unknown => rows::forget_unknown(self.holding.connection, &batch.table, row.id),
            Ok(()) => Ok(()),
            Err(fault) if fault.kind() == FaultKind::Other => {
                self.has_unknown = true;
                rows::keep_apart(self.holding.connection, &batch.table, row.id, batch.json(row))
            }
            Err(fault) => Err(fault.into()),
        }
    }

    /// A row of a table or a shape that this release does not know.
    fn write_slow(&mut self, table: &str, version: u64, json: &str) -> Result<(), ClientError> {
        let row: Option<serde_json::Value> = serde_json::from_str(json).ok();
        let id = row.and_then(|row| serde_json::from_value(row.get("id")?.clone()).ok());
        let Some(id) = id else {
            // The bucket's checksum will tell that it is missing.
            tracing::warn!(table, "a row of a segment has no identity; it is passed over");
            return Ok(());
        };
        self.has_unknown = true;
        self.holding.arrive(&Arrival { table: table.to_owned(), id, version, fields: Some(json.to_owned()) })
    }

    fn is_fresh(&mut self, code: i64) -> Result<bool, ClientError> {
        if let Some(is_fresh) = self.is_fresh.get(&code) {
            return Ok(*is_fresh);
        }
        let is_fresh =
            !self.holding.connection.prepare_cached("SELECT 1 FROM memberships WHERE tbl = ?")?.exists([code])?;
        self.is_fresh.insert(code, is_fresh);
        Ok(is_fresh)
    }
}

fn has_unknown(connection: &Connection) -> Result<bool, ClientError> {
    Ok(connection.prepare_cached("SELECT 1 FROM unknown_rows LIMIT 1")?.exists([])?)
}
