//! D13, as it is written: a phone dies with unsent work, a colleague carries it, the old phone revives.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use anyhow::{Context, ensure};
use async_trait::async_trait;
use storewalk_client::{Attempt, ClientError, Config, HttpApi, Phone};
use storewalk_domain::{
    handbook,
    ids::{TaskId, VisitId},
    sync::{RaiseTask, StartVisit, Table},
    time::BusinessDate,
};
use storewalk_server::{AppState, serve_on, store::StoreError};
use storewalk_tests::world;
use storewalk_wire::{
    ApiError, ParcelReceipt, RefreshRequest, SessionGrant, SignInRequest, SyncApi, SyncRequest, SyncResponse,
    UploadRequest, UploadState,
};

/// A phone's way to the server, which may be broken.
struct Radio {
    api: HttpApi,
    is_broken: AtomicBool,
}

impl Radio {
    fn up(&self) -> Result<&HttpApi, ApiError> {
        if self.is_broken.load(Ordering::SeqCst) { Err(ApiError::Offline) } else { Ok(&self.api) }
    }
}

#[async_trait]
impl SyncApi for Radio {
    async fn sign_in(&self, request: &SignInRequest) -> Result<SessionGrant, ApiError> {
        self.up()?.sign_in(request).await
    }

    async fn refresh(&self, request: &RefreshRequest) -> Result<SessionGrant, ApiError> {
        self.up()?.refresh(request).await
    }

    async fn sync(&self, token: &str, request: &SyncRequest) -> Result<SyncResponse, ApiError> {
        self.up()?.sync(token, request).await
    }

    async fn courier(&self, token: &str, parcel: Vec<u8>) -> Result<ParcelReceipt, ApiError> {
        self.up()?.courier(token, parcel).await
    }

    async fn create_upload(&self, token: &str, request: &UploadRequest) -> Result<UploadState, ApiError> {
        self.up()?.create_upload(token, request).await
    }

    async fn append_upload(
        &self,
        token: &str,
        request: &UploadRequest,
        offset: u64,
        bytes: Vec<u8>,
    ) -> Result<UploadState, ApiError> {
        self.up()?.append_upload(token, request, offset, bytes).await
    }
}

struct Handset {
    phone: Phone,
    radio: Arc<Radio>,
}

async fn handset(url: &str, dir: &Path, login: &str) -> anyhow::Result<Handset> {
    let radio = Arc::new(Radio { api: HttpApi::new(url)?, is_broken: AtomicBool::new(false) });
    let config = Config { api: Some(Arc::clone(&radio) as _), ..Config::new(dir, url) };
    let phone = Phone::open(config)?.phone;
    phone.sign_in(login, world::PASSWORD).await?;
    phone.sync().await?;
    Ok(Handset { phone, radio })
}

async fn serve(dir: &Path) -> anyhow::Result<(AppState, String)> {
    let mut config = storewalk_server::Config::default();
    config.storage.data_dir = dir.to_owned();
    config.auth.argon2_memory_kib = 8;
    config.auth.argon2_passes = 1;
    let state = AppState::open(config)?;
    storewalk_tests::field::load_world(&state).await?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    tokio::spawn(serve_on(listener, state.clone(), std::future::pending()));
    Ok((state, url))
}

/// Sixteen commands and a photo: seventeen things that only this phone has.
fn work(phone: &Phone) -> anyhow::Result<VisitId> {
    let visit_id = VisitId(phone.new_id());
    let outlet_id = world::outlet("S0101");
    let template_id = handbook::standard_visit().id;
    phone.record(StartVisit { visit_id, outlet_id, plan_id: None, template_id, fix: None })?;
    for number in 0..14 {
        let task_id = TaskId(phone.new_id());
        let due_on = BusinessDate::parse("2025-03-21").context("a date")?;
        let note = format!("幸福路第{number}件");
        phone.record(RaiseTask { task_id, outlet_id, visit_id: Some(visit_id), note, due_on })?;
    }
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/photos/shelf");
    let mut pictures: Vec<PathBuf> =
        std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<_, std::io::Error>>()?;
    pictures.retain(|path| path.extension().is_some_and(|end| end == "jpg"));
    pictures.sort();
    let taken = phone.photos().capture(visit_id, "storefront", pictures.first().context("a picture")?, None)?;
    ensure!(matches!(taken, Attempt::Done(_)), "{taken:?}");
    Ok(visit_id)
}

/// How many of these rows the server has: visits, tasks of this story, photos, and photos whose bytes are held.
async fn counted(state: &AppState) -> anyhow::Result<[usize; 4]> {
    let counted = state.store.read(|snapshot| {
        let tasks = snapshot.rows_of(Table::Tasks)?;
        let photos = snapshot.rows_of(Table::Photos)?;
        let ours = |row: &&storewalk_domain::sync::Row| format!("{row:?}").contains("幸福路第");
        let held = photos.iter().filter(|row| format!("{row:?}").contains("status: Received")).count();
        let visits = snapshot.rows_of(Table::Visits)?.len();
        Ok::<_, StoreError>([visits, tasks.iter().filter(ours).count(), photos.len(), held])
    });
    Ok(counted.await?)
}

fn bytes_under(folder: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            bytes.extend(bytes_under(&path)?);
        } else {
            bytes.extend(std::fs::read(&path)?);
        }
    }
    Ok(bytes)
}

#[tokio::test(flavor = "multi_thread")]
async fn d13_a_phone_dies_with_unsent_work_and_each_record_arrives_once() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let (state, url) = serve(&folder.path().join("server")).await?;
    let before = counted(&state).await?;
    let old = handset(&url, &folder.path().join("liwen"), "liwen").await?;
    let carrier = handset(&url, &folder.path().join("wangqiang"), "wangqiang").await?;
    old.radio.is_broken.store(true, Ordering::SeqCst);
    let visit = work(&old.phone)?;
    ensure!(old.phone.sync().await.is_err(), "the network is broken");
    let refused = old.phone.sign_out().await;
    ensure!(
        matches!(refused, Err(ClientError::Unsent { commands: 16, photos: 1, .. })),
        "signing out with 17 things unsent: {refused:?}"
    );

    let packing = old.phone.courier().pack(&folder.path().join("cable"))?;
    ensure!((packing.commands, packing.photos, packing.missing_photos) == (16, 1, 0), "{packing:?}");
    let carried_before = bytes_under(&folder.path().join("wangqiang"))?;
    for file in &packing.files {
        carrier.phone.courier().carry(file)?;
    }
    let parcels = bytes_under(&folder.path().join("wangqiang/parcels"))?;
    let device = old.phone.session()?.context("signed in")?.device_id.to_string();
    for secret in ["幸福路第", "liwen", "李雯", "visit.start", &visit.to_string(), &device] {
        ensure!(!parcels.windows(secret.len()).any(|part| part == secret.as_bytes()), "{secret} can be read");
    }
    ensure!(!carried_before.is_empty());

    let delivery = carrier.phone.courier().deliver().await?;
    ensure!((delivery.refused, delivery.left) == (0, 0), "{delivery:?}");
    let after = counted(&state).await?;
    ensure!(after == [before[0] + 1, before[1] + 14, before[2] + 1, before[3] + 1], "{before:?} → {after:?}");

    // The old phone revives and syncs too, and the colleague finds the files on the cable once more.
    old.radio.is_broken.store(false, Ordering::SeqCst);
    let report = old.phone.sync().await?;
    ensure!(report.complete && report.refused == 0, "{report:?}");
    let sent = old.phone.upload_photos().await?;
    ensure!(sent.bytes_sent == 0, "the photo's bytes are there already: {sent:?}");
    old.phone.sync().await?;
    for file in &packing.files {
        carrier.phone.courier().carry(file)?;
    }
    ensure!(carrier.phone.courier().deliver().await?.left == 0);
    ensure!(counted(&state).await? == after, "each record once");
    let status = old.phone.status()?;
    ensure!((status.unsent_commands, status.unsent_photos) == (0, 0), "{status:?}");
    old.phone.sign_out().await?;
    Ok(())
}
