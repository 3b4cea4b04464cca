//! M7: a thousand phones begin their day in the same second.
//!
//! Counted: from the first request to the last byte of the last phone, every phone with a socket of its own and an
//! empty folder, 10,000 rows each. The clients ask for what a phone asks for and read every page to its end; files of
//! rows are fetched, their hashes checked, their rows not put into a database: a thousand phones bring a thousand
//! processors for that, this machine has none to spare. Signing in is over before. The floor: reading the same rows
//! from the same database by plain rusqlite, once, times the number of phones.

use std::sync::Arc;

use anyhow::ensure;
use storewalk_client::HttpApi;
use storewalk_wire::{
    CAPABILITIES, Cursor, DeviceHealth, PROTOCOL, Snapshot, SyncApi, SyncRequest, SyncResponse, segment_name,
};
use tokio::sync::Barrier;

use super::{
    caller::Caller,
    crowd::{Size, found, login},
    ms, now,
    served::Served,
    tell,
    throughput::rows_of,
};

/// What a client can do beyond what the phone core announces today.
const EXTRA: [&str; 2] = ["segments", "checksums"];

/// Measures a herd of `phones`, a hundred to a territory.
///
/// # Errors
/// When a phone does not get all of its rows, or the machine fails.
pub async fn measure(phones: u32, rows_each: u32) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let dir = folder.path().join("server");
    let territories = phones.div_ceil(100).max(1);
    // Territories and people are rows of everybody.
    let size = Size {
        territories,
        outlets_each: rows_each.saturating_sub(phones + territories + 1),
        reps_each: phones.div_ceil(territories),
    };
    found(&dir, size).await?;
    let served = Served::start(&dir).await?;
    let mut tokens = Vec::new();
    for territory in 0..size.territories {
        for rep in 0..size.reps_each {
            tokens.push(Caller::sign_in(&served.url, &login(territory, rep)).await?.token);
        }
    }
    let (before, _) = served.memory()?;
    let cpu = served.cpu_seconds()?;
    let barrier = Arc::new(Barrier::new(tokens.len() + 1));
    let running: Vec<_> = tokens
        .into_iter()
        .map(|token| {
            let (url, barrier) = (served.url.clone(), Arc::clone(&barrier));
            tokio::spawn(async move {
                barrier.wait().await;
                let began = now();
                let fetched = cold_start(&url, &token).await;
                fetched.map(|fetched| (fetched, began.elapsed()))
            })
        })
        .collect();
    barrier.wait().await;
    let began = now();
    let (mut rows, mut bytes, mut times) = (0, 0, Vec::new());
    for phone in running {
        let (fetched, took) = phone.await??;
        rows += fetched.rows;
        bytes += fetched.bytes;
        times.push(ms(took));
    }
    let took = began.elapsed();
    times.sort_by(f64::total_cmp);
    let (_, most) = served.memory()?;
    let cpu = served.cpu_seconds()? - cpu;
    drop(served);
    let expected = u64::from(rows_each.max(phones + territories + 1)) * times.len() as u64;
    ensure!(rows >= expected * 99 / 100, "{rows} rows of {expected}");
    let began = now();
    let database = rusqlite::Connection::open(dir.join("storewalk.sqlite"))?;
    let once = rows_of(&database, "outlets")?.len() + rows_of(&database, "people")?.len();
    let floor = began.elapsed().as_secs_f64() / f64::from(u32::try_from(once)?) * f64::from(u32::try_from(rows)?);
    tell(&format!(
        "M7, {} phones cold-start together, {} rows each: all have everything after {:.1} s (goal 60), half after {:.1} s; \
         server at most {} MB (goal 500; {} MB before), {cpu:.1} cpu-s; {} KB a phone; floor {floor:.1} s; ratio {:.1}",
        times.len(),
        rows / times.len() as u64,
        took.as_secs_f64(),
        times[times.len() / 2] / 1_000.0,
        most / 1_000_000,
        before / 1_000_000,
        bytes / 1_000 / times.len() as u64,
        took.as_secs_f64() / floor,
    ));
    Ok(())
}

#[derive(Default)]
struct Fetched {
    rows: u64,
    bytes: u64,
}

async fn cold_start(url: &str, token: &str) -> anyhow::Result<Fetched> {
    let api = HttpApi::new(url)?;
    let mut fetched = Fetched::default();
    let mut cursors: Vec<Cursor> = Vec::new();
    let mut patience = 600;
    loop {
        let answer = api.sync(token, &request(cursors.clone())).await;
        let answer = match answer {
            Ok(answer) => answer,
            Err(storewalk_wire::ApiError::Busy { retry_after_ms }) if patience > 0 => {
                patience -= 1;
                let wait = std::time::Duration::from_millis(retry_after_ms.unwrap_or(1_000).min(5_000));
                tokio::time::sleep(wait).await;
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        let SyncResponse { buckets, is_complete, .. } = answer;
        for delta in buckets {
            if let Some(Snapshot { segments, .. }) = delta.snapshot {
                for segment in segments {
                    let mut bytes = Vec::new();
                    while (bytes.len() as u64) < segment.bytes {
                        let more = api.segment(token, &delta.bucket, &segment, bytes.len() as u64).await?;
                        ensure!(!more.is_empty(), "a file without an end");
                        bytes.extend(more);
                    }
                    ensure!(segment_name(&bytes) == segment.hash, "a file that is not what its name says");
                    fetched.rows += segment.rows;
                }
            }
            fetched.rows += delta.entries.iter().filter(|entry| entry.row.is_some()).count() as u64;
            cursors.retain(|cursor| cursor.bucket != delta.bucket);
            cursors.push(Cursor { bucket: delta.bucket, epoch: delta.epoch, position: delta.position });
        }
        if is_complete {
            fetched.bytes = api.traffic().down;
            return Ok(fetched);
        }
    }
}

fn request(cursors: Vec<Cursor>) -> SyncRequest {
    SyncRequest {
        protocol: PROTOCOL,
        capabilities: CAPABILITIES.iter().copied().chain(EXTRA).map(str::to_owned).collect(),
        commands: Vec::new(),
        cursors,
        health: DeviceHealth::default(),
    }
}
