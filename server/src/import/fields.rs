//! What the text of one cell means. Every reader takes the text as it stands and answers with a value or a fault.

use rust_decimal::{Decimal, prelude::ToPrimitive};
use storewalk_domain::{
    catalog::{Gs1Fault, parse_gln, parse_gtin},
    geo::Datum,
    money::{Currency, Money},
    outlet::OutletClass,
    time::{BusinessDate, Timestamp, Zone},
};

use super::{
    columns::half_width,
    fault::{Fault, ImportCode},
};

/// Most decimals of a unit price.
const PRICE_DECIMALS: u32 = 6;

/// No price or amount reaches this.
const AMOUNT_LIMIT: Decimal = Decimal::from_parts(3_567_587_328, 232, 0, false, 0); // 10^12

/// Most characters of a code.
const CODE_CHARS: usize = 64;

/// Text of at most `limit` characters, without control characters.
pub(super) fn text(cell: &str, limit: usize) -> Result<String, Fault> {
    if cell.chars().any(char::is_control) {
        return Err(Fault::new(ImportCode::TextInvalid));
    }
    if cell.chars().nth(limit).is_some() {
        return Err(Fault::new(ImportCode::CellTooLong).with("limit", limit));
    }
    Ok(cell.to_owned())
}

/// A code.
pub(super) fn code(cell: &str) -> Result<String, Fault> {
    text(cell, CODE_CHARS)
}

fn number_fault(cell: &str) -> Fault {
    Fault::new(ImportCode::NumberInvalid).with("value", cell)
}

/// A decimal: digits with at most one point and a sign.
fn decimal(cell: &str) -> Result<Decimal, Fault> {
    let folded = half_width(cell);
    let digits = folded.strip_prefix(['+', '-']).unwrap_or(&folded);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !is_digits(whole) || !is_digits(fraction) {
        return Err(number_fault(cell));
    }
    Decimal::from_str_exact(&folded).map_err(|_| Fault::new(ImportCode::NumberTooLarge).with("value", cell))
}

/// An amount above zero with at most `decimals` decimals.
fn amount(cell: &str, decimals: u32) -> Result<Decimal, Fault> {
    let value = decimal(cell)?.normalize();
    if value <= Decimal::ZERO {
        return Err(Fault::new(ImportCode::NumberNotPositive).with("value", cell));
    }
    if value >= AMOUNT_LIMIT {
        return Err(Fault::new(ImportCode::NumberTooLarge).with("value", cell));
    }
    if value.scale() > decimals {
        return Err(Fault::new(ImportCode::TooManyDecimals).with("value", cell).with("limit", decimals));
    }
    Ok(value)
}

/// A unit price.
pub(super) fn unit_price(cell: &str) -> Result<Decimal, Fault> {
    amount(cell, PRICE_DECIMALS)
}

/// An amount of money that its currency can hold exactly.
pub(super) fn money(cell: &str, currency: Currency) -> Result<Money, Fault> {
    let value = amount(cell, currency.decimals())?;
    let minor = (value * Decimal::from(10_u32.pow(currency.decimals()))).to_i64();
    minor
        .map(|minor| Money::new(minor, currency))
        .ok_or_else(|| Fault::new(ImportCode::NumberTooLarge).with("value", cell))
}

/// A whole number.
pub(super) fn integer(cell: &str, low: u32, high: u32) -> Result<u32, Fault> {
    let fault = |code| Fault::new(code).with("value", cell).with("low", low).with("high", high);
    let value = decimal(cell).map_err(|_| fault(ImportCode::IntegerInvalid))?;
    if !value.is_integer() {
        return Err(fault(ImportCode::IntegerInvalid));
    }
    value.to_u32().filter(|value| (low..=high).contains(value)).ok_or_else(|| fault(ImportCode::IntegerRange))
}

/// Yes or no.
pub(super) fn yes_no(cell: &str) -> Result<bool, Fault> {
    match half_width(cell).to_lowercase().as_str() {
        "yes" | "y" | "true" | "t" | "1" | "是" | "对" => Ok(true),
        "no" | "n" | "false" | "f" | "0" | "否" | "不" => Ok(false),
        _ => Err(Fault::new(ImportCode::YesNoInvalid).with("value", cell)),
    }
}

fn unknown_option(cell: &str, options: &str) -> Fault {
    Fault::new(ImportCode::OptionUnknown).with("value", cell).with("options", options)
}

/// A currency of Storewalk.
pub(super) fn currency(cell: &str) -> Result<Currency, Fault> {
    Currency::from_code(&half_width(cell))
        .ok_or_else(|| unknown_option(cell, &Currency::ALL.map(Currency::code).join(", ")))
}

/// A class of outlets, as a letter or with 类 or 级 behind it.
pub(super) fn class(cell: &str) -> Result<OutletClass, Fault> {
    let folded = half_width(cell);
    OutletClass::from_name(folded.trim_end_matches(['类', '级'])).ok_or_else(|| unknown_option(cell, "A, B, C"))
}

/// The datum of a position.
pub(super) fn datum(cell: &str) -> Result<Datum, Fault> {
    let folded: String = half_width(cell).chars().filter(char::is_ascii_alphanumeric).collect();
    match folded.to_ascii_uppercase().as_str() {
        "WGS84" => Ok(Datum::Wgs84),
        "GCJ02" => Ok(Datum::Gcj02),
        _ => Err(unknown_option(cell, "WGS-84, GCJ-02")),
    }
}

/// Degrees within ± `limit`.
pub(super) fn degrees(cell: &str, limit: u32) -> Result<f64, Fault> {
    let value = decimal(cell)?;
    if value.abs() > Decimal::from(limit) {
        return Err(Fault::new(ImportCode::CoordinateRange)
            .with("value", cell)
            .with("low", format!("-{limit}"))
            .with("high", limit));
    }
    // The text's own value, not the decimal's: parsing rounds once.
    half_width(cell).parse().map_err(|_| number_fault(cell))
}

/// An IANA time zone.
pub(super) fn zone(cell: &str) -> Result<Zone, Fault> {
    Zone::from_name(&half_width(cell)).ok_or_else(|| Fault::new(ImportCode::ZoneUnknown).with("value", cell))
}

/// An instant: a date, which counts from its first instant in `zone`, or RFC 3339 text.
pub(super) fn instant(cell: &str, zone: Zone) -> Result<Timestamp, Fault> {
    let folded = half_width(cell);
    let date = folded.strip_suffix(" 00:00:00").unwrap_or(&folded);
    let from_date = || calendar_date(date).map(|date| date.start_in(zone));
    Timestamp::parse(&folded).or_else(from_date).ok_or_else(|| Fault::new(ImportCode::DateInvalid).with("value", cell))
}

/// `2025-03-14`, `2025/3/14`, `2025.3.14` or `2025年3月14日`.
fn calendar_date(text: &str) -> Option<BusinessDate> {
    let text = text.strip_suffix('日').unwrap_or(text);
    let parts: Vec<&str> = text.split(['-', '/', '.', '年', '月']).collect();
    let [year, month, day] = parts.as_slice() else { return None };
    let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let fits = |part: &str| (1..=2).contains(&part.len()) && is_digits(part);
    if year.len() != 4 || !is_digits(year) || !fits(month) || !fits(day) {
        return None;
    }
    BusinessDate::parse(&format!("{year}-{month:0>2}-{day:0>2}"))
}

fn gs1_fault(fault: Gs1Fault, cell: &str, lengths: &str) -> Fault {
    match fault {
        Gs1Fault::NotDigits => Fault::new(ImportCode::KeyDigits),
        Gs1Fault::Length => Fault::new(ImportCode::KeyLength).with("lengths", lengths),
        Gs1Fault::CheckDigit { expected } => Fault::new(ImportCode::KeyCheckDigit).with("expected", expected),
    }
    .with("value", cell)
}

/// A Global Trade Item Number.
pub(super) fn gtin(cell: &str) -> Result<String, Fault> {
    parse_gtin(&half_width(cell)).map_err(|fault| gs1_fault(fault, cell, "8/12/13/14"))
}

/// A Global Location Number.
pub(super) fn gln(cell: &str) -> Result<String, Fault> {
    parse_gln(&half_width(cell)).map_err(|fault| gs1_fault(fault, cell, "13"))
}

#[cfg(test)]
mod tests;
