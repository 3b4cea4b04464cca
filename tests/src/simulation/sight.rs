//! What a phone may show: what its last whole pull brought, or one that it was given since and may have published.

use std::collections::BTreeMap;

use storewalk_domain::sync::Bucket;
use storewalk_wire::{Cursor, SyncResponse};

use super::scopes::Scope;

/// How far each bucket was read: the life of its log and the position.
pub type Positions = BTreeMap<Bucket, (u64, u64)>;

/// What one whole pull leads to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct View {
    /// The buckets the person could see at some time while it was asked for.
    pub scope: Scope,
    /// How far it reads.
    pub positions: Positions,
}

/// The views a phone may show.
#[derive(Clone, Default)]
pub struct Sight {
    /// Surely published.
    confirmed: View,
    /// Given since, and perhaps published.
    given: Vec<View>,
    /// Published before, and shown again by a phone that loses the end of what it has written.
    past: Vec<View>,
}

impl Sight {
    /// The phone is given a whole pull.
    pub fn give(&mut self, view: View) {
        self.given.push(view);
    }

    /// The phone says that it has published what it was given last.
    pub fn confirm(&mut self) {
        if let Some(last) = std::mem::take(&mut self.given).pop() {
            self.past.push(std::mem::replace(&mut self.confirmed, last));
        }
    }

    /// What the phone has ever written may be lost again, as far back as it likes: it does not know, and nor does the
    /// server until it asks next.
    pub fn doubt_all(&mut self) {
        let given = std::mem::take(&mut self.given);
        self.given = self.past.iter().cloned().chain(given).chain([self.confirmed.clone()]).collect();
    }

    /// What was published since an earlier sight may be lost again.
    pub fn doubt(&mut self, earlier: Self) {
        let latest = std::mem::replace(self, earlier);
        self.given.extend(latest.given);
        self.given.push(latest.confirmed);
    }

    /// The buckets whose rows the phone may hold.
    pub fn scope(&self) -> Scope {
        self.given.iter().flat_map(|view| &view.scope).chain(&self.confirmed.scope).cloned().collect()
    }

    /// Whether a phone that has read so far shows a whole pull and not a part of one.
    pub fn is_whole(&self, positions: &Positions) -> bool {
        self.given.iter().chain([&self.confirmed]).any(|view| view.positions == *positions)
    }

    /// The same where a bucket of which the phone held nothing may be published before the others of its pull.
    pub fn is_whole_or_early(&self, positions: &Positions) -> bool {
        let views = || self.given.iter().chain([&self.confirmed]);
        let nothing = View::default();
        views().chain([&nothing]).any(|base| {
            let is_early = |bucket: &Bucket, place: &(u64, u64)| {
                !base.positions.contains_key(bucket)
                    && self.given.iter().any(|view| view.positions.get(bucket) == Some(place))
            };
            let is_new = |(bucket, place): (&Bucket, &(u64, u64))| {
                base.positions.get(bucket) == Some(place) || is_early(bucket, place)
            };
            base.positions.keys().all(|bucket| positions.contains_key(bucket)) && positions.iter().all(is_new)
        })
    }
}

/// Where a request says the phone stands.
pub fn positions(cursors: &[Cursor]) -> Positions {
    cursors.iter().map(|cursor| (cursor.bucket.clone(), (cursor.epoch, cursor.position))).collect()
}

/// Where the phone stands after an answer.
pub fn after(mut read: Positions, response: &SyncResponse) -> Positions {
    for gone in &response.gone {
        read.remove(&gone.bucket);
    }
    read.extend(response.buckets.iter().map(|delta| (delta.bucket.clone(), (delta.epoch, delta.position))));
    read
}
