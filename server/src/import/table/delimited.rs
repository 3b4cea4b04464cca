//! Text tables: cells between commas, semicolons or tabs, quoted as RFC 4180 says.

use csv::{ReaderBuilder, StringRecord};

use super::{Cell, Limits, ReadOptions, Table, TableRow, encoding::decode, line_ends, too_many_columns, too_many_rows};
use crate::import::fault::{Fault, ImportCode};

const SEPARATORS: [u8; 3] = [b',', b';', b'\t'];

pub(super) fn read(bytes: &[u8], options: &ReadOptions) -> Result<Table, Fault> {
    let decoded = decode(bytes, options.encoding)?;
    let text = with_line_feeds(decoded.text);
    if let Some(position) = text.find('\0') {
        return Err(Fault::new(ImportCode::BinaryContent).at(line_at(&text, position)));
    }
    let (separator, skipped) = separator_of(&text);
    check_quotes(&text, separator)?;
    let rows = records(&text, separator, skipped, options.limits)?;
    let shown = if separator == b'\t' { "TAB".to_owned() } else { char::from(separator).to_string() };
    Table::of(format!("{} {shown}", decoded.encoding), rows, true, options.limits)
}

/// Lone carriage returns (old Macintosh files) become line feeds, so that lines can be counted.
fn with_line_feeds(text: String) -> String {
    if text.contains('\n') || !text.contains('\r') { text } else { text.replace('\r', "\n") }
}

fn line_at(text: &str, position: usize) -> u32 {
    line_ends(text.as_bytes().get(..position).unwrap_or_default()).saturating_add(1)
}

/// The separator, and how many bytes to pass over: spreadsheet programs may name it in a first line `sep=;`.
fn separator_of(text: &str) -> (u8, usize) {
    let first = text.split_inclusive('\n').find(|line| !line.trim().is_empty()).unwrap_or_default();
    if let Some(named) = first.trim_end().strip_prefix("sep=")
        && let [separator] = named.as_bytes()
        && SEPARATORS.contains(separator)
    {
        return (*separator, text.find(first).unwrap_or_default() + first.len());
    }
    let mut counts = [0_usize; SEPARATORS.len()];
    let mut is_quoted = false;
    for byte in first.bytes() {
        is_quoted ^= byte == b'"';
        if let Some(position) = SEPARATORS.iter().position(|separator| *separator == byte && !is_quoted) {
            counts[position] += 1;
        }
    }
    let most = counts.into_iter().max().unwrap_or_default();
    let position = counts.into_iter().position(|count| count == most).unwrap_or_default();
    (SEPARATORS[position], 0)
}

/// Where the scan for quotation marks stands.
#[derive(Clone, Copy)]
enum Place {
    CellStart,
    Plain,
    Quoted {
        opened: u32,
    },
    /// After a quotation mark inside a quoted cell: its end, or the first of two.
    Closing {
        opened: u32,
    },
}

/// The CSV reader takes any quoting as it comes and would swallow the rest of a file after a lost quotation mark; this
/// finds such a mark first.
fn check_quotes(text: &str, separator: u8) -> Result<(), Fault> {
    let mut line = 1_u32;
    let mut place = Place::CellStart;
    for byte in text.bytes() {
        let ends_cell = byte == separator || byte == b'\n' || byte == b'\r';
        place = match place {
            Place::CellStart if byte == b'"' => Place::Quoted { opened: line },
            Place::CellStart | Place::Plain if ends_cell => Place::CellStart,
            Place::CellStart | Place::Plain => Place::Plain,
            Place::Quoted { opened } if byte == b'"' => Place::Closing { opened },
            Place::Closing { opened } if byte == b'"' => Place::Quoted { opened },
            Place::Quoted { .. } => place,
            Place::Closing { .. } if ends_cell => Place::CellStart,
            Place::Closing { opened } => {
                return Err(Fault::new(ImportCode::QuoteStray).at(line).with("opened", opened));
            }
        };
        if byte == b'\n' {
            line = line.saturating_add(1);
        }
    }
    match place {
        Place::Quoted { opened } => Err(Fault::new(ImportCode::QuoteUnclosed).at(opened)),
        Place::CellStart | Place::Plain | Place::Closing { .. } => Ok(()),
    }
}

fn records(text: &str, separator: u8, skipped: usize, limits: Limits) -> Result<Vec<TableRow>, Fault> {
    let (head, body) = text.split_at(skipped);
    let mut lines = LineCounter { line: line_at(head, head.len()), at: 0, body: body.as_bytes() };
    let mut reader =
        ReaderBuilder::new().has_headers(false).flexible(true).delimiter(separator).from_reader(body.as_bytes());
    let mut record = StringRecord::new();
    let mut rows = Vec::new();
    loop {
        let start = usize::try_from(reader.position().byte()).unwrap_or(usize::MAX);
        // Reading from memory fails on nothing: the text is UTF-8 and any number of cells is allowed.
        if !reader.read_record(&mut record).unwrap_or(false) {
            return Ok(rows);
        }
        let line = lines.line_of_record(start);
        if record.len() > limits.columns {
            return Err(too_many_columns(line, limits));
        }
        rows.push(TableRow { line, cells: record.iter().map(|cell| Cell::of(cell, limits)).collect() });
        // One more than the limit is the header.
        if rows.len() > limits.rows.saturating_add(1) {
            return Err(too_many_rows(limits));
        }
    }
}

/// Counts lines as records are read. The reader passes over empty lines before a record without counting them to it.
struct LineCounter<'t> {
    line: u32,
    at: usize,
    body: &'t [u8],
}

impl LineCounter<'_> {
    fn line_of_record(&mut self, start: usize) -> u32 {
        let blank = |byte: &u8| *byte == b'\n' || *byte == b'\r';
        let rest = self.body.get(start..).unwrap_or_default();
        let first = start + rest.iter().take_while(|byte| blank(byte)).count();
        let passed = self.body.get(self.at..first).unwrap_or_default();
        self.line = self.line.saturating_add(line_ends(passed));
        self.at = self.at.max(first);
        self.line
    }
}
