//! The facade as a host meets it, without a server.

use std::{
    future::Future,
    sync::{
        Arc, Mutex,
        mpsc::{Receiver, Sender, channel},
    },
};

use storewalk_domain::{
    geo::{Datum, Fix, Position},
    photo::{Pin, VerdictDecision},
};

use super::*;

pub(crate) fn wait<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().expect("a runtime for the test").block_on(work)
}

/// An address that was free a moment ago and is left free.
fn nobody_listens() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    format!("http://{}", listener.local_addr().expect("it is bound"))
}

pub(crate) fn setup(dir: &tempfile::TempDir) -> Setup {
    Setup {
        folder: dir.path().to_string_lossy().into_owned(),
        server_url: nobody_listens(),
        platform: "python".into(),
        device_name: "bench".into(),
        app_version: "0".into(),
        zone: "Asia/Shanghai".into(),
        copy_long_edge: 1_600,
        originals_wait_days: 1,
    }
}

pub(crate) fn opened(dir: &tempfile::TempDir) -> Arc<Storewalk> {
    wait(Storewalk::open(setup(dir), None)).expect("a fresh folder can be used")
}

pub(crate) fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

pub(crate) fn code<T>(result: Result<T, CoreError>) -> String {
    result.err().map(|error| error.code().to_owned()).unwrap_or_default()
}

/// Where an argument was objected to.
fn at<T>(result: Result<T, CoreError>) -> String {
    match result {
        Err(CoreError::Rejected { problems, .. }) => problems.first().map(|found| found.at.clone()).unwrap_or_default(),
        _ => String::new(),
    }
}

#[test]
fn a_fresh_core_works_without_a_server_and_says_what_it_lacks() {
    let dir = folder();
    let core = opened(&dir);
    assert_eq!(wait(core.session().person()), Ok(None));
    assert_eq!(core.recovery(), None);
    let status = wait(core.sync().status()).expect("the status needs nobody");
    assert_eq!((status.state.kind, status.unsent_commands), (SyncStateKind::NobodySignedIn, 0));
    assert_eq!(code(wait(core.plan().today())), "signed_out");
    assert!(!wait(core.plan().skip_reasons()).expect("the shipped handbook").is_empty());
    core.shutdown();
}

#[test]
fn without_a_network_signing_in_says_offline_in_both_languages() {
    let dir = folder();
    let core = opened(&dir);
    let Err(CoreError::Unreachable { details, .. }) = wait(core.session().sign_in("liwen".into(), "x".into(), None))
    else {
        panic!("nothing listens there");
    };
    assert!(details.code == "offline" && !details.what.zh.is_empty() && !details.next_step.en.is_empty());
    core.shutdown();
}

#[test]
fn paused_it_answers_closed_and_resumed_it_works() {
    let dir = folder();
    let core = opened(&dir);
    wait(core.pause()).expect("it can always be paused");
    wait(core.pause()).expect("pausing twice is pausing once");
    assert_eq!((core.life(), code(wait(core.sync().status()))), (Life::Paused, "closed".into()));
    wait(core.resume()).expect("the folder is still there");
    assert!(wait(core.sync().status()).is_ok());
    core.shutdown();
}

#[test]
fn after_shutdown_every_call_answers_closed_and_a_second_shutdown_does_no_harm() {
    let dir = folder();
    let core = opened(&dir);
    let sync = core.sync();
    core.shutdown();
    core.shutdown();
    assert_eq!(code(wait(sync.status())), "closed");
    assert_eq!(code(wait(sync.now(None))), "closed");
    assert_eq!(code(wait(core.resume())), "closed");
    assert_eq!(core.life(), Life::ShutDown);
    let (listener, _calls) = Noted::new();
    assert_eq!(code(core.listen(listener)), "closed");
}

#[test]
fn a_folder_is_opened_once_until_it_is_given_back() {
    let dir = folder();
    let core = opened(&dir);
    assert_eq!(code(wait(Storewalk::open(setup(&dir), None))), "already_open");
    assert!(wait(core.sync().status()).is_ok(), "the first is not disturbed");
    core.shutdown();
    opened(&dir).shutdown();
    drop(opened(&dir));
    opened(&dir).shutdown();
}

#[test]
fn what_cannot_be_opened_is_a_typed_error() {
    let dir = folder();
    let with = |change: fn(&mut Setup)| {
        let mut setup = setup(&dir);
        change(&mut setup);
        wait(Storewalk::open(setup, None))
    };
    assert_eq!(at(with(|setup| setup.folder.clear())), "folder");
    assert_eq!(at(with(|setup| setup.folder = "a\0b".into())), "folder");
    assert_eq!(at(with(|setup| setup.server_url = "ftp://x".into())), "server_url");
    assert_eq!(at(with(|setup| setup.zone = "Mars/Olympus".into())), "zone");
    assert_eq!(code(with(|setup| setup.folder = "/dev/null/x".into())), "file_fault");
}

#[test]
fn arguments_that_are_none_are_named() {
    let dir = folder();
    let core = opened(&dir);
    let id = "019a0000-0000-7000-8000-000000000000".to_owned();
    assert_eq!(at(wait(core.visits().view("x".into()))), "visit_id");
    assert_eq!(at(wait(core.visits().brief("\0".into()))), "outlet_id");
    assert_eq!(at(wait(core.plan().on("14.3.2025".into()))), "date");
    assert_eq!(at(wait(core.orders().set_line(id.clone(), "🙂".into(), u32::MAX, None))), "product_id");
    let price = Answer::Price { value: "1e9999".into() };
    assert_eq!(
        at(wait(core.checklists().answer(id.clone(), "shelf_price".into(), price, "P1".into(), None))),
        "answer"
    );
    let nowhere = Position { lat: f64::NAN, lon: 0.0, datum: Datum::Wgs84 };
    let fix = Fix { position: nowhere, accuracy_m: 1.0, is_mock: false };
    assert_eq!(at(wait(core.visits().start(id.clone(), Some(fix)))), "fix");
    for tilt in [f32::NAN, f32::INFINITY, -181.0] {
        let (photos, path) = (core.photos(), "/none.jpg".to_owned());
        let capture = photos.capture(id.clone(), "entrance".into(), path, None, false, Some(tilt));
        assert_eq!(at(wait(capture)), "tilt");
    }
    let draft = ReviewDraft {
        photo_id: id,
        decision: VerdictDecision::Rejected,
        reason: None,
        note: String::new(),
        pin: Some(Pin { x: f64::INFINITY, y: 0.0 }),
        reference_photo_id: None,
        due_on: None,
    };
    assert_eq!(at(wait(core.review().decide(draft))), "pin");
    core.shutdown();
}

#[test]
fn a_call_whose_token_was_cancelled_before_does_not_begin() {
    let dir = folder();
    let core = opened(&dir);
    let token = CancelToken::new();
    token.cancel();
    assert!(token.is_cancelled());
    assert_eq!(code(wait(core.sync().now(Some(token)))), "cancelled");
    let status = wait(core.sync().status()).expect("it is open");
    assert_eq!(status.failures, 0, "no attempt was made");
    core.shutdown();
}

/// Passes on what it is told; waits for permission each time, when it has a gate.
struct Noted {
    told: Mutex<Sender<Change>>,
    gate: Option<Mutex<Receiver<()>>>,
    fails: bool,
}

impl Noted {
    fn new() -> (Arc<Self>, Receiver<Change>) {
        let (told, calls) = channel();
        (Arc::new(Self { told: Mutex::new(told), gate: None, fails: false }), calls)
    }
}

impl ChangeListener for Noted {
    fn changed(&self, change: Change) -> Result<(), PlatformError> {
        // A test that has seen enough listens no more.
        let _ = self.told.lock().expect("nobody panics here").send(change);
        if let Some(gate) = &self.gate {
            let _ = gate.lock().expect("nobody panics here").recv();
        }
        if self.fails { Err(PlatformError::Failed { detail: "thrown".into() }) } else { Ok(()) }
    }
}

#[test]
fn a_listener_is_told_at_once_and_again_of_what_changed() {
    let dir = folder();
    let core = opened(&dir);
    let (listener, calls) = Noted::new();
    let handle = core.listen(listener).expect("it is open");
    let first = calls.recv().expect("the first call comes by itself");
    assert!(first.is_first && first.topics.len() == 10 && first.life == Life::Open && first.status.is_some());
    wait(core.pause()).expect("it can be paused");
    let second = calls.recv().expect("a change is told");
    assert_eq!((second.is_first, second.topics, second.life), (false, vec![Topic::Life], Life::Paused));
    assert_eq!(second.status, None, "the database is closed");
    handle.cancel();
    assert!(handle.is_cancelled());
    wait(core.resume()).expect("it can be resumed");
    assert!(calls.recv().is_err(), "the listener is gone and was told nothing more");
    core.shutdown();
}

#[test]
fn changes_during_a_call_are_told_together_after_it() {
    let dir = folder();
    let core = opened(&dir);
    let ((told, calls), (open, gate)) = (channel(), channel());
    let listener = Arc::new(Noted { told: Mutex::new(told), gate: Some(Mutex::new(gate)), fails: false });
    let handle = core.listen(listener).expect("it is open");
    calls.recv().expect("the first call, which now waits");
    for _ in 0..50 {
        wait(core.photos().free_space()).expect("there is nothing to free");
        wait(core.sync().scan()).expect("there is nothing to look at");
    }
    open.send(()).expect("it waits");
    let second = calls.recv().expect("one call for all of it");
    assert_eq!(second.topics, vec![Topic::Photos, Topic::Sync]);
    open.send(()).expect("it waits");
    wait(core.pause()).expect("it can be paused");
    assert_eq!(calls.recv().expect("the next change").topics, vec![Topic::Life]);
    drop(open);
    drop(handle);
    core.shutdown();
}

#[test]
fn a_listener_that_fails_is_told_of_the_next_change_all_the_same() {
    let dir = folder();
    let core = opened(&dir);
    let (told, calls) = channel();
    let _handle = core.listen(Arc::new(Noted { told: Mutex::new(told), gate: None, fails: true })).expect("it is open");
    calls.recv().expect("the first call");
    wait(core.pause()).expect("it can be paused");
    assert_eq!(calls.recv().expect("the next one").topics, vec![Topic::Life]);
    core.shutdown();
    assert!(calls.recv().is_err(), "after shutdown the listener is let go");
}

struct Host {
    key: Result<Vec<u8>, PlatformError>,
    free: u64,
}

impl KeyStore for Host {
    fn load_or_create(&self, name: String) -> Result<Vec<u8>, PlatformError> {
        assert_eq!(name, "storewalk.database");
        self.key.clone()
    }
}

impl Connectivity for Host {
    fn network(&self) -> Result<Network, PlatformError> {
        Ok(Network::Offline)
    }
}

impl FreeSpace for Host {
    fn free_bytes(&self, _: String) -> Result<u64, PlatformError> {
        Ok(self.free)
    }
}

#[test]
fn a_key_that_cannot_be_had_says_why_and_leaves_the_folder_free() {
    let dir = folder();
    for (key, expected) in [
        (Err(PlatformError::Locked), "key_locked"),
        (Err(PlatformError::Gone), "key_gone"),
        (Err(PlatformError::Failed { detail: "thrown".into() }), "key_unusable"),
        (Ok(vec![1; 16]), "key_unusable"),
    ] {
        let platform = Platform { key_store: Some(Arc::new(Host { key, free: 0 })), ..Platform::default() };
        assert_eq!(code(wait(Storewalk::open(setup(&dir), Some(platform)))), expected);
    }
    let key_store: Arc<dyn KeyStore> = Arc::new(Host { key: Ok(vec![1; 32]), free: 0 });
    let platform = Platform { key_store: Some(key_store), ..Platform::default() };
    wait(Storewalk::open(setup(&dir), Some(platform))).expect("the key is one").shutdown();
}

/// A key store that keeps a key for each name it is asked for, until it is told that they are gone.
#[derive(Default)]
struct Keys {
    kept: Mutex<std::collections::BTreeMap<String, Vec<u8>>>,
    seed: u8,
}

impl KeyStore for Keys {
    fn load_or_create(&self, name: String) -> Result<Vec<u8>, PlatformError> {
        let mut kept = self.kept.lock().expect("nobody panics here");
        let next = u8::try_from(kept.len()).expect("few") + self.seed;
        Ok(kept.entry(name).or_insert_with(|| vec![next; 32]).clone())
    }
}

impl Keys {
    fn from(seed: u8) -> Arc<Self> {
        Arc::new(Self { seed, ..Self::default() })
    }

    fn names(&self) -> Vec<String> {
        self.kept.lock().expect("nobody panics here").keys().cloned().collect()
    }
}

fn with_keys(keys: &Arc<Keys>) -> Platform {
    Platform { key_store: Some(Arc::clone(keys) as Arc<dyn KeyStore>), ..Platform::default() }
}

#[test]
fn a_key_that_is_changed_opens_the_data_and_the_one_before_does_not() {
    let (dir, keys) = (folder(), Keys::from(1));
    let core = wait(Storewalk::open(setup(&dir), Some(with_keys(&keys)))).expect("opened");
    wait(core.rotate_key()).expect("changed");
    assert_eq!(keys.names(), ["storewalk.database", "storewalk.database.2"]);
    core.shutdown();
    assert_eq!(code(wait(core.rotate_key())), "closed");
    keys.kept.lock().expect("nobody panics here").remove("storewalk.database");
    let core = wait(Storewalk::open(setup(&dir), Some(with_keys(&keys)))).expect("the second opens it");
    assert_eq!(core.left_behind(), None);
    core.shutdown();
    let plain = folder();
    let core = opened(&plain);
    assert_eq!(code(wait(core.rotate_key())), "key_needed");
    core.shutdown();
}

#[test]
fn a_wrong_key_opens_nothing_and_a_lost_one_lets_the_phone_begin_anew() {
    let (dir, keys, others) = (folder(), Keys::from(1), Keys::from(50));
    wait(Storewalk::open(setup(&dir), Some(with_keys(&keys)))).expect("opened").shutdown();
    assert_eq!(code(wait(Storewalk::open(setup(&dir), Some(with_keys(&others))))), "key_wrong");
    assert_eq!(code(wait(Storewalk::open(setup(&dir), None))), "key_needed");
    assert_eq!(code(wait(Storewalk::open_anew(setup(&dir), Some(with_keys(&keys))))), "key_fits");
    assert_eq!(code(wait(Storewalk::open_anew(setup(&dir), None))), "key_needed");
    wait(Storewalk::open(setup(&dir), Some(with_keys(&keys)))).expect("untouched").shutdown();
    let core = wait(Storewalk::open_anew(setup(&dir), Some(with_keys(&others)))).expect("begun anew");
    let left = core.left_behind().expect("it was set aside");
    assert_eq!((left.commands, left.photos), (0, 0));
    assert!(std::path::Path::new(&left.folder).join("storewalk.sqlite").exists());
    core.shutdown();
    assert_eq!(others.names(), ["storewalk.database", "storewalk.database.2"], "a fresh key for fresh data");
    wait(Storewalk::open(setup(&dir), Some(with_keys(&others)))).expect("it goes on").shutdown();
}

#[test]
fn a_locked_key_sets_nothing_aside() {
    let dir = folder();
    wait(Storewalk::open(setup(&dir), Some(with_keys(&Keys::from(1))))).expect("opened").shutdown();
    let locked: Arc<dyn KeyStore> = Arc::new(Host { key: Err(PlatformError::Locked), free: 0 });
    let platform = Platform { key_store: Some(locked), ..Platform::default() };
    assert_eq!(code(wait(Storewalk::open(setup(&dir), Some(platform.clone())))), "key_locked");
    assert_eq!(code(wait(Storewalk::open_anew(setup(&dir), Some(platform)))), "key_locked");
    wait(Storewalk::open(setup(&dir), Some(with_keys(&Keys::from(1))))).expect("untouched").shutdown();
}

#[test]
fn the_host_is_believed_about_the_network_and_the_room() {
    let dir = folder();
    let host = Arc::new(Host { key: Ok(vec![1; 32]), free: 1 });
    let platform = Platform { connectivity: Some(host.clone()), free_space: Some(host), ..Platform::default() };
    let core = wait(Storewalk::open(setup(&dir), Some(platform))).expect("a fresh folder can be used");
    assert_eq!(code(wait(core.sync().now(None))), "offline");
    assert_eq!(wait(core.sync().status()).expect("it is open").failures, 0, "no attempt was made");
    let id = "019a0000-0000-7000-8000-000000000000".to_owned();
    let full = wait(core.photos().capture(id, "entrance".into(), "/none.jpg".into(), None, false, None));
    assert_eq!(code(full), "storage_full");
    core.shutdown();
}
