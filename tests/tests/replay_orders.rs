//! A slice of the wholesaler's customers, replayed: their invoices come out to the penny.

use std::{
    io::Write,
    path::Path,
    sync::{Arc, Mutex},
};

use storewalk_tests::replay::{FILE, Options, Reason, run};

/// Customers in the slice; `cargo xtask replay` takes them all.
const DEALERS: usize = 60;

#[tokio::test(flavor = "multi_thread")]
async fn every_invoice_of_sixty_customers_comes_out_to_the_penny() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(FILE);
    if !file.exists() {
        say(&format!("skipped: {} is not here", file.display()));
        return;
    }
    let dir = tempfile::tempdir().expect("folder");
    let rejected = dir.path().join("rejected.csv");
    let said = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&said);
    let options = Options {
        file,
        dealers: Some(DEALERS),
        at_once: 4,
        rejected: Some(rejected.clone()),
        progress: Arc::new(move |line| heard.lock().expect("no panic").push(line.to_owned())),
    };
    let report = run(options).await.expect("nothing is refused");
    say(&report.to_string());

    assert_eq!((report.lines, report.good), (50_062, 31_296));
    let expected = [
        (Reason::Return, 923),
        (Reason::QuantityNotPositive, 85),
        (Reason::PriceNotPositive, 212),
        (Reason::NoCustomer, 17_546),
    ];
    assert_eq!(report.rejected, expected.into());
    let listed = std::fs::read_to_string(rejected).expect("the list of rejected lines");
    assert_eq!(listed.lines().count(), 1 + report.lines - report.good);

    assert_eq!(report.dealers, DEALERS);
    assert_eq!(report.mismatches, []);
    assert_eq!((report.accepted, report.server_total), (report.orders, report.file_total));
    assert!(report.is_exact() && report.orders >= DEALERS);
}

/// Says something past the test harness, which keeps quiet about tests that pass.
fn say(text: &str) {
    drop(writeln!(std::io::stderr(), "{text}"));
}
