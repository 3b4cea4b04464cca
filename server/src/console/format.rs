//! Figures, times and sizes as a person reads them.

use rust_decimal::Decimal;
use storewalk_domain::{
    money::{Currency, Money},
    time::{BusinessDate, Timestamp, Zone},
};

use super::words::Words;

/// An amount with its currency: `¥31,418.80`, `EUR 12.00`.
pub(crate) fn money(amount: Money) -> String {
    match (amount.currency, amount.minor < 0) {
        (Currency::Cny, false) => format!("¥{amount}"),
        (Currency::Cny, true) => format!("−¥{}", Money { minor: amount.minor.saturating_neg(), ..amount }),
        (currency, _) => format!("{} {amount}", currency.code()),
    }
}

/// A share as a percentage: `0.02` is `2 %`.
pub(crate) fn share(rate: Decimal) -> String {
    let percent = rate.checked_mul(Decimal::ONE_HUNDRED).unwrap_or(rate);
    format!("{} %", percent.normalize())
}

/// `HH:MM` in a zone.
pub(crate) fn clock(at: Timestamp, zone: Zone) -> String {
    at.display_in(zone).split_off("YYYY-MM-DD ".len())
}

/// `YYYY-MM-DD HH:MM` in a zone.
pub(crate) fn moment(at: Timestamp, zone: Zone) -> String {
    at.display_in(zone)
}

/// A date with its day of the week.
pub(crate) fn day(date: BusinessDate, words: &Words) -> String {
    const DAYS: [&str; 7] = ["day.mon", "day.tue", "day.wed", "day.thu", "day.fri", "day.sat", "day.sun"];
    // 1970-01-05 was a Monday.
    let monday = BusinessDate::parse("1970-01-05").unwrap_or(date);
    let index = usize::try_from(date.days_since(monday).rem_euclid(7)).unwrap_or(0);
    words.fill("day.full", &[("date", &date.to_string()), ("day", words.t(DAYS[index]))])
}

/// How long ago something was, coarsely.
pub(crate) fn ago(earlier: Timestamp, now: Timestamp, words: &Words) -> String {
    let minutes = usize::try_from(now.since_ms(earlier) / 60_000).unwrap_or(0);
    match minutes {
        0 => words.t("ago.now").to_owned(),
        1..60 => words.count("ago.minutes", minutes),
        60..2880 => words.count("ago.hours", minutes / 60),
        _ => words.count("ago.days", minutes / 1440),
    }
}

/// A length of time in minutes: `61 min`, `2 h 5 min`.
pub(crate) fn minutes(minutes: i64, words: &Words) -> String {
    let (hours, rest) = (minutes / 60, minutes % 60);
    if hours < 2 {
        return words.fill("time.minutes", &[("m", &minutes.to_string())]);
    }
    words.fill("time.hours", &[("h", &hours.to_string()), ("m", &rest.to_string())])
}

/// A distance: `38 m`, `1.2 km`.
pub(crate) fn distance(metres: f64) -> String {
    if metres < 1000.0 { format!("{metres:.0} m") } else { format!("{:.1} km", metres / 1000.0) }
}

/// A size in bytes: `812 KB`, `3.4 MB`.
pub(crate) fn size(bytes: u64) -> String {
    let kilobytes = bytes.div_ceil(1024);
    if kilobytes < 1024 {
        return format!("{kilobytes} KB");
    }
    let tenths = kilobytes * 10 / 1024;
    format!("{}.{} MB", tenths / 10, tenths % 10)
}

/// A figure without trailing zeros.
pub(crate) fn figure(value: Decimal) -> String {
    value.normalize().to_string()
}

/// A unit price with comma groups and at least the two places people expect.
pub(crate) fn unit_price(value: Decimal) -> String {
    let mut value = value.normalize();
    if value.scale() < 2 {
        value.rescale(2);
    }
    let figure = value.abs().to_string();
    let (whole, fraction) = figure.split_once('.').unwrap_or((&figure, ""));
    let mut grouped = if value.is_sign_negative() { "−".to_owned() } else { String::new() };
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{grouped}.{fraction}")
}

#[cfg(test)]
mod tests {
    use storewalk_domain::text::Language;

    use super::*;

    #[test]
    fn an_amount_carries_its_currency() {
        assert_eq!(money(Money::new(3_141_880, Currency::Cny)), "¥31,418.80");
        assert_eq!(money(Money::new(-58_800, Currency::Cny)), "−¥588.00");
        assert_eq!(money(Money::new(1_200, Currency::Jpy)), "JPY 1,200");
    }

    #[test]
    fn a_date_names_its_day_of_the_week() {
        let friday = BusinessDate::parse("2025-03-14").expect("valid");
        assert!(day(friday, Words::of(Language::En)).contains("Friday"));
        assert!(day(friday, Words::of(Language::ZhHans)).contains("星期五"));
    }

    #[test]
    fn sizes_distances_and_shares_read_shortly() {
        assert_eq!((size(1), size(3_600_000)), ("1 KB".to_owned(), "3.4 MB".to_owned()));
        assert_eq!((distance(38.4), distance(1_240.0)), ("38 m".to_owned(), "1.2 km".to_owned()));
        assert_eq!((share(Decimal::new(2, 2)), share(Decimal::new(25, 3))), ("2 %".to_owned(), "2.5 %".to_owned()));
        assert_eq!(unit_price(Decimal::new(-1_234_567, 1)), "−123,456.70");
        assert_eq!(
            (unit_price(Decimal::new(860, 0)), unit_price(Decimal::new(1234, 3))),
            ("860.00".into(), "1.234".into())
        );
    }
}
