//! Where things are: the visible top level, the map in each folder, the length of a file.

use std::collections::BTreeSet;

use crate::repository::{files, none_of, root};

const TOP_FILES: [&str; 6] = ["ARCHITECTURE.md", "CHANGELOG.md", "Cargo.lock", "Cargo.toml", "LICENSE", "README.md"];
const TOP_FOLDERS: [&str; 6] = ["android", "bindings", "core", "ios", "server", "tests"];
const MOST_LINES: usize = 400;

#[test]
fn the_top_level_shows_what_a_newcomer_expects_and_nothing_else() {
    let shown: BTreeSet<String> = std::fs::read_dir(root())
        .expect("the root can be listed")
        .map(|entry| entry.expect("the entry was just listed").file_name().to_string_lossy().into_owned())
        .filter(|name| !name.starts_with('.') && name != "target")
        .collect();
    let expected: BTreeSet<String> = TOP_FILES.iter().chain(&TOP_FOLDERS).map(|name| (*name).to_owned()).collect();
    assert_eq!(shown, expected, "settings of tools go into dotfiles, everything else into one of the six folders");
}

#[test]
fn every_top_folder_says_what_is_in_it() {
    let missing: Vec<_> = TOP_FOLDERS
        .iter()
        .map(|folder| format!("{folder}/README.md"))
        .filter(|readme| std::fs::read_to_string(root().join(readme)).map_or(0, |text| text.lines().count()) < 5)
        .collect();
    none_of(&missing, "a folder without a map makes people guess; write what is in it and what never is:");
}

#[test]
fn no_source_file_is_longer_than_four_hundred_lines() {
    let long: Vec<_> = files()
        .iter()
        .filter(|file| matches!(file.extension(), "rs" | "sql" | "html" | "css" | "js" | "kt" | "swift" | "py" | "sh"))
        .filter(|file| !file.is_generated())
        .filter_map(|file| Some((file, file.text()?.lines().count())))
        .filter(|(_, lines)| *lines > MOST_LINES)
        .map(|(file, lines)| format!("{} has {lines} lines", file.path))
        .collect();
    none_of(&long, "split these by noun:");
}
