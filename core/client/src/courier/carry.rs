//! The bag of other people's parcels: files in a folder of the phone, each with a note of its attempts.
//!
//! **Invariants.** A parcel leaves the bag only when the server has answered for it, or when a person throws away one
//! that the server refused. Every parcel has a next attempt; a note that cannot be read means "now".

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use storewalk_domain::{
    text::Localized,
    time::{HOUR_MS, Timestamp},
};
use storewalk_wire::{ErrorCode, MAX_PARCEL_BYTES, ParcelFate, inspect_parcel, read_json};

use super::{CarriedView, Delivery, pack::EXTENSION};
use crate::{
    ClientError, Phone,
    photos::{sha256_hex, write_durably},
    sync::{delay_ms, is_of_the_line},
};

/// Wait before a parcel that the server refused is offered again: its fault may have been mended.
const REFUSED_WAIT_MS: i64 = 6 * HOUR_MS;

/// What is remembered of the attempts with a parcel.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
struct Note {
    attempts: u32,
    next_attempt_at: i64,
    last_error: Option<String>,
    is_refused: bool,
}

fn bag(phone: &Phone) -> PathBuf {
    phone.dir().join("parcels")
}

fn file_of(phone: &Phone, id: &str) -> PathBuf {
    bag(phone).join(format!("{id}.{EXTENSION}"))
}

fn note_of(phone: &Phone, id: &str) -> PathBuf {
    bag(phone).join(format!("{id}.json"))
}

/// Takes a parcel into the bag.
pub(super) fn carry(phone: &Phone, file: &Path) -> Result<CarriedView, ClientError> {
    // Never more than the limit is read, whatever the length claims.
    let bytes = crate::photos::read_part(file, 0, MAX_PARCEL_BYTES as u64 + 1)?;
    inspect_parcel(&bytes).map_err(ClientError::Parcel)?;
    let id = sha256_hex(&bytes);
    fs::create_dir_all(bag(phone))?;
    if !file_of(phone, &id).exists() {
        phone.needs_room(bytes.len())?;
        write_durably(&bag(phone), &format!("{id}.{EXTENSION}"), &bytes)?;
    }
    view(phone, &id)
}

/// The parcels in the bag, by name.
pub(super) fn carried(phone: &Phone) -> Result<Vec<CarriedView>, ClientError> {
    ids(phone)?.iter().map(|id| view(phone, id)).collect()
}

/// How many parcels are in the bag.
pub(crate) fn carried_count(phone: &Phone) -> u64 {
    ids(phone).map_or(0, |ids| ids.len() as u64)
}

fn ids(phone: &Phone) -> Result<Vec<String>, ClientError> {
    let entries = match fs::read_dir(bag(phone)) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error.into()),
    };
    let mut ids = Vec::new();
    for entry in entries {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let id = name.strip_suffix(EXTENSION).and_then(|name| name.strip_suffix('.'));
        ids.extend(id.filter(|id| !id.starts_with('.')).map(str::to_owned));
    }
    ids.sort();
    Ok(ids)
}

fn view(phone: &Phone, id: &str) -> Result<CarriedView, ClientError> {
    let size_bytes = fs::metadata(file_of(phone, id))?.len();
    let note = read_note(phone, id);
    let what = Localized::new(
        format!("为同事代送的包裹，{size_bytes} 字节"),
        format!("A parcel of {size_bytes} bytes carried for somebody"),
    );
    Ok(CarriedView {
        id: id.to_owned(),
        size_bytes,
        what,
        attempts: note.attempts,
        next_attempt_at: Timestamp(note.next_attempt_at),
        last_error: note.last_error,
        is_refused: note.is_refused,
    })
}

fn read_note(phone: &Phone, id: &str) -> Note {
    let text = fs::read(note_of(phone, id)).unwrap_or_default();
    read_json(&text).unwrap_or_default()
}

fn write_note(phone: &Phone, id: &str, note: &Note) -> Result<(), ClientError> {
    write_durably(&bag(phone), &format!("{id}.json"), &serde_json::to_vec(note)?)?;
    Ok(())
}

/// Throws a refused parcel away.
pub(super) fn discard(phone: &Phone, id: &str) -> Result<(), ClientError> {
    let is_there = ids(phone)?.iter().any(|known| known == id);
    if !is_there || !read_note(phone, id).is_refused {
        return Err(ClientError::NotFound { what: "parcel" });
    }
    drop_from_bag(phone, id)
}

/// The parcel first: a note without its parcel is nothing.
fn drop_from_bag(phone: &Phone, id: &str) -> Result<(), ClientError> {
    for path in [file_of(phone, id), note_of(phone, id)] {
        match fs::remove_file(path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    Ok(())
}

/// Hands in what is due.
pub(super) async fn deliver(phone: &Phone) -> Result<Delivery, ClientError> {
    let _turn = phone.inner.delivering.lock().await;
    let mut delivery = Delivery::default();
    for id in ids(phone)? {
        let note = read_note(phone, &id);
        let now = phone.now().device_at;
        let wait_ms = Timestamp(note.next_attempt_at).since_ms(now);
        // One planned further ahead than any wait was planned before the clock was set back.
        if wait_ms > 0 && wait_ms <= REFUSED_WAIT_MS {
            continue;
        }
        let bytes = fs::read(file_of(phone, &id))?;
        let answer = phone
            .authorized(|api, token| {
                let bytes = bytes.clone();
                async move { api.courier(&token, bytes).await }
            })
            .await;
        let error = match answer {
            Ok(receipt) => {
                drop_from_bag(phone, &id)?;
                match receipt.fate {
                    ParcelFate::Taken => delivery.taken += 1,
                    ParcelFate::Kept => delivery.kept += 1,
                }
                continue;
            }
            Err(error) => error,
        };
        if error.is_storage() || matches!(error, ClientError::SignedOut { .. }) {
            return Err(error);
        }
        let is_refused = matches!(&error, ClientError::Refused(body) if is_final(body.code));
        let attempts = note.attempts.saturating_add(1);
        let asked = if let ClientError::Busy { retry_after_ms } = &error { *retry_after_ms } else { None };
        let wait_ms = if is_refused { REFUSED_WAIT_MS } else { delay_ms(attempts, asked, phone.new_id()) };
        let next_attempt_at = phone.now().device_at.plus_ms(wait_ms).0;
        let last_error = Some(error.code().to_owned());
        write_note(phone, &id, &Note { attempts, next_attempt_at, last_error, is_refused })?;
        if is_refused {
            delivery.refused += 1;
        } else {
            // A network that failed one parcel fails them all.
            break;
        }
    }
    delivery.left = carried_count(phone);
    Ok(delivery)
}

/// The line works: parcels that a dead one held up are due.
pub(crate) fn hasten(phone: &Phone) -> Result<(), ClientError> {
    for id in ids(phone)? {
        let note = read_note(phone, &id);
        if note.next_attempt_at > 0 && note.last_error.as_deref().is_some_and(is_of_the_line) {
            write_note(phone, &id, &Note { next_attempt_at: 0, ..note })?;
        }
    }
    Ok(())
}

/// Whether the server will not have these bytes however often they are offered.
fn is_final(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::ParcelUnknown
            | ErrorCode::ParcelVersion
            | ErrorCode::ParcelTruncated
            | ErrorCode::ParcelTooLarge
            | ErrorCode::ParcelOtherServer
            | ErrorCode::ParcelTampered
            | ErrorCode::ParcelSignature
            | ErrorCode::ParcelUnreadable
            | ErrorCode::ParcelsWaiting
            | ErrorCode::NotFound
            | ErrorCode::MethodNotAllowed
            | ErrorCode::BodyTooLarge
    )
}
