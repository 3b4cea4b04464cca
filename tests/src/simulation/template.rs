//! What every run begins with, made once and copied: a server's folder with the organisation in it, a phone's empty
//! database, a handful of photos.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use anyhow::Context;
use image::{ExtendedColorType, codecs::jpeg::JpegEncoder};
use storewalk_client::{Config, Phone};
use storewalk_domain::ids::IdSource;
use storewalk_server::AppState;

use super::{
    clock::{PhoneClock, SeededIds, ServerClock, TrueTime},
    rng::Rng,
    server::settings,
    world as small,
};

/// How many different photos there are.
pub const PHOTOS: usize = 12;

struct Template {
    server: Vec<u8>,
    phone: Vec<u8>,
    photos: Vec<Vec<u8>>,
}

static TEMPLATE: OnceLock<Template> = OnceLock::new();

/// Makes the templates unless they are made; the runtime is for the server's own work.
///
/// # Errors
/// When server or phone cannot be opened.
pub fn prepare(runtime: &tokio::runtime::Runtime) -> anyhow::Result<()> {
    if TEMPLATE.get().is_none() {
        let folder = temporary_folder()?;
        let made = Template {
            server: make_server(&folder.path().join("server"), runtime)?,
            phone: make_phone(&folder.path().join("phone"))?,
            photos: (0..PHOTOS).map(make_photo).collect::<Result<_, _>>()?,
        };
        // Another thread may have been faster; both made the same.
        drop(TEMPLATE.set(made));
    }
    Ok(())
}

/// A folder that goes with its handle, in memory where the machine has such a place.
///
/// # Errors
/// When none can be made.
pub fn temporary_folder() -> std::io::Result<tempfile::TempDir> {
    let in_memory = Path::new("/dev/shm");
    if in_memory.is_dir() { tempfile::tempdir_in(in_memory) } else { tempfile::tempdir() }
}

/// Lays a server's folder with the organisation in it.
///
/// # Errors
/// When it cannot be written.
pub fn lay_server(folder: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder)?;
    Ok(std::fs::write(folder.join("storewalk.sqlite"), &template()?.server)?)
}

/// Lays the folder of a phone that was never opened, its schema made.
///
/// # Errors
/// When it cannot be written.
pub fn lay_phone(folder: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder)?;
    Ok(std::fs::write(folder.join("storewalk.sqlite"), &template()?.phone)?)
}

/// Lays the photos into a folder; gives their paths.
///
/// # Errors
/// When they cannot be written.
pub fn lay_photos(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    std::fs::create_dir_all(folder)?;
    let mut paths = Vec::new();
    for (number, bytes) in template()?.photos.iter().enumerate() {
        let path = folder.join(format!("{number}.jpg"));
        std::fs::write(&path, bytes)?;
        paths.push(path);
    }
    Ok(paths)
}

fn template() -> anyhow::Result<&'static Template> {
    TEMPLATE.get().context("the templates are made before any run")
}

fn make_server(folder: &Path, runtime: &tokio::runtime::Runtime) -> anyhow::Result<Vec<u8>> {
    let clock = Arc::new(ServerClock(TrueTime::from(small::start())));
    let state = AppState::open_with(settings(folder), clock, Arc::new(SeededIds::new(Rng::new(1))))?;
    runtime.block_on(crate::field::load_with(&state, small::rows()))?;
    drop(state);
    whole_database(folder)
}

fn make_phone(folder: &Path) -> anyhow::Result<Vec<u8>> {
    let clock = Arc::new(PhoneClock::new(TrueTime::from(small::start()), 0));
    let ids: Arc<dyn IdSource> = Arc::new(SeededIds::new(Rng::new(2)));
    let opened = Phone::open(Config { clock, ids, ..Config::new(folder, "http://localhost") })?;
    opened.phone.shutdown();
    drop(opened);
    let connection = rusqlite::Connection::open(folder.join("storewalk.sqlite"))?;
    // Each phone that is laid from this mints its own identity.
    connection.execute_batch("DELETE FROM device; DELETE FROM sync_state;")?;
    drop(connection);
    whole_database(folder)
}

/// The bytes of a database that nobody has open.
fn whole_database(folder: &Path) -> anyhow::Result<Vec<u8>> {
    let path = folder.join("storewalk.sqlite");
    let connection = rusqlite::Connection::open(&path)?;
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    drop(connection);
    Ok(std::fs::read(path)?)
}

fn make_photo(number: usize) -> anyhow::Result<Vec<u8>> {
    let (width, height) = (24_u32, 32_u32);
    let shade = |place: usize| u8::try_from((place * (number + 3) * 7 + number * 31) % 256).unwrap_or(0);
    let pixels: Vec<u8> = (0..(width * height * 3) as usize).map(shade).collect();
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, 80).encode(&pixels, width, height, ExtendedColorType::Rgb8)?;
    Ok(bytes)
}
