//! A phone in somebody's hand, for tests: the demo world on it, a clock to set, a server to script.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicI64, AtomicU64, Ordering},
};

use async_trait::async_trait;
use storewalk_domain::{
    geo::{Datum, Fix, Position},
    ids::IdSource,
    sync::{Actor, Bucket, Row, buckets_of},
    time::{Clock, Timestamp},
};
use storewalk_sqlite::put_row;
use storewalk_wire::{
    ApiError, RefreshRequest, SessionGrant, SignInRequest, SmallPicture, SyncApi, SyncRequest, SyncResponse,
    UploadRequest, UploadState, UserInfo,
};
use tempfile::TempDir;
use uuid::Uuid;

use super::world;
use crate::{Config, HostKey, Phone, outbox, session};

/// A clock that stands until it is moved.
pub(crate) struct SetClock(AtomicI64);

impl SetClock {
    /// Moves it to an instant of the demo's calendar, such as `2025-03-14T08:40`.
    pub(crate) fn set(&self, local: &str) {
        self.0.store(world::at(local).0, Ordering::SeqCst);
    }

    /// Moves it on.
    pub(crate) fn pass_minutes(&self, minutes: i64) {
        self.0.fetch_add(minutes * 60_000, Ordering::SeqCst);
    }
}

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }

    fn monotonic_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }

    fn boot_id(&self) -> String {
        "boot-1".into()
    }
}

/// Ids that count up; they outlive the phone that uses them.
struct CountedIds(AtomicU64);

impl IdSource for CountedIds {
    fn next_id(&self) -> Uuid {
        Uuid::from_u128((0x0195_0000_0000_7000_8000_u128 << 48) + u128::from(self.0.fetch_add(1, Ordering::SeqCst)))
    }
}

/// What a scripted server does with photo bytes. Everything else of the server is unreachable.
pub(crate) trait Uploads: Send + Sync {
    /// `POST /uploads`.
    fn create(&self, request: &UploadRequest) -> Result<UploadState, ApiError>;
    /// `POST /uploads` with the first bytes.
    fn begin(&self, request: &UploadRequest, first: &[u8]) -> Result<UploadState, ApiError> {
        self.create(request)?;
        self.append(request, 0, first)
    }
    /// `GET /photos/…` or `/verdicts/…`.
    fn picture(&self, picture: SmallPicture) -> Result<Vec<u8>, ApiError> {
        let _ = picture;
        Err(ApiError::Offline)
    }
    /// `PATCH /uploads/…`.
    fn append(&self, request: &UploadRequest, offset: u64, bytes: &[u8]) -> Result<UploadState, ApiError>;
}

struct ScriptedApi(Mutex<Option<Arc<dyn Uploads>>>);

impl ScriptedApi {
    fn uploads(&self) -> Result<Arc<dyn Uploads>, ApiError> {
        self.0.lock().expect("not poisoned").clone().ok_or(ApiError::Offline)
    }
}

#[async_trait]
impl SyncApi for ScriptedApi {
    async fn sign_in(&self, _: &SignInRequest) -> Result<SessionGrant, ApiError> {
        Err(ApiError::Offline)
    }

    async fn refresh(&self, _: &RefreshRequest) -> Result<SessionGrant, ApiError> {
        Err(ApiError::Offline)
    }

    async fn sync(&self, _: &str, _: &SyncRequest) -> Result<SyncResponse, ApiError> {
        Err(ApiError::Offline)
    }

    async fn small_picture(&self, _: &str, picture: SmallPicture) -> Result<Vec<u8>, ApiError> {
        self.uploads()?.picture(picture)
    }

    async fn create_upload(&self, _: &str, request: &UploadRequest) -> Result<UploadState, ApiError> {
        self.uploads()?.create(request)
    }

    async fn begin_upload(&self, _: &str, request: &UploadRequest, first: Vec<u8>) -> Result<UploadState, ApiError> {
        self.uploads()?.begin(request, &first)
    }

    async fn append_upload(
        &self,
        _: &str,
        request: &UploadRequest,
        offset: u64,
        bytes: Vec<u8>,
    ) -> Result<UploadState, ApiError> {
        self.uploads()?.append(request, offset, &bytes)
    }
}

/// A phone with the part of the demo world that its owner may see.
pub(crate) struct Hand {
    pub(crate) phone: Phone,
    pub(crate) clock: Arc<SetClock>,
    config: Config,
    api: Arc<ScriptedApi>,
    _dir: TempDir,
}

impl Hand {
    /// The phone of somebody of the demo world, signed in, at an instant of its calendar.
    pub(crate) fn of(login: &str, local: &str) -> Self {
        Self::under_key(login, local, None)
    }

    /// The same with data under a key of the host's.
    pub(crate) fn sealed(login: &str, local: &str) -> Self {
        Self::under_key(login, local, HostKey::from_bytes(&[7; 32]))
    }

    fn under_key(login: &str, local: &str, key: Option<HostKey>) -> Self {
        let dir = tempfile::tempdir().expect("temporary folder");
        let clock = Arc::new(SetClock(AtomicI64::new(world::at(local).0)));
        let api = Arc::new(ScriptedApi(Mutex::new(None)));
        let config = Config {
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            ids: Arc::new(CountedIds(AtomicU64::new(1))),
            api: Some(Arc::clone(&api) as Arc<dyn SyncApi>),
            key,
            ..Config::new(dir.path().join("phone"), "https://storewalk.example")
        };
        let phone = Phone::open(config.clone()).expect("opens").phone;
        let hand = Self { phone, clock, config, api, _dir: dir };
        let grant = grant(login);
        let scope = scope(&grant.actor);
        let rows = world::rows().into_iter().filter(|row| buckets_of(row).iter().any(|bucket| scope.contains(bucket)));
        let rows: Vec<Row> = rows.collect();
        hand.phone.write(|transaction| session::save_grant(transaction, &grant)).expect("signed in");
        hand.put(rows);
        hand
    }

    /// Puts rows on the phone as a pull would.
    pub(crate) fn put(&self, rows: impl IntoIterator<Item = impl Into<Row>>) {
        let write = |transaction: &rusqlite::Transaction<'_>| {
            for row in rows {
                put_row(transaction, &row.into())?;
            }
            Ok(())
        };
        self.phone.write(write).expect("written");
    }

    /// Kills the app and opens it again.
    pub(crate) fn kill(&mut self) {
        self.phone = Phone::open(self.config.clone()).expect("opens again").phone;
    }

    /// Opens the app again, from now on with a server that is reached by HTTP.
    pub(crate) fn kill_and_call(&mut self, url: &str) {
        (self.config.api, self.config.server_url) = (None, url.to_owned());
        self.kill();
    }

    /// Opens the app again, from now on with a key of the host's.
    pub(crate) fn kill_and_give_a_key(&mut self) {
        self.config.key = HostKey::from_bytes(&[7; 32]);
        self.kill();
    }

    /// Lets the phone reach a server for its photos.
    pub(crate) fn reach(&self, uploads: Arc<dyn Uploads>) {
        *self.api.0.lock().expect("not poisoned") = Some(uploads);
    }

    /// The server has worked through all commands.
    pub(crate) fn acknowledge_all(&self) {
        let now = self.phone.now().trusted();
        let acknowledge = |transaction: &rusqlite::Transaction<'_>| {
            let last = session::device(transaction)?.last_seq;
            outbox::acknowledge(transaction, last, now)?;
            outbox::forget_touched(transaction)
        };
        self.phone.write(acknowledge).expect("acknowledged");
    }
}

fn grant(login: &str) -> SessionGrant {
    let account = world::ACCOUNTS.into_iter().find(|account| account.login == login).expect("of the demo world");
    let (user_id, role) = (world::user(login), account.role);
    SessionGrant {
        access_token: "access".into(),
        access_expires_at: Timestamp(i64::MAX),
        refresh_token: "refresh".into(),
        refresh_expires_at: Timestamp(i64::MAX),
        device_number: 7,
        user: UserInfo { id: user_id, code: account.code.into(), name: account.name.into(), role },
        actor: Actor { user_id, role, territories: account.territories(), dealers: account.dealers() },
        server_at: world::at("2025-03-14T07:00"),
        courier_key: None,
        parking_key: None,
        receipt_key: None,
        protocols: None,
    }
}

fn scope(actor: &Actor) -> Vec<Bucket> {
    let territories = actor.territories.iter().copied().map(Bucket::Territory);
    let dealers = actor.dealers.iter().copied().map(Bucket::Dealer);
    territories.chain(dealers).chain([Bucket::Org, Bucket::User(actor.user_id)]).collect()
}

/// A fix some metres north of S0101.
pub(crate) fn north_of_s0101(metres: f64) -> Fix {
    let lat = 30.521_78 + metres / 6_371_008.8 * 180.0 / std::f64::consts::PI;
    Fix { position: Position { lat, lon: 114.351_93, datum: Datum::Wgs84 }, accuracy_m: 8.0, is_mock: false }
}
