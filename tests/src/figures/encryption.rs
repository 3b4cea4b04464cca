//! What encryption costs the phone's database: the same work on a plain file and on one under a raw key, in turn.
//!
//! The work is that of a phone: rows of a territory taken in in one transaction (FULL, in WAL, 16 MiB of pages in memory),
//! a screen's 50 rows read by their keys, the file opened and read once. Times are processor time of this process, so that
//! a disk that waits hides nothing.

use std::path::Path;

use anyhow::{Context, ensure};
use rusqlite::{Connection, params};
use storewalk_sqlite::{Durability, configure, widen_cache};

use super::{cpu_seconds, median, tell, timed};

const TURNS: usize = 5;
const SCREENS: u64 = 2_000;
const SCREEN: u64 = 50;
const OPENINGS: usize = 200;

/// A key that no phone has.
const KEY: &str = "x'2DD29CA851E7B56E4697B0E1F08507293D761A05CE4D1B628663F411A8086D99'";

/// Milliseconds of each kind of work.
#[derive(Default)]
struct Times {
    insert: Vec<f64>,
    read: Vec<f64>,
    open: Vec<f64>,
    bytes: u64,
}

/// Measures and prints.
///
/// # Errors
/// When this build cannot encrypt, or a database cannot be used.
pub fn measure(rows: usize) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let rows = u64::try_from(rows)?;
    let (mut plain, mut sealed) = (Times::default(), Times::default());
    for turn in 0..TURNS {
        work(&folder.path().join(format!("plain-{turn}")), None, rows, &mut plain)?;
        work(&folder.path().join(format!("sealed-{turn}")), Some(KEY), rows, &mut sealed)?;
    }
    let line = |name: &str, plain: Vec<f64>, sealed: Vec<f64>| {
        let (plain, sealed) = (median(plain), median(sealed));
        tell(&format!("{name}: plain {plain:.2} ms, encrypted {sealed:.2} ms, ratio {:.2}", sealed / plain));
    };
    tell(&format!("medians of {TURNS} turns, {rows} rows, processor time"));
    line("rows taken in in one transaction     ", plain.insert, sealed.insert);
    line(&format!("{SCREENS} screens of {SCREEN} rows by their keys"), plain.read, sealed.read);
    line(&format!("{OPENINGS} openings with a first read         "), plain.open, sealed.open);
    tell(&format!("file: plain {} bytes, encrypted {} bytes", plain.bytes, sealed.bytes));
    Ok(())
}

fn work(file: &Path, key: Option<&str>, rows: u64, times: &mut Times) -> anyhow::Result<()> {
    let mut connection = opened(file, key)?;
    configure(&connection, Durability::Full)?;
    widen_cache(&connection)?;
    connection.execute_batch(
        "CREATE TABLE outlets (id BLOB PRIMARY KEY CHECK (length(id) = 16), code TEXT NOT NULL, name TEXT NOT NULL,
                               address TEXT NOT NULL, territory_id BLOB NOT NULL) STRICT, WITHOUT ROWID;
         CREATE INDEX outlets_by_territory ON outlets (territory_id);",
    )?;
    times.insert.push(cpu(|| insert(&mut connection, rows))?);
    drop(connection);
    let connection = opened(file, key)?;
    widen_cache(&connection)?;
    times.read.push(cpu(|| read(&connection, rows))?);
    drop(connection);
    times.open.push(cpu(|| open_often(file, key))?);
    times.bytes = std::fs::metadata(file)?.len();
    let is_plain = std::fs::read(file)?.starts_with(b"SQLite format 3");
    ensure!(is_plain == key.is_none(), "this build cannot encrypt: turn on the feature `encryption`");
    Ok(())
}

/// Milliseconds of processor time.
fn cpu(work: impl FnOnce() -> anyhow::Result<()>) -> anyhow::Result<f64> {
    let before = cpu_seconds().context("the system tells processor time")?;
    timed(work)?;
    Ok((cpu_seconds().context("the system tells processor time")? - before) * 1_000.0)
}

fn opened(file: &Path, key: Option<&str>) -> anyhow::Result<Connection> {
    let connection = Connection::open(file)?;
    if let Some(key) = key {
        connection.execute_batch(&format!("PRAGMA key = \"{key}\""))?;
    }
    Ok(connection)
}

/// Spread over the whole range, the same on both sides.
fn id(number: u64) -> [u8; 16] {
    let mixed = number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (u128::from(mixed) << 64 | u128::from(number)).to_be_bytes()
}

fn insert(connection: &mut Connection, rows: u64) -> anyhow::Result<()> {
    let transaction = connection.transaction()?;
    for number in 0..rows {
        let (code, name) = (format!("S{number:06}"), format!("江城第{number}便利店"));
        let address = format!("江城市建设大道{number}号万松园步行街东侧临街商铺");
        let values = params![id(number), code, name, address, id(number % 200)];
        transaction.prepare_cached("INSERT INTO outlets VALUES (?, ?, ?, ?, ?)")?.execute(values)?;
    }
    transaction.commit()?;
    Ok(connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?)
}

fn read(connection: &Connection, rows: u64) -> anyhow::Result<()> {
    let mut statement = connection.prepare("SELECT name, address FROM outlets WHERE id = ?")?;
    let mut letters = 0;
    for number in 0..SCREENS * SCREEN {
        let wanted = id(number.wrapping_mul(7_919) % rows);
        letters +=
            statement.query_row([wanted], |row| Ok(row.get::<_, String>(0)?.len() + row.get::<_, String>(1)?.len()))?;
    }
    ensure!(letters > 0, "rows were read");
    Ok(())
}

fn open_often(file: &Path, key: Option<&str>) -> anyhow::Result<()> {
    for number in 0..OPENINGS {
        let connection = opened(file, key)?;
        let wanted = id(u64::try_from(number)?);
        connection.query_row("SELECT name FROM outlets WHERE id = ?", [wanted], |row| row.get::<_, String>(0))?;
    }
    Ok(())
}
