//! A server may answer in as many pages as it likes. The real one fits a small organisation into one; here its answers
//! are cut into short pages, as it would cut those of a large one.

use storewalk_wire::{BucketDelta, SyncResponse};

use super::rng::Rng;

/// The same answer, ending early: some entries, the cursors that go with them, and the promise of more.
pub fn cut(mut response: SyncResponse, rng: &mut Rng) -> SyncResponse {
    let total: usize = response.buckets.iter().map(|delta| delta.entries.len()).sum();
    if total < 2 {
        return response;
    }
    let mut left = 1 + rng.index(total - 1);
    let mut kept = Vec::new();
    for delta in std::mem::take(&mut response.buckets) {
        if left == 0 {
            break;
        }
        let delta = shortened(delta, left);
        left -= delta.entries.len().min(left);
        kept.push(delta);
    }
    SyncResponse { buckets: kept, is_complete: false, ..response }
}

fn shortened(mut delta: BucketDelta, left: usize) -> BucketDelta {
    if delta.entries.len() > left {
        delta.entries.truncate(left);
        delta.position = delta.entries.last().map_or(delta.position, |entry| entry.position);
        // The sum is of the head, and this no longer reaches it.
        delta.sum = None;
    }
    delta
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn answer(rows: u64) -> SyncResponse {
        let entries: Vec<_> = (1..=rows)
            .map(|n| {
                json!({ "position": n, "table": "tasks", "id": uuid::Uuid::from_u128(n.into()), "version": 1,
                             "row": {} })
            })
            .collect();
        let delta = json!({ "bucket": "org", "epoch": 1, "head": rows, "entries": entries, "position": rows });
        serde_json::from_value(json!({
            "server_at": 0, "results": [], "acked_seq": 0,
            "actor": { "user_id": uuid::Uuid::nil(), "role": "rep", "territories": [], "dealers": [] },
            "policies": storewalk_domain::sync::Policies::default(), "buckets": [delta], "is_complete": true,
        }))
        .expect("an answer")
    }

    #[test]
    fn a_short_page_says_how_far_it_reaches_and_that_there_is_more() {
        for seed in 0..50 {
            let page = cut(answer(9), &mut Rng::new(seed));
            let delta = &page.buckets[0];
            assert!(!page.is_complete && !delta.entries.is_empty() && delta.entries.len() < 9);
            assert_eq!(delta.position, delta.entries.len() as u64);
        }
    }

    #[test]
    fn a_page_that_cannot_be_shorter_stays_whole() {
        assert!(cut(answer(1), &mut Rng::new(1)).is_complete);
    }
}
