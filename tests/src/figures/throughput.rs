//! M8: commands per second, fsync on, spread over territories and all into one.
//!
//! Counted: `task.raise`, one new row each, in requests of a fixed number of commands, as compressed JSON over loopback
//! HTTP from phones that work side by side, each waiting for its answer and taking in what came down with it. Clients
//! and server share the machine. The floor: plain rusqlite, one connection, the resulting rows alone, as many to a
//! commit as there are commands in a request, with the same settings of the same file system.

use std::{path::Path, time::Duration};

use anyhow::ensure;
use rusqlite::{Connection, params_from_iter, types::Value};
use storewalk_sqlite::{Durability, configure};

use super::{
    caller::Caller,
    crowd::{Size, found, login, outlet},
    ms, now,
    served::Served,
    tell,
};

/// Most commands that are made ready, beyond what any server takes in that time.
const READY: usize = 40_000;

/// Measures phones of many territories, eight of one and a crowd of one, with several batch sizes. A phone that is asked to stop waits for its last answer.
///
/// # Errors
/// When a command is not applied, or the machine fails.
pub async fn measure(batches: &[usize], crowd: u32, pushing: Duration) -> anyhow::Result<()> {
    tell("M8, commands per second with fsync on; floor: plain rusqlite with as many rows to a commit");
    let spread = ("spread over 32 territories", Size { territories: 32, outlets_each: 1, reps_each: 1 });
    let one = ("into one territory", Size { territories: 1, outlets_each: 1, reps_each: 8 });
    let many = ("into one territory", Size { territories: 1, outlets_each: 1, reps_each: crowd });
    for (name, size) in [spread, one, many] {
        for batch in batches {
            case(name, size, (*batch).max(1), pushing).await?;
        }
    }
    Ok(())
}

async fn case(name: &str, size: Size, batch: usize, pushing: Duration) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let dir = folder.path().join("server");
    found(&dir, size).await?;
    let served = Served::start(&dir).await?;
    let phones = size.territories * size.reps_each;
    let requests = (READY / batch / usize::try_from(phones)?).clamp(2, 400);
    let mut crowd = Vec::new();
    for territory in 0..size.territories {
        for rep in 0..size.reps_each {
            let mut caller = Caller::sign_in(&served.url, &login(territory, rep)).await?;
            caller.catch_up().await?;
            let ready: Vec<String> =
                (0..requests).map(|_| caller.prepare(outlet(territory, 0), batch)).collect::<anyhow::Result<_>>()?;
            crowd.push((caller, ready));
        }
    }
    let cpu = served.cpu_seconds()?;
    let began = now();
    let phones_pushing: Vec<_> = crowd
        .into_iter()
        .map(|(mut caller, ready)| {
            tokio::spawn(async move {
                let (mut slowest, mut sent) = (Duration::ZERO, 0);
                for commands in ready {
                    // On a busy machine the time may be over before some have begun; everybody sends once.
                    if sent > 0 && began.elapsed() > pushing {
                        break;
                    }
                    let asked = now();
                    caller.sync(&commands).await?;
                    sent += batch;
                    slowest = slowest.max(asked.elapsed());
                }
                anyhow::Ok((slowest, caller.bytes, sent))
            })
        })
        .collect();
    let (mut slowest, mut bytes, mut commands) = (Duration::ZERO, 0, 0);
    for phone in phones_pushing {
        let (own, (up, down), sent) = phone.await??;
        commands += sent;
        slowest = slowest.max(own);
        bytes += up + down;
    }
    let took = began.elapsed();
    let cpu = served.cpu_seconds()? - cpu;
    let (rss, _) = served.memory()?;
    drop(served);
    let database = Connection::open(dir.join("storewalk.sqlite"))?;
    let rows = rows_of(&database, "tasks")?;
    ensure!(rows.len() == commands, "{} rows of {commands} commands", rows.len());
    let floor = floor(&database, folder.path(), &rows, batch)?;
    let rate = |took: Duration| format!("{:.0}", f64::from(u32::try_from(commands).unwrap_or(0)) / took.as_secs_f64());
    tell(&format!(
        "{name}, {phones} phones, {batch} commands to a request: {} commands/s ({commands} in {:.0} ms; server {cpu:.1} \
         cpu-s, {} MB; slowest answer {:.0} ms; {} B a command on the wire); floor {} rows/s; ratio {:.1}",
        rate(took),
        ms(took),
        rss / 1_000_000,
        ms(slowest),
        bytes / commands as u64,
        rate(floor),
        took.as_secs_f64() / floor.as_secs_f64(),
    ));
    Ok(())
}

/// Every row of a table, as SQLite keeps it.
pub(super) fn rows_of(database: &Connection, table: &str) -> anyhow::Result<Vec<Vec<Value>>> {
    let mut statement = database.prepare(&format!("SELECT * FROM {table}"))?;
    let columns = statement.column_count();
    let rows = statement.query_map([], |row| (0..columns).map(|column| row.get(column)).collect())?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The least: the rows alone, by prepared statement.
fn floor(from: &Connection, folder: &Path, rows: &[Vec<Value>], batch: usize) -> anyhow::Result<Duration> {
    let connection = Connection::open(folder.join("floor.sqlite"))?;
    configure(&connection, Durability::Full)?;
    same_schema(from, &connection, &["tasks"])?;
    let began = now();
    for some in rows.chunks(batch) {
        connection.execute_batch("BEGIN IMMEDIATE")?;
        insert(&connection, "tasks", some)?;
        connection.execute_batch("COMMIT")?;
    }
    Ok(began.elapsed())
}

/// Makes tables as they are elsewhere, with their indexes.
pub(super) fn same_schema(from: &Connection, to: &Connection, tables: &[&str]) -> anyhow::Result<()> {
    for table in tables {
        let sql = "SELECT sql FROM sqlite_schema WHERE tbl_name = ? AND type IN ('table', 'index') AND sql IS NOT NULL \
                   ORDER BY type DESC";
        let mut statement = from.prepare(sql)?;
        let steps: Vec<String> = statement.query_map([table], |row| row.get(0))?.collect::<Result<_, _>>()?;
        steps.iter().try_for_each(|step| to.execute_batch(step))?;
    }
    Ok(())
}

/// Inserts rows as they are.
pub(super) fn insert(connection: &Connection, table: &str, rows: &[Vec<Value>]) -> anyhow::Result<()> {
    let Some(first) = rows.first() else { return Ok(()) };
    let places = vec!["?"; first.len()].join(", ");
    let mut statement = connection.prepare_cached(&format!("INSERT INTO {table} VALUES ({places})"))?;
    for row in rows {
        statement.execute(params_from_iter(row))?;
    }
    Ok(())
}
