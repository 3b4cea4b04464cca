//! The list that goes with an export: one line for each photo that was chosen, whatever became of it.

use std::sync::Arc;

use storewalk_domain::time::Timestamp;

use super::{Item, KNOWN};
use crate::import::safe_csv::write_csv;

/// Cells that are known once a photo's turn has come.
const FOUND: usize = 5;

/// What became of a photo.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// It is in the archive.
    Exported {
        /// Under this name.
        file: String,
        /// SHA-256 of the bytes there; lower-case hex.
        sha256: String,
        /// How many faces were covered; `None`: nobody looked for any.
        covered: Option<usize>,
    },
    /// Its bytes were deleted by the policy.
    Erased(Timestamp),
    /// Its bytes are still on the phone.
    OnPhone,
    /// Its bytes are missing here, or are not those that were received.
    Missing,
    /// Its picture cannot be read, so that nobody can say whether there are faces in it.
    Unreadable,
}

/// The words of a list.
#[derive(Clone)]
pub struct ListWords {
    /// Over the cells that are known before.
    pub columns: [String; KNOWN],
    /// Over the others: file, what became of it, hash of the file, whether faces were blurred, how many.
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
    let only = |what: String| [String::new(), what, String::new(), String::new(), String::new()];
    match outcome {
        Outcome::Exported { file, sha256, covered } => {
            let [yes, no] = &words.yes_no;
            let is_blurred = if covered.is_some() { yes } else { no };
            let count = covered.map(|covered| covered.to_string()).unwrap_or_default();
            [file.clone(), words.exported.clone(), sha256.clone(), is_blurred.clone(), count]
        }
        Outcome::Erased(at) => only((words.erased)(*at)),
        Outcome::OnPhone => only(words.on_phone.clone()),
        Outcome::Missing => only(words.missing.clone()),
        Outcome::Unreadable => only(words.unreadable.clone()),
    }
}
