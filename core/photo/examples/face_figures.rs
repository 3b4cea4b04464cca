//! What a cascade finds in photos, and what that costs, in one run on one machine.
//!
//!     cargo run --release -p storewalk-photo --features redact --example face_figures -- CASCADE FOLDER [COPIES]
//!
//! `CASCADE` is a file that `export.face_cascade` may name, `FOLDER` holds JPEGs and PNGs; with `COPIES` the covered copies
//! are written there, to be looked at. Photos of shelves alone tell how often a cascade takes goods for a face.

use std::{io::Write, ops::ControlFlow, path::PathBuf};

use anyhow::{Context, Result};
use rustix::time::{ClockId, clock_gettime};
use storewalk_photo::{Area, Cascade, FindFaces, Grey, Redaction, Settings, Stamp, Watch, redact};

/// Finds nothing: what is left is the cost of the copy.
struct Nothing;

impl FindFaces for Nothing {
    fn find(&self, _: Grey<'_>) -> Vec<Area> {
        Vec::new()
    }
}

fn main() -> Result<()> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let (cascade, folder) = arguments.next().zip(arguments.next()).context("name a cascade and a folder of photos")?;
    let copies = arguments.next();
    let cascade = Cascade::read(&std::fs::read_to_string(cascade)?)?;
    let mut out = std::io::stdout().lock();
    let (mut photos, mut with_finds, mut finds) = (0_u32, 0, 0);
    let (mut copy_ms, mut find_ms) = (0.0, 0.0);
    let mut paths = std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    paths.sort();
    for path in paths.iter().filter(|path| path.is_file()) {
        let bytes = std::fs::read(path)?;
        let (Ok((_, plain_ms)), Ok((copy, whole_ms))) = (timed(&bytes, &Nothing), timed(&bytes, &cascade)) else {
            writeln!(out, "{}: cannot be read", path.display())?;
            continue;
        };
        photos += 1;
        copy_ms += plain_ms;
        find_ms += whole_ms - plain_ms;
        with_finds += u32::from(!copy.found.is_empty());
        finds += copy.found.len();
        writeln!(out, "{}: {} covered, {whole_ms:.0} ms", path.display(), copy.found.len())?;
        if let Some((folder, name)) = copies.as_ref().zip(path.file_stem()) {
            std::fs::create_dir_all(folder)?;
            std::fs::write(folder.join(name).with_extension("jpg"), copy.file)?;
        }
    }
    let each = f64::from(photos.max(1));
    writeln!(out, "{photos} photos, {with_finds} of them with {finds} finds")?;
    writeln!(out, "mean CPU ms of a photo: {:.1} for the copy, {:.1} for finding", copy_ms / each, find_ms / each)?;
    Ok(())
}

/// CPU milliseconds of this process so far.
fn cpu_ms() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    let seconds = u32::try_from(time.tv_sec).map_or(f64::INFINITY, f64::from);
    let micros = u32::try_from(time.tv_nsec / 1_000).map_or(0.0, f64::from);
    seconds * 1_000.0 + micros / 1_000.0
}

/// A copy and the CPU milliseconds it took.
fn timed(bytes: &[u8], finder: &dyn FindFaces) -> Result<(storewalk_photo::Redacted, f64)> {
    let begun = cpu_ms();
    let wanted = Redaction { finder: Some(finder), marked: &[], stamp: &Stamp::default() };
    let copy = redact(bytes, &Settings::default(), wanted, &mut Watch::new(&mut |_| ControlFlow::Continue(())))?;
    Ok((copy, cpu_ms() - begun))
}
