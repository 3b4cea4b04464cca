//! What a phone says about itself, once what it brought is worked through.
//!
//! A phone counts what is unsent before it sends it. Kept as it came, its health would speak of work that has arrived.

use storewalk_wire::{DeviceHealth, Envelope, UnsentAges};

use super::judge::kind_of;

/// The health of a phone without the commands that were just worked through; they are the oldest it had.
pub(super) fn after(health: &DeviceHealth, settled: &[Envelope]) -> DeviceHealth {
    let mut left = health.clone();
    let Some(last) = settled.last() else { return left };
    let count = settled.len() as u64;
    left.unsent_commands = left.unsent_commands.saturating_sub(count);
    if left.unsent_commands == 0 {
        left.oldest_unsent_at = None;
        left.unsent_kinds.clear();
        left.unsent_ages = UnsentAges::default();
        return left;
    }
    // Numbers rise with time: what is left is no older than the last that came.
    left.oldest_unsent_at = left.oldest_unsent_at.map(|oldest| oldest.max(last.captured.trusted()));
    for envelope in settled {
        if let Some(waiting) = left.unsent_kinds.get_mut(&kind_of(&envelope.command)) {
            *waiting = waiting.saturating_sub(1);
        }
    }
    left.unsent_kinds.retain(|_, waiting| *waiting > 0);
    let mut settled = count;
    let ages = &mut left.unsent_ages;
    for age in [&mut ages.older, &mut ages.week, &mut ages.day, &mut ages.hour] {
        let gone = settled.min(*age);
        (*age, settled) = (*age - gone, settled - gone);
    }
    left
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;
    use storewalk_domain::{
        ids::CommandId,
        time::{CaptureTime, Timestamp},
    };
    use uuid::Uuid;

    use super::*;

    fn envelope(seq: u64, kind: &str) -> Envelope {
        let captured: CaptureTime = serde_json::from_value(json!({
            "device_at": seq * 1_000, "monotonic_ms": 0, "boot_id": "b", "anchor": null
        }))
        .expect("a time");
        Envelope {
            seq,
            command_id: CommandId(Uuid::from_u128(u128::from(seq))),
            schema: 1,
            command: json!({ "kind": kind, "args": {} }),
            captured,
            seen: BTreeMap::new(),
        }
    }

    #[test]
    fn a_phone_whose_work_has_arrived_is_not_shown_as_waiting() {
        let health = DeviceHealth {
            unsent_commands: 3,
            unsent_photos: 1,
            oldest_unsent_at: Some(Timestamp(1_000)),
            unsent_kinds: BTreeMap::from([("visit.answer".to_owned(), 2), ("visit.finish".to_owned(), 1)]),
            unsent_ages: UnsentAges { hour: 1, day: 2, ..UnsentAges::default() },
            ..DeviceHealth::default()
        };
        let sent = [envelope(1, "visit.answer"), envelope(2, "visit.answer"), envelope(3, "visit.finish")];
        let half = after(&health, &sent[..2]);
        assert_eq!((half.unsent_commands, half.oldest_unsent_at), (1, Some(Timestamp(2_000))));
        assert_eq!(half.unsent_kinds, BTreeMap::from([("visit.finish".to_owned(), 1)]));
        assert_eq!(half.unsent_ages, UnsentAges { hour: 1, ..UnsentAges::default() });
        let all = after(&health, &sent);
        assert_eq!((all.unsent_commands, all.unsent_photos, all.oldest_unsent_at), (0, 1, None));
        assert!(all.unsent_kinds.is_empty() && all.unsent_ages.is_empty());
        assert_eq!(after(&health, &[]), health);
    }
}
