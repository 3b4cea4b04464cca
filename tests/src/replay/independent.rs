//! What each invoice comes to, reckoned from the bytes of the file in whole pence.
//!
//! This shares no code with the engine, the import or the rest of the replay: not the CSV reader, not the decoding, not
//! a decimal, not the choice of lines. That is the point of it.

use std::collections::BTreeMap;

/// Pence by invoice number.
pub(super) type Totals = BTreeMap<String, i64>;

/// Sums quantity × price of every line that is ordered: an invoice that is no cancellation, a customer, more than zero
/// units at more than zero pence. Lines of customers that `counts` refuses are left out.
pub(super) fn totals(file: &[u8], counts: impl Fn(&str) -> bool) -> Totals {
    let mut totals = Totals::new();
    for cells in lines(file).skip(1) {
        let [invoice, _, _, quantity, price, customer, ..] = cells.as_slice() else { continue };
        let (Some(quantity), Some(price)) = (whole(quantity), pence(price)) else { continue };
        if invoice.first() == Some(&b'C') || customer.is_empty() || quantity <= 0 || price <= 0 {
            continue;
        }
        let text = |bytes: &[u8]| bytes.iter().map(|byte| char::from(*byte)).collect::<String>();
        if counts(&text(customer)) {
            *totals.entry(text(invoice)).or_default() += quantity * price;
        }
    }
    totals
}

/// The cells of each line; quotation marks keep commas and line ends inside a cell.
fn lines(file: &[u8]) -> impl Iterator<Item = Vec<Vec<u8>>> {
    let mut lines = Vec::new();
    let (mut cells, mut cell, mut is_quoted) = (Vec::new(), Vec::new(), false);
    for byte in file {
        match byte {
            b'"' => is_quoted = !is_quoted,
            b',' if !is_quoted => cells.push(std::mem::take(&mut cell)),
            b'\n' if !is_quoted => {
                cells.push(std::mem::take(&mut cell));
                lines.push(std::mem::take(&mut cells));
            }
            b'\r' if !is_quoted => {}
            byte => cell.push(*byte),
        }
    }
    if !cell.is_empty() || !cells.is_empty() {
        cells.push(cell);
        lines.push(cells);
    }
    lines.into_iter()
}

fn whole(digits: &[u8]) -> Option<i64> {
    let (sign, digits) = if let [b'-', rest @ ..] = digits { (-1, rest) } else { (1, digits) };
    if digits.is_empty() {
        return None;
    }
    let value = digits
        .iter()
        .try_fold(0_i64, |sum, digit| digit.is_ascii_digit().then(|| sum * 10 + i64::from(digit - b'0')))?;
    Some(sign * value)
}

fn pence(price: &[u8]) -> Option<i64> {
    let point = price.iter().position(|byte| *byte == b'.');
    let (pounds, rest) = point.map_or((price, &b""[..]), |at| (&price[..at], &price[at + 1..]));
    let rest = match rest {
        [] => 0,
        [tenths] => whole(&[*tenths])? * 10,
        [tenths, hundredths] => whole(&[*tenths, *hundredths])?,
        [_, _, _, ..] => return None,
    };
    let pounds = whole(pounds)?;
    Some(pounds * 100 + if pounds < 0 { -rest } else { rest })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_ordered_is_summed() {
        let file = b"InvoiceNo,StockCode,Description,Quantity,UnitPrice,CustomerID,Country\n\
            1,A,\"X, \"\"Y\"\"\nZ\",6,2.55,7,UK\r\n1,B,X,2,0.1,7,UK\nC1,B,X,-2,1,7,UK\n2,B,X,2,0,7,UK\n3,B,X,2,1,,UK\n4,B,X,1,3,8,UK";
        assert_eq!(totals(file, |_| true), Totals::from([("1".into(), 1_550), ("4".into(), 300)]));
        assert_eq!(totals(file, |customer| customer == "8"), Totals::from([("4".into(), 300)]));
    }
}
