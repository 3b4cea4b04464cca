//! The queue never stands still, and in quiet weather it empties.

use storewalk_domain::time::Clock;

use crate::simulation::{evidence::Evidence, handset::Handset};

/// Longest time until a next attempt.
const LONGEST_MS: i64 = 15 * 60_000;

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
