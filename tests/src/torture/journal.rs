//! What a phone process swears to: a line before every deed and a line for every command it took in, each on disk
//! before the process goes on.

use std::{
    fs::{File, OpenOptions},
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::Context;
use serde::{Deserialize, Serialize};

use crate::simulation::handset::Captured;

/// One line.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    /// Somebody is about to do this.
    Begin(String),
    /// The core said that it had taken this in.
    Taken(Captured),
    /// The deed is over.
    End,
}

/// The journal of a phone.
pub(super) struct Journal {
    file: File,
    /// Everything taken in so far.
    pub(super) taken: Vec<Captured>,
    /// The deed that a kill cut short, if one did: its command may stand in the outbox and not here.
    pub(super) cut_short: Option<String>,
}

impl Journal {
    /// Opens the journal of a phone's folder and reads it.
    ///
    /// # Errors
    /// When it cannot be read or is no journal.
    pub(super) fn open(folder: &Path) -> anyhow::Result<Self> {
        let path = place(folder);
        let file = OpenOptions::new().create(true).append(true).open(&path)?;
        let text = std::fs::read_to_string(&path)?;
        // A kill in the middle of a write leaves a line without an end; what it would have said was not sworn to.
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        file.set_len(whole as u64)?;
        let mut journal = Self { file, taken: Vec::new(), cut_short: None };
        for line in text[..whole].lines() {
            match serde_json::from_str(line).with_context(|| format!("read the journal's {line}"))? {
                Line::Begin(what) => journal.cut_short = Some(what),
                Line::Taken(captured) => journal.taken.push(captured),
                Line::End => journal.cut_short = None,
            }
        }
        Ok(journal)
    }

    /// Somebody is about to do something.
    pub(super) fn begin(&mut self, what: &str) -> anyhow::Result<()> {
        self.write(&Line::Begin(what.to_owned()))
    }

    /// The deed is over; the core took these in.
    pub(super) fn end(&mut self, taken: Vec<Captured>) -> anyhow::Result<()> {
        for captured in taken {
            self.write(&Line::Taken(captured.clone()))?;
            self.taken.push(captured);
        }
        self.cut_short = None;
        self.write(&Line::End)
    }

    fn write(&mut self, line: &Line) -> anyhow::Result<()> {
        let mut text = serde_json::to_string(line)?;
        text.push('\n');
        self.file.write_all(text.as_bytes())?;
        Ok(self.file.sync_data()?)
    }
}

fn place(folder: &Path) -> PathBuf {
    folder.join("journal")
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use storewalk_domain::ids::CommandId;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_journal_cut_in_the_middle_of_a_line_keeps_the_lines_before_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let captured = Captured { seq: 1, command_id: CommandId(Uuid::from_u128(7)), command: json!({ "kind": "x" }) };
        let mut journal = Journal::open(folder.path()).expect("opened");
        journal.begin("one").expect("written");
        journal.end(vec![captured.clone()]).expect("written");
        journal.begin("two").expect("written");
        journal.file.write_all(b"{\"taken\":{\"seq\":2").expect("written");
        let mut again = Journal::open(folder.path()).expect("opened");
        assert_eq!((again.taken.as_slice(), again.cut_short.as_deref()), ([captured].as_slice(), Some("two")));
        again.end(Vec::new()).expect("written");
        assert_eq!(Journal::open(folder.path()).expect("opened").cut_short, None);
    }
}
