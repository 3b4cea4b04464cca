//! Photos handed out: one ZIP of what a reviewer chose, with a list of what became of each.
//!
//! **Way of a photo.** Asked for anew when its turn comes, read whole, held against its hash; if people are to be covered, a
//! copy is made in which what somebody marked and what is found is covered; that it was handed out is noted; then its bytes
//! go. The list comes last, because it names the hash of what went.
//!
//! **Invariants.** What was to be covered goes covered or not at all: a photo in which nobody has looked for people goes only
//! where faces can be found. Nothing goes that is not noted in the log of views first. What is not here any more is in the
//! list with the reason. At most one photo of an export is in memory, and a reader who stands still for a minute ends theirs.
//! An archive that breaks off is seen to be broken. The originals on the shelf never change.
//!
//! **Non-goals.** To choose: whoever asks brings photos that the person may see.

mod archive;
mod copy;
mod held;
mod list;
#[cfg(test)]
mod tests;

use std::{io, sync::Arc, time::Duration};

use axum::body::Body;
use bytes::Bytes;
use futures::{future::BoxFuture, stream};
use storewalk_domain::ids::{PhotoId, UserId};
use storewalk_photo::Stamp;
use tokio::{
    runtime::Handle,
    sync::{OwnedSemaphorePermit, mpsc},
};

pub use copy::{Shown, covered_copy, upright_copy};
pub use list::{Hidden, ListWords, Outcome};

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
    /// What stands at the lower edge of its covered copy.
    pub stamp: Stamp,
}

/// What is handed out of a photo.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Copies {
    /// The file as the camera wrote it.
    Originals,
    /// A stamped copy in which people are covered.
    Covered,
}

/// Cells of the list that are known before the photo's bytes are read.
pub const KNOWN: usize = 8;

/// What is to be handed out, and to whom.
pub struct Export {
    /// Who takes it.
    pub by: UserId,
    /// The photos, each once.
    pub items: Vec<Item>,
    /// What goes of each.
    pub copies: Copies,
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
    sent(state, export, room, Arc::new(|| Box::pin(tokio::time::sleep(PATIENCE))))
}

/// The same with another measure of how long a reader may stand still.
fn sent(state: AppState, export: Export, room: OwnedSemaphorePermit, patience: Patience) -> Body {
    let (sender, receiver) = mpsc::channel(PIECES);
    let runtime = Handle::current();
    tokio::task::spawn_blocking(move || {
        let _room = room;
        let line = Line { sender, runtime, patience, held: Vec::with_capacity(PIECE_BYTES) };
        let ended = archive::write(&state, &export, line.clone());
        match &ended {
            // A reader who has gone away is no fault.
            Err(fault) if fault.kind() != io::ErrorKind::BrokenPipe => {
                tracing::error!(error = %fault, "an export of photos broke off");
            }
            Err(_) => {}
            Ok(()) => line.tell(Piece::End).unwrap_or_default(),
        }
    });
    Body::from_stream(stream::unfold(Some(receiver), |receiver: Option<mpsc::Receiver<Piece>>| async {
        let mut receiver = receiver?;
        match receiver.recv().await {
            Some(Piece::Bytes(bytes)) => Some((Ok(bytes), Some(receiver))),
            Some(Piece::End) => None,
            // Whoever wrote it is gone and has not said that it is whole: the line has to break, or it would pass for whole.
            None => Some((Err(io::Error::other("the export broke off")), None)),
        }
    }))
}

/// Bytes of one piece.
const PIECE_BYTES: usize = 64 * 1024;

/// Begins to wait for as long as a reader may stand still.
type Patience = Arc<dyn Fn() -> BoxFuture<'static, ()> + Send + Sync>;

/// What goes over the line.
enum Piece {
    Bytes(Bytes),
    /// The archive is whole.
    End,
}

/// The line to whoever takes an archive.
#[derive(Clone)]
struct Line {
    sender: mpsc::Sender<Piece>,
    runtime: Handle,
    patience: Patience,
    held: Vec<u8>,
}

impl Line {
    /// Hands a piece over; waits for a slow reader, but not for ever.
    fn tell(&self, piece: Piece) -> io::Result<()> {
        self.runtime.block_on(async {
            tokio::select! {
                biased;
                sent = self.sender.send(piece) => sent.map_err(|_| io::ErrorKind::BrokenPipe.into()),
                () = (self.patience)() => Err(io::Error::new(io::ErrorKind::BrokenPipe, "the reader stands still")),
            }
        })
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
        self.tell(Piece::Bytes(piece.into()))
    }
}
