//! The server: a process that is killed, and started again on the same port and the same folder.

use std::{
    fs::File,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU16, Ordering},
    },
};

use anyhow::Context;

use super::fleet::Programs;

/// The server process and where it lives.
pub(super) struct Server {
    programs: Programs,
    folder: PathBuf,
    log: PathBuf,
    port: Arc<AtomicU16>,
    child: Option<Child>,
    /// Starts at which another process had taken the port.
    moved: u32,
}

impl Server {
    /// A server that has not started yet.
    pub(super) fn new(programs: Programs, folder: &Path) -> Self {
        let (log, port) = (folder.with_extension("log"), Arc::default());
        Self { programs, folder: folder.to_owned(), log, port, child: None, moved: 0 }
    }

    /// Where it listens; follows it when it must move.
    pub(super) fn port(&self) -> Arc<AtomicU16> {
        Arc::clone(&self.port)
    }

    /// Starts it; it is not said to be ready.
    ///
    /// # Errors
    /// When the program cannot be started.
    pub(super) fn start(&mut self) -> anyhow::Result<()> {
        if self.port.load(Ordering::SeqCst) == 0 {
            self.port.store(free_port()?, Ordering::SeqCst);
        }
        let log = File::options().create(true).append(true).open(&self.log)?;
        let port = self.port.load(Ordering::SeqCst);
        let child = Command::new(&self.programs.server)
            .args(&self.programs.server_arguments)
            .args(["--data-dir".as_ref(), self.folder.as_os_str()])
            .args(["serve", "--listen", &format!("127.0.0.1:{port}")])
            .env("STOREWALK_LOG__FILTER", "warn")
            .env("STOREWALK_AUTH__ARGON2_MEMORY_KIB", "8")
            .env("STOREWALK_AUTH__ARGON2_PASSES", "1")
            .env("STOREWALK_AUTH__ATTEMPTS_AT_ONCE", "1000")
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("start {}", self.programs.server.display()))?;
        self.child = Some(child);
        Ok(())
    }

    /// Kills it. Gives an objection when it had ended by itself.
    ///
    /// # Errors
    /// When it cannot be waited for.
    pub(super) fn kill(&mut self) -> anyhow::Result<Option<String>> {
        let Some(mut child) = self.child.take() else { return Ok(None) };
        let ended = child.try_wait()?;
        drop(child.kill());
        child.wait()?;
        let Some(status) = ended else { return Ok(None) };
        if self.says("Address already in use")? && self.moved < 5 {
            self.moved += 1;
            self.port.store(free_port()?, Ordering::SeqCst);
            std::fs::write(&self.log, "")?;
            return Ok(None);
        }
        Ok(Some(format!("the server ended by itself: {status}; its log is {}", self.log.display())))
    }

    /// Lines of the log that tell of faults.
    pub(super) fn faults(&self) -> Vec<String> {
        let text = std::fs::read_to_string(&self.log).unwrap_or_default();
        let is_fault = |line: &&str| line.contains("ERROR") || line.contains("panicked");
        text.lines().filter(is_fault).take(20).map(|line| format!("the server's log: {line}")).collect()
    }

    fn says(&self, words: &str) -> anyhow::Result<bool> {
        Ok(std::fs::read_to_string(&self.log)?.contains(words))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // No process outlives the run.
        drop(self.kill());
    }
}

fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
