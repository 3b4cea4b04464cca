//! How often the delivery promise is kept.
//!
//! Kept rate = lines delivered within the promised calendar days of acceptance ÷ lines accepted. A line that is still
//! on its way and within its days is not counted yet: it is neither kept nor broken. A line that is late counts as not
//! kept from the day after its last day, delivered or not.

use rust_decimal::{Decimal, RoundingStrategy};

use super::DeliveryLine;
use crate::time::BusinessDate;

/// The kept rate with what it rests on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct KeptRate {
    /// Lines delivered in time.
    pub kept: usize,
    /// Lines whose promise was kept or broken by now.
    pub counted: usize,
    /// Lines on their way and within their days.
    pub on_the_way: usize,
}

impl KeptRate {
    /// The rate in percent, one decimal; `None` while there is nothing to count.
    pub fn pct(&self) -> Option<Decimal> {
        let share = Decimal::from(self.kept).checked_mul(Decimal::ONE_HUNDRED)?.checked_div(self.counted.into())?;
        Some(share.round_dp_with_strategy(1, RoundingStrategy::MidpointAwayFromZero))
    }
}

/// Counts how many lines were delivered within `promise_days` calendar days of their acceptance, as of a date.
pub fn kept_rate<'a>(
    lines: impl IntoIterator<Item = &'a DeliveryLine>,
    promise_days: u32,
    today: BusinessDate,
) -> KeptRate {
    let mut rate = KeptRate::default();
    for line in lines {
        let last_day = line.accepted_on.plus_days(i64::from(promise_days));
        match line.delivered_on {
            Some(delivered_on) if delivered_on <= last_day => rate.kept += 1,
            None if today <= last_day => {
                rate.on_the_way += 1;
                continue;
            }
            Some(_) | None => {}
        }
        rate.counted += 1;
    }
    rate
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use uuid::Uuid;

    use super::*;
    use crate::ids::{DealerId, DeliveryLineId};

    fn day(text: &str) -> BusinessDate {
        BusinessDate::parse(text).expect("a valid date")
    }

    fn line(accepted_on: &str, delivered_on: Option<&str>) -> DeliveryLine {
        DeliveryLine {
            id: DeliveryLineId(Uuid::from_u128(1)),
            dealer_id: DealerId(Uuid::from_u128(2)),
            order_id: None,
            accepted_on: day(accepted_on),
            delivered_on: delivered_on.map(day),
        }
    }

    #[test]
    fn of_100_lines_84_in_time_are_84_percent() {
        let in_time = (0..84).map(|_| line("2025-03-01", Some("2025-03-08")));
        let late = (0..10).map(|_| line("2025-03-01", Some("2025-03-09")));
        let missing = (0..6).map(|_| line("2025-03-02", None));
        let lines: Vec<DeliveryLine> = in_time.chain(late).chain(missing).collect();
        let rate = kept_rate(&lines, 7, day("2025-03-31"));
        assert_eq!((rate.kept, rate.counted, rate.pct()), (84, 100, Some(Decimal::new(840, 1))));
    }

    #[rstest]
    #[case("2025-03-08", KeptRate { kept: 0, counted: 0, on_the_way: 1 })]
    #[case("2025-03-09", KeptRate { kept: 0, counted: 1, on_the_way: 0 })]
    fn a_line_on_its_way_counts_from_the_day_it_is_late(#[case] today: &str, #[case] expected: KeptRate) {
        assert_eq!(kept_rate(&[line("2025-03-01", None)], 7, day(today)), expected);
    }

    #[test]
    fn without_lines_there_is_no_rate() {
        assert_eq!(kept_rate(&[], 7, day("2025-03-01")).pct(), None);
        assert_eq!(kept_rate(&[line("2025-03-01", None)], u32::MAX, day("2025-03-01")).counted, 0);
    }
}
