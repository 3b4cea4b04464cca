//! Real phone cores and the server as a process of its own: rows in bulk over a line that breaks, a row that rotted on the
//! phone, and news that arrives without being asked for.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, ensure};
use storewalk_client::SystemClock;
use storewalk_domain::{
    ids::{OutletId, ProductId, derived},
    outlet::Outlet,
    sync::Row,
};
use storewalk_server::{AppState, Config};
use storewalk_tests::{field::Handset, figures::served::Served, world};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::timeout,
};

/// Long enough for any machine; never reached when all is well.
const PATIENCE: Duration = Duration::from_mins(2);

/// Outlets of the territory beside those of the demo world: more than travel in pages.
const MANY: usize = 3_000;

/// The demo world with a large territory, served by a process of its own.
async fn serve(folder: &Path) -> anyhow::Result<Served> {
    let mut config = Config::default();
    config.storage.data_dir = folder.to_owned();
    (config.auth.argon2_memory_kib, config.auth.argon2_passes) = (8, 1);
    let state = AppState::open(config)?;
    let mut rows = world::rows();
    let pattern = rows.iter().find_map(|row| match row {
        Row::Outlet(outlet) if outlet.code == "S0101" => Some(outlet.clone()),
        _ => None,
    });
    let pattern: Outlet = pattern.context("S0101")?;
    rows.extend((0..MANY).map(|number| {
        let id = OutletId(derived(pattern.id.0, &format!("many/{number}")));
        // Text that does not shrink to nothing, so that the files are long enough to be cut in the middle.
        let address = format!("{}", ProductId(derived(pattern.id.0, &format!("address/{number}"))));
        Row::Outlet(Outlet { id, code: format!("M{number:05}"), address, ..pattern.clone() })
    }));
    storewalk_tests::field::load_with(&state, rows).await?;
    drop(state);
    Served::start_program(Path::new(env!("CARGO_BIN_EXE_torture")), folder).await
}

/// A line to the server that carries so many bytes down and then breaks.
struct Line {
    url: String,
    /// Bytes it will still carry down.
    left: Arc<AtomicU64>,
    /// Whether a request asked for the rest of something.
    has_resumed: Arc<AtomicBool>,
}

impl Line {
    async fn to(server: &str) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let (left, has_resumed) = (Arc::new(AtomicU64::new(u64::MAX)), Arc::new(AtomicBool::default()));
        let line = Self { url, left: Arc::clone(&left), has_resumed: Arc::clone(&has_resumed) };
        let server = server.trim_start_matches("http://").to_owned();
        tokio::spawn(async move {
            while let Ok((phone, _)) = listener.accept().await {
                let (left, has_resumed, server) = (Arc::clone(&left), Arc::clone(&has_resumed), server.clone());
                tokio::spawn(async move {
                    let Ok(server) = TcpStream::connect(server).await else { return };
                    // Whatever ends it, both ends are closed.
                    let _ = carry(phone, server, &left, &has_resumed).await;
                });
            }
        });
        Ok(line)
    }

    fn carries(&self, bytes: u64) {
        self.left.store(bytes, Ordering::SeqCst);
    }
}

async fn carry(
    mut phone: TcpStream,
    mut server: TcpStream,
    left: &AtomicU64,
    has_resumed: &AtomicBool,
) -> std::io::Result<()> {
    let (mut up, mut down) = (vec![0; 16 * 1024], vec![0; 1024]);
    loop {
        tokio::select! {
            read = phone.read(&mut up) => {
                let read = read?;
                if read == 0 {
                    return Ok(());
                }
                let head = String::from_utf8_lossy(&up[..read]).to_lowercase();
                if head.contains("range: bytes=") && !head.contains("range: bytes=0-") {
                    has_resumed.store(true, Ordering::SeqCst);
                }
                server.write_all(&up[..read]).await?;
            }
            read = server.read(&mut down) => {
                let read = read?;
                let may = left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(read as u64));
                if read == 0 || may.is_err() {
                    return Ok(());
                }
                phone.write_all(&down[..read]).await?;
            }
        }
    }
}

fn outlets(handset: &Handset) -> anyhow::Result<(u64, u64)> {
    let file = rusqlite::Connection::open(handset.folder.join("storewalk.sqlite"))?;
    let sql = "SELECT count(*), count(*) FILTER (WHERE fence_m = 9999) FROM outlets";
    Ok(file.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_in_bulk_survive_a_line_that_breaks_and_one_that_rots_is_fetched_again() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let server = serve(&dir.path().join("server")).await?;
    let line = Line::to(&server.url).await?;
    let clock = Arc::new(SystemClock::new());
    let mut li = Handset::open("liwen", dir.path().join("li"), &line.url, &clock)?;
    li.sign_in().await?;
    let before = li.phone.traffic().down;
    let mut breaks = 0;
    loop {
        line.carries(48 * 1024);
        match li.phone.sync().await {
            Ok(report) if report.complete => break,
            Ok(_) | Err(_) => breaks += 1,
        }
        ensure!(breaks < 60, "no progress over a line that carries 48 kB at a time");
    }
    line.carries(u64::MAX);
    assert!(breaks > 1, "the line never broke: the files are too short to show anything");
    assert!(line.has_resumed.load(Ordering::SeqCst), "no request asked for the rest of a file");
    let (rows, _) = outlets(&li)?;
    assert!(rows > MANY as u64, "{rows}");
    let down = li.phone.traffic().down - before;
    let straight = Handset::open("liwen", dir.path().join("straight"), &server.url, &clock)?;
    straight.sign_in().await?;
    let before = straight.phone.traffic().down;
    straight.sync().await?;
    let least = straight.phone.traffic().down - before;
    assert!(down < least * 2, "{down} bytes over the bad line, {least} over a good one: parts travelled in vain");

    // A bit turns over in one row of the phone's database, past the core.
    li.phone.shutdown();
    let file = rusqlite::Connection::open(li.folder.join("storewalk.sqlite"))?;
    assert_eq!(file.execute("UPDATE outlets SET fence_m = 9999 WHERE code = 'M01234'", [])?, 1);
    drop(file);
    li.move_to(&line.url)?;
    assert_eq!(li.phone.scan()?.damaged, 1);
    let before = li.phone.traffic().down;
    let report = li.phone.sync().await?;
    assert_eq!((report.complete, report.rows_healed), (true, 1), "{report:?}");
    let healing = li.phone.traffic().down - before;
    assert!(healing < least / 4, "{healing} bytes to heal one row of {least}");
    assert_eq!(outlets(&li)?, (rows, 0));
    assert_eq!(li.phone.scan()?.damaged, 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_on_one_phone_reaches_another_without_being_asked_for_and_several_come_in_one_pull()
-> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let server = serve(&dir.path().join("server")).await?;
    let clock = Arc::new(SystemClock::new());
    let mut li = Handset::new("liwen", dir.path().join("li"), &server.url, &clock).await?;
    let tablet = Handset::new("liwen", dir.path().join("tablet"), &server.url, &clock).await?;
    let told = {
        let phone = tablet.phone.clone();
        tokio::spawn(async move { phone.follow().await })
    };
    for number in 0..5 {
        li.raise(world::outlet("S0101"), &format!("第{number}件"))?;
        li.sync().await?;
    }
    timeout(PATIENCE, told).await.context("nobody was told")???;
    let report = tablet.phone.sync().await?;
    assert_eq!((report.complete, report.pages), (true, 1), "{report:?}");
    assert!(report.rows_applied >= 5, "all of it in one pull: {report:?}");
    let next = tablet.phone.sync().await?;
    assert_eq!((next.pages, next.rows_applied), (1, 0), "and nothing is left: {next:?}");
    // What comes after it is told anew.
    let told = {
        let phone = tablet.phone.clone();
        tokio::spawn(async move { phone.follow().await })
    };
    li.raise(world::outlet("S0101"), "再一件")?;
    li.sync().await?;
    timeout(PATIENCE, told).await.context("nobody was told")???;
    assert_eq!(tablet.phone.sync().await?.rows_applied, 1);
    Ok(())
}
