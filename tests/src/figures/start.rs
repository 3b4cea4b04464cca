//! What a cold start of the phone core costs, beside the least that SQLite itself would cost.
//!
//! One run opens the database of a rep with 200 outlets and reads today's plan. The floor opens the same file with
//! plain rusqlite and reads the same outlets and call plans. Both in this process, in turn; the ratio of the medians is
//! the figure that travels between machines.

use std::{path::Path, sync::Arc};

use anyhow::Context;
use rusqlite::{Connection, OpenFlags};
use storewalk_client::{Config as PhoneConfig, Phone};
use storewalk_domain::{
    ids::{UserId, derived},
    outlet::Role,
};
use storewalk_server::{
    AppState, Config,
    admin::{NewAccount, create_account, load_rows},
    serve_on,
};

use super::{median, timed};
use crate::{demo::Ledger, world};

const RUNS: usize = 31;

/// Measures and prints.
///
/// # Errors
/// When the server or the phone cannot be set up.
pub async fn measure() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let url = server(&folder.path().join("server")).await?;
    let phone_dir = folder.path().join("phone");
    fill(&phone_dir, &url).await?;

    let ledger = Ledger::default();
    let (mut ours, mut floor) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        floor.push(timed(|| plain_read(&phone_dir.join("storewalk.sqlite")))?.1);
        ours.push(timed(|| cold_start(&phone_dir, &url))?.1);
    }
    let (ours, floor) = (median(ours), median(floor));
    ledger.line(&format!("cold start of the phone core, 200 outlets, median of {RUNS}: {ours:.2} ms"));
    ledger.line(&format!("floor, plain rusqlite reading the same rows:              {floor:.2} ms"));
    ledger.line(&format!("ratio to the floor:                                       {:.1}", ours / floor));
    let bytes = std::fs::metadata(phone_dir.join("storewalk.sqlite"))?.len();
    ledger.line(&format!("database on the phone:                                    {bytes} bytes"));
    Ok(())
}

/// The demo world behind a real socket, and a rep who has both territories: all 200 outlets.
async fn server(dir: &Path) -> anyhow::Result<String> {
    let mut config = Config::default();
    config.storage.data_dir = dir.to_path_buf();
    let state = AppState::open(config)?;
    load_rows(&state, world::rows()).await.context("load the demo world")?;
    let account = NewAccount {
        user_id: UserId(derived(world::user("liwen").0, "figures")),
        login: "figures".to_owned(),
        password: world::PASSWORD.into(),
        code: "R900".to_owned(),
        name: "R900".to_owned(),
        role: Role::Rep,
        territories: vec![world::territory("T1"), world::territory("T2")],
        dealers: vec![],
        region_code: Some(world::REGION.to_owned()),
    };
    create_account(&state, account).await.map_err(|error| anyhow::anyhow!("create the account: {error}"))?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    tokio::spawn(serve_on(listener, state, std::future::pending()));
    Ok(url)
}

async fn fill(dir: &Path, url: &str) -> anyhow::Result<()> {
    let phone = Phone::open(PhoneConfig::new(dir, url))?.phone;
    phone.sign_in("figures", world::PASSWORD).await?;
    phone.sync().await?;
    phone.shutdown();
    Ok(())
}

fn cold_start(dir: &Path, url: &str) -> anyhow::Result<usize> {
    let mut config = PhoneConfig::new(dir, url);
    config.clock = Arc::new(storewalk_client::SystemClock::new());
    let phone = Phone::open(config)?.phone;
    let today = phone.plan().today()?;
    phone.shutdown();
    Ok(today.calls.len())
}

fn plain_read(file: &Path) -> anyhow::Result<usize> {
    let connection = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let mut read = 0;
    for sql in ["SELECT id, name, territory_id FROM outlets", "SELECT id, outlet_id, rrule FROM call_plans"] {
        let mut statement = connection.prepare(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let _: Vec<u8> = row.get(0)?;
            read += 1;
        }
    }
    anyhow::ensure!(read == 400, "the phone holds {read} rows instead of 200 outlets and 200 plans");
    Ok(read)
}
