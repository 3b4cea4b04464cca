//! An S3-compatible store of somebody else's making, for the tests of photos in a bucket: built once for each pin from the
//! Go module proxy into `.cache/s3`, run by the tests themselves.

use anyhow::Result;
use xshell::cmd;

use crate::run::{Ended, Run};

/// A store that checks signatures and checksums and keeps objects in a folder; Apache-2.0.
const STORE: &str = "github.com/versity/versitygw/cmd/versitygw@v1.8.0";

/// Provides the store and runs what needs it.
pub(crate) fn buckets(run: &Run) -> Result<Ended> {
    let folder = run.shell.current_dir().join(".cache/s3").join(STORE.rsplit('@').next().unwrap_or_default());
    let program = folder.join("versitygw");
    if !program.exists() {
        if cmd!(run.shell, "go version").quiet().ignore_stdout().ignore_stderr().run().is_err() {
            return Ok(Ended::CannotRun("no go to build an S3-compatible store with; install golang".to_owned()));
        }
        run.shell.create_dir(&folder)?;
        let _there = run.shell.push_env("GOBIN", &folder);
        cmd!(run.shell, "go install {STORE}").run()?;
    }
    let _program = run.shell.push_env("STOREWALK_S3_SERVER", &program);
    cmd!(run.shell, "cargo test --package storewalk-server --lib --features real-bucket of_a_real_store").run()?;
    Ok(Ended::Done)
}
