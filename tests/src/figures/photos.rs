//! D6 and M12: photo bytes on their way to the server.
//!
//! **Waste**: a phone's photos through a line that is cut every 30 s of a slow link, counted in bytes: a cut comes after as
//! many bytes as the link carries in that time, so nothing waits for a clock. Everything the phone gives the line counts,
//! headers and questions included, against the bytes of the files. **Takeover**: from the first byte of a new request to
//! its answer, while a dead one still holds the upload. **Throughput**: whole originals by tus over loopback, verified and
//! durable, beside writing, hashing and syncing the same bytes to a file in the same run, by turns. Looking at a picture
//! comes after the answer and is told on its own; neither side runs beside it.

use std::{
    io::{BufWriter, Write},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, ensure};
use image::{ImageFormat, RgbImage, codecs::jpeg::JpegEncoder};
use rusqlite::Connection;
use sha2::{Digest, Sha256};
use storewalk_client::{HttpApi, Transfer};
use storewalk_domain::ids::PhotoId;
use storewalk_wire::{SyncApi, UploadRequest, Variant};
use tokio::{io::AsyncWriteExt, net::TcpStream};

use super::{lift::Lift, median, tell, timed, timed_async};
use crate::field::{DayClock, Handset, House, load_world};

/// What a slow link carries in 30 s: 20 kB a second.
const BETWEEN_CUTS: u64 = 600_000;

/// Attempts after which a phone that has not got its photos through never will.
const MOST_ATTEMPTS: usize = 1_000;

/// Measures.
///
/// # Errors
/// When a photo does not arrive, arrives otherwise, or more is wasted than may be.
pub async fn measure(photos: usize, rounds: usize) -> anyhow::Result<()> {
    waste(photos).await?;
    let stage = Stage::new(rounds).await?;
    stage.takeover().await?;
    stage.throughput().await
}

async fn house(dir: &Path) -> anyhow::Result<(Arc<DayClock>, House)> {
    let clock = Arc::new(DayClock::at("2025-03-14T08:40"));
    let house = House::start(&dir.join("data"), &clock).await?;
    load_world(&house.state).await?;
    Ok((clock, house))
}

/// Noise that no codec can make small, each number's its own (Numerical Recipes, `ranqd1`).
fn noise(side: u32, number: usize) -> RgbImage {
    let mut state = u32::try_from(number).unwrap_or(0).wrapping_mul(2_654_435_761).wrapping_add(1);
    RgbImage::from_fn(side, side, |_, _| {
        image::Rgb(std::array::from_fn(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state.to_be_bytes()[0]
        }))
    })
}

/// Photos of the first person on her visit, known to the server, their bytes still on the phone.
async fn taken(phone: &Handset, pictures: &[PathBuf]) -> anyhow::Result<()> {
    let visit = phone.enter("S0101")?;
    let zones = phone.phone.visits().view(visit)?.zones.len();
    for (number, picture) in pictures.iter().enumerate() {
        phone.photograph(visit, number % zones, picture)?;
    }
    phone.sync().await
}

async fn waste(photos: usize) -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let (clock, house) = house(dir.path()).await?;
    let address = house.url.trim_start_matches("http://").parse()?;
    let pictures = (0..photos).map(|number| {
        let path = dir.path().join(format!("{number}.png"));
        noise(316, number).save_with_format(&path, ImageFormat::Png)?;
        Ok(path)
    });
    let pictures = pictures.collect::<anyhow::Result<Vec<_>>>()?;
    let mut phone = Handset::new("liwen", dir.path().join("phone"), &house.url, &clock).await?;
    taken(&phone, &pictures).await?;
    let (line, url) = Lift::open(address, BETWEEN_CUTS).await?;
    phone.move_to(&url)?;
    let (mut arrived, mut attempts) = (0, 0);
    while arrived < photos {
        attempts += 1;
        ensure!(attempts < MOST_ATTEMPTS, "{arrived} of {photos} arrived");
        let report = phone.phone.upload_photos().await?;
        arrived += usize::try_from(report.originals)?;
        ensure!(report.refused == 0, "{report:?}");
        if let Some(next) = report.next_attempt_at.filter(|_| report.error.is_some()) {
            clock.pass_ms((next.0 - phone.phone.now().device_at.0).max(0));
        }
    }
    let (sent, cuts) = line.carried();
    let (files, bytes) = held(&dir.path().join("data"))?;
    ensure!(files == 2 * photos, "{files} files of {photos} photos");
    let wasted = sent.saturating_sub(bytes);
    #[expect(clippy::cast_precision_loss, reason = "megabytes, far below 2^52")]
    let share = wasted as f64 * 100.0 / bytes as f64;
    tell(&format!(
        "waste       {photos} photos, {bytes} bytes of files, {cuts} cuts, {attempts} attempts: {wasted} bytes more, {share:.2} % \
         (goal: at most 2 %)"
    ));
    house.stop().await
}

/// How many files the server holds, and their bytes.
fn held(data: &Path) -> anyhow::Result<(usize, u64)> {
    let database = Connection::open(data.join("storewalk.sqlite"))?;
    Ok(database.query_row("SELECT count(*), coalesce(sum(size_bytes), 0) FROM photo_files", [], |row| {
        Ok((row.get(0)?, row.get(1)?))
    })?)
}

/// A server that waits for large originals.
struct Stage {
    dir: tempfile::TempDir,
    house: House,
    api: HttpApi,
    waiting: Vec<Transfer>,
}

impl Stage {
    async fn new(rounds: usize) -> anyhow::Result<Self> {
        let dir = tempfile::tempdir()?;
        let (clock, house) = house(dir.path()).await?;
        let pictures = (0..2 * rounds).map(|number| {
            let path = dir.path().join(format!("{number}.jpg"));
            JpegEncoder::new_with_quality(BufWriter::new(std::fs::File::create(&path)?), 90)
                .encode_image(&noise(1_300, number))?;
            Ok(path)
        });
        let pictures = pictures.collect::<anyhow::Result<Vec<_>>>()?;
        let phone = Handset::new("liwen", dir.path().join("phone"), &house.url, &clock).await?;
        taken(&phone, &pictures).await?;
        let handed = phone.phone.hand_out_transfers(4 * rounds).await?;
        let waiting = handed.into_iter().filter(|transfer| transfer.id.ends_with("/original")).collect();
        let api = HttpApi::new(&house.url)?;
        Ok(Self { dir, house, api, waiting })
    }

    async fn takeover(&self) -> anyhow::Result<()> {
        let mut times = Vec::new();
        for transfer in self.waiting.iter().step_by(2) {
            let bytes = std::fs::read(&transfer.path)?;
            let half = bytes.len() / 2;
            let _dead = self.die_half_way(transfer, &bytes).await?;
            let (state, ms) = timed_async(self.append(transfer, half, bytes[half..].to_vec())).await?;
            ensure!(state, "the photo is not held");
            times.push(ms);
        }
        let worst = times.iter().copied().fold(0.0, f64::max);
        tell(&format!(
            "takeover    a dead connection's upload, {} times: median {:.0} ms, worst {worst:.0} ms, the other half sent and \
             verified (goal: below 1,000 ms)",
            times.len(),
            median(times.clone())
        ));
        Ok(())
    }

    /// Sends half of a file and falls silent.
    async fn die_half_way(&self, transfer: &Transfer, bytes: &[u8]) -> anyhow::Result<TcpStream> {
        let mut line = TcpStream::connect(self.house.url.trim_start_matches("http://")).await?;
        let path = transfer.url.trim_start_matches(&self.house.url);
        let headers: Vec<_> = transfer.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let headers = headers.concat();
        let head =
            format!("PATCH {path} HTTP/1.1\r\nhost: figures\r\ncontent-length: {}\r\n{headers}\r\n", bytes.len());
        line.write_all(head.as_bytes()).await?;
        line.write_all(&bytes[..bytes.len() / 2]).await?;
        let (photo, variant) = place_of(transfer)?;
        while self.house.state.blobs.received(photo, variant)? < bytes.len() as u64 / 2 {
            // Asking makes the disk keep what it holds: asked without a pause it would do nothing else.
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Ok(line)
    }

    async fn throughput(&self) -> anyhow::Result<()> {
        let (mut by_tus, mut plain, mut looking, mut total) = (0.0, 0.0, 0.0, 0);
        self.looked_at().await?;
        for (number, transfer) in self.waiting.iter().skip(1).step_by(2).enumerate() {
            let bytes = std::fs::read(&transfer.path)?;
            total += bytes.len();
            let file = self.dir.path().join(format!("plain-{number}"));
            // What one leaves to the disk slows down the other: each goes first half of the time.
            let is_plain_first = number % 2 == 0;
            if is_plain_first {
                plain += keep(&file, &bytes)?;
            }
            let (is_held, ms) = timed_async(self.append(transfer, 0, bytes.clone())).await?;
            ensure!(is_held, "the photo is not held");
            by_tus += ms;
            if !is_plain_first {
                plain += keep(&file, &bytes)?;
            }
            let ((), ms) = timed_async(self.looked_at()).await?;
            looking += ms;
        }
        #[expect(clippy::cast_precision_loss, reason = "megabytes, far below 2^52")]
        let megabytes = total as f64 / 1e6;
        tell(&format!(
            "throughput  {megabytes:.0} MB: tus {:.0} MB/s, plain write, SHA-256 and fsync {:.0} MB/s, ratio {:.2} (goal: at \
             least 0.8); looking at them afterwards {:.0} MB/s",
            megabytes * 1e3 / by_tus,
            megabytes * 1e3 / plain,
            plain / by_tus,
            megabytes * 1e3 / looking
        ));
        Ok(())
    }

    /// Waits until every photo that is held has been looked at.
    async fn looked_at(&self) -> anyhow::Result<()> {
        self.house.state.arrived.all_looked_at().await;
        Ok(())
    }

    /// Sends bytes; says whether the photo is held then.
    async fn append(&self, transfer: &Transfer, offset: usize, bytes: Vec<u8>) -> anyhow::Result<bool> {
        let (photo_id, variant) = place_of(transfer)?;
        let size_bytes = transfer.offset + transfer.length;
        let token = transfer.headers.iter().find(|(name, _)| name == "authorization").context("a token")?;
        let token = token.1.trim_start_matches("Bearer ");
        let request = UploadRequest { photo_id, variant, size_bytes, sha256: String::new() };
        Ok(self.api.append_upload(token, &request, offset as u64, bytes).await?.is_complete)
    }
}

/// Writes, hashes and syncs a file; the milliseconds it took.
fn keep(file: &Path, bytes: &[u8]) -> anyhow::Result<f64> {
    let ((), ms) = timed(|| {
        let mut file = std::fs::File::create(file)?;
        file.write_all(bytes)?;
        std::hint::black_box(Sha256::digest(bytes));
        Ok(file.sync_all()?)
    })?;
    Ok(ms)
}

fn place_of(transfer: &Transfer) -> anyhow::Result<(PhotoId, Variant)> {
    let (photo, variant) = transfer.id.split_once('/').context("a place")?;
    Ok((photo.parse()?, Variant::from_name(variant).context("a rendering")?))
}
