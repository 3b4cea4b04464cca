//! Makes a segment.

use std::io::{self, BufWriter, Write};

use serde_json::{Map, Value};

use super::{SegmentRef, segment_name};

/// Made once and read by many: packed harder than an answer.
const LEVEL: i32 = 9;

/// Rows on their way into a segment.
pub struct SegmentWriter {
    encoder: BufWriter<zstd::Encoder<'static, Vec<u8>>>,
    table: Option<String>,
    line: Vec<u8>,
    unpacked_bytes: u64,
    rows: u64,
}

impl SegmentWriter {
    /// An empty segment.
    ///
    /// # Errors
    /// When the encoder cannot be set up.
    pub fn new() -> io::Result<Self> {
        let encoder = BufWriter::new(zstd::Encoder::new(Vec::new(), LEVEL)?);
        Ok(Self { encoder, table: None, line: Vec::new(), unpacked_bytes: 0, rows: 0 })
    }

    /// Adds a row. Rows of one table are given one after the other: each change of table costs a line.
    ///
    /// # Errors
    /// When a value has no JSON form.
    pub fn push(&mut self, table: &str, version: u64, fields: &Map<String, Value>) -> io::Result<()> {
        if self.table.as_deref() != Some(table) {
            serde_json::to_writer(&mut self.line, table)?;
            self.end_line()?;
            self.table = Some(table.to_owned());
        }
        write!(self.line, "[{version},{{")?;
        let mut is_first = true;
        for (name, value) in fields.iter().filter(|(_, value)| !value.is_null()) {
            if !std::mem::take(&mut is_first) {
                self.line.push(b',');
            }
            serde_json::to_writer(&mut self.line, name)?;
            self.line.push(b':');
            serde_json::to_writer(&mut self.line, value)?;
        }
        self.line.extend_from_slice(b"}]");
        self.rows += 1;
        self.end_line()
    }

    /// Bytes so far, unpacked.
    pub fn unpacked_bytes(&self) -> u64 {
        self.unpacked_bytes
    }

    /// Rows so far.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// The segment, and how it is announced.
    ///
    /// # Errors
    /// When the encoder fails.
    pub fn finish(self) -> io::Result<(SegmentRef, Vec<u8>)> {
        let bytes = self.encoder.into_inner().map_err(io::IntoInnerError::into_error)?.finish()?;
        let segment = SegmentRef {
            hash: segment_name(&bytes),
            bytes: bytes.len() as u64,
            unpacked_bytes: self.unpacked_bytes,
            rows: self.rows,
        };
        Ok((segment, bytes))
    }

    fn end_line(&mut self) -> io::Result<()> {
        self.line.push(b'\n');
        self.encoder.write_all(&self.line)?;
        self.unpacked_bytes += self.line.len() as u64;
        self.line.clear();
        Ok(())
    }
}
