//! The table of failure modes names every mode, and only tests and families of seeds that exist.

use std::collections::BTreeSet;

use storewalk_tests::simulation::Family;

use crate::repository::{files, none_of, read};

/// How many modes there are.
const MODES: usize = 42;

#[test]
fn every_failure_mode_is_in_the_table_and_every_name_in_it_exists() {
    let table = read("tests/MODES.md");
    let rows: Vec<Vec<&str>> = table.lines().filter_map(row).collect();
    let tests = names_of_tests();
    let mut findings = Vec::new();
    for (number, cells) in (1..).zip(&rows) {
        let &[place, _, shown] = cells.as_slice() else {
            findings.push(format!("row {number}: must have a number, what happens, and what shows it"));
            continue;
        };
        if place.parse() != Ok(number) {
            findings.push(format!("row {number}: is numbered {place}"));
        }
        let names: Vec<&str> = shown.split('`').skip(1).step_by(2).collect();
        if names.is_empty() && !shown.contains("**open**") {
            findings.push(format!("mode {number}: names no test and is not called open"));
        }
        for name in names.into_iter().filter(|name| !exists(name, &tests)) {
            findings.push(format!("mode {number}: there is no test or family `{name}`"));
        }
    }
    assert_eq!(rows.len(), MODES, "the table has a row for every mode");
    none_of(&findings, "a failure mode without its test is not survived:");
}

/// The cells of a line of the table; `None` for its head and for other text.
fn row(line: &str) -> Option<Vec<&str>> {
    let inner = line.strip_prefix("| ")?.strip_suffix(" |")?;
    let cells: Vec<&str> = inner.split(" | ").collect();
    cells.first()?.parse::<u32>().ok().map(|_| cells)
}

fn exists(name: &str, tests: &BTreeSet<String>) -> bool {
    match name.strip_prefix("family:") {
        Some(family) => family.parse::<Family>().is_ok(),
        None => tests.contains(name),
    }
}

/// The names of all functions that a test attribute stands above.
fn names_of_tests() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for file in files().into_iter().filter(|file| file.extension() == "rs") {
        let text = file.text().unwrap_or_default();
        let mut is_test = false;
        for line in text.lines().map(str::trim) {
            if line.starts_with("#[") {
                is_test |= line.contains("test");
                continue;
            }
            let name = line.trim_start_matches("async ").strip_prefix("fn ").and_then(|rest| rest.split('(').next());
            if let Some(name) = name.filter(|_| is_test) {
                names.insert(name.to_owned());
            }
            is_test = line.starts_with("//") && is_test;
        }
    }
    names
}
