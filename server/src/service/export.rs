//! Photos handed out: one ZIP of what a reviewer chose, with a list of what became of each.
//!
//! **Way of a photo.** Asked for anew when its turn comes, read whole, held against its hash; if faces are to be blurred, a
//! copy is made in which those that are found are covered; that it was handed out is noted; then its bytes go. The list
//! comes last, because it names the hash of what went.
//!
//! **Invariants.** What was to be blurred goes blurred or not at all. Nothing goes that is not noted in the log of views
//! first. What is not here any more is in the list with the reason. At most one photo of an export is in memory, and a
//! reader who stands still for a minute ends theirs. The originals on the shelf never change.
//!
//! **Non-goals.** To choose: whoever asks brings photos that the person may see.

mod archive;
mod list;

use std::{io, sync::Arc, time::Duration};

use axum::body::Body;
use bytes::Bytes;
use futures::stream;
use storewalk_domain::ids::{PhotoId, UserId};
use storewalk_photo::FindFaces;
use tokio::{
    runtime::Handle,
    sync::{OwnedSemaphorePermit, mpsc},
};

pub use list::{ListWords, Outcome};

use crate::{error::ApiError, state::AppState};

/// Most photos of one export.
pub const MOST_PHOTOS: u32 = 500;

/// Exports at once; each takes a thread for as long as it lasts.
pub const AT_ONCE: usize = 2;

/// Seconds after which somebody who found no room may try again.
const TRY_AGAIN_SECONDS: u64 = 30;

/// Pieces of an archive that wait for a slow reader.
const PIECES: usize = 4;

/// How long a reader may stand still.
const PATIENCE: Duration = Duration::from_mins(1);

/// One photo of an export.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Item {
    /// The photo.
    pub photo_id: PhotoId,
    /// Its name in the archive, without an ending.
    pub name: String,
    /// Whether its bytes had not come yet when it was chosen.
    pub is_on_phone: bool,
    /// What the list says of it first; one cell for each of [`ListWords::columns`].
    pub cells: [String; KNOWN],
}

/// Cells of the list that are known before the photo's bytes are read.
pub const KNOWN: usize = 8;

/// What is to be handed out, and to whom.
pub struct Export {
    /// Who takes it.
    pub by: UserId,
    /// The photos, each once.
    pub items: Vec<Item>,
    /// What finds the faces that are blurred; `None`: the originals go as they are.
    pub blur: Option<Arc<dyn FindFaces>>,
    /// The words of the list.
    pub words: ListWords,
}

/// Room for an export, until it is dropped.
///
/// # Errors
/// When as many are under way as may be.
pub fn room(state: &AppState) -> Result<OwnedSemaphorePermit, ApiError> {
    Arc::clone(&state.export_slots).try_acquire_owned().map_err(|_| ApiError::wait(TRY_AGAIN_SECONDS))
}

/// The archive, as it comes to be. It breaks off, and is seen to be broken, when the store or the shelf fails.
pub fn archive(state: AppState, export: Export, room: OwnedSemaphorePermit) -> Body {
    let (sender, receiver) = mpsc::channel(PIECES);
    let runtime = Handle::current();
    tokio::task::spawn_blocking(move || {
        let _room = room;
        let line = Line { sender, runtime, held: Vec::with_capacity(PIECE_BYTES) };
        let Err(fault) = archive::write(&state, &export, line.clone()) else { return };
        // A reader who has gone away is no fault.
        if fault.kind() != io::ErrorKind::BrokenPipe {
            tracing::error!(error = %fault, "an export of photos broke off");
            line.tell(Err(fault)).unwrap_or_default();
        }
    });
    Body::from_stream(stream::unfold(receiver, |mut receiver: mpsc::Receiver<io::Result<Bytes>>| async {
        receiver.recv().await.map(|piece| (piece, receiver))
    }))
}

/// Bytes of one piece.
const PIECE_BYTES: usize = 64 * 1024;

/// The line to whoever takes an archive.
#[derive(Clone)]
struct Line {
    sender: mpsc::Sender<io::Result<Bytes>>,
    runtime: Handle,
    held: Vec<u8>,
}

impl Line {
    /// Hands a piece over; waits for a slow reader, but not for ever.
    fn tell(&self, piece: io::Result<Bytes>) -> io::Result<()> {
        let sent = self.runtime.block_on(async { tokio::time::timeout(PATIENCE, self.sender.send(piece)).await });
        match sent {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(io::ErrorKind::BrokenPipe.into()),
            Err(_) => Err(io::Error::new(io::ErrorKind::BrokenPipe, "the reader stands still")),
        }
    }
}

impl io::Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = PIECE_BYTES - self.held.len();
        let taken = bytes.len().min(room);
        self.held.extend_from_slice(&bytes[..taken]);
        if self.held.len() == PIECE_BYTES {
            self.flush()?;
        }
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.held.is_empty() {
            return Ok(());
        }
        let piece = std::mem::replace(&mut self.held, Vec::with_capacity(PIECE_BYTES));
        self.tell(Ok(piece.into()))
    }
}
