//! An export as a ZIP, written photo by photo.

use std::io::{self, Write};

use sha2::{Digest, Sha256};
use tokio::runtime::Handle;
use zip::{
    CompressionMethod, ZipWriter,
    write::{SimpleFileOptions, StreamWriter},
};

use super::{
    Copies, Export, Item, Line, copy,
    held::{Held, Original, held},
    list,
    list::Outcome,
};
use crate::{auth::hex, service::retention, state::AppState};

/// Name of the list in the archive.
const LIST: &str = "manifest.csv";

/// Writes the whole archive.
pub(super) fn write(state: &AppState, export: &Export, line: Line) -> io::Result<()> {
    let runtime = line.runtime.clone();
    let mut archive = ZipWriter::new_stream(line);
    let mut lines = Vec::with_capacity(export.items.len());
    for item in &export.items {
        let outcome = match runtime.block_on(held(state, item.photo_id, item.is_on_phone))? {
            Held::Not(outcome) => outcome,
            Held::Here(original) => add(state, export, item, &mut archive, original)?,
        };
        lines.push((item, outcome));
    }
    archive.start_file(LIST, SimpleFileOptions::default().compression_method(CompressionMethod::Deflated))?;
    archive.write_all(&list::csv(&export.words, &lines)?)?;
    archive.finish()?.into_inner().flush()
}

/// Adds a photo.
fn add(
    state: &AppState,
    export: &Export,
    item: &Item,
    archive: &mut ZipWriter<StreamWriter<Line>>,
    original: Original,
) -> io::Result<Outcome> {
    let runtime = Handle::current();
    let (bytes, ending, hidden) = match export.copies {
        Copies::Originals => (original.bytes, original.ending, None),
        Copies::Covered => {
            // The same room as for photos that arrive: each takes up to 40 MiB beside its bytes.
            let _turn = runtime.block_on(state.photo_slots.acquire()).map_err(io::Error::other)?;
            match copy::covered(state, &original, &item.stamp) {
                Ok(Some((file, hidden))) => (file, "jpg", Some(hidden)),
                Ok(None) => return Ok(Outcome::Unmarked),
                Err(fault) => return Ok(copy::unreadable(item.photo_id, &fault)),
            }
        }
    };
    let (user, photo) = (export.by, item.photo_id);
    runtime.block_on(retention::note_export(state, user, photo, hidden.is_some())).map_err(io::Error::other)?;
    let file = format!("photos/{}.{ending}", item.name);
    archive.start_file(&file, SimpleFileOptions::default().compression_method(CompressionMethod::Stored))?;
    archive.write_all(&bytes)?;
    Ok(Outcome::Exported { file, sha256: hex(&Sha256::digest(&bytes)), hidden })
}
