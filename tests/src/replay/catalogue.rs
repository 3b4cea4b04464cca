//! The catalogue hidden in the order lines: products, a standard list of usual prices, lists of unusual ones.
//!
//! List `W1` holds the price each product is sold at most often; `W2`, `W3`, … hold its second, third … price. Orders use
//! `W1` unless a line names another.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap},
    io::Write,
};

use super::source::GoodLine;

/// A product as the lines describe it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Sku {
    /// Its commonest description; its code when it has none.
    pub(super) name: String,
    /// Its prices in pence, the commonest first.
    pub(super) prices: Vec<i64>,
}

/// Every product, by code.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Catalogue(BTreeMap<String, Sku>);

impl Catalogue {
    /// Reads the catalogue out of order lines.
    pub(super) fn of<'l>(lines: impl IntoIterator<Item = &'l GoodLine>) -> Self {
        let mut prices: BTreeMap<&str, HashMap<i64, usize>> = BTreeMap::new();
        let mut names: HashMap<&str, HashMap<&str, usize>> = HashMap::new();
        for line in lines {
            *prices.entry(&line.sku).or_default().entry(line.pence).or_default() += 1;
            if !line.description.is_empty() {
                *names.entry(&line.sku).or_default().entry(&line.description).or_default() += 1;
            }
        }
        let sku = |(code, prices): (&str, HashMap<i64, usize>)| {
            let name = names.get(code).and_then(|names| commonest(names).into_iter().next());
            let sku = Sku { name: name.unwrap_or(code).to_string(), prices: commonest(&prices) };
            (code.to_owned(), sku)
        };
        Self(prices.into_iter().map(sku).collect())
    }

    /// The products in order of their codes.
    pub(super) fn skus(&self) -> impl Iterator<Item = (&str, &Sku)> {
        self.0.iter().map(|(code, sku)| (code.as_str(), sku))
    }

    /// How many products.
    pub(super) fn size(&self) -> usize {
        self.0.len()
    }

    /// How many price lists it takes.
    pub(super) fn lists(&self) -> usize {
        self.0.values().map(|sku| sku.prices.len()).max().unwrap_or_default()
    }

    /// On which list (from 0) a product has a price.
    pub(super) fn rank(&self, sku: &str, pence: i64) -> Option<usize> {
        self.0.get(sku)?.prices.iter().position(|price| *price == pence)
    }

    /// Writes the products as a file for import.
    ///
    /// # Errors
    /// When the writer fails.
    pub(super) fn write_products(&self, out: impl Write) -> anyhow::Result<()> {
        let mut writer = csv::Writer::from_writer(out);
        writer.write_record(["code", "name"])?;
        for (code, sku) in self.skus() {
            writer.write_record([code, &sku.name])?;
        }
        Ok(writer.flush()?)
    }

    /// Writes the price lists as a file for import.
    ///
    /// # Errors
    /// When the writer fails.
    pub(super) fn write_price_lists(&self, out: impl Write) -> anyhow::Result<()> {
        let mut writer = csv::Writer::from_writer(out);
        writer.write_record(["list", "product", "unit_price", "currency", "valid_from", "is_standard"])?;
        for (code, sku) in self.skus() {
            for (rank, pence) in sku.prices.iter().enumerate() {
                let price = format!("{}.{:02}", pence / 100, pence % 100);
                let is_standard = if rank == 0 { "yes" } else { "no" };
                writer.write_record([&list_code(rank), code, &price, "GBP", "2010-01-01", is_standard])?;
            }
        }
        Ok(writer.flush()?)
    }
}

/// The code of the list of a rank.
pub(super) fn list_code(rank: usize) -> String {
    format!("W{}", rank + 1)
}

/// Things by how often they occur, the commonest first; ties in their own order.
fn commonest<T: Ord + Copy>(counts: &HashMap<T, usize>) -> Vec<T> {
    let mut sorted: Vec<(Reverse<usize>, T)> = counts.iter().map(|(thing, count)| (Reverse(*count), *thing)).collect();
    sorted.sort_unstable();
    sorted.into_iter().map(|(_, thing)| thing).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(sku: &str, description: &str, pence: i64) -> GoodLine {
        let (invoice, customer) = ("1".to_owned(), "7".to_owned());
        let (sku, description) = (sku.to_owned(), description.to_owned());
        GoodLine { line: 1, invoice, sku, description, quantity: 1, pence, customer }
    }

    #[test]
    fn the_commonest_price_is_the_standard_one() {
        let lines = [line("A", "cup", 255), line("A", "", 210), line("A", "mug", 255), line("B", "", 5)];
        let catalogue = Catalogue::of(&lines);
        assert_eq!((catalogue.size(), catalogue.lists()), (2, 2));
        assert_eq!(
            (catalogue.rank("A", 255), catalogue.rank("A", 210), catalogue.rank("A", 1)),
            (Some(0), Some(1), None)
        );
        let mut written = Vec::new();
        catalogue.write_price_lists(&mut written).expect("memory");
        let text = String::from_utf8(written).expect("UTF-8");
        let expected = "W1,A,2.55,GBP,2010-01-01,yes\nW2,A,2.10,GBP,2010-01-01,no\nW1,B,0.05,GBP,2010-01-01,yes\n";
        assert_eq!(text.split_once('\n').map(|(_, rows)| rows), Some(expected));
        let names: Vec<&str> = catalogue.skus().map(|(_, sku)| sku.name.as_str()).collect();
        assert_eq!(names, ["cup", "B"]);
    }
}
