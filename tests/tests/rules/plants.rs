//! Every fault of `tests/plants` fits the source as it is, all of them together: `cargo xtask plants` builds one copy.

use std::process::Command;

use crate::repository::{files, root};

#[test]
fn every_fault_on_purpose_fits_the_source() {
    let plants: Vec<_> =
        files().into_iter().map(|file| file.path).filter(|path| path.starts_with("tests/plants")).collect();
    assert!(!plants.is_empty(), "faults lie in tests/plants");
    let checked = Command::new("git").current_dir(root()).args(["apply", "--check"]).args(&plants).output();
    let checked = checked.expect("git is there: it brought this repository");
    let objections = String::from_utf8_lossy(&checked.stderr);
    assert!(checked.status.success(), "fit the patch to where the code lies now:\n{objections}");
}
