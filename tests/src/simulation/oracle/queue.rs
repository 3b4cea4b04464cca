//! The queue never stands still, and in quiet weather it empties.

use rusqlite::OptionalExtension;
use storewalk_domain::time::Clock;

use crate::simulation::{evidence::Evidence, handset::Handset};

/// Longest time until a next attempt.
const LONGEST_MS: i64 = 15 * 60_000;

/// The same for bytes that the server has refused.
const LONGEST_REFUSED_MS: i64 = 6 * 3_600_000;

/// Whether there is a next attempt within reach, whatever is pending.
///
/// # Errors
/// When the phone's database cannot be read.
pub fn always_a_next_attempt(handset: &Handset) -> anyhow::Result<Vec<String>> {
    let status = handset.phone().status()?;
    let wait = status.next_attempt_at.since_ms(handset.clock.now());
    Ok(if wait > LONGEST_MS {
        vec![format!("{}: the next attempt is {wait} ms away", handset.name)]
    } else {
        Vec::new()
    })
}

/// Whether every wait that is written down is one that was meant, as long as the phone's clock was never set: reading
/// them mends what is out of reach, and would hide it.
///
/// # Errors
/// When the phone's database cannot be read.
pub fn waits_are_in_bounds(handset: &Handset) -> anyhow::Result<Vec<String>> {
    if handset.clock.was_set() {
        return Ok(Vec::new());
    }
    let now = handset.clock.now().0;
    let waits = [
        ("sync", "SELECT next_attempt_at FROM sync_state", LONGEST_MS),
        ("a photo's bytes", "SELECT max(next_attempt_at) FROM uploads WHERE state = 'pending'", LONGEST_MS),
        ("a refused photo", "SELECT max(next_attempt_at) FROM uploads WHERE state = 'refused'", LONGEST_REFUSED_MS),
    ];
    let mut objections = Vec::new();
    for (what, sql, longest) in waits {
        let next: Option<Option<i64>> = handset.database().query_row(sql, [], |row| row.get(0)).optional()?;
        let wait = next.flatten().map_or(0, |next| next.saturating_sub(now));
        if wait > longest {
            objections.push(format!("{}: {what} waits for {wait} ms", handset.name));
        }
    }
    Ok(objections)
}

/// At quiescence: nothing is pending, nothing is half done.
///
/// # Errors
/// When the phone's database cannot be read.
pub fn nothing_is_left_over(handset: &impl Evidence) -> anyhow::Result<Vec<String>> {
    let leftovers = [
        ("pending commands", "SELECT count(*) FROM outbox WHERE state = 'pending'"),
        ("commands without an answer", "SELECT count(*) FROM outbox WHERE verdict IS NULL"),
        ("touched rows", "SELECT count(*) FROM outbox_rows"),
        ("shadows", "SELECT count(*) FROM shadows"),
        ("staged buckets", "SELECT count(*) FROM staged_buckets"),
        ("staged entries", "SELECT count(*) FROM staged_entries"),
        ("staged files", "SELECT count(*) FROM staged_segments"),
        // What is handed over may be read until the visit that is under way there is finished.
        (
            "parted rows",
            "SELECT count(*) FROM parted WHERE NOT (tbl = 'outlets' AND EXISTS (
                 SELECT 1 FROM visits WHERE visits.outlet_id = parted.row_id AND visits.status = 'in_progress'))",
        ),
        ("unknown rows", "SELECT count(*) FROM unknown_rows WHERE tbl <> 'things_of_a_later_release'"),
        ("local problems", "SELECT count(*) FROM outbox WHERE local_problem IS NOT NULL"),
    ];
    let mut objections = Vec::new();
    for (what, sql) in leftovers {
        let count: u64 = handset.database().query_row(sql, [], |row| row.get(0))?;
        if count > 0 {
            objections.push(format!("{}: {count} {what}", handset.name()));
        }
    }
    Ok(objections)
}
