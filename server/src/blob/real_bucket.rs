//! A real S3-compatible store for a test: a process of its own, on a free port, in a folder that goes with it.

use std::{
    net::TcpListener,
    process::{Child, Command, Stdio},
};

use tempfile::TempDir;
use tokio::net::TcpStream;

use super::{Shelf, bucket};
use crate::config::S3Section;

const KEY_ID: &str = "storewalk-test";
const SECRET: &str = "a secret of this test alone";
const BUCKET: &str = "shelf";

/// The process.
pub(crate) struct RealBucket {
    process: Child,
    port: u16,
    _folder: TempDir,
}

impl RealBucket {
    /// Starts the program that `STOREWALK_S3_SERVER` names and waits until it listens.
    pub(crate) async fn start() -> Self {
        let program = std::env::var_os("STOREWALK_S3_SERVER").expect("STOREWALK_S3_SERVER names the program");
        loop {
            let port = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a port").port();
            let folder = tempfile::tempdir().expect("folder");
            for name in ["root", "about"] {
                std::fs::create_dir(folder.path().join(name)).expect("folder");
            }
            std::fs::create_dir(folder.path().join("root").join(BUCKET)).expect("a bucket");
            let process = Command::new(&program)
                .args(["--port", &format!("127.0.0.1:{port}"), "--access", KEY_ID, "--secret", SECRET, "posix"])
                .args(["--sidecar".as_ref(), folder.path().join("about").as_os_str()])
                .arg(folder.path().join("root"))
                .stdout(Stdio::null())
                .spawn();
            let mut store = Self { process: process.expect("started"), port, _folder: folder };
            while store.process.try_wait().expect("asked").is_none() {
                if TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
                    return store;
                }
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
            // Somebody else took the port in between: another one.
        }
    }

    /// What a server would be told of it.
    pub(crate) fn settings(&self, prefix: &str) -> S3Section {
        S3Section {
            endpoint: format!("http://127.0.0.1:{}", self.port),
            bucket: BUCKET.to_owned(),
            prefix: prefix.to_owned(),
            access_key_id: KEY_ID.to_owned(),
            secret_access_key: SECRET.to_owned().into(),
            allows_http: true,
            ..S3Section::default()
        }
    }

    /// A shelf in it.
    pub(crate) fn shelf(&self, prefix: &str) -> Shelf {
        bucket::open(&self.settings(prefix)).expect("settings")
    }
}

impl Drop for RealBucket {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}
