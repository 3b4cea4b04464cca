//! The library as phones have it: what its builds are told beside the profile `phone`.
//!
//! **Invariant.** Every command that measures or ships the phone's library builds it here, as the scripts for Android and
//! Apple's systems do: with the SQLite of `bindings/ffi/sqlite.flags`, which has no part that Storewalk does not use.

use anyhow::Result;
use xshell::{PushEnv, Shell, cmd};

/// The SQLite that phones have, for builds of the profile `phone` as long as this is kept.
pub(crate) fn sqlite(shell: &Shell) -> Result<PushEnv<'_>> {
    let flags = shell.read_file("bindings/ffi/sqlite.flags")?;
    Ok(shell.push_env("LIBSQLITE3_FLAGS", flags.split_whitespace().collect::<Vec<_>>().join(" ")))
}

/// Builds the library.
pub(crate) fn library(shell: &Shell) -> Result<()> {
    let _sqlite = sqlite(shell)?;
    Ok(cmd!(shell, "cargo build --profile phone --package storewalk-ffi --lib").run()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sqlite_is_told_nothing_that_its_build_does_not_understand() {
        let shell = crate::repository().expect("the repository");
        let _told = sqlite(&shell).expect("the flags");
        let flags = shell.var("LIBSQLITE3_FLAGS").expect("set");
        assert!(!flags.is_empty());
        assert!(flags.split(' ').all(|flag| flag.starts_with("-DSQLITE_") || flag.starts_with("-USQLITE_")), "{flags}");
    }
}
