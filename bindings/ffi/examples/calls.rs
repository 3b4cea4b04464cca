//! What the calls cost that `cargo xtask overhead` makes from other languages, without any door between: their floor.
//!
//! On a phone that nobody has signed in on, plain and, in a build that can encrypt, under a key. Every call is made on the
//! thread that asks.

use std::{
    io::Write,
    path::Path,
    time::{Duration, Instant},
};

use storewalk_client::{ClientError, Config, HostKey, Phone};

/// Measured, after as many to warm up.
const ROUNDS: usize = 3_000;

fn main() -> Result<(), ClientError> {
    let folder = tempfile::tempdir()?;
    measure(&folder.path().join("plain"), None, "")?;
    if cfg!(feature = "encryption") {
        measure(&folder.path().join("sealed"), HostKey::from_bytes(&[7; 32]), ", under a key")?;
    }
    Ok(())
}

fn measure(dir: &Path, key: Option<HostKey>, how: &str) -> Result<(), ClientError> {
    // Nobody listens there.
    let config = Config { key, ..Config::new(dir, "http://127.0.0.1:9") };
    let (opened, opening) = timed(|| Phone::open(config));
    let phone = opened?.phone;
    tell(&format!("open an empty core{how}"), opening);
    tell(&format!("reading the database{how}"), median(|| phone.session().is_ok()));
    tell(&format!("returning nested records{how}"), median(|| phone.status().is_ok()));
    // Nobody is signed in.
    tell(&format!("ending with an error{how}"), median(|| phone.plan().today().is_ok()));
    phone.shutdown();
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "a benchmark reads the real clock")]
fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let began = Instant::now();
    let done = work();
    (done, began.elapsed())
}

fn median(call: impl Fn() -> bool) -> Duration {
    for _ in 0..ROUNDS {
        std::hint::black_box(call());
    }
    let mut rounds: Vec<Duration> = (0..ROUNDS).map(|_| timed(|| std::hint::black_box(call())).1).collect();
    rounds.sort();
    rounds[ROUNDS / 2]
}

fn tell(what: &str, took: Duration) {
    // A closed pipe ends nothing.
    drop(writeln!(std::io::stdout(), "{what:<52} {:>10.1} µs", took.as_secs_f64() * 1e6));
}
