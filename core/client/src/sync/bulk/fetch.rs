//! Brings the segments a pull under way needs.

use std::collections::BTreeSet;

use storewalk_domain::sync::Bucket;
use storewalk_wire::SegmentRef;

use super::SegmentFiles;
use crate::{
    ClientError, Phone,
    sync::{publish, stage},
};

/// How often a segment that arrives wrong is fetched from its first byte.
const MOST_STARTS: u32 = 3;

/// How fetching went.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::sync) enum Fetched {
    /// Everything staged lies here.
    All,
    /// A bucket's files cannot be had; what was staged of it is forgotten, and the pull goes on.
    NotAll,
}

impl Phone {
    /// Fetches what a complete pull names and is not yet here, the most needed buckets first; each that can be shown
    /// alone is published as soon as its files are here. A broken line leaves what arrived; the next run goes on from
    /// there. `rows` counts what was published early.
    pub(in crate::sync) async fn fetch_segments(&self, rows: &mut u64) -> Result<Fetched, ClientError> {
        let needed = self.read(stage::segments)?;
        for (place, (bucket, segment)) in needed.iter().enumerate() {
            let before = place.checked_sub(1).map(|place| &needed[place].0);
            if let Some(whole) = before.filter(|before| *before != bucket) {
                *rows += self.write(|transaction| publish::publish_early(transaction, whole, &self.inner.segments))?;
            }
            let parsed = stage::parse(bucket)?;
            if !SegmentFiles::is_fit(segment) || !self.fetch_one(&parsed, segment).await? {
                tracing::warn!(bucket, hash = segment.hash, "a segment cannot be had; the bucket comes in pages");
                self.write(|transaction| stage::forget(transaction, bucket))?;
                return Ok(Fetched::NotAll);
            }
        }
        Ok(Fetched::All)
    }

    /// Fetches one segment. Says whether it is here, whole and as its name says.
    async fn fetch_one(&self, bucket: &Bucket, segment: &SegmentRef) -> Result<bool, ClientError> {
        let files = &self.inner.segments;
        if files.has(segment) {
            return Ok(true);
        }
        for _ in 0..MOST_STARTS {
            let mut offset = files.offset(segment).min(segment.bytes);
            while offset < segment.bytes {
                let answer = self
                    .authorized(|api, token| {
                        let (bucket, segment) = (bucket.clone(), segment.clone());
                        async move { api.segment(&token, &bucket, &segment, offset).await }
                    })
                    .await;
                let bytes = match answer {
                    Ok(bytes) => bytes,
                    // It is no longer there, or no longer this person's: another pull says what is.
                    Err(ClientError::Refused(_)) => return Ok(false),
                    Err(error) => return Err(error),
                };
                if bytes.is_empty() {
                    return Err(ClientError::NotTheServer);
                }
                self.needs_room(bytes.len())?;
                files.append(segment, offset, &bytes)?;
                offset = files.offset(segment);
            }
            if files.finish(segment)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What is staged in bulk cannot be read: forgets it, as if nothing of these buckets had come.
    pub(in crate::sync) fn forget_segments(&self) -> Result<(), ClientError> {
        self.write(|transaction| {
            let staged = stage::segments(transaction)?;
            staged.iter().try_for_each(|(bucket, _)| stage::forget(transaction, bucket))
        })
    }

    /// Throws away files that no pull needs any more.
    pub(in crate::sync) fn tidy_segments(&self) -> Result<(), ClientError> {
        let needed: BTreeSet<String> =
            self.read(stage::segments)?.into_iter().map(|(_, segment)| segment.hash).collect();
        self.inner.segments.tidy(&needed);
        Ok(())
    }
}
