//! The repository as the rules see it: every file that is kept, with its path from the root.

use std::path::{Path, PathBuf};

/// A kept file.
pub(crate) struct Kept {
    /// From the repository's root, with `/` between the parts.
    pub(crate) path: String,
    /// Where it is on this machine.
    pub(crate) place: PathBuf,
}

impl Kept {
    /// What follows the last dot of the name; empty without one.
    pub(crate) fn extension(&self) -> &str {
        self.path.rsplit_once('.').map_or("", |(_, extension)| extension)
    }

    /// Whether a program wrote it, which has its own ways: `cargo xtask bindings` does.
    pub(crate) fn is_generated(&self) -> bool {
        self.path.contains("/generated/") || self.path.contains("/_generated/")
    }

    /// The text, when it is text.
    pub(crate) fn text(&self) -> Option<String> {
        String::from_utf8(std::fs::read(&self.place).ok()?).ok()
    }
}

/// The folder that holds the workspace's manifest.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ lies in the repository")
}

/// The text of a file that must exist.
pub(crate) fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path} must be readable: {error}"))
}

/// Every kept file, in order of path: all but version control and what builds leave behind.
pub(crate) fn files() -> Vec<Kept> {
    let mut found = Vec::new();
    walk(root(), "", &mut found);
    found.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(found.len() > 50, "the walk must see the repository, it saw {} files", found.len());
    found
}

fn walk(folder: &Path, prefix: &str, found: &mut Vec<Kept>) {
    for entry in std::fs::read_dir(folder).unwrap_or_else(|error| panic!("list {}: {error}", folder.display())) {
        let entry = entry.expect("the entry was just listed");
        let name = entry.file_name().to_string_lossy().into_owned();
        if prefix.is_empty() && matches!(name.as_str(), ".git" | "target" | ".cache") {
            continue;
        }
        let path = format!("{prefix}{name}");
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            walk(&entry.path(), &format!("{path}/"), found);
        } else {
            found.push(Kept { path, place: entry.path() });
        }
    }
}

/// Fails with every finding on a line of its own and the rule that they break.
#[track_caller]
pub(crate) fn none_of(findings: &[String], rule: &str) {
    assert!(findings.is_empty(), "{rule}\n  {}\n", findings.join("\n  "));
}
