//! One row of a file, cell by cell, with every fault it has.

use std::collections::BTreeMap;

use super::super::{
    columns::ColumnMap,
    fault::{Fault, ImportCode},
    table::{Cell, Table, TableRow},
};

/// A table whose columns are known.
#[derive(Clone, Copy)]
pub(super) struct Sheet<'t> {
    pub table: &'t Table,
    pub columns: &'t ColumnMap,
}

impl<'t> Sheet<'t> {
    /// Its rows.
    pub(super) fn rows(self) -> impl Iterator<Item = RowReader<'t>> {
        self.table.rows.iter().map(move |row| RowReader::of(self, row))
    }

    /// The lines on which each key stands, for keys that stand on several.
    pub(super) fn twice(self, columns: &[&str]) -> BTreeMap<Vec<&'t str>, Vec<u32>> {
        let mut lines: BTreeMap<Vec<&str>, Vec<u32>> = BTreeMap::new();
        for row in &self.table.rows {
            let key: Option<Vec<&str>> = columns.iter().map(|column| self.text(row, column)).collect();
            if let Some(key) = key {
                lines.entry(key).or_default().push(row.line);
            }
        }
        lines.retain(|_, lines| lines.len() > 1);
        lines
    }

    /// The text of a cell; `None` when there is none.
    fn text(self, row: &'t TableRow, column: &str) -> Option<&'t str> {
        let (position, _) = self.columns.get(column)?;
        match row.cells.get(position) {
            Some(Cell::Text(text)) if !text.is_empty() => Some(text),
            Some(Cell::Text(_) | Cell::Faulty(_)) | None => None,
        }
    }
}

/// What stands in a cell.
enum Content<'t> {
    /// The file has no such column.
    NoColumn,
    /// Nothing.
    Empty,
    /// This text.
    Text(&'t str),
    /// Something that cannot be read; the fault is noted.
    Faulty,
}

/// Reads one row.
pub(super) struct RowReader<'t> {
    sheet: Sheet<'t>,
    row: &'t TableRow,
    faults: Vec<Fault>,
    warnings: Vec<Fault>,
}

impl<'t> RowReader<'t> {
    fn of(sheet: Sheet<'t>, row: &'t TableRow) -> Self {
        let mut reader = Self { sheet, row, faults: Vec::new(), warnings: Vec::new() };
        let expected = sheet.table.headers.len();
        let has_content_beyond = row.cells.iter().skip(expected).any(|cell| *cell != Cell::EMPTY);
        if has_content_beyond || (sheet.table.strict_width && row.cells.len() < expected) {
            let fault = Fault::new(ImportCode::RowWidth);
            reader.fault(fault.with("cells", row.cells.len()).with("columns", expected));
        }
        reader
    }

    /// Line in the file.
    pub(super) fn line(&self) -> u32 {
        self.row.line
    }

    /// Notes a fault of the whole row.
    pub(super) fn fault(&mut self, fault: Fault) {
        self.faults.push(fault.at(self.row.line));
    }

    /// Notes a fault of a cell.
    pub(super) fn fault_in(&mut self, column: &str, fault: Fault) {
        let header = self.header(column).to_owned();
        self.fault(fault.in_column(&header));
    }

    /// Notes a warning.
    pub(super) fn warn(&mut self, column: &str, warning: Fault) {
        let header = self.header(column).to_owned();
        self.warnings.push(warning.at(self.row.line).in_column(&header));
    }

    fn header<'n>(&self, column: &'n str) -> &'n str
    where
        't: 'n,
    {
        self.sheet.columns.get(column).map_or(column, |(_, header)| header)
    }

    /// Notes that the key of this row stands on other lines too.
    pub(super) fn check_once(&mut self, columns: &[&str], twice: &BTreeMap<Vec<&'t str>, Vec<u32>>) {
        let key: Option<Vec<&str>> = columns.iter().map(|column| self.sheet.text(self.row, column)).collect();
        let Some(key) = key else { return };
        let other = twice.get(&key).and_then(|lines| lines.iter().find(|line| **line != self.row.line));
        if let (Some(other), Some(column)) = (other, columns.first()) {
            let fault = Fault::new(ImportCode::KeyTwice).with("key", key.join(" / ")).with("other", other);
            self.fault_in(column, fault);
        }
    }

    /// The text of a cell, as it stands.
    pub(super) fn shown(&self, column: &str) -> &'t str {
        self.sheet.text(self.row, column).unwrap_or_default()
    }

    /// Whether the file has a column.
    pub(super) fn has(&self, column: &str) -> bool {
        self.sheet.columns.get(column).is_some()
    }

    fn content(&mut self, column: &str) -> Content<'t> {
        let Some((position, _)) = self.sheet.columns.get(column) else { return Content::NoColumn };
        match self.row.cells.get(position) {
            Some(Cell::Faulty(fault)) => {
                self.fault_in(column, fault.clone());
                Content::Faulty
            }
            Some(Cell::Text(text)) if !text.is_empty() => Content::Text(text),
            Some(Cell::Text(_)) | None => Content::Empty,
        }
    }

    fn value<T>(&mut self, column: &str, text: &str, read: impl FnOnce(&str) -> Result<T, Fault>) -> Option<T> {
        read(text).map_err(|fault| self.fault_in(column, fault)).ok()
    }

    /// A value that every row has. Without such a column an existing row keeps `was`.
    pub(super) fn required<T>(
        &mut self,
        column: &str,
        was: Option<T>,
        read: impl FnOnce(&str) -> Result<T, Fault>,
    ) -> Option<T> {
        match self.content(column) {
            Content::Text(text) => self.value(column, text, read),
            Content::NoColumn if was.is_some() => was,
            Content::NoColumn | Content::Empty => {
                self.fault_in(column, Fault::new(ImportCode::ValueMissing));
                None
            }
            Content::Faulty => None,
        }
    }

    /// A value that may be left out. Without such a column an existing row keeps `was`; an empty cell means `default`.
    pub(super) fn optional<T>(
        &mut self,
        column: &str,
        was: Option<T>,
        default: T,
        read: impl FnOnce(&str) -> Result<T, Fault>,
    ) -> T {
        match self.content(column) {
            Content::Text(text) => self.value(column, text, read).unwrap_or(default),
            Content::NoColumn => was.unwrap_or(default),
            Content::Empty | Content::Faulty => default,
        }
    }

    /// A value of a cell, `None` where there is no column or nothing in it.
    pub(super) fn given<T>(&mut self, column: &str, read: impl FnOnce(&str) -> Result<T, Fault>) -> Option<T> {
        match self.content(column) {
            Content::Text(text) => self.value(column, text, read),
            Content::NoColumn | Content::Empty | Content::Faulty => None,
        }
    }

    /// Ends the row: whether it is without fault, after handing over what was noted.
    pub(super) fn finish(self, faults: &mut Vec<Fault>, warnings: &mut Vec<Fault>) -> bool {
        let is_good = self.faults.is_empty();
        faults.extend(self.faults);
        warnings.extend(self.warnings);
        is_good
    }
}
