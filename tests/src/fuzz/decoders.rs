//! The decoders of what phones and servers send each other, as functions of bytes: no input may make one panic, or answer
//! otherwise than exactly. This file is built twice: with the tests, and by itself under `cargo fuzz` (`tests/fuzz`), where
//! everything it stands on is instrumented. So it stands on rules, protocol and photos alone.
//!
//! Where a body travels compressed, a first byte `p` says that the rest is to be packed first, so that mutation reaches
//! what lies behind the packing.

use std::ops::ControlFlow;

use serde::{Serialize, de::DeserializeOwned};
use storewalk_domain::{
    ids::{DeviceId, UserId},
    problem::ProblemCode,
    sync::{Bucket, Command},
    time::Timestamp,
};
use storewalk_photo::{Limits, MAX_THUMBNAIL_BYTES, Settings, Watch, check, examine};
use storewalk_wire::{
    DeviceKey, HealRequest, Parcel, ParcelContent, SegmentReader, SegmentRef, ServerKey, SyncRequest, SyncResponse,
    inspect_parcel, open_parcel, seal_parcel, segment_name,
};
use uuid::Uuid;

/// A bucket's name: what is read is written as it was, up to the spelling of its id.
///
/// # Panics
/// When that does not hold.
pub fn bucket(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match text.parse::<Bucket>() {
        Ok(bucket) => assert_eq!(bucket.to_string().parse(), Ok(bucket)),
        Err(error) => assert!(error.to_string().len() < 400, "a refusal repeats at most the beginning"),
    }
}

/// A command's JSON: what is read is written and read again the same.
pub fn command(bytes: &[u8]) {
    reads_back::<Command>(bytes);
}

/// The body of a sync as a server reads it.
pub fn sync_request(bytes: &[u8]) {
    reads_back::<SyncRequest>(bytes);
}

/// The body of a sync as a phone reads it.
pub fn sync_response(bytes: &[u8]) {
    reads_back::<SyncResponse>(bytes);
}

/// A question for healing.
pub fn heal(bytes: &[u8]) {
    reads_back::<HealRequest>(bytes);
}

fn reads_back<T: Serialize + DeserializeOwned>(bytes: &[u8]) {
    let Ok(value) = serde_json::from_slice::<T>(bytes) else { return };
    let written = serde_json::to_string(&value).unwrap_or_else(|error| panic!("what was read is written: {error}"));
    let again: T = serde_json::from_str(&written).unwrap_or_else(|error| panic!("{error}: {written}"));
    assert_eq!(serde_json::to_string(&again).ok(), Some(written));
}

/// A file of rows, announced with lengths that may be lies: never more rows or bytes than announced.
///
/// # Panics
/// When that does not hold.
pub fn segment(bytes: &[u8]) {
    let Some((flag, rest)) = bytes.split_first() else { return };
    let (packed, unpacked_bytes) = match flag {
        b'p' => (zstd::encode_all(rest, 1).unwrap_or_default(), rest.len() as u64),
        // A lie: a gigabyte.
        b'g' => (rest.to_vec(), 1 << 30),
        _ => (rest.to_vec(), 1 << 16),
    };
    let rows = rest.split(|byte| *byte == b'\n').count() as u64;
    let announced = SegmentRef { hash: segment_name(&packed), bytes: packed.len() as u64, unpacked_bytes, rows };
    let Ok(mut reader) = SegmentReader::new(&*packed, &announced) else { return };
    let (mut read, mut held) = (0, 0);
    while let Ok(Some(row)) = reader.next_row() {
        read += 1;
        held += row.json.len() as u64;
        assert!(read <= rows && held <= unpacked_bytes, "more than was announced");
        if let Ok((id, fields)) = row.parse() {
            assert_eq!(fields.get("id").and_then(|id| id.as_str()?.parse().ok()), Some(id.0));
        }
    }
}

/// A queue in a file: opened only if every bit of it is as it was sealed.
///
/// # Panics
/// When that does not hold.
pub fn parcel(bytes: &[u8]) {
    let seen = inspect_parcel(bytes);
    let Some(key) = ServerKey::from_seed([7; 32]) else { return };
    match open_parcel(bytes, &[key]) {
        Ok(opened) => {
            assert!(seen.is_ok(), "what opens looks whole");
            let signer = DeviceKey::from_seed([9; 32]).public();
            if let Ok((parcel, _)) = opened.read([signer.as_str()]) {
                assert_eq!(parcel, contents(), "only what was sealed reads");
            }
        }
        Err(fault) => assert!(fault.code().starts_with("parcel_")),
    }
}

fn contents() -> Parcel {
    Parcel {
        device_id: DeviceId(Uuid::from_u128(1)),
        user_id: UserId(Uuid::from_u128(2)),
        packed_at: Timestamp(3),
        number: 1,
        of: 1,
        content: ParcelContent::Commands { commands: Vec::new() },
    }
}

/// A well-sealed parcel for the corpus.
pub fn sealed_parcel() -> Vec<u8> {
    let to = ServerKey::from_seed([7; 32]).map(|key| key.public());
    to.and_then(|to| seal_parcel(&contents(), &[], &to, &DeviceKey::from_seed([9; 32])).ok()).unwrap_or_default()
}

/// A photo's file, of a few pixels at most: what its picture shows is told only of a file that was found sound before,
/// and what is refused is refused by name.
///
/// # Panics
/// When that does not hold.
pub fn photo(bytes: &[u8]) {
    let limits = Limits {
        bytes: 1 << 20,
        pixels: 1 << 17,
        progressive_pixels: 1 << 17,
        interlaced_pixels: 1 << 17,
        ..Limits::default()
    };
    let settings = Settings { limits, ..Settings::default() };
    let mut goes_on = |_| ControlFlow::Continue(());
    let seen = check(bytes, &settings.limits);
    match (seen, examine(bytes, &settings, &mut Watch::new(&mut goes_on))) {
        (Ok(checked), Ok(examined)) => {
            assert_eq!(examined.checked, checked, "a second look sees the same");
            assert!(examined.thumbnail.len() <= MAX_THUMBNAIL_BYTES);
        }
        (Ok(_), Err(fault)) => assert_ne!(fault.code(), ProblemCode::Unknown),
        (Err(fault), worked) => {
            assert_ne!(fault.code(), ProblemCode::Unknown);
            assert!(worked.is_err(), "what is no photo was worked through");
        }
    }
}
