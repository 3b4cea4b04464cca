//! Phone and server of different releases: what either would lack or have too much is taken off or put on in between.
//!
//! **Invariant.** What a newer server adds is what the protocol lets it add: fields, tables, and nothing a phone of
//! this release has said it can do.

use serde_json::{Value, json};
use storewalk_domain::ids::RowId;
use storewalk_wire::{BucketDelta, Entry, OLDEST_PROTOCOL, SyncRequest, SyncResponse};
use uuid::Uuid;

/// A field that a newer server has in every row.
pub const FIELD: &str = "zz_of_a_later_release";

/// A table that only a newer server has.
pub const TABLE: &str = "things_of_a_later_release";

/// Which side is of another release.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Skew {
    /// None.
    #[default]
    None,
    /// The phone is of the first release: it can nothing that came later.
    OldPhone,
    /// The app is too old for the server to send it rows: it hands in work and gets none, until it is updated.
    Outdated,
    /// The server is of a later release: it sends fields and tables that the phone has never heard of.
    NewServer,
}

impl Skew {
    /// A request as the other release would have made it.
    pub fn request(self, request: &SyncRequest) -> SyncRequest {
        let mut request = request.clone();
        if self == Self::Outdated {
            request.protocol = OLDEST_PROTOCOL - 1;
        }
        if self != Self::None {
            request.capabilities.retain(|name| matches!(name.as_str(), "pages" | "zstd"));
        }
        request
    }

    /// An answer as the other release would have made it.
    pub fn answer(self, mut response: SyncResponse) -> SyncResponse {
        if self == Self::NewServer {
            response.buckets.iter_mut().for_each(enriched);
        }
        response
    }
}

fn enriched(delta: &mut BucketDelta) {
    for entry in &mut delta.entries {
        if let Some(Value::Object(fields)) = &mut entry.row {
            fields.insert(FIELD.to_owned(), json!({ "of": entry.version }));
        }
    }
    if let Some(last) = delta.entries.last().cloned() {
        let id = RowId(Uuid::from_u128(last.id.0.as_u128() ^ 0xF00D));
        let row = last.row.is_some().then(|| json!({ "id": id, "says": "something" }));
        delta.entries.push(Entry { table: TABLE.to_owned(), id, row, ..last });
    }
}
