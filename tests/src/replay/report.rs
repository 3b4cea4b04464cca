//! What the replay found, for people and for tests.

use std::{collections::BTreeMap, fmt, fs::File, path::Path};

use storewalk_server::import::safe_csv::write_csv;

use super::source::{Reason, RejectedLine};

/// An invoice whose order comes to something else, or has no order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mismatch {
    /// Invoice number.
    pub invoice: String,
    /// What the file says, in pence; `None` when the file has no such invoice.
    pub expected: Option<i64>,
    /// What the server says, in pence; `None` when it holds no such order.
    pub actual: Option<i64>,
}

/// What the replay found.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Report {
    /// Lines of the file below its header.
    pub lines: usize,
    /// Lines that can be ordered.
    pub good: usize,
    /// Lines that cannot, by their weightiest reason.
    pub rejected: BTreeMap<Reason, usize>,
    /// Products of the catalogue.
    pub products: usize,
    /// Price lists of the catalogue.
    pub price_lists: usize,
    /// Dealers that ordered.
    pub dealers: usize,
    /// Lines of their orders, after lines of one product at one price were put together.
    pub order_lines: usize,
    /// Orders the server holds.
    pub orders: usize,
    /// Of these: accepted.
    pub accepted: usize,
    /// Orders whose total is not the file's.
    pub mismatches: Vec<Mismatch>,
    /// Sum of the server's orders in pence.
    pub server_total: i64,
    /// Sum of the file's good lines in pence, reckoned without the engine.
    pub file_total: i64,
    /// Bytes the phones sent.
    pub bytes_up: u64,
    /// Bytes the phones received.
    pub bytes_down: u64,
    /// Bytes of the syncs that carried the orders.
    pub order_bytes: u64,
    /// Milliseconds: reading and importing the catalogue.
    pub import_ms: i64,
    /// Milliseconds: accounts.
    pub accounts_ms: i64,
    /// Milliseconds: all dealers from sign-in to last sync.
    pub dealers_ms: i64,
}

impl Report {
    /// Whether every invoice came out to the penny.
    pub fn is_exact(&self) -> bool {
        self.mismatches.is_empty() && self.server_total == self.file_total && self.accepted == self.orders
    }
}

fn pounds(pence: i64) -> String {
    let sign = if pence < 0 { "-" } else { "" };
    format!("{sign}£{}.{:02}", pence.unsigned_abs() / 100, pence.unsigned_abs() % 100)
}

/// Seconds with one decimal.
fn seconds(ms: i64) -> String {
    format!("{}.{} s", ms / 1_000, ms.rem_euclid(1_000) / 100)
}

/// Mebibytes with one decimal.
fn mebibytes(bytes: u64) -> String {
    let tenths = bytes.saturating_mul(10) >> 20;
    format!("{}.{} MiB", tenths / 10, tenths % 10)
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rejected: usize = self.rejected.values().sum();
        writeln!(f, "lines        {} = {} good + {rejected} rejected", self.lines, self.good)?;
        for (reason, count) in &self.rejected {
            writeln!(f, "  rejected   {count:>6}  {} ({})", reason.code(), reason.sentence())?;
        }
        writeln!(f, "catalogue    {} products on {} price lists", self.products, self.price_lists)?;
        writeln!(f, "ordered      {} dealers, {} orders, {} lines", self.dealers, self.orders, self.order_lines)?;
        writeln!(f, "accepted     {}", self.accepted)?;
        writeln!(f, "server total {}", pounds(self.server_total))?;
        writeln!(f, "file total   {}", pounds(self.file_total))?;
        writeln!(f, "mismatches   {}", self.mismatches.len())?;
        for mismatch in self.mismatches.iter().take(20) {
            let shown = |pence: Option<i64>| pence.map_or_else(|| "nothing".to_owned(), pounds);
            let (expected, actual) = (shown(mismatch.expected), shown(mismatch.actual));
            writeln!(f, "  invoice {}: file {expected}, server {actual}", mismatch.invoice)?;
        }
        let (up, down) = (mebibytes(self.bytes_up), mebibytes(self.bytes_down));
        writeln!(
            f,
            "bytes        {up} up, {down} down, {} of these to hand in the orders",
            mebibytes(self.order_bytes)
        )?;
        let [import, accounts, dealers] = [self.import_ms, self.accounts_ms, self.dealers_ms].map(seconds);
        write!(f, "time         catalogue {import}, accounts {accounts}, dealers {dealers}")
    }
}

/// Writes every rejected line with its line number, its reasons and its cells.
///
/// # Errors
/// When the file cannot be written.
pub(super) fn write_rejected(path: &Path, lines: &[RejectedLine]) -> anyhow::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let header = ["line", "reasons", "what", "invoice", "sku", "quantity", "price", "customer"].map(str::to_owned);
    let rows = lines.iter().map(|line| {
        let codes: Vec<&str> = line.reasons.iter().map(|reason| reason.code()).collect();
        let what: Vec<&str> = line.reasons.iter().map(|reason| reason.sentence()).collect();
        let cell = |column: usize| line.cells.get(column).cloned().unwrap_or_default();
        [line.line.to_string(), codes.join(" "), what.join("; "), cell(0), cell(1), cell(3), cell(4), cell(5)]
    });
    Ok(write_csv(std::io::BufWriter::new(File::create(path)?), std::iter::once(header).chain(rows))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rejected_line_is_written_with_its_reasons() {
        let dir = tempfile::tempdir().expect("folder");
        let path = dir.path().join("sub/rejected.csv");
        let cells = ["C1", "A", "BACK", "-6", "2.55", "", "UK"].map(str::to_owned).to_vec();
        let reasons = vec![Reason::Return, Reason::NoCustomer];
        write_rejected(&path, &[RejectedLine { line: 7, cells, reasons }]).expect("written");
        let text = std::fs::read_to_string(path).expect("readable");
        let row = text.lines().nth(1).expect("a row");
        assert!(row.starts_with("7,return no_customer,") && row.ends_with(",C1,A,'-6,2.55,"), "{row}");
    }

    #[test]
    fn a_total_that_is_a_penny_off_is_not_exact() {
        let report = Report { server_total: 100, file_total: 101, ..Report::default() };
        assert!(!report.is_exact());
        assert!(report.to_string().contains("£1.01"), "{report}");
    }
}
