//! What photos look like once their bytes are here: what phones compare with, and the signals that follow.

use std::path::PathBuf;

use serde_json::Value;
use storewalk_domain::{
    ids::PhotoId,
    photo::{Print, Seen, SignalKind},
    sync::{Command, StateExt},
    time::DAY_MS,
};
use storewalk_photo::{Settings, Watch, examine};
use storewalk_server::{service::arrived::look_at_arrived, store::StoreError};
use storewalk_wire::CommandVerdict;

use crate::{
    fixture::{self, attach_photo, fresh, start_visit},
    phone::{Phone, rows},
    uploads::Shot,
    world::World,
};

fn shelf(name: &str) -> Vec<u8> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/photos/shelf");
    std::fs::read(folder.join(format!("{name}.jpg"))).expect("the photos are part of the repository")
}

/// The photo seen in a mirror, compressed again.
fn mirrored(bytes: &[u8]) -> Vec<u8> {
    let mut file = std::io::Cursor::new(Vec::new());
    let picture = image::load_from_memory(bytes).expect("a picture").fliph();
    picture.write_to(&mut file, image::ImageFormat::Jpeg).expect("written");
    file.into_inner()
}

/// A photo that a rep takes in an outlet and whose bytes arrive and are looked at.
async fn delivered(world: &World, login: &str, outlet: u128, bytes: Vec<u8>) -> Shot {
    delivered_as(world, login, outlet, bytes, None).await
}

/// The same with what the phone says of it.
async fn delivered_as(world: &World, login: &str, outlet: u128, bytes: Vec<u8>, seen: Option<Seen>) -> Shot {
    let mut phone = Phone::of(world, login).await;
    let (visit, photo) = (fresh(), fresh());
    assert_eq!(phone.command(world, start_visit(visit, outlet)).await, CommandVerdict::Applied);
    let mut attach = attach_photo(photo, visit, &bytes);
    if let Command::AttachPhoto(args) = &mut attach {
        args.seen = seen;
    }
    assert_eq!(phone.command(world, attach).await, CommandVerdict::Applied);
    let shot = Shot { phone, photo, bytes };
    shot.deliver(world).await;
    look_at_arrived(&world.state).await;
    shot
}

async fn row(world: &World, shot: &Shot) -> storewalk_domain::photo::Photo {
    let id = PhotoId(shot.photo);
    let found = world.state.store.read::<_, StoreError>(move |snapshot| Ok(snapshot.get(id.row())?));
    found.await.expect("read").expect("there")
}

async fn signals(world: &World, shot: &Shot) -> Vec<SignalKind> {
    row(world, shot).await.signals().map(|signal| signal.kind).collect()
}

async fn matches(world: &World, shot: &Shot) -> Vec<(PhotoId, bool, bool)> {
    let id = PhotoId(shot.photo);
    let found = world.state.store.read::<_, StoreError>(move |snapshot| snapshot.matches_of(id)).await.expect("read");
    found.into_iter().map(|found| (found.other_id, found.is_turned, found.is_same_bytes)).collect()
}

#[tokio::test]
async fn d9_a_mirrored_copy_of_a_colleagues_photo_is_caught_and_an_honest_photo_is_not() {
    let world = World::new().await;
    let photo = shelf("oatly-natural-oatghurt_018");
    let theirs = delivered(&world, "rep2", 2, photo.clone()).await;
    let copy = delivered(&world, "rep1", 1, mirrored(&photo)).await;
    let honest = delivered(&world, "rep1", 1, shelf("tropicana-juice-smooth_018")).await;
    assert_eq!(signals(&world, &theirs).await, []);
    assert_eq!(signals(&world, &copy).await, [SignalKind::NearDuplicate]);
    assert_eq!(signals(&world, &honest).await, []);
    assert_eq!(matches(&world, &copy).await, [(PhotoId(theirs.photo), true, false)]);
    let signal = row(&world, &copy).await.signals.expect("one").remove(0);
    assert_eq!((signal.params["outlet"].as_str(), signal.params["date"].as_str()), ("S2 Shop 2", "2025-03-14"));
}

/// What a phone says that a photo looks like.
fn described(bytes: &[u8]) -> Seen {
    let mut go_on = |_| std::ops::ControlFlow::Continue(());
    let seen = examine(bytes, &Settings::default(), &mut Watch::new(&mut go_on)).expect("a photo").middle;
    let print = Print { short: format!("{:016x}", seen.short[0]), pdq: seen.pdq[0].to_string(), quality: seen.quality };
    Seen { print: Some(print), ..Seen::default() }
}

#[tokio::test]
async fn what_an_honest_phone_says_of_a_photo_is_what_the_server_sees_and_what_phones_compare_with() {
    let world = World::new().await;
    let (bytes, other) = (shelf("alpro-shelf-soy-milk_020"), shelf("yoggi-strawberry-yoghurt_021"));
    let seen = described(&bytes);
    let honest = delivered_as(&world, "rep1", 1, bytes.clone(), Some(seen.clone())).await;
    let forged = delivered_as(&world, "rep1", 1, other, Some(seen.clone())).await;
    assert_eq!(signals(&world, &honest).await, []);
    assert_eq!(signals(&world, &forged).await, [SignalKind::OtherPicture]);
    let response = Phone::of(&world, "rep1").await.sync(&world, vec![]).await;
    let prints = rows(&response, "shelf_prints")[0]["prints"].clone();
    let told = Value::from(seen.print.expect("described").pdq);
    assert!(prints.as_array().expect("a list").contains(&told), "a phone finds its own photo among them");
}

/// The small picture that a phone makes of a photo.
fn small(bytes: &[u8]) -> Vec<u8> {
    let mut go_on = |_| std::ops::ControlFlow::Continue(());
    examine(bytes, &Settings::default(), &mut Watch::new(&mut go_on)).expect("a photo").thumbnail
}

/// Sends a photo's small picture, which is looked at.
async fn with_small(world: &World, shot: &Shot, bytes: Vec<u8>) {
    assert_eq!(shot.create(world, "thumbnail", &bytes).await.status, 201);
    assert_eq!(shot.append(world, "thumbnail", 0, bytes).await.status, 204);
    look_at_arrived(&world.state).await;
}

#[tokio::test]
async fn a_small_picture_of_another_scene_gets_the_photo_a_signal_whichever_came_first() {
    let world = World::new().await;
    let later = delivered(&world, "rep1", 1, shelf("oatly-natural-oatghurt_018")).await;
    assert_eq!(signals(&world, &later).await, []);
    with_small(&world, &later, small(&shelf("tropicana-juice-smooth_018"))).await;
    assert_eq!(signals(&world, &later).await, [SignalKind::OtherPicture]);
    let before = Shot::of(&world, shelf("yoggi-strawberry-yoghurt_021")).await;
    with_small(&world, &before, small(&shelf("arla-sour-cream_003"))).await;
    assert_eq!(signals(&world, &before).await, []);
    before.deliver(&world).await;
    look_at_arrived(&world.state).await;
    assert_eq!(signals(&world, &before).await, [SignalKind::OtherPicture]);
}

#[tokio::test]
async fn the_small_picture_of_an_honest_phone_is_no_signal_whatever_the_photo() {
    let world = World::new().await;
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/photos/shelf");
    let photos = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let photos: Vec<PathBuf> = photos.filter(|path| path.extension().is_some_and(|ending| ending == "jpg")).collect();
    assert!(photos.len() > 5, "{photos:?}");
    let (mut phone, visit) = (Phone::of(&world, "rep1").await, fresh());
    assert_eq!(phone.command(&world, start_visit(visit, 1)).await, CommandVerdict::Applied);
    for path in photos {
        let bytes = std::fs::read(&path).expect("a photo");
        let (photo, thumbnail) = (fresh(), small(&bytes));
        assert_eq!(phone.command(&world, attach_photo(photo, visit, &bytes)).await, CommandVerdict::Applied);
        let shot = Shot { phone, photo, bytes };
        with_small(&world, &shot, thumbnail).await;
        shot.deliver(&world).await;
        look_at_arrived(&world.state).await;
        let kinds = signals(&world, &shot).await;
        assert!(!kinds.contains(&SignalKind::OtherPicture), "{} {kinds:?}", path.display());
        phone = shot.phone;
    }
}

/// A screen held askew, its pixels three samples apart.
fn screen() -> Vec<u8> {
    let picture = image::GrayImage::from_fn(1_200, 900, |x, y| {
        let is_lit = |phase: u32| u8::from(phase % 31 < 15) * 70;
        image::Luma([60 + is_lit(10 * x + 2 * y) + is_lit(10 * y + 31_000 - 2 * x)])
    });
    let mut file = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut file, image::ImageFormat::Jpeg).expect("written");
    file.into_inner()
}

#[tokio::test]
async fn a_photo_of_a_screen_gets_its_signal_even_if_the_phone_did_not_say_so() {
    let world = World::new().await;
    let shot = delivered(&world, "rep1", 1, screen()).await;
    assert_eq!(signals(&world, &shot).await, [SignalKind::Reshot]);
    let period = row(&world, &shot).await.signals.expect("one").remove(0).params["period"].clone();
    assert!(["3.0", "3.1"].contains(&period.as_str()), "{period}");
}

#[tokio::test]
async fn the_same_file_under_another_name_is_told_as_such() {
    let world = World::new().await;
    let photo = shelf("arla-sour-cream_003");
    let first = delivered(&world, "rep1", 1, photo.clone()).await;
    let again = delivered(&world, "rep2", 2, photo).await;
    assert_eq!(signals(&world, &again).await, [SignalKind::SameBytes]);
    assert_eq!(matches(&world, &again).await, [(PhotoId(first.photo), false, true)]);
}

#[tokio::test]
async fn phones_of_the_region_learn_outlet_day_and_hashes_and_nothing_else() {
    let world = World::new().await;
    let theirs = delivered(&world, "rep2", 2, shelf("bravo-orange-juice_008")).await;
    let mut colleague = Phone::of(&world, "rep1").await;
    let response = colleague.sync(&world, vec![]).await;
    let days = rows(&response, "shelf_prints");
    let [day] = days.as_slice() else { panic!("{days:?}") };
    let names: Vec<&String> = day.as_object().expect("a row").keys().collect();
    assert_eq!(names, ["id", "outlet_id", "outlet_code", "outlet_name", "taken_on", "territories", "prints"]);
    assert_eq!((&day["outlet_code"], &day["taken_on"]), (&Value::from("S2"), &Value::from("2025-03-14")));
    let text = day.to_string();
    assert!(!text.contains(&theirs.photo.to_string()) && !text.contains(&fixture::rep(2).to_string()));
    assert!(rows(&response, "photos").is_empty(), "the photo itself is not for them");
}

#[tokio::test]
async fn after_ninety_days_phones_are_told_to_forget() {
    let world = World::new().await;
    delivered(&world, "rep1", 1, shelf("arla-standard-milk_004")).await;
    let mut phone = Phone::of(&world, "rep1").await;
    assert_eq!(rows(&phone.sync(&world, vec![]).await, "shelf_prints").len(), 1);
    world.clock.advance(91 * DAY_MS);
    delivered(&world, "rep2", 2, shelf("alpro-fresh-soy-milk_002")).await;
    let mut fresh_phone = Phone::of(&world, "rep1").await;
    let held = fresh_phone.sync(&world, vec![]).await;
    // The photo that came so late is itself too old to be compared with.
    assert!(rows(&held, "shelf_prints").is_empty());
}
