//! Parcels on bad roads.

use proptest::prelude::*;
use storewalk_domain::{
    ids::{CommandId, PhotoId, UserId},
    time::{CaptureTime, Timestamp},
};

use super::*;
use crate::{Envelope, ParcelContent, UploadRequest, Variant};

fn device_key() -> DeviceKey {
    DeviceKey::from_seed([3; 32])
}

fn server_key(seed: u8) -> ServerKey {
    ServerKey::from_seed([seed; 32]).expect("a key")
}

fn parcel(commands: u64) -> Parcel {
    let envelope = |seq: u64| Envelope {
        seq,
        command_id: CommandId(Uuid::from_u128(seq.into())),
        schema: 1,
        command: serde_json::json!({ "kind": "visit.answer", "args": { "text": "幸福路手机城" } }),
        captured: CaptureTime {
            device_at: Timestamp(5),
            monotonic_ms: 5,
            boot_id: "b".into(),
            anchor: None,
            not_before: None,
        },
        seen: std::collections::BTreeMap::new(),
    };
    Parcel {
        device_id: DeviceId(Uuid::from_u128(7)),
        user_id: UserId(Uuid::from_u128(8)),
        packed_at: Timestamp(9),
        number: 1,
        of: 1,
        content: ParcelContent::Commands { commands: (1..=commands).map(envelope).collect() },
    }
}

fn sealed(parcel: &Parcel) -> Vec<u8> {
    seal_parcel(parcel, b"", &server_key(1).public(), &device_key()).expect("sealed")
}

fn opened(file: &[u8]) -> Result<(Parcel, Vec<u8>), ParcelFault> {
    open_parcel(file, &[server_key(2), server_key(1)])?.read([device_key().public().as_str()])
}

#[test]
fn what_was_packed_is_what_the_server_reads() {
    let packed = parcel(17);
    assert_eq!(opened(&sealed(&packed)), Ok((packed, Vec::new())));
    let photo = Parcel {
        content: ParcelContent::Photo {
            upload: UploadRequest {
                photo_id: PhotoId(Uuid::from_u128(4)),
                variant: Variant::Original,
                size_bytes: 9,
                sha256: "a".repeat(64),
            },
            offset: 3,
        },
        ..parcel(0)
    };
    let file = seal_parcel(&photo, b"\0bytes", &server_key(1).public(), &device_key()).expect("sealed");
    assert_eq!(opened(&file), Ok((photo, b"\0bytes".to_vec())));
}

#[test]
fn a_carrier_sees_a_size_in_steps_and_no_word_of_what_is_in_it() {
    let (one, many) = (sealed(&parcel(1)), sealed(&parcel(17)));
    assert_eq!(one.len(), many.len(), "a queue of one and a queue of seventeen look the same");
    for word in ["visit", "幸福路", "commands", &Uuid::from_u128(7).to_string()] {
        assert!(!many.windows(word.len()).any(|part| part == word.as_bytes()), "{word}");
    }
    let device = Uuid::from_u128(7);
    assert!(!many.windows(16).any(|part| part == device.as_bytes()));
    assert_ne!(sealed(&parcel(1)), one, "two packings of the same queue cannot be told to be the same");
    assert!(inspect_parcel(&many).is_ok());
}

#[test]
fn every_fault_has_its_own_name() {
    let file = sealed(&parcel(2));
    assert_eq!(opened(b""), Err(ParcelFault::NotAParcel));
    assert_eq!(opened(b"\xff\xd8\xff\xe0 a picture"), Err(ParcelFault::NotAParcel));
    for cut in [1, 8, 21, 22, 54, file.len() - 1] {
        assert_eq!(opened(&file[..cut]), Err(ParcelFault::Truncated), "cut at {cut}");
    }
    assert_eq!(opened(&[&file[..], b"x"].concat()), Err(ParcelFault::Truncated));
    let mut newer = file.clone();
    newer[8] = 2;
    assert_eq!(opened(&newer), Err(ParcelFault::NewerVersion));
    let elsewhere = seal_parcel(&parcel(1), b"", &server_key(9).public(), &device_key()).expect("sealed");
    assert_eq!(opened(&elsewhere), Err(ParcelFault::OtherServer));
    let forged = seal_parcel(&parcel(1), b"", &server_key(1).public(), &DeviceKey::from_seed([4; 32])).expect("sealed");
    assert_eq!(opened(&forged), Err(ParcelFault::BadSignature));
    assert_eq!(opened(&vec![b'S'; MAX_PARCEL_BYTES + 1]), Err(ParcelFault::TooLarge));
    let big = vec![0; MAX_PARCEL_BYTES];
    let refused = seal_parcel(&parcel(1), &big, &server_key(1).public(), &device_key());
    assert_eq!(refused, Err(ParcelFault::TooLarge));
    let no_key = CourierKey { id: String::new(), public_key: "zz".into() };
    assert_eq!(seal_parcel(&parcel(1), b"", &no_key, &device_key()), Err(ParcelFault::OtherServer));
}

#[test]
fn a_description_that_unpacks_to_a_flood_is_stopped() {
    let flood = zstd::encode_all(&vec![b' '; 64 * 1024 * 1024][..], 3).expect("packed");
    let body = [&length(flood.len()).expect("short")[..], &flood].concat();
    assert_eq!(parse(&body), None);
}

proptest! {
    #[test]
    fn no_change_of_any_bit_goes_unnoticed(place in any::<prop::sample::Index>(), bit in 0_u8..8) {
        let mut file = sealed(&parcel(3));
        let place = place.index(file.len());
        file[place] ^= 1 << bit;
        prop_assert!(opened(&file).is_err());
    }

    #[test]
    fn no_bytes_whatever_make_it_fall_over(bytes in proptest::collection::vec(any::<u8>(), 0..600), is_headed in any::<bool>()) {
        let file = if is_headed { [&sealed(&parcel(1))[..54], &bytes].concat() } else { bytes };
        prop_assert!(opened(&file).is_err());
        let _ = inspect_parcel(&file);
        prop_assert!(parse(&file).is_none());
        let _ = split(&file, [0; 8]);
    }
}
