//! Two people and one phone, and kills at the wrong moment.

use std::{collections::BTreeMap, fs, path::Path, sync::Arc};

use async_trait::async_trait;
use storewalk_wire::{
    ApiError, RefreshRequest, SessionGrant, SignInRequest, SyncApi, SyncRequest, SyncResponse, UploadRequest,
    UploadState,
};
use uuid::Uuid;

use super::*;
use crate::{
    Config, HostKey, Opened, Phone, Recorded,
    sync::testing::{FakeServer, HandClock, server_of_one_outlet, task},
};

const KEY: [u8; 32] = [7; 32];

/// Two people's shares of one server: each token leads to its owner's.
struct Office {
    shares: BTreeMap<&'static str, Arc<FakeServer>>,
    keys: std::sync::Mutex<BTreeMap<&'static str, String>>,
}

impl Office {
    fn open() -> Arc<Self> {
        let shares = ["liwen", "wangqiang"].map(|login| (login, server_of_one_outlet(1)));
        let keys = BTreeMap::from([("liwen", "11".repeat(32)), ("wangqiang", "22".repeat(32))]);
        Arc::new(Self { shares: shares.into(), keys: keys.into() })
    }

    fn share(&self, token: &str) -> (&FakeServer, String) {
        let (login, token) = token.split_once(' ').expect("a token of ours");
        (&self.shares[login], token.to_owned())
    }
}

#[async_trait]
impl SyncApi for Office {
    async fn sign_in(&self, request: &SignInRequest) -> Result<SessionGrant, ApiError> {
        let grant = self.shares[request.login.as_str()].sign_in(request).await?;
        let parking_key = self.keys.lock().expect("unpoisoned").get(request.login.as_str()).cloned();
        Ok(SessionGrant { access_token: format!("{} {}", request.login, grant.access_token), parking_key, ..grant })
    }

    async fn refresh(&self, _: &RefreshRequest) -> Result<SessionGrant, ApiError> {
        Err(ApiError::Offline)
    }

    async fn sync(&self, token: &str, request: &SyncRequest) -> Result<SyncResponse, ApiError> {
        let (share, token) = self.share(token);
        share.sync(&token, request).await
    }

    async fn create_upload(&self, _: &str, request: &UploadRequest) -> Result<UploadState, ApiError> {
        Ok(UploadState { offset: request.size_bytes, is_complete: true, receipt: None })
    }

    async fn append_upload(&self, _: &str, _: &UploadRequest, _: u64, _: Vec<u8>) -> Result<UploadState, ApiError> {
        Err(ApiError::Offline)
    }
}

fn open(dir: &Path, office: &Arc<Office>) -> Opened {
    open_with(dir, office, None)
}

fn open_with(dir: &Path, office: &Arc<Office>, key: Option<HostKey>) -> Opened {
    let config = Config {
        key,
        clock: Arc::new(HandClock::at("2025-03-14T08:59:00+08:00")),
        api: Some(Arc::clone(office) as _),
        ..Config::new(dir, "http://127.0.0.1/")
    };
    Phone::open(config).expect("opened")
}

fn raise(phone: &Phone, numbers: std::ops::Range<u128>) {
    for number in numbers {
        assert!(matches!(phone.record(task(number)).expect("recorded"), Recorded::Done { .. }));
    }
}

fn unsent(phone: &Phone) -> u64 {
    phone.status().expect("status").unsent_commands
}

/// Every byte under a folder.
fn bytes_under(folder: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.path().is_dir() {
            bytes.extend(bytes_under(&entry.path()));
        } else {
            bytes.extend(fs::read(entry.path()).expect("read"));
        }
    }
    bytes
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|part| part == text.as_bytes())
}

#[tokio::test]
async fn a_second_person_works_on_the_phone_and_the_first_finds_everything_again() {
    let (dir, office) = (tempfile::tempdir().expect("a folder"), Office::open());
    let phone = open(dir.path(), &office).phone;
    phone.sign_in("liwen", "right").await.expect("signed in");
    phone.sync().await.expect("in step");
    raise(&phone, 1..18);
    let first = phone.session().expect("read").expect("signed in").device_id;
    assert!(matches!(phone.sign_out().await, Err(ClientError::Unsent { commands: 17, photos: 0, drafts: 0 })));
    // Wang Qiang takes the phone.
    let second = phone.sign_in("wangqiang", "right").await.expect("signed in").device_id;
    assert_ne!(first, second);
    assert_eq!((unsent(&phone), phone.parked_people()), (0, 1));
    assert!(!holds(&bytes_under(dir.path()), "第9件"), "nothing of the first can be read on the phone");
    phone.sync().await.expect("in step");
    raise(&phone, 100..103);
    phone.sync().await.expect("synced");
    assert_eq!(office.shares["wangqiang"].last_seq(), 3);
    assert_eq!(office.shares["liwen"].last_seq(), 0, "nothing was sent in her name meanwhile");
    raise(&phone, 103..105);
    // The app is killed and started between the two.
    drop(phone);
    let phone = open(dir.path(), &office).phone;
    assert_eq!(unsent(&phone), 2);
    let back = phone.sign_in("liwen", "right").await.expect("signed in").device_id;
    assert_eq!((back, unsent(&phone)), (first, 17));
    phone.sync().await.expect("synced");
    assert_eq!((office.shares["liwen"].last_seq(), unsent(&phone)), (17, 0));
    assert_eq!(office.shares["wangqiang"].last_seq(), 3);
    phone.sign_in("wangqiang", "right").await.expect("signed in");
    phone.sync().await.expect("synced");
    assert_eq!(office.shares["wangqiang"].last_seq(), 5);
}

#[tokio::test]
async fn what_was_parked_before_there_was_a_key_to_the_phone_comes_back_under_it() {
    let (dir, office) = (tempfile::tempdir().expect("a folder"), Office::open());
    let phone = open(dir.path(), &office).phone;
    phone.sign_in("liwen", "right").await.expect("signed in");
    phone.sync().await.expect("in step");
    raise(&phone, 1..18);
    fs::create_dir_all(dir.path().join("photos")).expect("made");
    fs::write(dir.path().join("photos/a-original.jpg"), b"a plain picture").expect("written");
    phone.sign_out_and_park().await.expect("parked");
    phone.shutdown();
    let key = HostKey::from_bytes(&[7; 32]);
    let phone = open_with(dir.path(), &office, key.clone()).phone;
    phone.sign_in("wangqiang", "right").await.expect("signed in");
    phone.sync().await.expect("in step");
    raise(&phone, 100..103);
    fs::create_dir_all(dir.path().join("shown")).expect("made");
    fs::write(dir.path().join("shown/b-original.jpg"), b"a picture of his").expect("written");
    phone.sign_in("liwen", "right").await.expect("signed in");
    assert_eq!((unsent(&phone), phone.parked_people()), (17, 1));
    let bytes = bytes_under(dir.path());
    for text in ["第9件", "第101件", "SQLite format", "a plain picture", "a picture of his"] {
        assert!(!holds(&bytes, text), "{text}");
    }
    phone.shutdown();
    let phone = open_with(dir.path(), &office, key).phone;
    assert_eq!(unsent(&phone), 17);
    phone.sync().await.expect("synced");
    phone.sign_in("wangqiang", "right").await.expect("signed in");
    assert_eq!(unsent(&phone), 3);
}

#[tokio::test]
async fn a_parked_queue_comes_back_only_to_its_owner() {
    let (dir, office) = (tempfile::tempdir().expect("a folder"), Office::open());
    let phone = open(dir.path(), &office).phone;
    assert!(matches!(phone.sign_out_and_park().await, Err(ClientError::SignedOut { .. })));
    phone.sign_in("liwen", "right").await.expect("signed in");
    phone.sync().await.expect("in step");
    raise(&phone, 1..4);
    phone.sign_out_and_park().await.expect("parked");
    assert_eq!((phone.session().expect("read"), unsent(&phone), phone.parked_people()), (None, 0, 1));
    assert!(!holds(&bytes_under(dir.path()), "第2件"));
    // A server that lost its secret gives another key: nothing changes, and nothing is lost.
    office.keys.lock().expect("unpoisoned").insert("liwen", "33".repeat(32));
    let refused = phone.sign_in("liwen", "right").await.expect_err("another key");
    assert!(matches!(refused, ClientError::ParkedUnreadable), "{refused:?}");
    assert_eq!(phone.parked_people(), 1);
    office.keys.lock().expect("unpoisoned").insert("liwen", "11".repeat(32));
    drop(phone);
    let phone = open(dir.path(), &office).phone;
    phone.sign_in("liwen", "right").await.expect("signed in");
    assert_eq!((unsent(&phone), phone.parked_people()), (3, 0));
    assert!(phone.record(task(9)).is_ok(), "and the work goes on");
}

#[tokio::test]
async fn without_a_key_nothing_is_parked_and_nothing_is_lost() {
    let (dir, office) = (tempfile::tempdir().expect("a folder"), Office::open());
    office.keys.lock().expect("unpoisoned").clear();
    let phone = open(dir.path(), &office).phone;
    phone.sign_in("liwen", "right").await.expect("signed in");
    phone.sync().await.expect("in step");
    raise(&phone, 1..2);
    assert!(matches!(phone.sign_out_and_park().await, Err(ClientError::CannotPark)));
    assert!(matches!(phone.sign_in("wangqiang", "right").await, Err(ClientError::Unsent { commands: 1, .. })));
    assert_eq!(unsent(&phone), 1);
}

fn who() -> Who {
    Who::of("liwen", DeviceId(Uuid::from_u128(5)))
}

/// A folder as a person leaves it: a long file, an empty one, one in a folder.
fn lived_in(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let long: Vec<u8> = (0..2_500_000_u32).map(|number| number.to_le_bytes()[0]).collect();
    let files =
        [("storewalk.sqlite", long), ("outbox.mirror", Vec::new()), ("photos/a-original.jpg", vec![9; 1024 * 1024])];
    fs::create_dir_all(dir.join("photos")).expect("made");
    for (name, bytes) in &files {
        fs::write(dir.join(name), bytes).expect("written");
    }
    fs::write(dir.join("keep.me"), b"the phone's own").expect("written");
    files.into_iter().map(|(name, bytes)| (name.to_owned(), bytes)).collect()
}

fn found(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let names = ["storewalk.sqlite", "outbox.mirror", "photos/a-original.jpg"];
    names.iter().filter_map(|name| Some(((*name).to_owned(), fs::read(dir.join(name)).ok()?))).collect()
}

#[test]
fn files_come_back_byte_for_byte() {
    let dir = tempfile::tempdir().expect("a folder");
    let files = lived_in(dir.path());
    park(dir.path(), &who(), &KEY, Uuid::from_u128(1)).expect("parked");
    assert!(found(dir.path()).is_empty() && dir.path().join("keep.me").exists());
    assert!(matches!(lay_ready(dir.path(), who().device_id, &[8; 32]), Err(ClientError::ParkedUnreadable)));
    assert_eq!(parked(dir.path(), " LIWEN"), Some(who()));
    assert_eq!(parked(dir.path(), "wangqiang"), None);
    lay_ready(dir.path(), who().device_id, &KEY).expect("opened");
    take_over(dir.path(), who().device_id).expect("taken over");
    assert_eq!(found(dir.path()), files);
    assert_eq!(parked_count(dir.path()), 0);
}

#[test]
fn a_kill_at_any_step_leaves_the_data_either_open_or_parked() {
    // Everything a parking or unparking does is one of these steps; `kill_after` of them happen.
    for kill_after in 0..8 {
        let dir = tempfile::tempdir().expect("a folder");
        let files = lived_in(dir.path());
        let (people, id) = (dir.path().join(PEOPLE), who().device_id.to_string());
        let elsewhere = tempfile::tempdir().expect("a folder");
        lived_in(elsewhere.path());
        park(elsewhere.path(), &who(), &KEY, Uuid::from_u128(1)).expect("parked");
        let sealed = elsewhere.path().join(PEOPLE).join(&id);
        let note = |text: &str| fs::write(dir.path().join("storewalk.moving"), text).expect("written");
        let quoted = format!("\"{id}\"");
        let mut is_open = true;
        fs::create_dir_all(&people).expect("made");
        match kill_after {
            0 => {}
            // Sealing was cut short.
            1 => fs::create_dir_all(people.join(format!("{id}.parking"))).expect("made"),
            2 => {
                fs::rename(&sealed, people.join(format!("{id}.parking"))).expect("moved");
                note(&format!("{{\"parked\":{quoted}}}"));
            }
            3 | 4 => {
                fs::rename(&sealed, people.join(&id)).expect("moved");
                note(&format!("{{\"parked\":{quoted}}}"));
                if kill_after == 4 {
                    fs::remove_file(dir.path().join("outbox.mirror")).expect("removed");
                }
                is_open = false;
            }
            // Opening was cut short.
            5 => {
                clear(dir.path()).expect("cleared");
                fs::rename(&sealed, people.join(&id)).expect("moved");
                fs::create_dir_all(people.join(format!("{id}.opened/photos"))).expect("made");
                is_open = false;
            }
            _ => {
                clear(dir.path()).expect("cleared");
                fs::rename(&sealed, people.join(&id)).expect("moved");
                lay_ready(dir.path(), who().device_id, &KEY).expect("opened");
                note(&format!("{{\"opened\":{quoted}}}"));
                if kill_after == 7 {
                    let ready = people.join(format!("{id}.opened/storewalk.sqlite"));
                    fs::rename(ready, dir.path().join("storewalk.sqlite")).expect("moved");
                }
            }
        }
        settle(dir.path()).expect("settled");
        settle(dir.path()).expect("settled again");
        if is_open {
            assert_eq!((found(dir.path()), parked_count(dir.path())), (files, 0), "killed after {kill_after}");
        } else {
            assert!(found(dir.path()).is_empty(), "killed after {kill_after}");
            lay_ready(dir.path(), who().device_id, &KEY).expect("opened");
            take_over(dir.path(), who().device_id).expect("taken over");
            assert_eq!(found(dir.path()), files, "killed after {kill_after}");
        }
        assert!(!dir.path().join("storewalk.moving").exists());
    }
}

#[test]
fn pieces_that_were_swapped_cut_or_changed_do_not_open() {
    let dir = tempfile::tempdir().expect("a folder");
    let (plain, sealed, opened) = (dir.path().join("a"), dir.path().join("b"), dir.path().join("c"));
    fs::write(&plain, vec![3; 2 * 1024 * 1024 + 5]).expect("written");
    seal::seal(&plain, &sealed, "x", &KEY).expect("sealed");
    seal::open(&sealed, &opened, "x", &KEY).expect("opened");
    assert_eq!(fs::read(&opened).expect("read"), fs::read(&plain).expect("read"));
    assert!(seal::open(&sealed, &opened, "y", &KEY).is_err(), "another file's name");
    let whole = fs::read(&sealed).expect("read");
    let piece = 4 + 24 + 1024 * 1024 + 16;
    let mut swapped = whole.clone();
    swapped[10..10 + piece].copy_from_slice(&whole[10 + piece..10 + 2 * piece]);
    let mut changed = whole.clone();
    changed[500] ^= 1;
    for bad in [&swapped[..], &changed, &whole[..10 + 2 * piece], &whole[..whole.len() - 1], &whole[..5], b""] {
        fs::write(&sealed, bad).expect("written");
        assert!(seal::open(&sealed, &opened, "x", &KEY).is_err());
    }
}
