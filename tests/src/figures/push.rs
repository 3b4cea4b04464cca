//! M5: a thousand commands captured offline, accepted in one go and seen on a second phone.
//!
//! Counted: the simulator's script at one rep's phone (visits, answers, photos' rows, orders, tasks; photo bytes travel
//! apart and are not sent here), then one `sync` of the whole phone core against a server process over loopback: from
//! the call to its return, the phone's own publishing included. Bytes are bodies as they travelled, both ways. Beside
//! the wall time stands the processor time of both processes, which others on the machine disturb less. The
//! floor: plain rusqlite inserting the rows that came of it, in one transaction forced to the drive.

use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use rusqlite::Connection;
use storewalk_client::{ClientError, Config as PhoneConfig, Phone};
use storewalk_sqlite::{Durability, configure};

use super::{
    cpu_ms, ms, now,
    served::Served,
    tell,
    throughput::{insert, rows_of, same_schema},
};
use crate::{
    simulation::{
        evidence::{Evidence, Hand, captured_after},
        handset::Captured,
        rng::Rng,
        script, template,
    },
    world::{ACCOUNTS, Account, PASSWORD},
};

/// What commands of a rep leave behind.
const TABLES: [&str; 6] = ["visits", "answers", "photos", "tasks", "orders", "refusals"];

struct Rep {
    account: Account,
    phone: Phone,
    reader: Connection,
    taken: Vec<Captured>,
}

impl Evidence for Rep {
    fn name(&self) -> &str {
        let Account { login, .. } = &self.account;
        login
    }

    fn account(&self) -> &Account {
        &self.account
    }

    fn database(&self) -> &Connection {
        &self.reader
    }

    fn ledger(&self) -> &[Captured] {
        &self.taken
    }
}

impl Hand for Rep {
    fn phone(&self) -> &Phone {
        &self.phone
    }

    fn act(&mut self, _what: &str, act: impl FnOnce(&Phone) -> Result<Vec<String>, ClientError>) -> anyhow::Result<()> {
        act(&self.phone)?;
        let last = self.taken.last().map_or(0, |captured| captured.seq);
        let fresh = captured_after(&self.reader, last, |_| false)?;
        self.taken.extend(fresh);
        Ok(())
    }
}

/// One run's figures.
struct Measured {
    accepted_ms: f64,
    phone_cpu_ms: f64,
    server_cpu_ms: f64,
    bytes: (u64, u64),
    seen_ms: f64,
    floor_ms: f64,
    rows: usize,
    refused: u64,
}

/// Measures `commands` commands; the figures are medians of `times` runs.
///
/// # Errors
/// When the machine fails, or a command is not worked through.
pub async fn measure(commands: usize, times: u64) -> anyhow::Result<()> {
    let mut runs = Vec::new();
    for seed in 1..=times.max(1) {
        runs.push(run(seed, commands).await?);
    }
    let median = |of: &dyn Fn(&Measured) -> f64| {
        let mut all: Vec<f64> = runs.iter().map(of).collect();
        all.sort_by(f64::total_cmp);
        all[all.len() / 2]
    };
    let last = &runs[runs.len() - 1];
    let (accepted, floor) = (median(&|run| run.accepted_ms), median(&|run| run.floor_ms));
    tell(&format!(
        "M5, {commands} offline commands ({} rows, {} refused), median of {times}: accepted in {accepted:.0} ms (goal 100); \
         floor {floor:.1} ms; ratio {:.1}",
        last.rows,
        last.refused,
        accepted / floor
    ));
    tell(&format!(
        "M5 processor time: phone {:.0} ms, server {:.0} ms",
        median(&|run| run.phone_cpu_ms),
        median(&|run| run.server_cpu_ms)
    ));
    let (up, down) = last.bytes;
    tell(&format!("M5 on the wire: {} B (goal 40000): {up} up, {down} down", up + down));
    tell(&format!("M5 visible on a second phone after another {:.0} ms (goal 250)", median(&|run| run.seen_ms)));
    Ok(())
}

async fn run(seed: u64, commands: usize) -> anyhow::Result<Measured> {
    let folder = tempfile::tempdir()?;
    let dir = folder.path().join("server");
    // Blocking work of its own runtime would not do inside this one; the simulator's organisation is made on a thread.
    tokio::task::spawn_blocking(|| template::prepare(&tokio::runtime::Runtime::new()?)).await??;
    template::lay_server(&dir)?;
    let photos = template::lay_photos(&folder.path().join("camera"))?;
    let served = Served::start(&dir).await?;
    let second = phone_of(&folder.path().join("second"), &served.url).await?;
    let first = phone_of(&folder.path().join("first"), &served.url).await?;
    let first = tokio::task::spawn_blocking(move || capture(first, seed, commands, &photos)).await??;
    let before = first.traffic();
    let cpu = || (cpu_ms(std::process::id()).unwrap_or_default(), cpu_ms(served.process()).unwrap_or_default());
    let (phone_cpu, server_cpu) = cpu();
    let began = now();
    let report = first.sync().await?;
    let accepted = began.elapsed();
    let (phone_cpu_ms, server_cpu_ms) = (cpu().0 - phone_cpu, cpu().1 - server_cpu);
    ensure!(report.complete && first.status()?.unsent_commands == 0, "not all was worked through: {report:?}");
    let traffic = first.traffic().since(before);
    let began = now();
    second.sync().await?;
    let shown = began.elapsed();
    let (mine, theirs) = (folder.path().join("first"), folder.path().join("second"));
    ensure!(visits(&mine)? == visits(&theirs)?, "the second phone does not show the first one's visits");
    drop(served);
    let (floor_ms, rows) = floor(&dir, folder.path())?;
    first.shutdown();
    second.shutdown();
    Ok(Measured {
        accepted_ms: ms(accepted),
        phone_cpu_ms,
        server_cpu_ms,
        bytes: (traffic.up, traffic.down),
        seen_ms: ms(shown),
        floor_ms,
        rows,
        refused: report.refused,
    })
}

async fn phone_of(folder: &Path, url: &str) -> anyhow::Result<Phone> {
    let phone = Phone::open(PhoneConfig::new(folder, url))?.phone;
    phone.sign_in("liwen", PASSWORD).await?;
    phone.sync().await?;
    Ok(phone)
}

/// Lets the rep work until there are enough commands.
fn capture(phone: Phone, seed: u64, commands: usize, photos: &[PathBuf]) -> anyhow::Result<Phone> {
    let account = ACCOUNTS.into_iter().find(|account| account.login == "liwen").context("the rep")?;
    let reader = Connection::open(phone.dir().join("storewalk.sqlite"))?;
    let mut rep = Rep { account, phone, reader, taken: Vec::new() };
    let mut rng = Rng::new(seed);
    while rep.taken.len() < commands {
        script::act(&mut rep, &mut rng, photos)?;
    }
    Ok(rep.phone)
}

fn visits(folder: &Path) -> anyhow::Result<Vec<Vec<rusqlite::types::Value>>> {
    rows_of(&Connection::open(folder.join("storewalk.sqlite"))?, "visits")
}

fn floor(server: &Path, folder: &Path) -> anyhow::Result<(f64, usize)> {
    let from = Connection::open(server.join("storewalk.sqlite"))?;
    let tables = TABLES.map(|table| rows_of(&from, table).map(|rows| (table, rows)));
    let tables: Vec<_> = tables.into_iter().collect::<anyhow::Result<_>>()?;
    let to = Connection::open(folder.join("floor.sqlite"))?;
    configure(&to, Durability::Full)?;
    same_schema(&from, &to, &TABLES)?;
    let began = now();
    to.execute_batch("BEGIN IMMEDIATE")?;
    for (table, rows) in &tables {
        insert(&to, table, rows)?;
    }
    to.execute_batch("COMMIT")?;
    Ok((ms(began.elapsed()), tables.iter().map(|(_, rows)| rows.len()).sum()))
}
