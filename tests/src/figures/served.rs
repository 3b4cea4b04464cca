//! The server as a process of its own: the program that measures, started a second time.

use std::{
    ffi::OsString,
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::{Context, bail};
use clap::Parser;
use storewalk_server::cli::{Cli, run};

use super::memory_of;

/// The first argument by which a program knows that it is to be the server.
pub const AS_SERVER: &str = "as-server";

/// Plays the server if the arguments of this process say so; says whether they did.
///
/// # Errors
/// When the server cannot serve.
pub fn if_asked() -> anyhow::Result<bool> {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    if arguments.first().is_none_or(|first| first != AS_SERVER) {
        return Ok(false);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(run(Cli::parse_from(arguments)))?;
    Ok(true)
}

/// A server process; it ends with its handle.
pub struct Served {
    child: Child,
    /// Where it listens.
    pub url: String,
}

impl Served {
    /// Starts the server of a folder on a free port of this machine and waits until it answers.
    ///
    /// # Errors
    /// When it cannot be started or does not answer within ten seconds.
    pub async fn start(folder: &Path) -> anyhow::Result<Self> {
        Self::start_program(&std::env::current_exe()?, folder).await
    }

    /// The same, by a program that calls [`if_asked`].
    ///
    /// # Errors
    /// As for [`Self::start`].
    pub async fn start_program(program: &Path, folder: &Path) -> anyhow::Result<Self> {
        let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let child = Command::new(program)
            .arg(AS_SERVER)
            .args(["--data-dir".as_ref(), folder.as_os_str()])
            .args(["serve", "--listen", &format!("127.0.0.1:{port}")])
            .env("STOREWALK_LOG__FILTER", "warn")
            .env("STOREWALK_AUTH__ARGON2_MEMORY_KIB", "8")
            .env("STOREWALK_AUTH__ARGON2_PASSES", "1")
            .env("STOREWALK_AUTH__ATTEMPTS_PER_ADDRESS", "1000000")
            .stdin(Stdio::null())
            .spawn()
            .context("start the server")?;
        let served = Self { child, url: format!("http://127.0.0.1:{port}") };
        for _ in 0..500 {
            if tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
                return Ok(served);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        bail!("the server does not answer at {}", served.url)
    }

    /// Memory the process holds now and held at most, in bytes (`VmRSS`, `VmHWM`).
    ///
    /// # Errors
    /// When the system does not say.
    pub fn memory(&self) -> anyhow::Result<(u64, u64)> {
        memory_of(self.child.id())
    }

    /// The process.
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// Processor time used so far, in seconds.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn cpu_seconds(&self) -> anyhow::Result<f64> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // After the name in brackets: state, then 10 numbers, then user and system time in hundredths.
        let after = stat.rsplit_once(')').context("a name")?.1;
        let ticks: Vec<f64> = after.split_whitespace().skip(11).take(2).filter_map(|tick| tick.parse().ok()).collect();
        Ok(ticks.iter().sum::<f64>() / 100.0)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended by itself; no process outlives the run either way.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
