//! From bytes to a table of cells with line numbers, whatever the program that wrote the file.
//!
//! **Purpose.** CSV in several encodings and with several separators, and XLSX, all become one [`Table`]: a header and
//! rows of trimmed text. **Invariants.** Nothing is guessed in silence: what cannot be read cleanly is a fault with its
//! first bad line. A number of a workbook becomes the text a person sees, never a float's tail. Nothing grows beyond
//! [`Limits`]. **Non-goals.** What a cell means is decided in `plan`.

mod delimited;
mod encoding;
mod number;
mod unpack;
mod workbook;

pub use encoding::Encoding;

use super::fault::{Fault, ImportCode};

/// How much a file may hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Bytes of the file.
    pub file_bytes: u64,
    /// Bytes of a workbook once it is unpacked.
    pub unpacked_bytes: u64,
    /// Rows below the header.
    pub rows: usize,
    /// Cells of one row.
    pub columns: usize,
    /// Characters of one cell.
    pub cell_chars: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { file_bytes: 64 << 20, unpacked_bytes: 256 << 20, rows: 200_000, columns: 200, cell_chars: 2_000 }
    }
}

/// How to read a file.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ReadOptions {
    /// The encoding of a text file.
    pub encoding: Encoding,
    /// The sheet of a workbook; the first when `None`.
    pub sheet: Option<String>,
    /// How much it may hold.
    pub limits: Limits,
}

/// One cell.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Cell {
    /// Its text, without blanks around it; empty when there is nothing.
    Text(String),
    /// It cannot be read; why.
    Faulty(Fault),
}

impl Cell {
    /// An empty cell.
    pub const EMPTY: Self = Self::Text(String::new());

    /// A cell of a text, trimmed; faulty when it is too long.
    fn of(text: &str, limits: Limits) -> Self {
        let text = text.trim();
        // A character has at most four bytes, so most texts need no counting.
        if text.len() > limits.cell_chars && text.chars().nth(limits.cell_chars).is_some() {
            return Self::Faulty(Fault::new(ImportCode::CellTooLong).with("limit", limits.cell_chars));
        }
        Self::Text(text.to_owned())
    }

    fn is_empty(&self) -> bool {
        matches!(self, Self::Text(text) if text.is_empty())
    }
}

/// One row.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TableRow {
    /// Line of the text file, or row of the sheet, from 1.
    pub line: u32,
    /// Cells, in the order of the header. In a sheet, trailing empty cells may be missing.
    pub cells: Vec<Cell>,
}

/// A file as a table.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Table {
    /// How it was read, for people: `UTF-8, ","` or `XLSX, Sheet1`.
    pub source: String,
    /// The header's texts.
    pub headers: Vec<String>,
    /// Rows below the header; rows without content are left out.
    pub rows: Vec<TableRow>,
    /// Whether a row must have exactly as many cells as the header.
    pub strict_width: bool,
}

impl Table {
    /// Takes the first row with content as the header.
    fn of(source: String, rows: Vec<TableRow>, strict_width: bool, limits: Limits) -> Result<Self, Fault> {
        let mut rows = rows.into_iter().filter(|row| row.cells.iter().any(|cell| !cell.is_empty()));
        let Some(first) = rows.next() else { return Err(Fault::new(ImportCode::FileEmpty)) };
        let mut headers = Vec::with_capacity(first.cells.len());
        for cell in first.cells {
            match cell {
                Cell::Text(text) => headers.push(text),
                Cell::Faulty(fault) => return Err(fault.at(first.line)),
            }
        }
        let rows: Vec<TableRow> = rows.collect();
        if rows.is_empty() {
            return Err(Fault::new(ImportCode::FileOnlyHeader));
        }
        if rows.len() > limits.rows {
            return Err(too_many_rows(limits));
        }
        Ok(Self { source, headers, rows, strict_width })
    }
}

/// Line ends among some bytes.
fn line_ends(bytes: &[u8]) -> u32 {
    let count = bytes.split(|byte| *byte == b'\n').count();
    u32::try_from(count).unwrap_or(u32::MAX).saturating_sub(1)
}

fn too_many_rows(limits: Limits) -> Fault {
    Fault::new(ImportCode::TooManyRows).with("limit", limits.rows)
}

fn too_many_columns(line: u32, limits: Limits) -> Fault {
    Fault::new(ImportCode::TooManyColumns).at(line).with("limit", limits.columns)
}

/// The first bytes of a ZIP archive, which a workbook is.
const ZIP_MAGIC: &[u8] = b"PK\x03\x04";

/// The first bytes of a compound file: an old or an encrypted workbook.
const COMPOUND_MAGIC: &[u8] = &[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];

/// Reads the bytes of a file; the content decides what it is, the name only whether a workbook was promised.
///
/// # Errors
/// A fault of the whole file.
pub fn read_table(file_name: &str, bytes: &[u8], options: &ReadOptions) -> Result<Table, Fault> {
    if u64::try_from(bytes.len()).is_ok_and(|length| length > options.limits.file_bytes) {
        return Err(Fault::new(ImportCode::FileTooLarge).with("limit", options.limits.file_bytes >> 20));
    }
    if bytes.is_empty() {
        return Err(Fault::new(ImportCode::FileEmpty));
    }
    if bytes.starts_with(ZIP_MAGIC) {
        return workbook::read(bytes, options);
    }
    if bytes.starts_with(COMPOUND_MAGIC) {
        return Err(Fault::new(ImportCode::WorkbookOld));
    }
    let promised = file_name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    if promised.is_some_and(|ending| ["xlsx", "xlsm", "xls"].contains(&ending.as_str())) {
        return Err(Fault::new(ImportCode::WorkbookExpected));
    }
    delimited::read(bytes, options)
}

#[cfg(test)]
mod tests;
