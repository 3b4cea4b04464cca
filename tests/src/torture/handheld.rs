//! A phone: a process that is killed, and started again in the same folder.

use std::{
    fs::File,
    io::Write,
    path::PathBuf,
    process::{Child, Command, ExitStatus, Stdio},
    time::Duration,
};

use anyhow::Context;
use rusqlite::Connection;

use super::{fleet::Programs, journal::Journal, line::Road};
use crate::{
    simulation::{evidence::Evidence, handset::Captured},
    world::Account,
};

/// A phone process, its folder and its road.
pub(super) struct Handheld {
    /// Name in the story.
    pub(super) name: String,
    /// Whose it is.
    pub(super) account: Account,
    /// Its line.
    pub(super) road: Road,
    pub(super) folder: PathBuf,
    camera: PathBuf,
    programs: Programs,
    child: Option<Child>,
    starts: u64,
    seed: u64,
}

/// What a phone is made of.
pub(super) struct Parts {
    pub(super) name: String,
    pub(super) account: Account,
    pub(super) road: Road,
    pub(super) folder: PathBuf,
    pub(super) camera: PathBuf,
    pub(super) programs: Programs,
    pub(super) seed: u64,
}

impl Handheld {
    /// A phone that is switched off.
    pub(super) fn new(parts: Parts) -> Self {
        let Parts { name, account, road, folder, camera, programs, seed } = parts;
        Self { name, account, road, folder, camera, programs, child: None, starts: 0, seed }
    }

    /// Starts the process; `is_quiet` when nobody uses the phone any more.
    ///
    /// # Errors
    /// When the program cannot be started.
    pub(super) fn start(&mut self, is_quiet: bool) -> anyhow::Result<()> {
        self.starts += 1;
        let log = File::options().create(true).append(true).open(self.log())?;
        let child = Command::new(&self.programs.phone)
            .args(["--url", &self.road.url(), "--login", self.account.login])
            .args(["--seed", &(self.seed ^ (self.starts << 20)).to_string()])
            .args(["--folder".as_ref(), self.folder.as_os_str()])
            .args(["--camera".as_ref(), self.camera.as_os_str()])
            .args(is_quiet.then_some("--quiet"))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .with_context(|| format!("start {}", self.programs.phone.display()))?;
        self.child = Some(child);
        Ok(())
    }

    /// Kills the process. Gives what was under way, or an objection when it had ended by itself.
    ///
    /// # Errors
    /// When it cannot be waited for.
    pub(super) fn kill(&mut self) -> anyhow::Result<Result<u8, String>> {
        let Some(mut child) = self.child.take() else { return Ok(Ok(0)) };
        let ended = child.try_wait()?;
        drop(child.kill());
        child.wait()?;
        match ended {
            Some(status) => Ok(Err(self.complaint(status))),
            None => Ok(Ok(std::fs::read(self.folder.join("phase")).ok().and_then(|p| p.first().copied()).unwrap_or(0))),
        }
    }

    /// Tells the phone that the weather is quiet.
    ///
    /// # Errors
    /// When it does not run.
    pub(super) fn calm(&mut self) -> anyhow::Result<()> {
        self.road.calm();
        let child = self.child.as_mut().context("a phone that runs")?;
        // A phone that has just failed hears nothing; its end tells.
        drop(child.stdin.as_mut().context("a phone that listens")?.write_all(b"quiet\n"));
        Ok(())
    }

    /// Waits until the phone has nothing left to do. Gives an objection when it fails or takes too long.
    ///
    /// # Errors
    /// When it cannot be waited for.
    pub(super) async fn finish(&mut self, patience: Duration) -> anyhow::Result<Option<String>> {
        let Some(mut child) = self.child.take() else { return Ok(None) };
        let waiting = async {
            loop {
                if let Some(status) = child.try_wait()? {
                    return anyhow::Ok(status);
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        if let Ok(status) = tokio::time::timeout(patience, waiting).await {
            let status = status?;
            return Ok((!status.success()).then(|| self.complaint(status)));
        }
        drop(child.kill());
        child.wait()?;
        Ok(Some(format!("{}: not in step after {} s of quiet", self.name, patience.as_secs())))
    }

    /// The phone as the oracles see it.
    ///
    /// # Errors
    /// When its files cannot be read.
    pub(super) fn evidence(&self) -> anyhow::Result<Witness> {
        Ok(Witness {
            name: self.name.clone(),
            account: self.account,
            database: Connection::open(self.folder.join("storewalk.sqlite"))?,
            taken: Journal::open(&self.folder)?.taken,
        })
    }

    fn log(&self) -> PathBuf {
        self.folder.with_extension("log")
    }

    fn complaint(&self, status: ExitStatus) -> String {
        let text = std::fs::read_to_string(self.log()).unwrap_or_default();
        let last: Vec<&str> = text.lines().rev().take(12).collect();
        let last: Vec<&str> = last.into_iter().rev().collect();
        format!("{} ended by itself ({status}): {}", self.name, last.join(" | "))
    }
}

impl Drop for Handheld {
    fn drop(&mut self) {
        // No process outlives the run.
        drop(self.kill());
    }
}

/// What a phone left behind.
pub(super) struct Witness {
    name: String,
    account: Account,
    database: Connection,
    taken: Vec<Captured>,
}

impl Evidence for Witness {
    fn name(&self) -> &str {
        &self.name
    }

    fn account(&self) -> &Account {
        &self.account
    }

    fn database(&self) -> &Connection {
        &self.database
    }

    fn ledger(&self) -> &[Captured] {
        &self.taken
    }
}
