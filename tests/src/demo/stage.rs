//! Where the day is played: one server process, and a phone for whoever needs one.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    sync::Arc,
};

use anyhow::Context;
use storewalk_client::{Attempt, Config, HttpApi, Phone, RandomIds, SyncReport, Traffic};
use storewalk_domain::time::Timestamp;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    process::{Child, ChildStdin, Command},
};

use super::{Ledger, clock::SetClock, link::Link};
use crate::world;

/// The server process and the folder everything lives in.
pub struct Stage {
    folder: tempfile::TempDir,
    server: Child,
    orders: ChildStdin,
    url: String,
    clock: Arc<SetClock>,
}

/// A phone in somebody's hand.
pub(super) struct Handset {
    /// The core.
    pub(super) phone: Phone,
    /// Its link to the server.
    pub(super) link: Arc<Link>,
    transport: Arc<HttpApi>,
    dir: PathBuf,
    clock: Arc<SetClock>,
}

impl Stage {
    /// Starts the server as a process of its own: `program` is the demo's, which can serve too.
    ///
    /// # Errors
    /// When the process does not start or does not say where it listens.
    pub async fn set(program: &Path, listen: &str) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir().context("make a folder")?;
        let mut server = Command::new(program)
            .args(["serve", "--listen", listen, "--dir"])
            .arg(folder.path().join("server"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("start the server")?;
        let orders = server.stdin.take().context("reach the server")?;
        let output = server.stdout.take().context("hear the server")?;
        let mut lines = BufReader::new(output).lines();
        let url = lines.next_line().await?.context("the server ended before it listened")?;
        Ok(Self { folder, server, orders, url, clock: Arc::new(SetClock::at(world::at("2025-03-14T07:00"))) })
    }

    /// Where the server listens.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The most memory the server has held so far, as the kernel counts it (`VmHWM`); `None` where it does not say.
    pub fn server_peak_memory(&self) -> Option<String> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.server.id()?)).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        Some(line.trim().to_owned())
    }

    /// Lets the day go on to `local` (`2025-03-14T08:40`), on the phones and the server alike.
    ///
    /// # Errors
    /// When the server is gone.
    pub async fn time(&mut self, local: &str) -> anyhow::Result<()> {
        // Some seconds past the minute: the clocks of two processes differ by milliseconds, and no figure should hang
        // on which side of a minute they fall.
        let to: Timestamp = world::at(local).plus_ms(20_000);
        self.clock.set(to);
        self.orders.write_all(format!("clock {}\n", to.0).as_bytes()).await.context("set the server's clock")?;
        self.orders.flush().await?;
        Ok(())
    }

    /// Hands somebody a phone that has never been used.
    ///
    /// # Errors
    /// When the phone's database cannot be made.
    pub(super) fn handset(&self, name: &str) -> anyhow::Result<Handset> {
        Handset::open(&self.url, self.folder.path().join(name), self.clock.clone())
    }

    /// Waits until the server ends.
    ///
    /// # Errors
    /// When it cannot be waited for.
    pub async fn wait(&mut self) -> anyhow::Result<()> {
        self.server.wait().await?;
        Ok(())
    }
}

impl Handset {
    fn open(url: &str, dir: PathBuf, clock: Arc<SetClock>) -> anyhow::Result<Self> {
        let transport = Arc::new(HttpApi::new(url)?);
        let link = Link::over(transport.clone());
        let mut config = Config::new(&dir, url);
        "demo".clone_into(&mut config.platform);
        config.device_name = dir.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        config.clock = clock.clone();
        config.ids = Arc::new(RandomIds);
        config.api = Some(link.clone());
        let phone = Phone::open(config)?.phone;
        Ok(Self { phone, link, transport, dir, clock })
    }

    /// The app is gone without closing anything and started again: everything comes from disk.
    ///
    /// # Errors
    /// When the database cannot be opened again.
    pub(super) fn dropped_and_reopened(self, url: &str) -> anyhow::Result<Self> {
        let Self { phone, dir, clock, .. } = self;
        // No `shutdown`: what is not on disk by now is lost, and that would be a fault.
        drop(phone);
        Self::open(url, dir, clock)
    }

    /// Signs somebody of the demo world in.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses.
    pub(super) async fn sign_in(&self, login: &str) -> anyhow::Result<()> {
        self.phone.sign_in(login, world::PASSWORD).await?;
        Ok(())
    }

    /// Syncs, and tells what it took.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses, or the storage fails.
    pub(super) async fn sync(&self, ledger: &Ledger) -> anyhow::Result<SyncReport> {
        let before = self.traffic();
        let began = self.clock.real_ms();
        let report = self.phone.sync().await?;
        let (after, took) = (self.traffic(), self.clock.real_ms() - began);
        ledger.tell(&format!(
            "sync: {} commands up, {} rows down; {} bytes up, {} bytes down, {took} ms",
            report.commands_sent,
            report.rows_applied,
            after.up - before.up,
            after.down - before.down
        ));
        Ok(report)
    }

    /// Bytes sent and received since the app was started.
    pub(super) fn traffic(&self) -> Traffic {
        self.transport.traffic()
    }
}

/// What a person asked for, where the story needs it to be done.
///
/// # Errors
/// When it was refused; the problems are named.
pub(super) fn done<T>(attempt: Attempt<T>) -> anyhow::Result<T> {
    match attempt {
        Attempt::Done(value) => Ok(value),
        Attempt::Refused(problems) => anyhow::bail!("refused: {problems:?}"),
    }
}
