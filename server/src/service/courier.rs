//! Parcels: the queue of a phone that somebody else carried in.
//!
//! **States of a parcel.** Refused (it is none, is for another server, was changed on the way: nothing is kept) → taken
//! (worked through as if the phone itself had synced) or kept (it is sound and cannot be worked through yet: it stays
//! on the server with the reason, and is tried again whenever another parcel of the device arrives or a supervisor asks).
//!
//! **Invariants.** Everything in a parcel happens in the name of the person and the device that packed it; who carried
//! it gains no right and learns nothing. Commands pass [`reconcile`], photo bytes the same verification as uploads, so a
//! parcel that comes three times, or beside the phone's own sync, changes nothing twice. The carrier may throw a parcel
//! away once it is answered: what the server says to keep is durable here.

mod piece;

use std::collections::BTreeSet;

use storewalk_domain::{
    ids::{DeviceId, UserId},
    time::Timestamp,
};
use storewalk_wire::{
    Envelope, ErrorCode, MAX_BATCH_COMMANDS, OpenedParcel, Parcel, ParcelContent, ParcelFate, ParcelFault,
    ParcelReceipt, ServerKey, open_parcel,
};
use uuid::Uuid;

use super::reconcile::{Batch, reconcile};
use crate::{
    auth::DeviceAuth,
    error::ApiError,
    state::AppState,
    store::{KeptParcel, KeptReason, ParcelHash, StoreError, StoreRead, StoreTxn},
};

/// Numbers beyond this would not survive every JSON reader, and no phone gets there.
const LAST_SEQ: u64 = 1 << 53;

/// Most parcels of one device that wait.
const MOST_KEPT: u64 = 256;

/// Most bytes of one device's parcels that wait.
const MOST_KEPT_BYTES: u64 = 256 * 1024 * 1024;

/// A parcel that was opened and whose signature holds.
struct Read {
    parcel: Parcel,
    bytes: Vec<u8>,
}

/// How a parcel that was read ended.
enum Settled {
    Taken,
    Kept(KeptReason),
}

/// Takes a parcel in.
///
/// # Errors
/// When it is no parcel of a device of ours, or the server cannot work now: then the carrier keeps it.
pub async fn take(state: &AppState, carried_by: UserId, file: Vec<u8>) -> Result<ParcelReceipt, ApiError> {
    let hash = *blake3::hash(&file).as_bytes();
    let (read, file) = read(state, file).await?;
    let device = read.parcel.device_id;
    match settle(state, &read).await? {
        Settled::Taken => {
            state.store.write(move |txn| txn.drop_parcel(&hash)).await.map_err(ApiError::from)?;
            // What waited for it can go on; a fault there is no fault of this parcel.
            if let Err(error) = retry_device(state, device).await {
                tracing::warn!(code = error.code.as_str(), "kept parcels could not be tried again");
            }
            Ok(ParcelReceipt { fate: ParcelFate::Taken })
        }
        Settled::Kept(reason) => {
            tracing::info!(reason = reason.as_str(), "a parcel is kept");
            let kept = kept(&read.parcel, hash, carried_by, reason, state.now(), file);
            state.store.write(move |txn| keep(txn, &kept)).await?;
            Ok(ParcelReceipt { fate: ParcelFate::Kept })
        }
    }
}

/// Keeps a parcel, unless too much of its device waits already: then whoever carries it keeps it.
fn keep(txn: &mut dyn StoreTxn, kept: &KeptParcel) -> Result<(), ApiError> {
    let sum = txn.kept_sum(kept.device_id)?;
    let has_room = sum.parcels < MOST_KEPT && sum.bytes + kept.file.len() as u64 <= MOST_KEPT_BYTES;
    if !has_room && txn.kept_parcel(&kept.hash)?.is_none() {
        return Err(ApiError::new(ErrorCode::ParcelsWaiting)
            .at("body")
            .detail(format!("{} parcels of {} bytes wait", sum.parcels, sum.bytes)));
    }
    Ok(txn.keep_parcel(kept)?)
}

/// Tries a kept parcel again, and with it what waits for it.
///
/// # Errors
/// When there is none, or the server cannot work now.
pub async fn retry(state: &AppState, hash: ParcelHash) -> Result<ParcelFate, ApiError> {
    let kept = state.store.read(move |snapshot| snapshot.kept_parcel(&hash)).await.map_err(ApiError::from)?;
    let kept = kept.ok_or(ErrorCode::NotFound)?;
    let receipt = take(state, kept.carried_by, kept.file).await?;
    Ok(receipt.fate)
}

/// Tries what waits of a device again, for as long as something moves.
async fn retry_device(state: &AppState, device: DeviceId) -> Result<(), ApiError> {
    loop {
        let waiting =
            state.store.read(move |snapshot| snapshot.kept_parcels_of(device)).await.map_err(ApiError::from)?;
        let mut has_moved = false;
        for kept in waiting {
            let hash = kept.hash;
            // One file at a time in memory; it may be gone by now.
            let kept = state.store.read(move |snapshot| snapshot.kept_parcel(&hash)).await.map_err(ApiError::from)?;
            let Some(kept) = kept else { continue };
            let (read, _) = read(state, kept.file).await?;
            if matches!(settle(state, &read).await?, Settled::Taken) {
                state.store.write(move |txn| txn.drop_parcel(&hash)).await.map_err(ApiError::from)?;
                has_moved = true;
            }
        }
        if !has_moved {
            return Ok(());
        }
    }
}

fn kept(
    parcel: &Parcel,
    hash: ParcelHash,
    carried_by: UserId,
    reason: KeptReason,
    arrived_at: Timestamp,
    file: Vec<u8>,
) -> KeptParcel {
    let items = match &parcel.content {
        ParcelContent::Commands { commands } => u32::try_from(commands.len()).unwrap_or(u32::MAX),
        ParcelContent::Photo { .. } => 1,
    };
    KeptParcel {
        hash,
        device_id: parcel.device_id,
        user_id: parcel.user_id,
        carried_by,
        reason,
        number: parcel.number,
        items,
        arrived_at,
        file,
    }
}

/// Opens a parcel and verifies who packed it. Gives the file back.
async fn read(state: &AppState, file: Vec<u8>) -> Result<(Read, Vec<u8>), ApiError> {
    let seeds = state.store.read(|snapshot| snapshot.courier_seeds()).await.map_err(ApiError::from)?;
    let opening = tokio::task::spawn_blocking(move || {
        let keys: Vec<ServerKey> = seeds.into_iter().filter_map(ServerKey::from_seed).collect();
        let opened = open_parcel(&file, &keys);
        (opened, file)
    });
    let (opened, file) = opening.await.map_err(|_| ErrorCode::Internal)?;
    let opened = opened.map_err(refusal)?;
    let device = opened.device_id();
    let keys = state.store.read(move |snapshot| snapshot.parcel_keys(device)).await.map_err(ApiError::from)?;
    let verifying = tokio::task::spawn_blocking(move || verify(opened, &keys));
    let read = verifying.await.map_err(|_| ErrorCode::Internal)?.map_err(refusal)?;
    Ok((read, file))
}

fn verify(opened: OpenedParcel, keys: &[String]) -> Result<Read, ParcelFault> {
    let (parcel, bytes) = opened.read(keys.iter().map(String::as_str))?;
    let is_sound = match &parcel.content {
        ParcelContent::Commands { commands } => bytes.is_empty() && is_ordered(commands),
        ParcelContent::Photo { upload, offset } => {
            !bytes.is_empty() && offset.checked_add(bytes.len() as u64).is_some_and(|end| end <= upload.size_bytes)
        }
    };
    if is_sound { Ok(Read { parcel, bytes }) } else { Err(ParcelFault::Unreadable) }
}

fn is_ordered(commands: &[Envelope]) -> bool {
    let mut last = 0;
    commands.iter().all(|envelope| {
        let is_next = envelope.seq > last && envelope.seq < LAST_SEQ;
        last = envelope.seq;
        is_next
    })
}

/// A parcel that cannot be taken, as it is answered.
fn refusal(fault: ParcelFault) -> ApiError {
    let code = match fault {
        ParcelFault::NotAParcel => ErrorCode::ParcelUnknown,
        ParcelFault::NewerVersion => ErrorCode::ParcelVersion,
        ParcelFault::Truncated => ErrorCode::ParcelTruncated,
        ParcelFault::TooLarge => ErrorCode::ParcelTooLarge,
        ParcelFault::OtherServer => ErrorCode::ParcelOtherServer,
        ParcelFault::Tampered => ErrorCode::ParcelTampered,
        ParcelFault::BadSignature => ErrorCode::ParcelSignature,
        ParcelFault::Unreadable => ErrorCode::ParcelUnreadable,
    };
    ApiError::new(code).at("body")
}

/// Works a parcel through, as the person and the device that packed it.
async fn settle(state: &AppState, read: &Read) -> Result<Settled, ApiError> {
    let (user, device) = (read.parcel.user_id, read.parcel.device_id);
    let sender = state.store.read(move |snapshot| sender(snapshot, user, device)).await.map_err(ApiError::from)?;
    let sender = match sender {
        Ok(sender) => sender,
        Err(reason) => return Ok(Settled::Kept(reason)),
    };
    match &read.parcel.content {
        ParcelContent::Commands { commands } => work_through(state, &sender, commands).await,
        ParcelContent::Photo { upload, offset } => {
            piece::add(state, &sender.account, upload.clone(), *offset, read.bytes.clone()).await
        }
    }
}

/// Who packed it, as long as they may still send anything.
fn sender(
    snapshot: &dyn StoreRead,
    user: UserId,
    device: DeviceId,
) -> Result<Result<DeviceAuth, KeptReason>, StoreError> {
    let account = snapshot.account(user)?.filter(|account| !account.is_disabled);
    let Some(account) = account else { return Ok(Err(KeptReason::AccountBarred)) };
    let Some(device) = snapshot.device(device)? else { return Ok(Err(KeptReason::OtherOwner)) };
    Ok(if device.is_revoked {
        Err(KeptReason::DeviceRevoked)
    } else if device.user_id == user {
        Ok(DeviceAuth { session_id: Uuid::nil(), account, device })
    } else {
        Err(KeptReason::OtherOwner)
    })
}

async fn work_through(state: &AppState, sender: &DeviceAuth, commands: &[Envelope]) -> Result<Settled, ApiError> {
    for part in commands.chunks(MAX_BATCH_COMMANDS) {
        let batch = Batch {
            sender: sender.clone(),
            commands: part.to_vec(),
            health: None,
            arrived_at: state.now(),
            policies: state.config.policies.clone(),
        };
        let sent: BTreeSet<u64> = part.iter().map(|envelope| envelope.seq).collect();
        match state.store.write(move |txn| reconcile(txn, &batch)).await {
            Ok(results) if results.len() == sent.len() => {}
            Ok(_) => return Ok(Settled::Kept(KeptReason::Gap)),
            Err(error) if error.code == ErrorCode::SequenceReused => {
                return Ok(Settled::Kept(KeptReason::NumberReused));
            }
            // Barred between the question and the work.
            Err(error) if error.code == ErrorCode::TokenInvalid => {
                return Ok(Settled::Kept(KeptReason::AccountBarred));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(Settled::Taken)
}
