//! The wholesaler's file, line by line: what can be an order line, and what cannot and why.

use std::collections::BTreeMap;

use anyhow::Context;
use encoding_rs::WINDOWS_1252;

/// Columns of the file, in order.
const COLUMNS: [&str; 7] = ["InvoiceNo", "StockCode", "Description", "Quantity", "UnitPrice", "CustomerID", "Country"];

/// Why a line cannot be an order line.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Reason {
    /// The invoice is a cancellation (its number begins with `C`): goods came back.
    Return,
    /// The quantity is zero or less: stock was written off.
    QuantityNotPositive,
    /// The price is zero or less.
    PriceNotPositive,
    /// Nobody is named to be billed.
    NoCustomer,
    /// The line cannot be read.
    Unreadable,
}

impl Reason {
    /// A short name.
    pub fn code(self) -> &'static str {
        match self {
            Self::Return => "return",
            Self::QuantityNotPositive => "quantity_not_positive",
            Self::PriceNotPositive => "price_not_positive",
            Self::NoCustomer => "no_customer",
            Self::Unreadable => "unreadable",
        }
    }

    /// The reason in words.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Return => "the invoice is a cancellation: returned goods are no order",
            Self::QuantityNotPositive => "nothing is ordered: the quantity is zero or less",
            Self::PriceNotPositive => "the unit price is zero or less: no price list holds such a price",
            Self::NoCustomer => "no customer is named, so nobody can be billed",
            Self::Unreadable => "the line cannot be read",
        }
    }
}

/// A line that can be an order line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct GoodLine {
    /// Line in the file, from 1.
    pub(super) line: u64,
    /// Invoice number.
    pub(super) invoice: String,
    /// Stock code.
    pub(super) sku: String,
    /// Description; may be empty.
    pub(super) description: String,
    /// Units; above zero.
    pub(super) quantity: u32,
    /// Price of a unit in pence; above zero.
    pub(super) pence: i64,
    /// Customer number.
    pub(super) customer: String,
}

/// A line that cannot.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct RejectedLine {
    /// Line in the file, from 1.
    pub(super) line: u64,
    /// Its cells, as they stand.
    pub(super) cells: Vec<String>,
    /// Why, the weightiest reason first. Never empty.
    pub(super) reasons: Vec<Reason>,
}

/// The file, sorted.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Source {
    /// What can be ordered.
    pub(super) good: Vec<GoodLine>,
    /// What cannot.
    pub(super) rejected: Vec<RejectedLine>,
}

impl Source {
    /// Reads the file's bytes (Windows-1252).
    ///
    /// # Errors
    /// When the header is another one.
    pub(super) fn read(bytes: &[u8]) -> anyhow::Result<Self> {
        let text = WINDOWS_1252
            .decode_without_bom_handling_and_without_replacement(bytes)
            .context("decode the order lines as Windows-1252")?;
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
        anyhow::ensure!(*reader.headers()? == COLUMNS[..], "the order lines have other columns");
        let mut source = Self::default();
        for record in reader.records() {
            let record = record?;
            let line = record.position().map_or(0, csv::Position::line);
            let cells: Vec<String> = record.iter().map(|cell| cell.trim().to_owned()).collect();
            match sort(line, &cells) {
                Ok(good) => source.good.push(good),
                Err(reasons) => source.rejected.push(RejectedLine { line, cells, reasons }),
            }
        }
        Ok(source)
    }

    /// How many lines were rejected, by their weightiest reason.
    pub(super) fn rejected_by_reason(&self) -> BTreeMap<Reason, usize> {
        let mut counts = BTreeMap::new();
        for reason in self.rejected.iter().filter_map(|line| line.reasons.first()) {
            *counts.entry(*reason).or_default() += 1;
        }
        counts
    }
}

fn sort(line: u64, cells: &[String]) -> Result<GoodLine, Vec<Reason>> {
    let [invoice, sku, description, quantity, price, customer, _country] = cells else {
        return Err(vec![Reason::Unreadable]);
    };
    let (Ok(units), Some(pence)) = (quantity.parse::<i64>(), pence(price)) else {
        return Err(vec![Reason::Unreadable]);
    };
    if invoice.is_empty() || sku.is_empty() {
        return Err(vec![Reason::Unreadable]);
    }
    let checks = [
        (Reason::Return, invoice.starts_with('C')),
        (Reason::QuantityNotPositive, units <= 0),
        (Reason::PriceNotPositive, pence <= 0),
        (Reason::NoCustomer, customer.is_empty()),
    ];
    let reasons: Vec<Reason> = checks.into_iter().filter(|(_, is_so)| *is_so).map(|(reason, _)| reason).collect();
    match u32::try_from(units) {
        Ok(quantity) if reasons.is_empty() => Ok(GoodLine {
            line,
            invoice: invoice.clone(),
            sku: sku.clone(),
            description: description.clone(),
            quantity,
            pence,
            customer: customer.clone(),
        }),
        Ok(_) | Err(_) if !reasons.is_empty() => Err(reasons),
        Ok(_) | Err(_) => Err(vec![Reason::Unreadable]),
    }
}

/// `2.55` as 255; `None` when it has a fraction of a penny or is no amount.
fn pence(price: &str) -> Option<i64> {
    let (sign, digits) = price.strip_prefix('-').map_or((1, price), |digits| (-1, digits));
    let (pounds, rest) = digits.split_once('.').unwrap_or((digits, ""));
    let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if pounds.is_empty() || rest.len() > 2 || !is_digits(pounds) || !is_digits(rest) {
        return None;
    }
    let rest: i64 = format!("{rest:0<2}").parse().ok()?;
    pounds.parse::<i64>().ok()?.checked_mul(100)?.checked_add(rest).map(|pence| sign * pence)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &[u8] = b"InvoiceNo,StockCode,Description,Quantity,UnitPrice,CustomerID,Country\n\
        1,A,\"GIFT, \xA340\",6,2.55,17850,United Kingdom\n\
        C2,A,BACK,-6,2.55,17850,United Kingdom\n\
        3,A,FREE,6,0,17850,United Kingdom\n\
        4,A,LOST,-1,0,,United Kingdom\n\
        5,A,NOBODY,1,2.5,,United Kingdom\n\
        6,A,HALF,1.5,2.5,17850,United Kingdom\n\
        7,A,SHORT\n";

    #[test]
    fn every_line_is_good_or_has_a_reason() {
        let source = Source::read(FILE).expect("readable");
        assert_eq!(source.good.len(), 1);
        assert_eq!((source.good[0].line, source.good[0].pence), (2, 255));
        assert_eq!(source.good[0].description, "GIFT, £40");
        let reasons: Vec<(u64, &[Reason])> =
            source.rejected.iter().map(|line| (line.line, line.reasons.as_slice())).collect();
        let lost = [Reason::QuantityNotPositive, Reason::PriceNotPositive, Reason::NoCustomer];
        let expected: [(u64, &[Reason]); 6] = [
            (3, &[Reason::Return, Reason::QuantityNotPositive]),
            (4, &[Reason::PriceNotPositive]),
            (5, &lost),
            (6, &[Reason::NoCustomer]),
            (7, &[Reason::Unreadable]),
            (8, &[Reason::Unreadable]),
        ];
        assert_eq!(reasons, expected);
    }

    #[test]
    fn prices_are_read_in_pence_and_never_as_floats() {
        assert_eq!(["1", "1.5", "1.05", "-0.5", "13541.33"].map(pence), [100, 150, 105, -50, 1_354_133].map(Some));
        assert_eq!(["", ".5", "1.005", "1e3", "£1", "1,5"].map(pence), [None; 6]);
    }
}
