//! What the phone remembers of the true time across a reboot, and what it says about a clock that is wrong.
//!
//! **Invariant.** The remembered instant only rises, and only by what the phone was sure of: a count from a meeting with
//! the server in the same boot, never the wall clock.

use std::sync::PoisonError;

use rusqlite::{Connection, OptionalExtension};
use serde::Serialize;
use storewalk_domain::{
    text::Localized,
    time::{CaptureTime, HOUR_MS, Timestamp},
    trusted::CLOCK_WARNING_MS,
};

use crate::{ClientError, Phone};

const MINUTE_MS: i64 = 60_000;

/// A clock that its owner should set. Work goes on: times are reckoned without it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct ClockWarning {
    /// How far the clock is ahead in milliseconds; negative when it is behind.
    pub skew_ms: i64,
    /// What is wrong.
    pub sentence: Localized,
    /// What to do.
    pub next_step: Localized,
}

impl ClockWarning {
    /// The warning for a moment; `None` while the clock is right within five minutes, or the phone cannot tell.
    pub(crate) fn of(now: &CaptureTime) -> Option<Self> {
        let skew_ms = now.skew_ms().filter(|skew| skew.saturating_abs() >= CLOCK_WARNING_MS)?;
        Some(Self::off_by(skew_ms))
    }

    /// What is said of a clock that is off by so many milliseconds; fast when above zero.
    pub(super) fn off_by(skew_ms: i64) -> Self {
        let amount = amount(skew_ms.saturating_abs());
        let (zh, en) = if skew_ms > 0 { ("快", "fast") } else { ("慢", "slow") };
        Self {
            skew_ms,
            sentence: Localized::new(
                format!("手机时钟{zh}了 {}", amount.zh),
                format!("This phone's clock is {} {en}", amount.en),
            ),
            next_step: Localized::new(
                "请在系统设置中打开自动设置时间；已记录的内容不受影响",
                "Turn on automatic time in the system settings; what was recorded is not affected",
            ),
        }
    }
}

fn amount(ms: i64) -> Localized {
    if ms < HOUR_MS {
        let minutes = (ms + MINUTE_MS / 2) / MINUTE_MS;
        Localized::new(format!("{minutes} 分钟"), format!("{minutes} min"))
    } else {
        let hours = ms.saturating_add(HOUR_MS / 2) / HOUR_MS;
        Localized::new(format!("{hours} 小时"), format!("{hours} h"))
    }
}

impl Phone {
    /// Takes over in memory what a transaction has written.
    pub(crate) fn raise_floor(&self, captured: &CaptureTime) {
        let mut floor = self.inner.trusted_floor.lock().unwrap_or_else(PoisonError::into_inner);
        *floor = (*floor).max(captured.certain());
    }
}

/// The latest instant the phone was sure of.
pub(crate) fn trusted_floor(connection: &Connection) -> Result<Option<Timestamp>, ClientError> {
    let found: Option<Option<i64>> =
        connection.query_row("SELECT trusted_floor FROM sync_state", [], |row| row.get(0)).optional()?;
    Ok(found.flatten().map(Timestamp))
}

/// Remembers an instant, where the phone is sure of it.
pub(crate) fn save_floor(connection: &Connection, captured: &CaptureTime) -> Result<(), ClientError> {
    if let Some(certain) = captured.certain() {
        connection
            .prepare_cached("UPDATE sync_state SET trusted_floor = max(coalesce(trusted_floor, :at), :at)")?
            .execute(rusqlite::named_params! { ":at": certain.0 })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use storewalk_domain::time::ServerAnchor;

    use super::*;

    fn warning(skew_ms: i64) -> Option<ClockWarning> {
        let server_at = Timestamp(1_741_966_000_000);
        ClockWarning::of(&CaptureTime {
            device_at: server_at.plus_ms(skew_ms),
            monotonic_ms: 5,
            boot_id: "b".into(),
            anchor: Some(ServerAnchor { server_at, monotonic_ms: 5, boot_id: "b".into() }),
            not_before: None,
        })
    }

    #[test]
    fn a_clock_26_hours_fast_is_named_in_both_languages() {
        let warning = warning(26 * HOUR_MS).expect("far off");
        assert_eq!(warning.sentence.en, "This phone's clock is 26 h fast");
        assert_eq!(warning.sentence.zh, "手机时钟快了 26 小时");
    }

    #[test]
    fn a_clock_is_named_from_five_minutes_on() {
        let cases = [
            (CLOCK_WARNING_MS - 1, None),
            (CLOCK_WARNING_MS, Some("This phone's clock is 5 min fast")),
            (-CLOCK_WARNING_MS, Some("This phone's clock is 5 min slow")),
            (-3 * HOUR_MS, Some("This phone's clock is 3 h slow")),
        ];
        for (skew_ms, sentence) in cases {
            assert_eq!(warning(skew_ms).map(|warning| warning.sentence.en).as_deref(), sentence);
        }
    }
}
