//! Whether everything that crosses has a name that apps can import: they import nothing that is generated.

use std::{fs, path::Path};

use anyhow::{Result, ensure};

use super::compile::sources_in;

/// Compares the types of the generated files with what is written by hand above them.
pub(super) fn check(home: &Path) -> Result<()> {
    let (generated, written) = (text(&home.join("generated"))?, text(&home.join("src/main"))?);
    let nameless: Vec<_> = types(&generated).filter(|name| !is_known(&written, name)).collect();
    ensure!(nameless.is_empty(), "give these a name of the package storewalk, in Types.kt: {}", nameless.join(", "));
    Ok(())
}

fn text(folder: &Path) -> Result<String> {
    let texts: std::io::Result<Vec<String>> = sources_in(folder)?.into_iter().map(fs::read_to_string).collect();
    Ok(texts?.join("\n"))
}

/// The records, enumerations and errors that stand at the outermost level of generated files.
fn types(generated: &str) -> impl Iterator<Item = &str> {
    let kinds = ["data class ", "enum class ", "sealed class "];
    generated.lines().filter_map(move |line| {
        let line = line.strip_prefix("public ").unwrap_or(line);
        let rest = kinds.iter().find_map(|kind| line.strip_prefix(kind))?;
        rest.split(|letter: char| !letter.is_alphanumeric()).next()
    })
}

/// Whether a generated type is named somewhere: given another name, or taken in and turned into something else.
fn is_known(written: &str, name: &str) -> bool {
    written.match_indices(&format!(".{name}")).any(|(at, found)| {
        let (before, after) = (&written[..at], &written[at + found.len()..]);
        let is_generated =
            before.ends_with("storewalk.generated.core") || before.ends_with("storewalk.generated.domain");
        is_generated && !after.starts_with(|letter: char| letter.is_alphanumeric())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generated_type_without_a_name_is_found() {
        let generated =
            "data class Visit (\n    data class Inner(\nsealed class Answer {\nenum class Life {\nclass Hidden";
        let found: Vec<_> = types(generated).collect();
        assert_eq!(found, ["Visit", "Answer", "Life"]);
        let written =
            "public typealias Visit = storewalk.generated.core.Visit\nimport storewalk.generated.core.LifeLine";
        assert!(is_known(written, "Visit"));
        assert!(!is_known(written, "Life") && !is_known(written, "Answer"));
    }
}
