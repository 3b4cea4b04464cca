//! What working a photo through costs, against what others take for the same, in one run on one machine.
//!
//!     cargo run --profile figures -p storewalk-photo --example photo_figures -- [PYTHON | alike | search | memory]
//!
//! `PYTHON` is an interpreter that has Pillow and pyvips; without it only our own figures are printed. `alike`, `search` and
//! `memory` print their part alone; `alike` and `memory` need no quiet machine. Needs the photos in `../shared/data` beside
//! the repository, and Linux, where a process can see its own time and memory.

mod alike;
mod large;
mod measure;
mod pictures;

use std::{io::Write, path::Path, process::Command};

use anyhow::{Context, Result, bail};
use image::RgbImage;

use measure::{MEMORY_OF, Profile, cpu_ms, peak_kib, peak_kib_alone};

/// Rounds of each side, taken in turn.
const ROUNDS: usize = 5;

/// Photos worked through in a round.
const TIMES: usize = 5;

fn main() -> Result<()> {
    let mut out = std::io::stdout().lock();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [asked, file] = arguments.as_slice()
        && asked == MEMORY_OF
    {
        writeln!(out, "{}", peak_kib(Path::new(file))?)?;
        return Ok(());
    }
    let folder = std::env::temp_dir().join("storewalk-photo-figures");
    std::fs::create_dir_all(&folder)?;
    let shelf = pictures::shelf()?;
    match arguments.first().map(String::as_str) {
        Some("alike") => alike::accuracy(&mut out, &shelf),
        Some("search") => alike::search(&mut out),
        Some("memory") => memory(&mut out, &folder),
        python => all(&mut out, python, &shelf, &folder),
    }
}

fn all(out: &mut impl Write, python: Option<&str>, shelf: &[RgbImage], folder: &Path) -> Result<()> {
    let photo = pictures::twelve_megapixels(shelf)?;
    writeln!(out, "photo: 4032 × 3024, {} bytes, EXIF orientation 6", photo.len())?;
    let path = folder.join("twelve.jpg");
    std::fs::write(&path, &photo)?;

    let mut ours: Option<Profile> = None;
    let mut others: Vec<(String, f64)> = Vec::new();
    for _ in 0..ROUNDS {
        for _ in 0..TIMES {
            let run = measure::profile(&photo)?;
            let is_least = ours.as_ref().is_none_or(|least| run.picture_ms() < least.picture_ms());
            ours = if is_least { Some(run) } else { ours };
        }
        if let Some(python) = python {
            for (name, ms) in reference(python, &path, folder)? {
                match others.iter_mut().find(|(known, _)| *known == name) {
                    Some((_, least)) => *least = least.min(ms),
                    None => others.push((name, ms)),
                }
            }
        }
    }
    let ours = ours.context("a run")?;
    let whole = ours.picture_ms();
    writeln!(out, "\nbytes in to stamped JPEG out, CPU ms, each the least of {ROUNDS} rounds of {TIMES} in turn:")?;
    writeln!(out, "  ours, without checks, hashes and thumbnail  {whole:7.1}")?;
    for (name, ms) in &others {
        writeln!(out, "  {name:42}  {ms:7.1}   ours / it {:.2}", whole / ms)?;
    }
    writeln!(out, "\nstages, CPU ms:")?;
    for (name, ms) in ours.stages() {
        writeln!(out, "  {name:42}  {ms:7.2}")?;
    }
    writeln!(out, "  checks and hashes on top: {:.1} %", 100.0 * ours.checks_ms() / whole)?;

    memory(out, folder)?;
    let done = measure::work(&photo)?;
    let (copy, thumbnail) = (&done.copy.file, &done.examined.thumbnail);
    std::fs::write(folder.join("copy.jpg"), copy)?;
    std::fs::write(folder.join("thumbnail.jpg"), thumbnail)?;
    writeln!(out, "\ncopy {} bytes, thumbnail {} bytes, in {}", copy.len(), thumbnail.len(), folder.display())?;

    alike::search(out)?;
    alike::accuracy(out, shelf)
}

/// What the largest and strangest files take, each in a process of its own, and the most that a real one takes.
fn memory(out: &mut impl Write, folder: &Path) -> Result<()> {
    writeln!(out, "\nmost memory beside the file's bytes, each file in a process of its own, MiB (goal 40):")?;
    let path = folder.join("large");
    for (name, bytes) in large::files()? {
        std::fs::write(&path, &bytes)?;
        writeln!(out, "  {name:42}  {:7.1}   {} bytes", peak_kib_alone(&path)? / 1024.0, bytes.len())?;
    }
    let mut most: Option<(f64, String)> = None;
    let real = pictures::real()?;
    for path in &real {
        let taken = peak_kib_alone(path)?;
        if most.as_ref().is_none_or(|(known, _)| *known < taken) {
            most = Some((taken, path.file_name().unwrap_or_default().to_string_lossy().into_owned()));
        }
    }
    let (taken, name) = most.context("a real photo")?;
    writeln!(out, "  the most of {} real ones: {name:15}  {:7.1}", real.len(), taken / 1024.0)?;
    Ok(())
}

/// CPU milliseconds of the same work elsewhere, by name.
fn reference(python: &str, photo: &Path, folder: &Path) -> Result<Vec<(String, f64)>> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/photo_figures/reference.py");
    let output = Command::new(python)
        .arg(script)
        .args([photo, folder])
        .env("VIPS_CONCURRENCY", "1")
        .output()
        .with_context(|| format!("start {python}"))?;
    if !output.status.success() {
        bail!("the reference failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    let text = String::from_utf8(output.stdout)?;
    text.lines()
        .map(|line| {
            let (name, ms) = line.rsplit_once(' ').context("a name and a figure")?;
            Ok((name.to_owned(), ms.parse()?))
        })
        .collect()
}

/// CPU milliseconds that a piece of work takes.
fn timed<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let before = cpu_ms();
    let done = work();
    (done, cpu_ms() - before)
}
