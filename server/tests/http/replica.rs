//! A phone that keeps what it pulls, in bulk or entry by entry, and compares it with the server's sums.

use std::collections::{BTreeMap, BTreeSet};

use axum::{
    body::Body,
    http::{Method, StatusCode},
};
use serde_json::{Map, Value};
use storewalk_domain::{ids::RowId, sync::Bucket};
use storewalk_wire::{
    BucketDelta, BucketSum, Checksum, Cursor, HealRequest, RANGES, RangeSum, SegmentReader, SegmentRef, SyncRequest,
    SyncResponse, range_of, row_checksum, segment_name,
};

use crate::{
    phone::Phone,
    world::{Reply, World, bearing},
};

/// A row as the phone holds it.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Held {
    pub(crate) version: u64,
    pub(crate) fields: Map<String, Value>,
}

pub(crate) type Rows = BTreeMap<(String, RowId), Held>;

/// The phone, what it holds of each bucket, and what it fetched.
pub(crate) struct Replica {
    pub(crate) phone: Phone,
    pub(crate) buckets: BTreeMap<Bucket, Rows>,
    /// Names of the files fetched; one that is held already is not fetched again.
    pub(crate) fetched: BTreeSet<String>,
    files: BTreeMap<String, Vec<u8>>,
}

impl Replica {
    pub(crate) async fn of(world: &World, login: &str) -> Self {
        let phone = Phone::of(world, login).await;
        Self { phone, buckets: BTreeMap::new(), fetched: BTreeSet::new(), files: BTreeMap::new() }
    }

    /// One request of a phone that can do everything, and its answer, not yet taken in.
    pub(crate) async fn ask(&self, world: &World) -> SyncResponse {
        let request = SyncRequest {
            protocol: 1,
            capabilities: vec!["checksums".into(), "segments".into()],
            commands: Vec::new(),
            cursors: self.phone.cursors.clone(),
            health: storewalk_wire::DeviceHealth::default(),
        };
        let body = serde_json::to_value(request).expect("json");
        let reply = world.post("/sync", Some(&self.phone.access), &body).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        serde_json::from_slice(&reply.body).expect("an answer")
    }

    /// Pulls to the end; every sum on the way must be the one of the rows held. Gives the answers.
    pub(crate) async fn pull(&mut self, world: &World) -> Vec<SyncResponse> {
        let mut answers = Vec::new();
        loop {
            let answer = self.ask(world).await;
            for delta in &answer.buckets {
                self.take(world, delta).await;
            }
            for gone in &answer.gone {
                self.buckets.remove(&gone.bucket);
                self.phone.cursors.retain(|cursor| cursor.bucket != gone.bucket);
            }
            let is_complete = answer.is_complete;
            answers.push(answer);
            assert!(answers.len() < 50, "it never ends");
            if is_complete {
                return answers;
            }
        }
    }

    async fn take(&mut self, world: &World, delta: &BucketDelta) {
        if delta.is_restart {
            self.buckets.remove(&delta.bucket);
        }
        let mut rows = self.buckets.remove(&delta.bucket).unwrap_or_default();
        for segment in delta.snapshot.iter().flat_map(|snapshot| &snapshot.segments) {
            let bytes = self.fetch(world, &delta.bucket, segment).await;
            unpack(&bytes, segment, &mut rows);
        }
        for entry in &delta.entries {
            let key = (entry.table.clone(), entry.id);
            match &entry.row {
                Some(Value::Object(fields)) => {
                    rows.insert(key, Held { version: entry.version, fields: fields.clone() });
                }
                _ => drop(rows.remove(&key)),
            }
        }
        if delta.position == delta.head {
            assert_eq!(delta.sum, Some(sum_of(&rows)), "{}", delta.bucket);
        } else {
            assert_eq!(delta.sum, None, "a sum belongs to the head");
        }
        let (bucket, epoch, position) = (delta.bucket.clone(), delta.epoch, delta.position);
        self.phone.cursors.retain(|cursor| cursor.bucket != bucket);
        self.phone.cursors.push(Cursor { bucket: bucket.clone(), epoch, position });
        self.buckets.insert(bucket, rows);
    }

    async fn fetch(&mut self, world: &World, bucket: &Bucket, segment: &SegmentRef) -> Vec<u8> {
        if let Some(bytes) = self.files.get(&segment.hash) {
            return bytes.clone();
        }
        let reply = get_segment(world, &self.phone.access, bucket, &segment.hash, &[]).await;
        assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
        assert_eq!(segment_name(&reply.body), segment.hash);
        self.fetched.insert(segment.hash.clone());
        self.files.insert(segment.hash.clone(), reply.body.to_vec());
        reply.body.to_vec()
    }

    /// What the phone would ask to have a bucket healed.
    pub(crate) fn complaint(&self, bucket: &Bucket) -> HealRequest {
        let cursor = self.phone.cursors.iter().find(|cursor| cursor.bucket == *bucket).expect("a cursor");
        let mut ranges = vec![RangeSum::default(); RANGES];
        for (key, held) in &self.buckets[bucket] {
            let range = &mut ranges[usize::from(range_of(key.1))];
            range.rows += 1;
            range.checksum = range.checksum.plus(row_checksum(&key.0, key.1, held.version, &held.fields));
        }
        HealRequest { bucket: bucket.clone(), epoch: cursor.epoch, position: cursor.position, ranges }
    }

    /// What the phone holds of a bucket.
    pub(crate) fn sum(&self, bucket: &Bucket) -> BucketSum {
        sum_of(&self.buckets[bucket])
    }
}

fn unpack(bytes: &[u8], segment: &SegmentRef, rows: &mut Rows) {
    let mut reader = SegmentReader::new(bytes, segment).expect("a segment");
    while let Some(row) = reader.next_row().expect("readable") {
        let (id, fields) = row.parse().expect("a row");
        let before = rows.insert((row.table.to_owned(), id), Held { version: row.version, fields });
        assert_eq!(before, None, "a row lies in one file");
    }
}

pub(crate) fn sum_of(rows: &Rows) -> BucketSum {
    let sums = rows.iter().map(|(key, held)| row_checksum(&key.0, key.1, held.version, &held.fields));
    BucketSum { rows: rows.len() as u64, checksum: sums.fold(Checksum::default(), Checksum::plus) }
}

/// Asks for a segment.
pub(crate) async fn get_segment(
    world: &World,
    token: &str,
    bucket: &Bucket,
    hash: &str,
    headers: &[(&str, &str)],
) -> Reply {
    let request = bearing(Method::GET, &format!("/segments/{bucket}/{hash}"), Some(token));
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    world.send(request.body(Body::empty()).expect("a request")).await
}
