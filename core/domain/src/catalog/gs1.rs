//! GS1 identification keys: item numbers (GTIN) and location numbers (GLN).
//!
//! **Source.** GS1 General Specifications, section 7.9 (check digit calculation): from the right, the digits before
//! the check digit weigh 3, 1, 3, 1, …; the check digit makes the sum a multiple of ten. The rule is the same for every
//! length, because leading zeros add nothing.

/// Why a text is not a GS1 key.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Gs1Fault {
    /// It has something else than the digits 0 to 9.
    #[error("read only digits")]
    NotDigits,
    /// It has a length that no key of this kind has.
    #[error("find a length that is allowed")]
    Length,
    /// The last digit does not follow from the others.
    #[error("match the check digit {expected}")]
    CheckDigit {
        /// What the last digit should be if the others are right.
        expected: u8,
    },
}

/// Lengths of a Global Trade Item Number: GTIN-8, GTIN-12 (UPC-A), GTIN-13 (EAN-13) and GTIN-14.
const GTIN_LENGTHS: [usize; 4] = [8, 12, 13, 14];

/// Length of a Global Location Number.
const GLN_LENGTH: usize = 13;

/// Reads a Global Trade Item Number; blanks around it are passed over, its length is kept as it is written.
///
/// # Errors
/// [`Gs1Fault`] when it is not one.
pub fn parse_gtin(text: &str) -> Result<String, Gs1Fault> {
    parse(text, &GTIN_LENGTHS)
}

/// Reads a Global Location Number; blanks around it are passed over.
///
/// # Errors
/// [`Gs1Fault`] when it is not one.
pub fn parse_gln(text: &str) -> Result<String, Gs1Fault> {
    parse(text, &[GLN_LENGTH])
}

/// The GS1 check digit of the digits before it; `None` when a character is not a digit from 0 to 9.
pub fn check_digit(payload: &str) -> Option<u8> {
    let mut sum = 0_u32;
    for (position, digit) in payload.chars().rev().enumerate() {
        let weight = if position.is_multiple_of(2) { 3 } else { 1 };
        sum = (sum + digit.to_digit(10)? * weight) % 10;
    }
    u8::try_from((10 - sum) % 10).ok()
}

fn parse(text: &str, lengths: &[usize]) -> Result<String, Gs1Fault> {
    let text = text.trim();
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Gs1Fault::NotDigits);
    }
    if !lengths.contains(&text.len()) {
        return Err(Gs1Fault::Length);
    }
    let (payload, last) = text.split_at(text.len() - 1);
    let expected = check_digit(payload).ok_or(Gs1Fault::NotDigits)?;
    if last.parse() == Ok(expected) { Ok(text.to_owned()) } else { Err(Gs1Fault::CheckDigit { expected }) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("9521101530018")]
    #[case("9521101530025")]
    #[case("9521101530032")]
    #[case("9521101530049")]
    #[case("9521101530056")]
    #[case("9521101530100")]
    #[case(" 96385074 ")]
    #[case("036000291452")]
    #[case("10614141000415")]
    fn an_item_number_with_its_check_digit_is_read(#[case] text: &str) {
        assert_eq!(parse_gtin(text), Ok(text.trim().to_owned()));
    }

    #[rstest]
    #[case("9521101601015")]
    #[case("9521101601077")]
    fn a_location_number_with_its_check_digit_is_read(#[case] text: &str) {
        assert_eq!(parse_gln(text), Ok(text.to_owned()));
    }

    #[test]
    fn a_wrong_check_digit_is_told_with_the_right_one() {
        assert_eq!(parse_gtin("9521101530019"), Err(Gs1Fault::CheckDigit { expected: 8 }));
    }

    #[rstest]
    #[case("", Gs1Fault::NotDigits)]
    #[case("952110153001X", Gs1Fault::NotDigits)]
    #[case("９５２１１０１５３００１８", Gs1Fault::NotDigits)]
    #[case("952110153001", Gs1Fault::Length)]
    #[case("96385074", Gs1Fault::Length)]
    fn what_is_no_location_number_is_refused(#[case] text: &str, #[case] fault: Gs1Fault) {
        assert_eq!(parse_gln(text), Err(fault));
    }

    proptest! {
        #[test]
        fn any_single_wrong_digit_is_found(payload in "[0-9]{12}", position in 0_usize..13, shift in 1_u32..10) {
            let number = format!("{payload}{}", check_digit(&payload).expect("digits"));
            let mut digits: Vec<u32> = number.chars().map(|digit| digit.to_digit(10).expect("digit")).collect();
            digits[position] = (digits[position] + shift) % 10;
            let typo: String = digits.iter().map(ToString::to_string).collect();
            prop_assert!(parse_gtin(&number).is_ok());
            prop_assert!(parse_gtin(&typo).is_err());
        }

        #[test]
        fn no_text_makes_the_reader_fail(text in "\\PC*") {
            let _ = (parse_gtin(&text), parse_gln(&text), check_digit(&text));
        }
    }
}
