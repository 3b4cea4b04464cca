//! An export as a ZIP, written photo by photo.

use std::{
    io::{self, Write},
    ops::ControlFlow,
};

use bytes::Bytes;
use sha2::{Digest, Sha256};
use storewalk_photo::{PhotoFault, Redacted, Settings, Watch, redact};
use storewalk_wire::Variant;
use tokio::runtime::Handle;
use zip::{
    CompressionMethod, ZipWriter,
    write::{SimpleFileOptions, StreamWriter},
};

use super::{Export, Item, Line, list, list::Outcome};
use crate::{auth::hex, service::retention, state::AppState, store::StoreError};

/// Name of the list in the archive.
const LIST: &str = "manifest.csv";

/// What is left or held of a photo when its turn has come.
enum Held {
    Bytes { bytes: Bytes, ending: &'static str },
    Not(Outcome),
}

/// Writes the whole archive.
pub(super) fn write(state: &AppState, export: &Export, line: Line) -> io::Result<()> {
    let runtime = line.runtime.clone();
    let mut archive = ZipWriter::new_stream(line);
    let mut lines = Vec::with_capacity(export.items.len());
    for item in &export.items {
        let held = runtime.block_on(held(state, item))?;
        let outcome = match held {
            Held::Not(outcome) => outcome,
            Held::Bytes { bytes, ending } => add(state, export, item, &mut archive, (bytes, ending))?,
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
    (original, ending): (Bytes, &'static str),
) -> io::Result<Outcome> {
    let runtime = Handle::current();
    let (bytes, ending, covered) = match &export.blur {
        None => (original, ending, None),
        Some(finder) => {
            // The same room as for photos that arrive: each takes up to 40 MiB beside its bytes.
            let _turn = runtime.block_on(state.photo_slots.acquire()).map_err(io::Error::other)?;
            let mut go_on = |_| ControlFlow::Continue(());
            match redact(&original, &Settings::default(), finder.as_ref(), &mut Watch::new(&mut go_on)) {
                Ok(Redacted { file, covered, .. }) => (file.into(), "jpg", Some(covered.len())),
                Err(fault) => return Ok(unreadable(item, &fault)),
            }
        }
    };
    let (user, photo) = (export.by, item.photo_id);
    runtime.block_on(retention::note_export(state, user, photo, covered.is_some())).map_err(io::Error::other)?;
    let file = format!("photos/{}.{ending}", item.name);
    archive.start_file(&file, SimpleFileOptions::default().compression_method(CompressionMethod::Stored))?;
    archive.write_all(&bytes)?;
    Ok(Outcome::Exported { file, sha256: hex(&Sha256::digest(&bytes)), covered })
}

fn unreadable(item: &Item, fault: &PhotoFault) -> Outcome {
    tracing::warn!(photo = %item.photo_id, fault = %fault, "a photo cannot be read and is not exported");
    Outcome::Unreadable
}

/// What there is of a photo now: a policy may have deleted it since it was chosen.
async fn held(state: &AppState, item: &Item) -> io::Result<Held> {
    let id = item.photo_id;
    let asked = state.store.read::<_, StoreError>(move |snapshot| {
        Ok((snapshot.photo_file(id, Variant::Original)?, snapshot.removal(id, Variant::Original)?))
    });
    let (file, removal) = asked.await.map_err(io::Error::other)?;
    let Some(file) = file else {
        let none = if item.is_on_phone { Outcome::OnPhone } else { Outcome::Missing };
        return Ok(Held::Not(removal.map_or(none, |removal| Outcome::Erased(removal.removed_at))));
    };
    let bytes = state.blobs.shelf().read(&file.sha256).await?.unwrap_or_default();
    if hex(&Sha256::digest(&bytes)) != file.sha256 {
        tracing::error!(photo = %id, sha256 = file.sha256, "the bytes of a photo are missing or not those received");
        return Ok(Held::Not(Outcome::Missing));
    }
    let ending = if file.media_type == "image/png" { "png" } else { "jpg" };
    Ok(Held::Bytes { bytes, ending })
}
