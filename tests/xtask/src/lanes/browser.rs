//! What the console's tests need beside Rust: Chromium, its driver, and a font with Chinese letters.
//!
//! Installed from the machine's own Debian packages when that is possible without asking anybody; otherwise this says
//! in one line what is missing. Nothing is downloaded past the package manager.

use anyhow::Result;
use xshell::cmd;

use crate::run::{Ended, Run};

/// A thing the tests need, how to see that it is there, and the Debian package that brings it.
struct Need {
    what: &'static str,
    package: &'static str,
    is_there: fn(&Run) -> bool,
}

const NEEDS: [Need; 3] = [
    Need { what: "Chromium", package: "chromium", is_there: |run| answers(run, "chromium") },
    Need { what: "ChromeDriver", package: "chromium-driver", is_there: |run| answers(run, "chromedriver") },
    Need { what: "a Chinese font", package: "fonts-noto-cjk", is_there: has_chinese_font },
];

/// Finds what the browser tests need, installing it where this may be done.
pub(crate) fn provide(run: &Run) -> Result<Ended> {
    let missing = missing(run);
    if missing.is_empty() {
        return Ok(Ended::Done);
    }
    if may_install(run) {
        let packages: Vec<_> = missing.iter().map(|need| need.package).collect();
        let _quiet = run.shell.push_env("DEBIAN_FRONTEND", "noninteractive");
        cmd!(run.shell, "apt-get update").run()?;
        cmd!(run.shell, "apt-get install --yes --no-install-recommends {packages...}").run()?;
    }
    match self::missing(run).as_slice() {
        [] => Ok(Ended::Done),
        still => {
            let whats: Vec<_> = still.iter().map(|need| format!("{} ({})", need.what, need.package)).collect();
            Ok(Ended::CannotRun(format!("missing {}; install them, or run as root on Debian", whats.join(", "))))
        }
    }
}

fn missing(run: &Run) -> Vec<&'static Need> {
    NEEDS.iter().filter(|need| !(need.is_there)(run)).collect()
}

fn may_install(run: &Run) -> bool {
    cmd!(run.shell, "id -u").quiet().read().is_ok_and(|id| id == "0") && answers(run, "apt-get")
}

fn answers(run: &Run, program: &str) -> bool {
    cmd!(run.shell, "{program} --version").quiet().ignore_stdout().ignore_stderr().run().is_ok()
}

fn has_chinese_font(run: &Run) -> bool {
    cmd!(run.shell, "fc-list :lang=zh-cn family").quiet().ignore_stderr().read().is_ok_and(|fonts| !fonts.is_empty())
}
