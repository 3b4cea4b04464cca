//! A workbook's numbers and dates as a person sees them.

use calamine::{DataRef, ExcelDateTime};

/// A number as text with the 15 significant digits a spreadsheet shows: `949.0` is `949`, the float nearest to the sum
/// of 0.1 and 0.2 is `0.3`. `None` when it is not a number.
pub(super) fn plain(number: f64) -> Option<String> {
    if !number.is_finite() {
        return None;
    }
    let scientific = format!("{number:.14e}");
    let (mantissa, exponent) = scientific.split_once('e')?;
    let exponent: i32 = exponent.parse().ok()?;
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |rest| ("-", rest));
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let digits = digits.trim_end_matches('0');
    if digits.is_empty() {
        return Some("0".to_owned());
    }
    Some(format!("{sign}{}", place_point(digits, exponent)))
}

/// Digits with the point after the first one moved by `exponent` places.
fn place_point(digits: &str, exponent: i32) -> String {
    let places = usize::try_from(exponent.unsigned_abs()).unwrap_or_default();
    if exponent < 0 {
        return format!("0.{}{digits}", "0".repeat(places - 1));
    }
    let whole = places + 1;
    if digits.len() <= whole {
        return format!("{digits}{}", "0".repeat(whole - digits.len()));
    }
    let (before, after) = digits.split_at(whole);
    format!("{before}.{after}")
}

/// A date as `YYYY-MM-DD`, with `HH:MM:SS` behind it unless it is midnight; a duration as its number of days.
pub(super) fn date(moment: ExcelDateTime) -> Option<String> {
    // The calendar of workbooks starts in 1900 and ends in 9999; figures outside are no dates.
    if !moment.is_datetime() || !(0.0..2_958_466.0).contains(&moment.as_f64()) {
        return plain(moment.as_f64());
    }
    let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    let is_midnight = (hour, minute, second) == (0, 0, 0);
    Some(if is_midnight { date } else { format!("{date} {hour:02}:{minute:02}:{second:02}") })
}

/// What a cell shows: `Ok` with its text, `Err` with the name of its error.
pub(super) fn text_of(value: &DataRef<'_>) -> Result<String, String> {
    let not_a_number = || "#NUM!".to_owned();
    match value {
        DataRef::Empty => Ok(String::new()),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => Ok(text.clone()),
        DataRef::SharedString(text) => Ok((*text).to_owned()),
        DataRef::Bool(yes) => Ok(yes.to_string()),
        DataRef::Int(number) => Ok(number.to_string()),
        DataRef::Float(number) => plain(*number).ok_or_else(not_a_number),
        DataRef::DateTime(moment) => date(*moment).ok_or_else(not_a_number),
        DataRef::Error(error) => Err(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(949.0, "949")]
    #[case(0.1 + 0.2, "0.3")]
    #[case(1.1 * 3.0, "3.3")]
    #[case(-0.0, "0")]
    #[case(-12.5, "-12.5")]
    #[case(0.000_001, "0.000001")]
    #[case(6_901_234_567_892.0, "6901234567892")]
    #[case(30.521_78, "30.52178")]
    #[case(1e20, "100000000000000000000")]
    #[case(999_999.999_999_999_9, "1000000")]
    fn a_number_reads_as_the_sheet_shows_it(#[case] number: f64, #[case] text: &str) {
        assert_eq!(plain(number).as_deref(), Some(text));
    }

    #[test]
    fn what_is_no_number_has_no_text() {
        assert_eq!(plain(f64::NAN), None);
        assert_eq!(plain(f64::INFINITY), None);
    }

    #[test]
    fn the_smallest_and_the_largest_float_are_written_out() {
        for number in [f64::MIN_POSITIVE, f64::MAX, f64::MIN, 5e-324] {
            let text = plain(number).expect("finite");
            assert!(text.chars().all(|c| c.is_ascii_digit() || c == '.' || c == '-'), "{text}");
        }
    }
}
