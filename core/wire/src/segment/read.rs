//! Reads a segment row by row.

use std::io::{self, BufRead, BufReader, Read, Take};

use serde_json::{Map, Value};
use storewalk_domain::ids::RowId;
use uuid::Uuid;

use super::{MAX_SEGMENT_BYTES, SegmentRef};
use crate::read_json;

/// Largest window a zstd frame may ask for: 8 MiB.
const WINDOW_LOG: u32 = 23;

/// Longest name of a table in bytes; no release has one near it.
const LONGEST_NAME: usize = 256;

/// Bytes that are no segment, or another one than announced.
#[derive(Debug, thiserror::Error)]
pub enum SegmentError {
    /// The bytes are no zstd frame, or end within it.
    #[error("unpack a segment: {0}")]
    Unpack(#[source] io::Error),
    /// A line is neither a table nor a row.
    #[error("read line {line} of a segment: {what}")]
    Line {
        /// Which line, from 1.
        line: u64,
        /// What is wrong with it.
        what: &'static str,
    },
    /// It is longer or shorter than announced.
    #[error("find {announced} {what} in a segment, not {found}")]
    Size {
        /// What was counted.
        what: &'static str,
        /// How many there should be.
        announced: u64,
        /// How many there are.
        found: u64,
    },
}

/// A row as it stands in a segment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SegmentRow<'a> {
    /// Its table; may be one this release does not know.
    pub table: &'a str,
    /// How often the row had changed on the server.
    pub version: u64,
    /// Its fields: the text of one JSON object, not yet looked at.
    pub json: &'a str,
    line: u64,
}

impl SegmentRow<'_> {
    /// The row's identity and its fields, `id` among them.
    ///
    /// # Errors
    /// When the text is no JSON object, or names no `id`.
    pub fn parse(&self) -> Result<(RowId, Map<String, Value>), SegmentError> {
        let fault = |what| SegmentError::Line { line: self.line, what };
        let fields: Map<String, Value> =
            serde_json::from_str(self.json).map_err(|_| fault("the fields are no JSON object"))?;
        let id = fields.get("id").and_then(Value::as_str).and_then(|id| Uuid::parse_str(id).ok());
        Ok((RowId(id.ok_or_else(|| fault("the row has no id"))?), fields))
    }
}

/// Gives the rows of a segment one after the other.
pub struct SegmentReader<R: Read> {
    lines: BufReader<Take<zstd::Decoder<'static, BufReader<R>>>>,
    announced: SegmentRef,
    table: String,
    line: Vec<u8>,
    line_number: u64,
    unpacked_bytes: u64,
    rows: u64,
}

impl<R: Read> SegmentReader<R> {
    /// Begins to read what was announced.
    ///
    /// # Errors
    /// When more was announced than a reader takes, or the bytes cannot begin a segment.
    pub fn new(bytes: R, announced: &SegmentRef) -> Result<Self, SegmentError> {
        if announced.unpacked_bytes > MAX_SEGMENT_BYTES {
            let found = announced.unpacked_bytes;
            return Err(SegmentError::Size { what: "bytes at most", announced: MAX_SEGMENT_BYTES, found });
        }
        let mut decoder = zstd::Decoder::new(bytes).map_err(SegmentError::Unpack)?;
        decoder.window_log_max(WINDOW_LOG).map_err(SegmentError::Unpack)?;
        // One byte more than announced shows that there is more, whatever the frame promises.
        let lines = BufReader::new(decoder.take(announced.unpacked_bytes + 1));
        let announced = announced.clone();
        Ok(Self {
            lines,
            announced,
            table: String::new(),
            line: Vec::new(),
            line_number: 0,
            unpacked_bytes: 0,
            rows: 0,
        })
    }

    /// The next row; `None` when there are no more, and all that was announced was there.
    ///
    /// # Errors
    /// When what follows is no segment, or not the announced one. Asking on gives no row.
    pub fn next_row(&mut self) -> Result<Option<SegmentRow<'_>>, SegmentError> {
        loop {
            self.line.clear();
            let length = self.lines.read_until(b'\n', &mut self.line).map_err(SegmentError::Unpack)?;
            if length == 0 {
                return self.check_end().map(|()| None);
            }
            self.line_number += 1;
            self.unpacked_bytes += length as u64;
            expect_at_most("bytes", self.announced.unpacked_bytes, self.unpacked_bytes)?;
            if self.line.pop() != Some(b'\n') {
                return Err(self.fault("it has no end"));
            }
            if self.line.first() != Some(&b'"') {
                break;
            }
            self.table = self.read_table()?;
        }
        self.rows += 1;
        expect_at_most("rows", self.announced.rows, self.rows)?;
        self.read_row().map(Some)
    }

    fn read_table(&self) -> Result<String, SegmentError> {
        let name: String = read_json(&self.line).map_err(|_| self.fault("it names no table"))?;
        let is_fit = !name.is_empty() && name.len() <= LONGEST_NAME;
        if is_fit { Ok(name) } else { Err(self.fault("it names no table")) }
    }

    fn read_row(&self) -> Result<SegmentRow<'_>, SegmentError> {
        if self.table.is_empty() {
            return Err(self.fault("a row comes before any table"));
        }
        let text = std::str::from_utf8(&self.line).map_err(|_| self.fault("it is no UTF-8"))?;
        let inside = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
        let (version, json) =
            inside.and_then(|inside| inside.split_once(',')).ok_or_else(|| self.fault("it is no row"))?;
        let is_number = !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit());
        let version = is_number.then(|| version.parse().ok()).flatten();
        let version = version.ok_or_else(|| self.fault("the version is no number"))?;
        if !(json.starts_with('{') && json.ends_with('}')) {
            return Err(self.fault("the fields are no JSON object"));
        }
        Ok(SegmentRow { table: &self.table, version, json, line: self.line_number })
    }

    fn check_end(&self) -> Result<(), SegmentError> {
        let sizes =
            [("bytes", self.announced.unpacked_bytes, self.unpacked_bytes), ("rows", self.announced.rows, self.rows)];
        match sizes.into_iter().find(|(_, announced, found)| announced != found) {
            Some((what, announced, found)) => Err(SegmentError::Size { what, announced, found }),
            None => Ok(()),
        }
    }

    fn fault(&self, what: &'static str) -> SegmentError {
        SegmentError::Line { line: self.line_number, what }
    }
}

fn expect_at_most(what: &'static str, announced: u64, found: u64) -> Result<(), SegmentError> {
    if found > announced { Err(SegmentError::Size { what, announced, found }) } else { Ok(()) }
}
