//! Faults on purpose: does the simulator, does the torture, object to them?
//!
//! **Shape.** Each file of `tests/plants` is a patch to the product that does nothing unless `STOREWALK_PLANT` names it.
//! Above the patch stand lines `what:` (what is wrong), `family:`, `steps:` and `seeds:` (where the simulator must find
//! it), or `torture:` (within how many kills the torture must). All of them are put into one copy of the repository,
//! which is built once.
//!
//! **Invariants.** The repository itself is never changed. What is played is the last commit. Without a name the planted
//! copy must find nothing: only then does an objection mean anything.

use anyhow::{Context, Result, bail, ensure};
use xshell::{Shell, TempDir, cmd};

use crate::{run::say, size};

/// Seeds that the planted copy must play without an objection when no fault is named.
const CALM_SEEDS: &str = "34";

/// One fault.
struct Plant {
    name: String,
    what: String,
    /// Where it must be found.
    found_by: Finder,
    patch: std::path::PathBuf,
}

enum Finder {
    Simulator { family: String, steps: String, seeds: String },
    Torture { kills: String },
}

/// Plants every fault, or those named, and says which are found. Fails when one is not.
pub(crate) fn play(shell: &Shell, names: &[String]) -> Result<()> {
    let plants = plants(shell)?;
    let copy = planted_copy(shell, &plants)?;
    let target = size::target_dir(shell).join("plants");
    let inside = Shell::new()?;
    inside.change_dir(copy.path());
    inside.set_var("CARGO_TARGET_DIR", &target);
    cmd!(inside, "cargo build --profile figures --package storewalk-tests --bins").run()?;
    let programs = target.join("figures");
    let (simulate, torture) = (programs.join("simulate"), programs.join("torture"));
    cmd!(inside, "{simulate} --seeds {CALM_SEEDS} --steps 60").quiet().run().context("the copy without a fault")?;
    let mut missed = Vec::new();
    for plant in plants.iter().filter(|plant| names.is_empty() || names.contains(&plant.name)) {
        let _named = inside.push_env("STOREWALK_PLANT", &plant.name);
        let played = match &plant.found_by {
            Finder::Simulator { family, steps, seeds } => {
                cmd!(inside, "{simulate} --family {family} --steps {steps} --seeds {seeds} --lines 0")
            }
            Finder::Torture { kills } => cmd!(inside, "{torture} --kills {kills} --phones 3"),
        };
        let output = played.quiet().ignore_status().output()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let objection = text.lines().find(|line| is_objection(line)).filter(|_| !output.status.success());
        if let Some(objection) = objection {
            say(&format!("found    {}: {}", plant.name, shortened(objection, &text)));
        } else {
            say(&format!("MISSED   {}: {}", plant.name, plant.what));
            missed.push(plant.name.clone());
        }
    }
    ensure!(missed.is_empty(), "not found: {}", missed.join(", "));
    Ok(())
}

fn plants(shell: &Shell) -> Result<Vec<Plant>> {
    let mut files: Vec<_> = shell.read_dir("tests/plants")?;
    files.retain(|path| path.extension().is_some_and(|end| end == "patch"));
    files.sort();
    files.into_iter().map(|patch| read(shell, patch)).collect()
}

fn read(shell: &Shell, patch: std::path::PathBuf) -> Result<Plant> {
    let text = shell.read_file(&patch)?;
    let name = patch.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let line = |key: &str| {
        let mut head = text.lines().take_while(|line| !line.is_empty());
        head.find_map(|line| line.strip_prefix(key)).map(|rest| rest.trim().to_owned())
    };
    let found_by = match (line("torture:"), line("family:"), line("steps:"), line("seeds:")) {
        (Some(kills), ..) => Finder::Torture { kills },
        (None, Some(family), Some(steps), Some(seeds)) => Finder::Simulator { family, steps, seeds },
        _ => bail!("tests/plants/{name}.patch says neither `torture:` nor `family:`, `steps:` and `seeds:`"),
    };
    let what = line("what:").with_context(|| format!("tests/plants/{name}.patch does not say `what:`"))?;
    Ok(Plant { name, what, found_by, patch })
}

/// A copy of the last commit with all faults in it.
fn planted_copy(shell: &Shell, plants: &[Plant]) -> Result<TempDir> {
    let copy = shell.create_temp_dir()?;
    let (from, to) = (shell.current_dir(), copy.path());
    cmd!(shell, "git clone --quiet --shared {from} {to}").run()?;
    for plant in plants {
        let patch = shell.current_dir().join(&plant.patch);
        cmd!(shell, "git -C {to} apply {patch}").run().with_context(|| format!("plant {}", plant.name))?;
    }
    Ok(copy)
}

fn is_objection(line: &str) -> bool {
    line.starts_with("objection: ") || (line.starts_with("seed ") && line.ends_with("fails:"))
}

/// The seed, and what was objected to.
fn shortened(objection: &str, text: &str) -> String {
    let after = text.lines().skip_while(|line| *line != objection).nth(1).unwrap_or_default().trim();
    let said = if objection.starts_with("seed ") { format!("{objection} {after}") } else { objection.to_owned() };
    said.chars().take(160).collect()
}
