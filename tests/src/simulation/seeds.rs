//! The seeds that once showed a fault: `tests/seeds/*.txt`, one `seed steps family` per line, `#` begins a
//! remark.

use std::path::Path;

use super::family::Family;

/// A seed to be played for ever, and where it is written down.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeptSeed {
    /// What the run is about.
    pub family: Family,
    /// The seed.
    pub seed: u64,
    /// Steps to play.
    pub steps: u64,
    /// The file that says why.
    pub file: String,
}

/// Every seed that is kept.
///
/// # Errors
/// When a file cannot be read or a line is no seed.
pub fn kept_seeds() -> anyhow::Result<Vec<KeptSeed>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds");
    let mut seeds = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "txt") {
            let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let text = std::fs::read_to_string(&path)?;
            for line in text.lines().map(|line| line.split('#').next().unwrap_or_default().trim()) {
                if !line.is_empty() {
                    seeds.push(read(line, &file)?);
                }
            }
        }
    }
    seeds.sort_by(|one, other| (&one.file, one.seed).cmp(&(&other.file, other.seed)));
    Ok(seeds)
}

fn read(line: &str, file: &str) -> anyhow::Result<KeptSeed> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let &[seed, steps, family] = words.as_slice() else {
        anyhow::bail!("{file}: `{line}` is not a seed, a number of steps and a family");
    };
    let family = family.parse().map_err(|what: String| anyhow::anyhow!("{file}: {what}"))?;
    Ok(KeptSeed { family, seed: seed.parse()?, steps: steps.parse()?, file: file.to_owned() })
}
