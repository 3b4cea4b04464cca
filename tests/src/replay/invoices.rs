//! Who orders what: the good lines as orders of dealers.

use std::collections::BTreeMap;

use super::source::GoodLine;

/// One line of an order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct InvoiceLine {
    /// Stock code.
    pub(super) sku: String,
    /// Price of a unit in pence.
    pub(super) pence: i64,
    /// Units, of all its source lines together.
    pub(super) quantity: u32,
    /// The lines of the file it stands for. One product at one price may stand on several; as prices are whole pence, one
    /// line of their sum costs exactly what they cost.
    pub(super) source_lines: Vec<u64>,
}

/// One invoice.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Invoice {
    /// Its number.
    pub(super) number: String,
    /// Its lines, in the order of the file.
    pub(super) lines: Vec<InvoiceLine>,
}

/// One dealer with everything it orders.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Buyer {
    /// Customer number.
    pub(super) customer: String,
    /// Its invoices, by number.
    pub(super) invoices: Vec<Invoice>,
}

/// Groups lines by customer and invoice.
///
/// # Errors
/// When a quantity grows beyond counting.
pub(super) fn buyers<'l>(lines: impl IntoIterator<Item = &'l GoodLine>) -> anyhow::Result<Vec<Buyer>> {
    let mut grouped: BTreeMap<&str, BTreeMap<&str, Vec<InvoiceLine>>> = BTreeMap::new();
    for line in lines {
        let invoice = grouped.entry(&line.customer).or_default().entry(&line.invoice).or_default();
        let same = invoice.iter_mut().find(|known| known.sku == line.sku && known.pence == line.pence);
        if let Some(known) = same {
            let sum = known.quantity.checked_add(line.quantity);
            known.quantity = sum.ok_or_else(|| anyhow::anyhow!("line {}: too many units", line.line))?;
            known.source_lines.push(line.line);
        } else {
            let (sku, pence, quantity) = (line.sku.clone(), line.pence, line.quantity);
            invoice.push(InvoiceLine { sku, pence, quantity, source_lines: vec![line.line] });
        }
    }
    let invoice = |(number, lines): (&str, Vec<InvoiceLine>)| Invoice { number: number.to_owned(), lines };
    let buyer = |(customer, invoices): (&str, BTreeMap<&str, Vec<InvoiceLine>>)| Buyer {
        customer: customer.to_owned(),
        invoices: invoices.into_iter().map(invoice).collect(),
    };
    Ok(grouped.into_iter().map(buyer).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(line: u64, customer: &str, invoice: &str, pence: i64, quantity: u32) -> GoodLine {
        let (invoice, customer) = (invoice.to_owned(), customer.to_owned());
        GoodLine { line, invoice, sku: "A".into(), description: String::new(), quantity, pence, customer }
    }

    #[test]
    fn the_same_product_at_the_same_price_becomes_one_line_that_remembers_both() {
        let lines = [line(2, "7", "1", 255, 6), line(3, "7", "1", 210, 1), line(4, "7", "1", 255, 4)];
        let buyers = buyers(&lines).expect("countable");
        let found: Vec<(i64, u32, &[u64])> = buyers[0].invoices[0]
            .lines
            .iter()
            .map(|line| (line.pence, line.quantity, line.source_lines.as_slice()))
            .collect();
        assert_eq!(found, [(255, 10, &[2, 4][..]), (210, 1, &[3][..])]);
    }

    #[test]
    fn customers_and_invoices_are_kept_apart() {
        let lines = [line(2, "8", "2", 1, 1), line(3, "7", "1", 1, 1), line(4, "8", "3", 1, 1)];
        let buyers = buyers(&lines).expect("countable");
        let counts: Vec<(&str, usize)> =
            buyers.iter().map(|buyer| (buyer.customer.as_str(), buyer.invoices.len())).collect();
        assert_eq!(counts, [("7", 1), ("8", 2)]);
    }

    #[test]
    fn a_sum_beyond_counting_is_an_error() {
        assert!(buyers(&[line(2, "7", "1", 1, u32::MAX), line(3, "7", "1", 1, 1)]).is_err());
    }
}
