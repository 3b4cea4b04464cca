//! Buckets of classes that only a newer release has: passed over, so that they cost their sender nothing else.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use storewalk_domain::sync::{Bucket, BucketParseError};

use crate::Cursor;

/// A bucket, or none: one of a newer release.
#[derive(PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
struct Known(Option<Bucket>);

impl TryFrom<String> for Known {
    type Error = BucketParseError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Bucket::known(&text).map(Self)
    }
}

/// Positions by bucket.
pub(crate) fn positions<'de, D: Deserializer<'de>>(input: D) -> Result<BTreeMap<Bucket, u64>, D::Error> {
    let found = BTreeMap::<Known, u64>::deserialize(input)?;
    Ok(found.into_iter().filter_map(|(bucket, position)| Some((bucket.0?, position))).collect())
}

/// Cursors.
pub(crate) fn cursors<'de, D: Deserializer<'de>>(input: D) -> Result<Vec<Cursor>, D::Error> {
    #[derive(Deserialize)]
    struct Found {
        bucket: Known,
        epoch: u64,
        position: u64,
    }
    let found = Vec::<Found>::deserialize(input)?;
    let known = |found: Found| Some(Cursor { bucket: found.bucket.0?, epoch: found.epoch, position: found.position });
    Ok(found.into_iter().filter_map(known).collect())
}
