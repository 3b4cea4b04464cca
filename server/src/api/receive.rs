//! Bytes of an upload on their way from a socket to the disk.
//!
//! **Invariants.** Whatever arrived before the line died, fell silent or was taken over is written; nothing beyond the
//! announced length is. A part with a checksum is kept apart and added only once it has proved itself. No offset is told
//! that the disk does not hold.

use std::{io::Write, path::PathBuf, time::Duration};

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, header},
    response::Response,
};
use bytes::BytesMut;
use futures::FutureExt;
use storewalk_wire::ErrorCode;
use tokio::time::{Instant, timeout_at};

use super::{
    intake::Intake,
    tus::{self, Proof},
};
use crate::{
    blob::Turn,
    error::ApiError,
    service::photo::{self, disk},
    state::AppState,
    store::UploadRecord,
};

/// Bytes that are gathered before they are written while more keep coming.
const GATHERED: usize = 256 * 1024;

/// How long a line is still read after somebody else called for its upload. A dead one ends with the pause below; this is for
/// one that lives.
const LAST_LOOK: Duration = Duration::from_millis(500);

/// After so long without a byte nothing more had arrived. Longer than a sender holds back the end of what it was given until
/// the bytes before are acknowledged, which receivers put off for up to 40 ms, and than a busy server needs to read on.
const LAST_PAUSE: Duration = Duration::from_millis(100);

/// Bytes on their way.
pub(super) struct Part {
    /// Where in the upload they begin.
    pub(super) offset: u64,
    /// Bytes at its beginning that are held already.
    known: u64,
    /// How many were announced, if that was said.
    announced: Option<u64>,
    /// What they are held against.
    proof: Option<Proof>,
    body: Body,
}

impl Part {
    /// The bytes of a request.
    pub(super) fn of(offset: u64, headers: &HeaderMap, body: Body) -> Result<Self, ApiError> {
        let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
        Ok(Self { offset, known: 0, announced, proof: Proof::of(headers)?, body })
    }
}

/// Adds a part; says how many bytes are held now.
pub(super) async fn add(
    state: &AppState,
    turn: &mut Turn,
    upload: &UploadRecord,
    part: Part,
) -> Result<(u64, Response), ApiError> {
    let held = length(state, upload).await?;
    if part.offset != held {
        return Err(tus::with_offset(ErrorCode::OffsetMismatch.into(), received(state, upload).await?));
    }
    let room = upload.size_bytes.saturating_sub(held);
    if part.announced.is_some_and(|announced| announced > room) {
        return Err(tus::with_offset(ErrorCode::BodyTooLarge.into(), received(state, upload).await?));
    }
    let written = if part.proof.is_some() {
        write_proven(state, turn, upload, room, part).await
    } else {
        write(state, turn, state.blobs.incoming(upload.photo_id, upload.variant), room, part).await.map(drop)
    };
    let upload =
        if length(state, upload).await? > held { photo::touch(state, upload.clone()).await? } else { upload.clone() };
    if let Err(error) = written {
        return Err(tus::with_offset(error, received(state, &upload).await?));
    }
    let held = settled(state, &upload).await?;
    let answer = tus::appended(held);
    Ok((held, if held < upload.size_bytes { tus::until(answer, photo::expires_at(state, &upload)) } else { answer }))
}

/// Adds bytes that come from the upload's start, of which some may be held already; says how many bytes are held now.
pub(super) async fn add_from_start(
    state: &AppState,
    turn: &mut Turn,
    upload: &UploadRecord,
    part: Part,
) -> Result<u64, ApiError> {
    let held = length(state, upload).await?;
    if held > 0 && part.proof.is_some() {
        // The checksum is over what is held too: where the upload stands is answer enough.
        return received(state, upload).await;
    }
    let part =
        Part { offset: held, announced: part.announced.map(|all| all.saturating_sub(held)), known: held, ..part };
    add(state, turn, upload, part).await.map(|(held, _)| held)
}

/// Writes a part aside, holds it against its checksum and adds it.
async fn write_proven(
    state: &AppState,
    turn: &mut Turn,
    upload: &UploadRecord,
    room: u64,
    part: Part,
) -> Result<(), ApiError> {
    let (photo_id, variant) = (upload.photo_id, upload.variant);
    let growing = state.blobs.growing().clone();
    growing.discard_unproven(photo_id, variant).map_err(disk)?;
    let proven = match write(state, turn, growing.unproven(photo_id, variant), room, part).await {
        Ok(proof) => proof.map_or(Ok(()), Proof::settle),
        Err(error) => Err(error),
    };
    blocking(move || match proven {
        Ok(()) => growing.add_proven(photo_id, variant).map_err(disk),
        Err(error) => growing.discard_unproven(photo_id, variant).map_err(disk).and(Err(error)),
    })
    .await
}

/// Appends what comes to a file, until the body ends, is too long, dies, or somebody else wants the upload.
async fn write(
    state: &AppState,
    turn: &mut Turn,
    path: PathBuf,
    room: u64,
    part: Part,
) -> Result<Option<Proof>, ApiError> {
    let silence = Duration::from_secs(state.config.uploads.idle_seconds);
    let mut sink = Sink { path, known: part.known, room, proof: part.proof, gathered: BytesMut::new(), file: None };
    let mut body = Intake::of(part.body, silence);
    let mut until = None;
    let ended = loop {
        if until.is_none() && turn.has_been_called_for() {
            until = Some(Instant::now() + LAST_LOOK);
        }
        let frame = match until {
            Some(end) if Instant::now() >= end => break Err(ErrorCode::OffsetMismatch.into()),
            Some(end) => match timeout_at(end.min(Instant::now() + LAST_PAUSE), body.next()).await {
                Ok(frame) => frame,
                Err(_) => break Err(ErrorCode::OffsetMismatch.into()),
            },
            None => {
                if let Some(frame) = body.next().now_or_never() {
                    frame
                } else {
                    // Nothing more for now: what came must not wait for what may never come.
                    sink.flush().await?;
                    tokio::select! {
                        frame = body.next() => frame,
                        () = turn.is_called_for() => {
                            until = Some(Instant::now() + LAST_LOOK);
                            continue;
                        }
                    }
                }
            }
        };
        match frame {
            Ok(Some(bytes)) => {
                turn.beat();
                if let Err(error) = sink.take(bytes).await {
                    break Err(error);
                }
            }
            Ok(None) => break Ok(()),
            Err(error) => break Err(error),
        }
    };
    sink.finish().await?;
    ended.map(|()| sink.proof)
}

/// Where bytes go.
struct Sink {
    path: PathBuf,
    /// Bytes to pass over.
    known: u64,
    /// Bytes that may still come.
    room: u64,
    proof: Option<Proof>,
    gathered: BytesMut,
    file: Option<std::fs::File>,
}

impl Sink {
    async fn take(&mut self, mut bytes: Bytes) -> Result<(), ApiError> {
        let passed = usize::try_from(self.known).unwrap_or(usize::MAX).min(bytes.len());
        self.known -= bytes.split_to(passed).len() as u64;
        let length = bytes.len() as u64;
        self.room = self.room.checked_sub(length).ok_or(ErrorCode::BodyTooLarge)?;
        if let Some(proof) = &mut self.proof {
            proof.update(&bytes);
        }
        self.gathered.extend_from_slice(&bytes);
        if self.gathered.len() < GATHERED { Ok(()) } else { self.flush().await }
    }

    async fn flush(&mut self) -> Result<(), ApiError> {
        if self.gathered.is_empty() { Ok(()) } else { self.finish().await }
    }

    /// Writes what is left; the file is there then, even if nothing came.
    async fn finish(&mut self) -> Result<(), ApiError> {
        let (bytes, file, path) = (self.gathered.split().freeze(), self.file.take(), self.path.clone());
        let file = blocking(move || {
            let open = || std::fs::File::options().create(true).append(true).open(path);
            let mut file = file.map_or_else(open, Ok).map_err(disk)?;
            file.write_all(&bytes).map_err(disk)?;
            Ok(file)
        });
        self.file = Some(file.await?);
        Ok(())
    }
}

/// How far an upload has come. One that has all its bytes is verified and taken in: a full offset always means that the
/// photo is held. Wrong bytes are refused, and the upload stands at nothing again.
///
/// # Errors
/// When the bytes are refused or the disk fails.
pub(super) async fn settled(state: &AppState, upload: &UploadRecord) -> Result<u64, ApiError> {
    if length(state, upload).await? < upload.size_bytes {
        return received(state, upload).await;
    }
    match photo::finish(state, upload.clone()).await {
        Ok(()) => Ok(upload.size_bytes),
        Err(error) if error.code == ErrorCode::ChecksumMismatch => Err(tus::with_offset(error, 0)),
        Err(error) => Err(error),
    }
}

/// How many bytes there are.
async fn length(state: &AppState, upload: &UploadRecord) -> Result<u64, ApiError> {
    let (growing, photo_id, variant) = (state.blobs.growing().clone(), upload.photo_id, upload.variant);
    blocking(move || growing.length(photo_id, variant).map_err(disk)).await
}

/// How many bytes the disk holds.
async fn received(state: &AppState, upload: &UploadRecord) -> Result<u64, ApiError> {
    let (growing, photo_id, variant) = (state.blobs.growing().clone(), upload.photo_id, upload.variant);
    blocking(move || growing.received(photo_id, variant).map_err(disk)).await
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ApiError> + Send + 'static,
) -> Result<T, ApiError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| ErrorCode::Internal)?
}
