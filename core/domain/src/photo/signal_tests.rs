//! Which facts make which signals.

use rstest::rstest;
use uuid::Uuid;

use crate::{
    geo::Fix,
    ids::OutletId,
    photo::{Alike, Arrival, CameraClock, Photo, Remark, Seen, SignalKind, counted_signals, is_remarkable},
    sync::AttachPhoto,
    text::Language,
    time::BusinessDate,
    visit::fixture::World,
};

fn taken(seen: Seen, fix: Option<Fix>) -> (World, Photo) {
    let mut world = World::new();
    let visit = world.start("S0101", fix).id;
    let args = AttachPhoto { seen: Some(seen), ..world.attach_args(visit, "aisle") };
    let photo = args.photo_id;
    world.run(args);
    let photo = world.photo(photo);
    (world, photo)
}

fn kinds(photo: &Photo) -> Vec<SignalKind> {
    photo.signals().map(|signal| signal.kind).collect()
}

fn alike(outlet: OutletId, taken_on: &str, bits: u32) -> Alike {
    Alike {
        outlet_id: outlet,
        outlet_code: "S0102".into(),
        outlet_name: "光谷数码".into(),
        taken_on: BusinessDate::parse(taken_on).expect("valid"),
        bits,
        is_turned: false,
    }
}

fn clock(code: &str, difference_ms: i64) -> CameraClock {
    CameraClock { code: code.into(), difference_ms }
}

#[rstest]
#[case::an_honest_photo(Seen::default(), &[])]
#[case::from_the_gallery(Seen { is_from_gallery: true, ..Seen::default() }, &[SignalKind::Gallery])]
#[case::of_five_days_ago(
    Seen { camera_clock: Some(clock("camera_time_older", -432_000_000)), ..Seen::default() },
    &[SignalKind::Clock]
)]
#[case::of_a_camera_in_another_zone(
    Seen { camera_clock: Some(clock("camera_time_other_zone", 3_600_000)), ..Seen::default() },
    &[]
)]
#[case::just_outside_the_fence(Seen { camera_distance_m: Some(250), ..Seen::default() }, &[])]
#[case::far_away(Seen { camera_distance_m: Some(251), ..Seen::default() }, &[SignalKind::Distance])]
#[case::like_a_photo_of_another_outlet(
    Seen { alike: vec![alike(World::outlet_id("S0102"), "2025-03-10", 28)], ..Seen::default() },
    &[SignalKind::NearDuplicate]
)]
#[case::with_a_grid_over_the_picture(
    Seen { advice: vec![Remark { code: "photo_reshot".into(), value_milli: 3_140, limit_milli: 8_533 }], ..Seen::default() },
    &[SignalKind::Reshot]
)]
fn facts_make_signals(#[case] seen: Seen, #[case] expected: &[SignalKind]) {
    assert_eq!(kinds(&taken(seen, None).1), expected);
}

#[test]
fn a_position_that_was_set_by_another_app_is_told_and_refuses_nothing() {
    let fix = Fix { is_mock: true, ..World::fix_north_of_s0101(10.0) };
    let (_, photo) = taken(Seen::default(), Some(fix));
    assert_eq!(kinds(&photo), [SignalKind::MockPosition]);
    assert_eq!(kinds(&taken(Seen::default(), Some(World::fix_north_of_s0101(10.0))).1), []);
}

#[test]
fn photos_of_one_shelf_are_alike_by_nature_and_worth_a_word_only_when_hardly_a_bit_differs() {
    let (here, there) = (OutletId(Uuid::from_u128(1)), OutletId(Uuid::from_u128(2)));
    let today = BusinessDate::parse("2025-03-14").expect("valid");
    assert!(is_remarkable(&alike(there, "2025-03-14", 31), here, today));
    assert!(!is_remarkable(&alike(here, "2025-03-14", 0), here, today), "a second photo of the same visit");
    assert!(!is_remarkable(&alike(here, "2025-03-07", 13), here, today), "the same shelf a week ago");
    assert!(is_remarkable(&alike(here, "2025-03-07", 12), here, today), "the same photo of a week ago");
}

#[test]
fn what_the_bytes_show_is_added_once_and_an_answer_outlives_it() {
    let near = |bits| vec![alike(World::outlet_id("S0102"), "2025-03-10", bits)];
    let (world, mut photo) = taken(Seen { alike: near(28), ..Seen::default() }, None);
    let visit = world.visit(photo.visit_id);
    for signal in photo.signals.iter_mut().flatten() {
        signal.answer = Some(crate::photo::SignalAnswer { text: "陈列一样".into(), at: world.now });
    }
    let same = Some(alike(World::outlet_id("S0102"), "2025-03-10", 0));
    let arrival = Arrival { differing_bits: Some(32), same_bytes: same, alike: near(20), ..Arrival::default() };
    let looked = photo.looked_at(&arrival, &visit, world.now);
    assert_eq!(kinds(&looked), [SignalKind::SameBytes, SignalKind::NearDuplicate, SignalKind::OtherPicture]);
    let again = looked.signals().nth(1).expect("near");
    assert_eq!((again.params["bits"].as_str(), again.answer.is_some()), ("20", true));
    assert_eq!(counted_signals(&looked), 2);
    assert_eq!(looked.clone().looked_at(&arrival, &visit, world.now), looked);
    let (_, honest) = taken(Seen::default(), None);
    let agrees = Arrival { differing_bits: Some(31), ..Arrival::default() };
    assert_eq!(honest.clone().looked_at(&agrees, &visit, world.now), honest);
}

#[test]
fn a_picture_that_was_wrongly_called_another_is_called_so_no_more_once_it_is_looked_at_anew() {
    let (world, photo) = taken(Seen { is_from_gallery: true, ..Seen::default() }, None);
    let visit = world.visit(photo.visit_id);
    let (differs, agrees) = (Some(130), Some(0));
    let arrival = |differing_bits| Arrival { differing_bits, ..Arrival::default() };
    let wrong = photo.looked_at(&arrival(differs), &visit, world.now);
    assert_eq!(kinds(&wrong), [SignalKind::Gallery, SignalKind::OtherPicture]);
    assert_eq!(
        kinds(&wrong.clone().looked_at(&arrival(None), &visit, world.now)),
        kinds(&wrong),
        "nobody knows better"
    );
    assert_eq!(kinds(&wrong.clone().looked_at(&arrival(agrees), &visit, world.now)), [SignalKind::Gallery]);
    let mut answered = wrong;
    for signal in answered.signals.iter_mut().flatten() {
        signal.answer = Some(crate::photo::SignalAnswer { text: "就是这张".into(), at: world.now });
    }
    assert_eq!(kinds(&answered.clone().looked_at(&arrival(agrees), &visit, world.now)), kinds(&answered));
}

#[test]
fn every_signal_is_explained_in_both_languages_with_its_figures_in_place() {
    let near = vec![alike(World::outlet_id("S0102"), "2025-03-10", 9)];
    let seen = Seen {
        camera_clock: Some(clock("camera_time_ahead", 93_600_000)),
        camera_distance_m: Some(5_000),
        is_from_gallery: true,
        alike: near.clone(),
        ..Seen::default()
    };
    let fix = Fix { is_mock: true, ..World::fix_north_of_s0101(10.0) };
    let (world, photo) = taken(seen, Some(fix));
    let visit = world.visit(photo.visit_id);
    let grid = vec![Remark { code: "photo_reshot".into(), value_milli: 2_700, limit_milli: 8_533 }];
    let same_bytes = near.into_iter().next();
    let arrival = Arrival { differing_bits: Some(99), same_bytes, advice: grid, ..Arrival::default() };
    let photo = photo.looked_at(&arrival, &visit, world.now);
    assert_eq!(kinds(&photo), SignalKind::ALL);
    for signal in photo.signals() {
        for language in Language::ALL {
            let sentence = signal.sentence(language);
            assert!(!sentence.is_empty() && !sentence.contains(['{', '}']), "{sentence}");
            assert!(!signal.kind.title().get(language).is_empty());
        }
    }
    let sentence = photo.signals().find(|signal| signal.kind == SignalKind::NearDuplicate).expect("near");
    assert!(sentence.sentence(Language::En).contains("S0102 光谷数码"));
}

#[test]
fn a_grid_over_the_picture_is_told_with_its_figure_once_and_can_be_answered() {
    let grid = |value_milli| vec![Remark { code: "photo_reshot".into(), value_milli, limit_milli: 8_533 }];
    let (world, photo) = taken(Seen { advice: grid(3_149), ..Seen::default() }, None);
    let signal = photo.signals().next().expect("one").clone();
    assert_eq!(
        signal.sentence(Language::ZhHans),
        "画面上有均匀的细密网格（约每 3.1 个像素一条线），翻拍屏幕或印刷品时常见，织物等也可能如此"
    );
    assert_eq!(counted_signals(&photo), 1);
    let visit = world.visit(photo.visit_id);
    let arrival = Arrival { advice: grid(3_160), ..Arrival::default() };
    let again = photo.looked_at(&arrival, &visit, signal.seen_at);
    let told: Vec<_> = again.signals().map(|signal| signal.params["period"].as_str()).collect();
    assert_eq!(told, ["3.2"], "the server's figure, and no second signal");
}
