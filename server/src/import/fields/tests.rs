use rstest::rstest;

use super::*;

fn code_of<T>(read: Result<T, Fault>) -> Option<ImportCode> {
    read.err().map(|fault| fault.code)
}

#[rstest]
#[case("1299", 129_900)]
#[case("１２９９．５", 129_950)]
#[case("+0.01", 1)]
#[case("1.2300", 123)]
fn money_is_read_exactly(#[case] cell: &str, #[case] minor: i64) {
    assert_eq!(money(cell, Currency::Cny), Ok(Money::new(minor, Currency::Cny)));
}

#[rstest]
#[case("1.234", Currency::Cny, ImportCode::TooManyDecimals)]
#[case("1.5", Currency::Jpy, ImportCode::TooManyDecimals)]
#[case("-1", Currency::Cny, ImportCode::NumberNotPositive)]
#[case("0.00", Currency::Cny, ImportCode::NumberNotPositive)]
#[case("1,299.00", Currency::Cny, ImportCode::NumberInvalid)]
#[case("¥12", Currency::Cny, ImportCode::NumberInvalid)]
#[case("1e3", Currency::Cny, ImportCode::NumberInvalid)]
#[case("NaN", Currency::Cny, ImportCode::NumberInvalid)]
#[case(".5", Currency::Cny, ImportCode::NumberInvalid)]
#[case("5.", Currency::Cny, ImportCode::NumberInvalid)]
#[case("--5", Currency::Cny, ImportCode::NumberInvalid)]
#[case("1000000000000", Currency::Cny, ImportCode::NumberTooLarge)]
#[case("99999999999999999999999999999999999999", Currency::Cny, ImportCode::NumberTooLarge)]
fn an_amount_that_cannot_be_kept_is_refused(#[case] cell: &str, #[case] currency: Currency, #[case] code: ImportCode) {
    assert_eq!(code_of(money(cell, currency)), Some(code));
}

#[test]
fn a_unit_price_has_at_most_six_decimals() {
    assert_eq!(unit_price("0.123456"), Ok(Decimal::new(123_456, 6)));
    assert_eq!(code_of(unit_price("0.1234567")), Some(ImportCode::TooManyDecimals));
    assert_eq!(unit_price("0.1234560"), Ok(Decimal::new(123_456, 6)));
}

#[test]
fn the_amount_limit_is_a_million_millions() {
    assert_eq!(AMOUNT_LIMIT, Decimal::from(1_000_000_000_000_u64));
}

#[test]
fn a_whole_number_is_whole_and_in_range() {
    assert_eq!(integer("20", 1, 99), Ok(20));
    assert_eq!(integer("20.0", 1, 99), Ok(20));
    assert_eq!(code_of(integer("20.5", 1, 99)), Some(ImportCode::IntegerInvalid));
    assert_eq!(code_of(integer("many", 1, 99)), Some(ImportCode::IntegerInvalid));
    assert_eq!(code_of(integer("0", 1, 99)), Some(ImportCode::IntegerRange));
    assert_eq!(code_of(integer("-3", 1, 99)), Some(ImportCode::IntegerRange));
    assert_eq!(code_of(integer("4294967296", 1, u32::MAX)), Some(ImportCode::IntegerRange));
}

#[rstest]
#[case("是", true)]
#[case("YES", true)]
#[case("１", true)]
#[case("否", false)]
#[case("False", false)]
fn yes_and_no_are_read_in_both_languages(#[case] cell: &str, #[case] expected: bool) {
    assert_eq!(yes_no(cell), Ok(expected));
}

#[test]
fn choices_are_read_as_people_write_them() {
    assert_eq!(class("a"), Ok(OutletClass::A));
    assert_eq!(class("Ｂ类"), Ok(OutletClass::B));
    assert_eq!(code_of(class("D")), Some(ImportCode::OptionUnknown));
    assert_eq!(datum("wgs 84"), Ok(Datum::Wgs84));
    assert_eq!(datum("GCJ-02"), Ok(Datum::Gcj02));
    assert_eq!(code_of(datum("BD-09")), Some(ImportCode::OptionUnknown));
    assert_eq!(currency("cny"), Ok(Currency::Cny));
    assert_eq!(currency("XXX").expect_err("unknown").params["options"], "CNY, EUR, GBP, JPY, USD");
    assert_eq!(zone("Asia/Shanghai"), Ok(Zone::SHANGHAI));
    assert_eq!(code_of(zone("Beijing")), Some(ImportCode::ZoneUnknown));
}

#[rstest]
#[case("2025-03-14")]
#[case("2025/3/14")]
#[case("2025年3月14日")]
#[case("2025-03-14 00:00:00")]
#[case("2025-03-14T00:00:00+08:00")]
fn a_date_counts_from_its_first_instant(#[case] cell: &str) {
    assert_eq!(instant(cell, Zone::SHANGHAI), Ok(Timestamp(1_741_881_600_000)));
}

#[rstest]
#[case("14.03.2025")]
#[case("2025-02-30")]
#[case("25-03-14")]
#[case("2025-03-14 08:00:00")]
#[case("45730")]
#[case("+025-3-14")]
#[case("2025-+3-14")]
#[case("tomorrow")]
fn what_could_be_two_dates_or_none_is_refused(#[case] cell: &str) {
    assert_eq!(code_of(instant(cell, Zone::SHANGHAI)), Some(ImportCode::DateInvalid));
}

#[test]
fn degrees_stay_on_the_globe() {
    assert_eq!(degrees("-90", 90), Ok(-90.0));
    assert_eq!(code_of(degrees("114.35", 90)), Some(ImportCode::CoordinateRange));
    assert_eq!(code_of(degrees("inf", 90)), Some(ImportCode::NumberInvalid));
    assert_eq!(code_of(degrees("30°31'", 90)), Some(ImportCode::NumberInvalid));
}

#[test]
fn gs1_keys_say_what_is_wrong_with_them() {
    assert_eq!(gtin("9521101530018"), Ok("9521101530018".to_owned()));
    assert_eq!(gtin("9521101530019").expect_err("wrong").params["expected"], "8");
    assert_eq!(code_of(gtin("95211016")), Some(ImportCode::KeyCheckDigit));
    assert_eq!(code_of(gtin("952110153009")), Some(ImportCode::KeyCheckDigit));
    assert_eq!(code_of(gln("952110160101")), Some(ImportCode::KeyLength));
    assert_eq!(code_of(gln("9.52110160102E+12")), Some(ImportCode::KeyDigits));
}

#[test]
fn text_is_short_and_visible() {
    assert_eq!(text("陈经理 𠮷", 5), Ok("陈经理 𠮷".to_owned()));
    assert_eq!(code_of(text("line\nbreak", 50)), Some(ImportCode::TextInvalid));
    assert_eq!(code_of(text("abcdef", 5)), Some(ImportCode::CellTooLong));
    assert_eq!(code_of(code(&"x".repeat(65))), Some(ImportCode::CellTooLong));
}
