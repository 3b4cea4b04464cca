//! A server put back from yesterday's backup, and a phone that was copied: real phone cores, real HTTP, real files.
//!
//! What must hold: every command of the last 24 hours comes back from the phones, once; photos too; nobody's order number
//! is refused; a copied phone and the one it was copied from both work on.

use std::{fs, sync::Arc};

use anyhow::Context;
use rstest::rstest;
use storewalk_domain::{
    ids::OrderId,
    order::Order,
    photo::Photo,
    sync::{Row, Table},
    time::HOUR_MS,
};
use storewalk_server::{clock::RandomIds, life};
use storewalk_tests::{
    field::{DayClock, Handset, House, copy_folder, load_world, pictures},
    world,
};

/// How the operator puts the backup back.
#[derive(Clone, Copy, PartialEq, Debug)]
enum PutBack {
    /// The database alone, into the folder it came from: the server finds out by itself.
    Database,
    /// The whole folder, photos and all: the operator says so.
    Folder,
}

#[rstest]
#[case(PutBack::Database)]
#[case(PutBack::Folder)]
#[tokio::test]
async fn all_work_of_the_last_day_comes_back_once_after_yesterdays_backup(
    #[case] put_back: PutBack,
) -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let (data, backup) = (dir.path().join("data"), dir.path().join("backup"));
    let clock = Arc::new(DayClock::at("2025-03-14T08:00"));
    let server = House::start(&data, &clock).await?;
    load_world(&server.state).await?;
    let mut li = Handset::new("liwen", dir.path().join("li"), &server.url, &clock).await?;
    let mut wang = Handset::new("wangqiang", dir.path().join("wang"), &server.url, &clock).await?;
    let shelf = pictures()?;
    li.work(world::outlet("S0101"), 6)?;
    wang.work(world::outlet("S0107"), 6)?;
    let visit = li.enter("S0101")?;
    li.photograph(visit, 0, &shelf[0])?;
    li.sync().await?;
    wang.sync().await?;
    assert_eq!(li.phone.upload_photos().await.expect("sent").originals, 1);
    server.stop().await?;
    copy_folder(&data, &backup)?;

    // The day after: more work, a new phone, an order, a photo; everything is acknowledged.
    clock.pass_ms(24 * HOUR_MS);
    let server = House::start(&data, &clock).await?;
    li.move_to(&server.url)?;
    wang.move_to(&server.url)?;
    li.work(world::outlet("S0102"), 12)?;
    wang.work(world::outlet("S0107"), 12)?;
    li.photograph(visit, 1, &shelf[1])?;
    li.sync().await?;
    wang.sync().await?;
    assert_eq!(li.phone.upload_photos().await.expect("sent").originals, 1);
    let mut buyer = Handset::new("jiangbei", dir.path().join("buyer"), &server.url, &clock).await?;
    let (order, number) = buyer.order()?;
    buyer.sync().await?;
    li.sync().await?;
    let receipt = li.phone.receipt(li.recorded[20].row()).expect("read").expect("a receipt from before");
    let tasks = server.rows(Table::Tasks).await?.len();
    let mut before = Vec::new();
    for handset in [&li, &wang] {
        for command in &handset.recorded {
            before.push(server.stored(world::user(handset.login), *command).await?.context("worked through")?.verdict);
        }
    }
    server.stop().await?;

    match put_back {
        PutBack::Database => {
            for suffix in ["", "-wal", "-shm"] {
                fs::remove_file(data.join(format!("storewalk.sqlite{suffix}"))).ok();
            }
            fs::copy(backup.join("storewalk.sqlite"), data.join("storewalk.sqlite")).expect("put back");
        }
        PutBack::Folder => {
            fs::remove_dir_all(&data).expect("gone");
            copy_folder(&backup, &data)?;
        }
    }
    let server = House::start(&data, &clock).await?;
    if put_back == PutBack::Folder {
        life::restore(server.state.store.as_ref(), &data, &RandomIds).expect("said");
    }
    assert!(server.rows(Table::Tasks).await?.len() < tasks, "the backup lacks a day");
    assert!(server.stored(world::user("liwen"), *li.recorded.last().expect("work")).await?.is_none());

    // Somebody enrols before the phones are back: nobody's number is given away.
    let newcomer = Handset::new("nanan", dir.path().join("newcomer"), &server.url, &clock).await?;
    clock.pass_ms(2 * HOUR_MS);
    for handset in [&mut li, &mut wang, &mut buyer] {
        let number = handset.phone.session().expect("read").expect("signed in before").device_number;
        handset.move_to(&server.url)?;
        handset.sign_in().await?;
        handset.sync().await?;
        handset.sync().await?;
        let session = handset.phone.session().expect("read").expect("signed in");
        assert_eq!(session.device_number, number, "{}", handset.login);
        assert_eq!(handset.phone.status().expect("status").unsent_commands, 0);
    }
    let newest = newcomer.phone.session().expect("read").expect("signed in").device_number;
    assert!(newest > 3, "{newest}");

    let mut after = Vec::new();
    for handset in [&li, &wang] {
        for command in &handset.recorded {
            after.push(server.stored(world::user(handset.login), *command).await?.context("back")?.verdict);
        }
    }
    assert_eq!(after, before, "every command is back, with the same answer");
    assert_eq!(server.rows(Table::Tasks).await?.len(), tasks, "and none was done twice");
    let orders = server.rows(Table::Orders).await?;
    assert!(
        orders
            .iter()
            .any(|row| matches!(row, Row::Order(Order { id, number: found, .. }) if *id == order && *found == number)),
        "{orders:?}"
    );
    let held = li.phone.upload_photos().await.expect("sent");
    let whole = fs::metadata(&shelf[1]).expect("a picture").len();
    match put_back {
        PutBack::Database => assert_eq!(held.bytes_sent, 0, "the bytes are still there and are taken up again"),
        PutBack::Folder => assert!(held.bytes_sent >= whole, "the bytes are sent again: {held:?}"),
    }
    let photos = server.rows(Table::Photos).await?;
    assert!(photos.iter().all(|row| matches!(row, Row::Photo(Photo { received_at: Some(_), .. }))), "{photos:?}");
    let again = li.phone.receipt(li.recorded[20].row()).expect("read").expect("a receipt");
    assert_eq!(again.line, receipt.line, "it says the same of the same bytes");
    assert!(again.is_trusted && again.signed_at > receipt.signed_at, "signed anew, for what was signed before is over");
    server.stop().await
}

#[tokio::test]
async fn a_copied_phone_and_the_one_it_was_copied_from_both_work_on() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let clock = Arc::new(DayClock::at("2025-03-14T08:00"));
    let server = House::start(&dir.path().join("data"), &clock).await?;
    load_world(&server.state).await?;
    let first = Handset::new("jiangbei", dir.path().join("first"), &server.url, &clock).await?;
    let (common, _) = first.order()?;
    first.sync().await?;
    // Unsent when it is copied: both have it, it is done once.
    let (unsent, unsent_number) = first.order()?;
    first.phone.pause();
    copy_folder(&dir.path().join("first"), &dir.path().join("second"))?;
    first.phone.resume().expect("resumed");
    let second = Handset::open("jiangbei", dir.path().join("second"), &server.url, &clock)?;

    let (of_first, first_number) = first.order()?;
    first.sync().await?;
    let (of_second, clashing) = second.order()?;
    assert_eq!(clashing, first_number, "the copy gave the same number");
    second.sync().await?;
    let session = |handset: &Handset| handset.phone.session().expect("read").expect("signed in");
    assert_ne!(session(&first).device_id, session(&second).device_id);
    assert_ne!(session(&first).device_number, session(&second).device_number);
    let (also_first, _) = first.order()?;
    let (also_second, _) = second.order()?;
    for _ in 0..2 {
        first.sync().await?;
        second.sync().await?;
    }
    let orders = server.rows(Table::Orders).await?;
    let mut found: Vec<(OrderId, String)> = orders
        .into_iter()
        .filter_map(|row| match row {
            Row::Order(order) => Some((order.id, order.number)),
            _ => None,
        })
        .collect();
    found.sort();
    let mut ids: Vec<OrderId> = found.iter().map(|(id, _)| *id).collect();
    let mut expected = vec![common, unsent, of_first, of_second, also_first, also_second];
    expected.sort();
    ids.sort();
    assert_eq!(ids, expected, "each once");
    let mut numbers: Vec<&String> = found.iter().map(|(_, number)| number).collect();
    numbers.sort();
    numbers.dedup();
    assert_eq!(numbers.len(), expected.len(), "and no number twice: {found:?}");
    let own = format!("{}-", session(&second).device_number);
    assert!(found.iter().any(|(id, number)| *id == of_second && number.starts_with(&own)), "{found:?}");
    assert!(found.iter().any(|(id, number)| *id == unsent && *number == unsent_number), "{found:?}");
    for handset in [&first, &second] {
        assert_eq!(handset.phone.status().expect("status").unsent_commands, 0);
        assert_eq!(handset.phone.receipt_health().expect("read").wanted, 0);
    }
    server.stop().await
}

#[tokio::test]
async fn a_photo_the_server_has_forgotten_goes_up_as_soon_as_it_is_told_of_it_again() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let (data, backup) = (dir.path().join("data"), dir.path().join("backup"));
    let clock = Arc::new(DayClock::at("2025-03-14T08:00"));
    let server = House::start(&data, &clock).await?;
    load_world(&server.state).await?;
    let mut li = Handset::new("liwen", dir.path().join("li"), &server.url, &clock).await?;
    server.stop().await?;
    copy_folder(&data, &backup)?;
    let server = House::start(&data, &clock).await?;
    li.move_to(&server.url)?;
    let visit = li.enter("S0101")?;
    li.photograph(visit, 0, &pictures()?[0])?;
    li.sync().await?;
    server.stop().await?;

    // The server forgets the photo's command before it has the photo's bytes; the phone asks for the photo first.
    fs::remove_dir_all(&data)?;
    copy_folder(&backup, &data)?;
    let server = House::start(&data, &clock).await?;
    life::restore(server.state.store.as_ref(), &data, &RandomIds)?;
    li.move_to(&server.url)?;
    let early = li.phone.upload_photos().await?;
    assert_eq!((early.originals, early.refused), (0, 2), "{early:?}");
    li.sync().await?;
    let report = li.phone.upload_photos().await?;
    assert_eq!((report.originals, report.thumbnails), (1, 1), "at once, not in some hours: {report:?}");
    server.stop().await
}
