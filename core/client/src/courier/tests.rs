//! Packing, carrying, handing in: against a bag of files and a server that answers as told.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use storewalk_wire::{
    ApiError, ErrorCode, ParcelContent, ParcelFate, ParcelFault, ParcelReceipt, ProblemBody, RefreshRequest, ServerKey,
    SessionGrant, SignInRequest, SyncApi, SyncRequest, SyncResponse, UploadRequest, UploadState, open_parcel,
};

use crate::{
    ClientError, Config, Phone,
    sync::testing::{Bench, FakeServer, HandClock, server_of_one_outlet},
};

/// The fake server with a courier's counter beside it.
struct Counter {
    server: Arc<FakeServer>,
    answers: Mutex<VecDeque<Result<ParcelReceipt, ApiError>>>,
    parcels: Mutex<Vec<Vec<u8>>>,
}

impl Counter {
    fn key() -> ServerKey {
        ServerKey::from_seed([1; 32]).expect("a key")
    }

    fn grant(grant: SessionGrant) -> SessionGrant {
        SessionGrant { courier_key: Some(Self::key().public()), parking_key: Some("5a".repeat(32)), ..grant }
    }

    fn will_answer(&self, answers: impl IntoIterator<Item = Result<ParcelReceipt, ApiError>>) {
        *self.answers.lock().expect("unpoisoned") = answers.into_iter().collect();
    }
}

#[async_trait]
impl SyncApi for Counter {
    async fn sign_in(&self, request: &SignInRequest) -> Result<SessionGrant, ApiError> {
        self.server.sign_in(request).await.map(Self::grant)
    }

    async fn refresh(&self, request: &RefreshRequest) -> Result<SessionGrant, ApiError> {
        self.server.refresh(request).await.map(Self::grant)
    }

    async fn sync(&self, token: &str, request: &SyncRequest) -> Result<SyncResponse, ApiError> {
        self.server.sync(token, request).await
    }

    async fn create_upload(&self, token: &str, request: &UploadRequest) -> Result<UploadState, ApiError> {
        self.server.create_upload(token, request).await
    }

    async fn append_upload(
        &self,
        token: &str,
        request: &UploadRequest,
        offset: u64,
        bytes: Vec<u8>,
    ) -> Result<UploadState, ApiError> {
        self.server.append_upload(token, request, offset, bytes).await
    }

    async fn courier(&self, _: &str, parcel: Vec<u8>) -> Result<ParcelReceipt, ApiError> {
        self.parcels.lock().expect("unpoisoned").push(parcel);
        self.answers.lock().expect("unpoisoned").pop_front().unwrap_or(Err(ApiError::Offline))
    }
}

fn refused(code: ErrorCode) -> ApiError {
    ApiError::Refused(Box::new(ProblemBody {
        kind: code.urn(),
        title: String::new(),
        status: code.status(),
        detail: String::new(),
        code,
        at: String::new(),
        next_step: String::new(),
        request_id: String::new(),
        problems: Vec::new(),
        protocols: None,
    }))
}

const TAKEN: Result<ParcelReceipt, ApiError> = Ok(ParcelReceipt { fate: ParcelFate::Taken });

/// A signed-in phone at a counter.
struct Desk {
    counter: Arc<Counter>,
    clock: Arc<HandClock>,
    bench: Bench,
    _dir: tempfile::TempDir,
}

impl Desk {
    async fn open() -> Self {
        let counter =
            Arc::new(Counter { server: server_of_one_outlet(1), answers: Mutex::default(), parcels: Mutex::default() });
        let clock = Arc::new(HandClock::at("2025-03-14T08:59:00+08:00"));
        let dir = tempfile::tempdir().expect("a folder");
        let config = Config {
            clock: Arc::clone(&clock) as _,
            api: Some(Arc::clone(&counter) as _),
            ..Config::new(dir.path(), "http://127.0.0.1/")
        };
        let phone = Phone::open(config).expect("opened").phone;
        phone.sign_in("liwen", "right").await.expect("signed in");
        phone.sync().await.expect("in step");
        let mut bench = Bench::signed_in().await;
        bench.phone = phone;
        Self { counter, clock, bench, _dir: dir }
    }

    fn phone(&self) -> &Phone {
        &self.bench.phone
    }

    /// A parcel of this phone's own queue of one.
    fn parcel(&self) -> std::path::PathBuf {
        self.bench.raise(1);
        let folder = self.phone().dir().join("out");
        self.phone().courier().pack(&folder).expect("packed").files.remove(0)
    }
}

#[tokio::test]
async fn the_whole_queue_is_packed_and_stays_on_the_phone() {
    let desk = Desk::open().await;
    for number in 1..=17 {
        desk.bench.raise(number);
    }
    let folder = tempfile::tempdir().expect("a folder");
    let packing = desk.phone().courier().pack(folder.path()).expect("packed");
    assert_eq!((packing.commands, packing.photos, packing.files.len()), (17, 0, 1));
    assert_eq!(desk.phone().status().expect("status").unsent_commands, 17);
    let file = std::fs::read(&packing.files[0]).expect("there");
    assert_eq!(file.len() as u64, packing.bytes);
    let key = desk.phone().write(|transaction| super::public_key(transaction)).expect("minted");
    let (parcel, bytes) = open_parcel(&file, &[Counter::key()]).expect("opened").read([key.as_str()]).expect("signed");
    let ParcelContent::Commands { commands } = parcel.content else { panic!("commands") };
    assert_eq!((commands.len(), commands[16].seq, bytes.len()), (17, 17, 0));
    // The server may learn of these numbers now: they count as sent.
    assert_eq!(desk.bench.count("SELECT sent_seq FROM device"), 17);
    let name = packing.files[0].file_name().expect("a name").to_string_lossy().into_owned();
    assert!(name.starts_with("storewalk-001-") && !name.contains("liwen"), "{name}");
}

#[tokio::test]
async fn a_phone_that_no_server_has_told_a_key_says_so() {
    let bench = Bench::in_step().await;
    bench.raise(1);
    let folder = tempfile::tempdir().expect("a folder");
    let refused = bench.phone.courier().pack(folder.path()).expect_err("no key");
    assert!(matches!(refused, ClientError::NoCourier), "{refused:?}");
    assert!(!refused.sentence().zh.is_empty() && !refused.next_step().en.is_empty());
}

#[tokio::test]
async fn a_parcel_stays_in_the_bag_until_the_server_answers_for_it() {
    let desk = Desk::open().await;
    let file = desk.parcel();
    let carried = desk.phone().courier().carry(&file).expect("carried");
    desk.phone().courier().carry(&file).expect("the same parcel");
    assert_eq!(desk.phone().courier().carried().expect("listed"), std::slice::from_ref(&carried));
    assert!(carried.what.en.contains(&carried.size_bytes.to_string()) && !carried.what.zh.is_empty());
    desk.counter.will_answer([Err(ApiError::Offline), Err(ApiError::Busy { retry_after_ms: Some(60_000) }), TAKEN]);
    let offline = desk.phone().courier().deliver().await.expect("no fault of the phone");
    assert_eq!((offline.taken, offline.left), (0, 1));
    // Not due yet: the server is left alone.
    desk.phone().courier().deliver().await.expect("nothing due");
    assert_eq!(desk.counter.parcels.lock().expect("unpoisoned").len(), 1);
    for _ in 0..2 {
        let next = desk.phone().courier().carried().expect("listed")[0].next_attempt_at;
        let wait = next.since_ms(desk.phone().now().device_at);
        assert!(wait > 0, "there is always a next attempt");
        desk.clock.pass_ms(wait);
        desk.phone().courier().deliver().await.expect("tried");
    }
    assert!(desk.phone().courier().carried().expect("listed").is_empty());
    assert_eq!(desk.counter.parcels.lock().expect("unpoisoned").len(), 3);
    assert!(file.exists(), "the file that was carried in is the carrier's own affair");
    assert!(desk.phone().sync().await.expect("its own sync went on").complete);
}

#[tokio::test]
async fn a_parcel_the_server_will_not_have_is_shown_and_only_then_may_be_thrown_away() {
    let desk = Desk::open().await;
    let id = desk.phone().courier().carry(&desk.parcel()).expect("carried").id;
    assert!(desk.phone().courier().discard(&id).is_err(), "not before the server was asked");
    desk.counter.will_answer([Err(refused(ErrorCode::ParcelSignature)), Err(refused(ErrorCode::ParcelSignature))]);
    let delivery = desk.phone().courier().deliver().await.expect("tried");
    assert_eq!((delivery.refused, delivery.left), (1, 1));
    let view = desk.phone().courier().carried().expect("listed").remove(0);
    assert_eq!((view.is_refused, view.last_error.as_deref()), (true, Some("parcel_signature")));
    // Set back by years, the clock does not put it off for ever.
    desk.clock.set_wall(1_000);
    assert_eq!(desk.phone().courier().deliver().await.expect("tried again").refused, 1);
    desk.phone().courier().discard(&id).expect("thrown away");
    assert!(desk.phone().courier().discard("../outbox").is_err());
    assert!(desk.phone().courier().carried().expect("listed").is_empty());
}

#[tokio::test]
async fn what_is_no_parcel_is_not_carried() {
    let desk = Desk::open().await;
    let folder = tempfile::tempdir().expect("a folder");
    let try_carry = |bytes: &[u8]| {
        let path = folder.path().join("x");
        std::fs::write(&path, bytes).expect("written");
        match desk.phone().courier().carry(&path) {
            Err(ClientError::Parcel(fault)) => fault,
            other => panic!("{other:?}"),
        }
    };
    let good = std::fs::read(desk.parcel()).expect("there");
    assert_eq!(try_carry(b"a picture"), ParcelFault::NotAParcel);
    assert_eq!(try_carry(b""), ParcelFault::NotAParcel);
    assert_eq!(try_carry(&good[..good.len() - 1]), ParcelFault::Truncated);
    assert_eq!(try_carry(&vec![0; 5 * 1024 * 1024]), ParcelFault::TooLarge);
    assert!(desk.phone().courier().carry(&folder.path().join("none")).is_err());
    assert!(desk.phone().courier().carried().expect("listed").is_empty());
}
