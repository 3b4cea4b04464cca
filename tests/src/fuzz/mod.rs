//! What reads bytes from outside, as functions of bytes: no input may make one panic, or answer otherwise than exactly.
//!
//! The same functions run in two ways: seeded mutation of the corpus with every test run (`tests/tests/fuzz.rs`), and
//! guided by coverage under `cargo fuzz` (`tests/fuzz`, the lane `fuzz`).

mod decoders;
mod door;
mod mutation;

use storewalk_server::import::{Encoding, Limits, ReadOptions, read_table};

pub use decoders::{bucket, command, heal, parcel, photo, sealed_parcel, segment, sync_request, sync_response};
pub use door::{door, is_still_served};
pub use mutation::{corpus, mutated, sound_seeds};

/// Something that reads bytes.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name, and its corpus's.
    pub name: &'static str,
    /// Reads; panics only when something is wrong.
    pub read: fn(&[u8]),
    /// Inputs of a test run.
    pub rounds: u64,
}

/// Everything that reads bytes.
pub const TARGETS: [Target; 10] = [
    Target { name: "bucket", read: bucket, rounds: 20_000 },
    Target { name: "command", read: command, rounds: 8_000 },
    Target { name: "sync_request", read: sync_request, rounds: 4_000 },
    Target { name: "sync_response", read: sync_response, rounds: 4_000 },
    Target { name: "heal", read: heal, rounds: 4_000 },
    Target { name: "segment", read: segment, rounds: 4_000 },
    Target { name: "parcel", read: parcel, rounds: 2_000 },
    Target { name: "photo", read: photo, rounds: 4_000 },
    Target { name: "import", read: import, rounds: 3_000 },
    Target { name: "door", read: door, rounds: 1_500 },
];

/// A file for import, text or workbook: read within its limits or refused as a whole.
pub fn import(bytes: &[u8]) {
    let limits = Limits { file_bytes: 1 << 20, unpacked_bytes: 4 << 20, rows: 1_000, columns: 50, cell_chars: 200 };
    let options = ReadOptions { encoding: Encoding::default(), sheet: None, limits };
    for name in ["outlets.csv", "outlets.xlsx"] {
        drop(read_table(name, bytes, &options));
    }
}

#[cfg(test)]
mod tests {
    use serde::de::DeserializeOwned;
    use storewalk_domain::sync::{Bucket, Command};
    use storewalk_photo::check;
    use storewalk_wire::{HealRequest, SyncRequest, SyncResponse};

    use super::*;

    fn all_read<T: DeserializeOwned>(target: &str) {
        for seed in sound_seeds(target).expect("a corpus") {
            let read = serde_json::from_slice::<T>(&seed);
            assert!(read.is_ok(), "{target}: {:?} {}", read.err(), String::from_utf8_lossy(&seed));
        }
    }

    #[test]
    fn the_corpus_is_what_it_is_a_corpus_of() {
        all_read::<Command>("command");
        all_read::<SyncRequest>("sync_request");
        all_read::<SyncResponse>("sync_response");
        all_read::<HealRequest>("heal");
        for seed in sound_seeds("bucket").expect("a corpus") {
            let text = String::from_utf8(seed).expect("text");
            assert!(text.parse::<Bucket>().is_ok(), "{text}");
        }
        for seed in sound_seeds("photo").expect("a corpus") {
            let seen = check(&seed, &storewalk_photo::Limits::default());
            assert!(seen.is_ok(), "{seen:?}");
        }
    }
}
