//! The list that goes with an export: one line for each photo that was chosen, whatever became of it.

use std::sync::Arc;

use storewalk_domain::time::Timestamp;

use super::{Item, KNOWN};
use crate::import::safe_csv::write_csv;

/// Cells that are known once a photo's turn has come.
const FOUND: usize = 6;

/// What became of a photo.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// It is in the archive.
    Exported {
        /// Under this name.
        file: String,
        /// SHA-256 of the bytes there; lower-case hex.
        sha256: String,
        /// What is covered in it; `None`: it is the original.
        hidden: Option<Hidden>,
    },
    /// Its bytes were deleted by the policy.
    Erased(Timestamp),
    /// Its bytes are still on the phone.
    OnPhone,
    /// Its bytes are missing here, or are not those that were received.
    Missing,
    /// Its picture cannot be read, so that nothing in it can be covered.
    Unreadable,
    /// Nobody has looked for people in it, and nothing here finds faces.
    Unmarked,
}

/// How much is covered in a copy.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Hidden {
    /// Areas that somebody marked; `None`: nobody has looked.
    pub marked: Option<usize>,
    /// Faces that were found; `None`: nothing here finds any.
    pub found: Option<usize>,
}

/// The words of a list.
#[derive(Clone)]
pub struct ListWords {
    /// Over the cells that are known before.
    pub columns: [String; KNOWN],
    /// Over the others: file, what became of it, hash of the file, whether people are covered, how many areas somebody
    /// marked, how many faces were found.
    pub found: [String; FOUND],
    /// That it is in the archive.
    pub exported: String,
    /// That its bytes were deleted, and when.
    pub erased: Arc<dyn Fn(Timestamp) -> String + Send + Sync>,
    /// That it is still on the phone.
    pub on_phone: String,
    /// That its bytes are missing.
    pub missing: String,
    /// That its picture cannot be read.
    pub unreadable: String,
    /// That nobody has looked for people in it.
    pub unmarked: String,
    /// Yes and no.
    pub yes_no: [String; 2],
}

/// The list as CSV that spreadsheet programs open without running anything.
pub(super) fn csv(words: &ListWords, lines: &[(&Item, Outcome)]) -> std::io::Result<Vec<u8>> {
    let mut csv = Vec::new();
    let heads = joined(words.columns.clone(), words.found.clone());
    let rest = lines.iter().map(|(item, outcome)| joined(item.cells.clone(), found(words, outcome)));
    write_csv(&mut csv, std::iter::once(heads).chain(rest))?;
    Ok(csv)
}

fn joined(known: [String; KNOWN], found: [String; FOUND]) -> [String; KNOWN + FOUND] {
    let mut cells = known.into_iter().chain(found);
    std::array::from_fn(|_| cells.next().unwrap_or_default())
}

fn found(words: &ListWords, outcome: &Outcome) -> [String; FOUND] {
    let only = |what: String| {
        let mut cells: [String; FOUND] = Default::default();
        cells[1] = what;
        cells
    };
    match outcome {
        Outcome::Exported { file, sha256, hidden } => {
            let [yes, no] = &words.yes_no;
            let is_covered = if hidden.is_some() { yes } else { no };
            let count = |number: Option<usize>| number.map(|number| number.to_string()).unwrap_or_default();
            let (marked, found) = (hidden.and_then(|hidden| hidden.marked), hidden.and_then(|hidden| hidden.found));
            let exported = words.exported.clone();
            [file.clone(), exported, sha256.clone(), is_covered.clone(), count(marked), count(found)]
        }
        Outcome::Erased(at) => only((words.erased)(*at)),
        Outcome::OnPhone => only(words.on_phone.clone()),
        Outcome::Missing => only(words.missing.clone()),
        Outcome::Unreadable => only(words.unreadable.clone()),
        Outcome::Unmarked => only(words.unmarked.clone()),
    }
}
