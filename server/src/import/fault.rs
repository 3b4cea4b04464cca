//! What is wrong with a file, a row or a cell, and what to do about it.
//!
//! A fault says *what* ([`ImportCode`], stable), *where* (line and column as they stand in the file) and *with which
//! values*. The sentences live once, in both languages, in `texts.json`.

use std::{collections::BTreeMap, sync::LazyLock};

use serde::Deserialize;
use storewalk_domain::text::{Language, Localized};

macro_rules! import_codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal),+ $(,)?) => {
        /// The stable code of a fault or a warning.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
        pub enum ImportCode {
            $($(#[$doc])* $name,)+
        }

        impl ImportCode {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The code as reports write it.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $code,)+
                }
            }
        }
    };
}

import_codes! {
    /// The file cannot be opened or read.
    FileUnreadable = "file_unreadable",
    /// The file has no content.
    FileEmpty = "file_empty",
    /// The file is larger than allowed.
    FileTooLarge = "file_too_large",
    /// The file has a header and nothing else.
    FileOnlyHeader = "file_only_header",
    /// The bytes fit no encoding that is tried.
    EncodingUnclear = "encoding_unclear",
    /// The bytes do not fit the encoding that was named.
    EncodingMismatch = "encoding_mismatch",
    /// The file has a NUL byte.
    BinaryContent = "binary_content",
    /// A quotation mark is never closed.
    QuoteUnclosed = "quote_unclosed",
    /// Text follows a closing quotation mark.
    QuoteStray = "quote_stray",
    /// A line has more columns than allowed.
    TooManyColumns = "too_many_columns",
    /// There are more rows than allowed.
    TooManyRows = "too_many_rows",
    /// The name promises a workbook, the content is something else.
    WorkbookExpected = "workbook_expected",
    /// A binary or encrypted workbook.
    WorkbookOld = "workbook_old",
    /// The workbook cannot be read.
    WorkbookDamaged = "workbook_damaged",
    /// The workbook unpacks to more than allowed.
    WorkbookTooLarge = "workbook_too_large",
    /// The workbook has no such sheet.
    SheetMissing = "sheet_missing",
    /// Required columns are missing.
    ColumnMissing = "column_missing",
    /// Two headers name the same column.
    ColumnTwice = "column_twice",
    /// A header names no column (warning).
    ColumnUnknown = "column_unknown",
    /// A row has more or fewer cells than the header.
    RowWidth = "row_width",
    /// A text is too long.
    CellTooLong = "cell_too_long",
    /// A formula failed.
    CellError = "cell_error",
    /// A required value is missing.
    ValueMissing = "value_missing",
    /// A text has control characters.
    TextInvalid = "text_invalid",
    /// Not a number.
    NumberInvalid = "number_invalid",
    /// Not a whole number.
    IntegerInvalid = "integer_invalid",
    /// A whole number out of its range.
    IntegerRange = "integer_range",
    /// Zero or less where an amount is needed.
    NumberNotPositive = "number_not_positive",
    /// A number beyond reckoning.
    NumberTooLarge = "number_too_large",
    /// More decimals than the currency or a price has.
    TooManyDecimals = "too_many_decimals",
    /// An amount without a currency.
    CurrencyMissing = "currency_missing",
    /// The minimum retail price is above the suggested one.
    RetailOrder = "retail_order",
    /// Neither yes nor no.
    YesNoInvalid = "yes_no_invalid",
    /// Not one of the choices.
    OptionUnknown = "option_unknown",
    /// Not an IANA time zone.
    ZoneUnknown = "zone_unknown",
    /// Not a date.
    DateInvalid = "date_invalid",
    /// An end that is not after its start.
    DateOrder = "date_order",
    /// A GS1 key with other characters than digits.
    KeyDigits = "key_digits",
    /// A GS1 key of a wrong length.
    KeyLength = "key_length",
    /// A GS1 key with a wrong check digit.
    KeyCheckDigit = "key_check_digit",
    /// No such county.
    CountyUnknown = "county_unknown",
    /// No such territory.
    TerritoryUnknown = "territory_unknown",
    /// No such dealer.
    DealerUnknown = "dealer_unknown",
    /// No such product.
    ProductUnknown = "product_unknown",
    /// A code that several records bear.
    CodeAmbiguous = "code_ambiguous",
    /// A code whose derived id belongs to a record of another code.
    CodeReserved = "code_reserved",
    /// The external key stands twice in the file.
    KeyTwice = "key_twice",
    /// A latitude or longitude out of range.
    CoordinateRange = "coordinate_range",
    /// A position given in part.
    CoordinatePartner = "coordinate_partner",
    /// Lines of one price list that say different things.
    ListDisagrees = "list_disagrees",
    /// An attempt to change an existing price list.
    ListFixed = "list_fixed",
    /// An attempt to change a price of an existing list.
    PriceFixed = "price_fixed",
    /// A minimum that is no multiple (warning).
    MoqNotMultiple = "moq_not_multiple",
    /// A minimum and a multiple that no quantity meets.
    PackUnorderable = "pack_unorderable",
    /// An outlet changes territory (warning).
    OutletMoves = "outlet_moves",
}

/// One thing that is wrong, or worth saying.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// What.
    pub code: ImportCode,
    /// Line of the text file or row of the sheet, from 1; `None` when it is the whole file.
    pub line: Option<u32>,
    /// The column's header as the file writes it; `None` when it is the whole row or file.
    pub column: Option<String>,
    /// The values the sentences need, by name.
    pub params: BTreeMap<&'static str, String>,
}

impl Fault {
    /// A fault of a kind.
    pub fn new(code: ImportCode) -> Self {
        Self { code, line: None, column: None, params: BTreeMap::new() }
    }

    /// The same, at a line.
    #[must_use]
    pub fn at(mut self, line: u32) -> Self {
        self.line = Some(line);
        self
    }

    /// The same, in a column.
    #[must_use]
    pub fn in_column(mut self, header: &str) -> Self {
        self.column = Some(shown(header));
        self
    }

    /// The same, with a value; long and invisible text is made fit to be shown.
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "a literal reads better than a reference to one")]
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.params.insert(name, shown(&value.to_string()));
        self
    }

    /// What is wrong, in words.
    pub fn what(&self, language: Language) -> String {
        self.fill(text_of(self.code).what.get(language))
    }

    /// What to do.
    pub fn next(&self, language: Language) -> String {
        self.fill(text_of(self.code).next.get(language))
    }

    /// Fills a sentence in one pass, so that a value that looks like a placeholder stays as it is.
    fn fill(&self, template: &str) -> String {
        let mut text = String::with_capacity(template.len());
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            text.push_str(before);
            let Some((name, behind)) = after.split_once('}') else {
                text.push('{');
                rest = after;
                continue;
            };
            match (name, self.line) {
                ("line", Some(line)) if !self.params.contains_key("line") => text.push_str(&line.to_string()),
                _ => text.push_str(self.params.get(name).map_or("", String::as_str)),
            }
            rest = behind;
        }
        text.push_str(rest);
        text
    }
}

/// Text from a file, fit for a line of a report: no control characters, at most 80 characters.
fn shown(text: &str) -> String {
    const LIMIT: usize = 80;
    let clean = |character: char| if character.is_control() { ' ' } else { character };
    let mut short: String = text.chars().take(LIMIT).map(clean).collect();
    if text.chars().nth(LIMIT).is_some() {
        short.push('…');
    }
    short
}

#[derive(Debug, Deserialize)]
struct FaultText {
    what: Localized,
    next: Localized,
}

fn texts() -> &'static BTreeMap<String, FaultText> {
    static TEXTS: LazyLock<BTreeMap<String, FaultText>> =
        LazyLock::new(|| serde_json::from_str(include_str!("texts.json")).expect("the texts are tested to be valid"));
    &TEXTS
}

fn text_of(code: ImportCode) -> &'static FaultText {
    texts().get(code.as_str()).expect("every code is tested to have a text")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_says_what_and_what_to_do_in_both_languages() {
        for code in ImportCode::ALL {
            let text = texts().get(code.as_str()).unwrap_or_else(|| panic!("{} has no words", code.as_str()));
            for part in [&text.what, &text.next] {
                assert!(!part.zh.trim().is_empty() && !part.en.trim().is_empty(), "{}", code.as_str());
            }
        }
        assert_eq!(texts().len(), ImportCode::ALL.len(), "a text stands for a code that is gone");
    }

    #[test]
    fn a_value_that_looks_like_a_placeholder_is_shown_as_it_is() {
        let fault = Fault::new(ImportCode::IntegerRange).with("value", "{low}").with("low", 1).with("high", 9);
        assert_eq!(fault.what(Language::En), "{low} is out of range");
        assert_eq!(fault.next(Language::En), "Write a whole number from 1 to 9");
    }

    #[test]
    fn text_from_a_file_is_cut_and_cleaned_before_it_is_shown() {
        let fault = Fault::new(ImportCode::NumberInvalid).with("value", format!("a\u{1b}[31m{}", "x".repeat(500)));
        let shown = &fault.params["value"];
        assert!(shown.chars().count() <= 81 && !shown.chars().any(char::is_control), "{shown}");
    }
}
