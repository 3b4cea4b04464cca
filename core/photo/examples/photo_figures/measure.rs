//! Time and memory of this process, as Linux tells it.

use std::{ops::ControlFlow, path::Path, process::Command};

use anyhow::{Context, Result, bail};
use rustix::time::{ClockId, clock_gettime};
use storewalk_photo::{Processed, Progress, Settings, Stamp, Watch, process};

/// CPU milliseconds of this thread since it began.
pub(crate) fn cpu_ms() -> f64 {
    let spent = clock_gettime(ClockId::ThreadCPUTime);
    let thousandths = spent.tv_sec * 1_000_000 + spent.tv_nsec / 1_000;
    f64::from(u32::try_from(thousandths).unwrap_or(u32::MAX)) / 1_000.0
}

fn kib(name: &str) -> Result<f64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)).context("a figure")?;
    Ok(line.trim_matches([':', ' ', '\t', 'k', 'B']).parse()?)
}

/// Asks for the memory of one file, in a process of its own.
pub(crate) const MEMORY_OF: &str = "--memory-of";

/// The most KiB that working a file through takes beside what is there before. Means something only once in a process:
/// what the allocator keeps of one file is there for the next.
pub(crate) fn peak_kib(file: &Path) -> Result<f64> {
    let bytes = std::fs::read(file)?;
    std::fs::write("/proc/self/clear_refs", "5")?;
    let before = kib("VmRSS")?;
    work(&bytes)?;
    Ok(kib("VmHWM")? - before)
}

/// The same in a new process, which begins with nothing.
pub(crate) fn peak_kib_alone(file: &Path) -> Result<f64> {
    let output = Command::new(std::env::current_exe()?).arg(MEMORY_OF).arg(file).output()?;
    if !output.status.success() {
        bail!("{}: {}", file.display(), String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8(output.stdout)?.trim().parse()?)
}

fn stamp() -> Stamp {
    Stamp {
        outlet: "鑫源便利店（南京路）".into(),
        zone: "货架".into(),
        rep: "李雯".into(),
        taken_at: "2025-03-15 09:02:11".into(),
        place: "31.23041, 121.47370 ±8 m".into(),
    }
}

/// Works a photo through.
pub(crate) fn work(bytes: &[u8]) -> Result<Processed> {
    let mut go_on = |_| ControlFlow::Continue(());
    Ok(process(bytes, &Settings::default(), &stamp(), &mut Watch::new(&mut go_on))?)
}

/// The parts of the work, and the percentage at which each ends.
const PARTS: [(&str, u8); 8] = [
    ("SHA-256, structure, EXIF", 5),
    ("read at the reduced size", 70),
    ("scale, upright", 75),
    ("hashes, eight ways, and the grid", 80),
    ("measures of quality", 85),
    ("thumbnail", 90),
    ("stamp", 95),
    ("write the copy", 100),
];

/// CPU milliseconds of each part of a run.
pub(crate) struct Profile([f64; 8]);

/// Works a photo through with a look at the clock between its parts.
pub(crate) fn profile(bytes: &[u8]) -> Result<Profile> {
    let mut ends = [0.0; 9];
    ends[0] = cpu_ms();
    let mut note = |progress: Progress| {
        let part = PARTS.iter().position(|(_, percent)| *percent == progress.percent);
        if let Some(part) = part.filter(|part| ends[part + 1] == 0.0) {
            ends[part + 1] = cpu_ms();
        }
        ControlFlow::Continue(())
    };
    process(bytes, &Settings::default(), &stamp(), &mut Watch::new(&mut note))?;
    let mut parts = [0.0; 8];
    for (part, ms) in parts.iter_mut().enumerate() {
        *ms = ends[part + 1] - ends[part];
    }
    Ok(Profile(parts))
}

impl Profile {
    pub(crate) fn stages(&self) -> impl Iterator<Item = (&'static str, f64)> {
        PARTS.iter().map(|(name, _)| *name).zip(self.0)
    }

    /// What others do as well: read, scale, stamp, write.
    pub(crate) fn picture_ms(&self) -> f64 {
        self.0[1] + self.0[2] + self.0[6] + self.0[7]
    }

    /// Checks, hashes and measures.
    pub(crate) fn checks_ms(&self) -> f64 {
        self.0[0] + self.0[3] + self.0[4]
    }
}
