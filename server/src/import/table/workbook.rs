//! XLSX workbooks, one sheet at a time.
//!
//! Cells are read as a stream: the extent a sheet claims for itself is never allocated. The reader counts columns of
//! hostile cell references beyond what its integers hold, which panics in checked builds; such a panic ends here as a
//! damaged workbook.

use std::{collections::BTreeMap, io::Cursor, panic::catch_unwind};

use calamine::{Reader, Xlsx, XlsxError};

use super::{Cell, Limits, ReadOptions, Table, TableRow, number::text_of, too_many_columns, too_many_rows, unpack};
use crate::import::fault::{Fault, ImportCode};

pub(super) fn read(bytes: &[u8], options: &ReadOptions) -> Result<Table, Fault> {
    unpack::check(bytes, options.limits.unpacked_bytes)?;
    catch_unwind(|| read_unpacked(bytes, options)).unwrap_or_else(|_| Err(Fault::new(ImportCode::WorkbookDamaged)))
}

fn read_unpacked(bytes: &[u8], options: &ReadOptions) -> Result<Table, Fault> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|error| fault_of(&error))?;
    let names = book.sheet_names();
    let sheet = match &options.sheet {
        Some(wanted) => names.iter().find(|name| *name == wanted).ok_or_else(|| missing(wanted, &names))?,
        None => names.first().ok_or_else(|| Fault::new(ImportCode::WorkbookDamaged))?,
    };
    let rows = rows_of(&mut book, sheet, options.limits)?;
    Table::of(format!("XLSX {sheet}"), rows, false, options.limits)
}

fn missing(wanted: &str, names: &[String]) -> Fault {
    Fault::new(ImportCode::SheetMissing).with("sheet", wanted).with("sheets", names.join(", "))
}

fn fault_of(error: &XlsxError) -> Fault {
    match error {
        XlsxError::Password => Fault::new(ImportCode::WorkbookOld),
        _ => Fault::new(ImportCode::WorkbookDamaged),
    }
}

fn rows_of(book: &mut Xlsx<Cursor<&[u8]>>, sheet: &str, limits: Limits) -> Result<Vec<TableRow>, Fault> {
    let mut reader = book.worksheet_cells_reader(sheet).map_err(|error| fault_of(&error))?;
    let mut rows: BTreeMap<u32, Vec<Cell>> = BTreeMap::new();
    while let Some(found) = reader.next_cell().map_err(|error| fault_of(&error))? {
        let cell = match text_of(found.get_value()) {
            Ok(text) => Cell::of(&text, limits),
            Err(error) => Cell::Faulty(Fault::new(ImportCode::CellError).with("value", error)),
        };
        if cell.is_empty() {
            continue;
        }
        let (row, column) = found.get_position();
        let line = row.saturating_add(1);
        let column = usize::try_from(column).unwrap_or(usize::MAX);
        if column >= limits.columns {
            return Err(too_many_columns(line, limits));
        }
        let cells = rows.entry(line).or_default();
        if cells.len() <= column {
            cells.resize(column + 1, Cell::EMPTY);
        }
        cells[column] = cell;
        if rows.len() > limits.rows.saturating_add(1) {
            return Err(too_many_rows(limits));
        }
    }
    Ok(rows.into_iter().map(|(line, cells)| TableRow { line, cells }).collect())
}
