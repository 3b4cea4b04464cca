//! What is to be covered in copies of photos: marked, gone through, and handed out.

use std::io::Cursor;

use axum::http::StatusCode;
use image::{GrayImage, Luma};
use storewalk_domain::{ids::PhotoId, problem::ProblemCode};

use super::exports::{Taken, export};
use crate::console::fixtures::*;

fn address(photo: PhotoId) -> String {
    format!("/console/photos/{photo}/people")
}

/// Sends the form of a page as it was opened, with what was drawn.
async fn mark(bench: &mut Bench, place: &str, seen: &str, areas: &str, said: &str) -> Reply {
    let token = bench.get("/console/review").await.field("", "form_token");
    let fields = [("form_token", &*token), ("seen", seen), ("areas", areas), ("said", said)];
    bench.post(place, &fields).await
}

/// Even grey with black and white squares of 4 pixels everywhere: whatever is not covered stands out.
fn squares() -> Vec<u8> {
    let picture = GrayImage::from_fn(400, 300, |x, y| Luma([if (x / 4 + y / 4).is_multiple_of(2) { 16 } else { 240 }]));
    let mut file = Cursor::new(Vec::new());
    picture.write_to(&mut file, image::ImageFormat::Jpeg).expect("memory");
    file.into_inner()
}

/// How many of a hundred pixels in a part of a picture stand out; in percent of its measures.
fn standing_out(file: &[u8], (left, top): (u32, u32), (right, bottom): (u32, u32)) -> u32 {
    let picture = image::load_from_memory(file).expect("a picture").to_luma8();
    let (width, height) = picture.dimensions();
    let (mut odd, mut all) = (0, 0);
    for y in height * top / 100..height * bottom / 100 {
        for x in width * left / 100..width * right / 100 {
            all += 1;
            odd += u32::from(picture.get_pixel(x, y).0[0].abs_diff(128) > 60);
        }
    }
    odd * 100 / all
}

#[tokio::test]
async fn a_supervisor_marks_people_and_everything_that_was_said_is_kept() {
    let mut bench = Bench::signed_in().await;
    let place = address(WAITING_PHOTO);
    let page = bench.get(&place).await.body;
    assert!(page.contains("Not looked at for people") && page.contains("name=\"seen\" value=\"0\""));
    let saved = mark(&mut bench, &place, "0", "10 20.5 30 40\r\n0 0 5 5", "areas").await;
    assert_eq!(
        (saved.status, &*saved.location),
        (StatusCode::SEE_OTHER, &*format!("/console/photos/{WAITING_PHOTO}#people"))
    );
    let page = bench.get(&place).await.body;
    assert!(
        page.contains("2 areas to cover") && page.contains("10 20.5 30 40\n0 0 5 5") && page.contains("Said by 赵敏")
    );
    // The same form once more, as an impatient finger sends it, is the same version.
    assert_eq!(mark(&mut bench, &place, "0", "10 20.5 30 40\n0 0 5 5", "areas").await.status, StatusCode::SEE_OTHER);
    assert!(bench.get(&place).await.body.contains("name=\"seen\" value=\"1\""));
    assert_eq!(mark(&mut bench, &place, "1", " ", "nobody").await.status, StatusCode::SEE_OTHER);
    let page = bench.get(&place).await.body;
    for text in ["Version 2 · 赵敏", "Nobody can be recognised", "Version 1 · 赵敏", "2 areas to cover"] {
        assert!(page.contains(text), "{text} is missing");
    }
    let covers = bench.state.store.read(|snapshot| snapshot.covers(WAITING_PHOTO)).await.expect("read");
    assert_eq!(covers.iter().map(|cover| (cover.version, cover.areas.len())).collect::<Vec<_>>(), [(2, 0), (1, 2)]);
    bench.read_in("zh-Hans");
    let page = bench.get(&place).await.body;
    for text in ["遮盖人物", "无人可辨认", "第 1 版", "2 处要遮盖", "赵敏于 2025-03-14 10:30 标记。"]
    {
        assert!(page.contains(text), "{text} is missing");
    }
}

#[tokio::test]
async fn the_later_of_two_supervisors_is_told_and_nothing_of_theirs_is_kept() {
    let mut bench = Bench::signed_in().await;
    let place = address(WAITING_PHOTO);
    mark(&mut bench, &place, "0", "10 10 10 10", "areas").await;
    bench.change_to("second").await;
    let late = mark(&mut bench, &place, "0", "", "nobody").await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(late.body.contains(ProblemCode::CoverMarkedMeanwhile.as_str()) && late.body.contains(&*place));
    bench.read_in("zh-Hans");
    let late = mark(&mut bench, &place, "0", "", "nobody").await;
    assert!(late.body.contains("另一位主管已保存了这张照片的遮盖标记"), "{}", late.body);
    let covers = bench.state.store.read(|snapshot| snapshot.covers(WAITING_PHOTO)).await.expect("read");
    assert_eq!((covers.len(), covers[0].marked_by), (1, SUPERVISOR));
}

#[tokio::test]
async fn what_cannot_be_kept_is_refused_with_what_to_do_and_nothing_is_kept() {
    let mut bench = Bench::signed_in().await;
    let place = address(WAITING_PHOTO);
    let many = "1 1 1 1\n".repeat(41);
    for (areas, said, status, code) in [
        ("", "areas", 422, "cover_unsaid"),
        ("1 1 1 1", "nobody", 422, "cover_unsaid"),
        ("90 0 10.01 10", "areas", 422, "cover_areas_invalid"),
        ("0 0 0.49 10", "areas", 422, "cover_areas_invalid"),
        (&*many, "areas", 422, "cover_areas_invalid"),
        ("left", "areas", 400, "areas"),
        ("1 1 1 1", "perhaps", 400, "said"),
    ] {
        let answer = mark(&mut bench, &place, "0", areas, said).await;
        assert_eq!(answer.status.as_u16(), status, "{areas} {said}");
        assert!(answer.body.contains(code), "{code}");
    }
    assert_eq!(mark(&mut bench, &place, "first", "1 1 1 1", "areas").await.status, StatusCode::BAD_REQUEST);
    let stale = [("form_token", "made up"), ("seen", "0"), ("areas", "1 1 9 9"), ("said", "areas")];
    assert_eq!(bench.post(&place, &stale).await.status, StatusCode::FORBIDDEN);
    let elsewhere = bench.post_from("https://evil.example", &place, &stale).await;
    assert_eq!(elsewhere.status, StatusCode::FORBIDDEN);
    let pending = mark(&mut bench, &address(PENDING_PHOTO), "0", "1 1 9 9", "areas").await;
    assert_eq!(pending.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(pending.body.contains("photo_not_received"));
    assert!(bench.get(&address(PENDING_PHOTO)).await.body.contains("The photo is not here"));
    for photo in [WAITING_PHOTO, PENDING_PHOTO] {
        let covers = bench.state.store.read(move |snapshot| snapshot.covers(photo)).await.expect("read");
        assert_eq!(covers, []);
    }
}

#[tokio::test]
async fn nobody_marks_or_sees_photos_of_another_region() {
    let mut bench = Bench::signed_in().await;
    bench.receive(FOREIGN_PHOTO, &squares(), 1).await;
    let place = address(FOREIGN_PHOTO);
    assert_eq!(mark(&mut bench, &place, "0", "", "nobody").await.status, StatusCode::NOT_FOUND);
    for page in ["people", "upright", "covered"] {
        let answer = bench.get(&format!("/console/photos/{FOREIGN_PHOTO}/{page}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{page}");
    }
    for (saved, is_told) in [(FOREIGN_PHOTO, false), (RETAKE, true)] {
        let page = bench.get(&format!("{}?saved={saved}", address(WAITING_PHOTO))).await.body;
        assert_eq!(page.contains("Saved:"), is_told, "{saved}");
    }
    let token = bench.get("/console/review").await.field("", "form_token");
    let fields = [("form_token", &*token), ("copies", "originals")];
    let answer = bench.post(&format!("/console/photos/{FOREIGN_PHOTO}/export"), &fields).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    let covers = bench.state.store.read(|snapshot| snapshot.covers(FOREIGN_PHOTO)).await.expect("read");
    assert_eq!(covers, []);
}

#[tokio::test]
async fn a_choice_is_gone_through_photo_by_photo_until_none_is_left() {
    let mut bench = Bench::signed_in().await;
    for photo in [WAITING_PHOTO, RETAKE] {
        bench.receive(photo, &squares(), 1).await;
    }
    let wall = bench.get("/console/photos").await.body;
    assert!(wall.contains("Looked at for people: 0. Not yet: 2.") && wall.contains("href=\"/console/photos/people\""));
    let mut here = bench.get("/console/photos/people?state=waiting").await.location;
    let mut gone_through = Vec::new();
    while here.contains("/people?") {
        let page = bench.get(&here).await;
        assert_eq!(page.status, StatusCode::OK, "{here}");
        let left = 1 - gone_through.len();
        assert!(page.body.contains(&format!("{left} more to look at")), "{here}");
        assert_eq!(page.body.contains("Save and next"), left > 0);
        gone_through.push(here.clone());
        let saved = mark(&mut bench, &here, "0", "", "nobody").await;
        here = saved.location;
        assert!(gone_through.len() < 3, "it ends: {here}");
    }
    assert_eq!((gone_through.len(), &*here), (2, "/console/photos?state=waiting#export"));
    let wall = bench.get("/console/photos?state=waiting").await.body;
    assert!(wall.contains("Looked at for people: 2.") && !wall.contains("Not yet:"));
    assert_eq!(bench.get("/console/photos/people?state=waiting").await.location, "/console/photos?state=waiting");
    let marked = bench.get("/console/photos?people=marked").await.body;
    assert!(
        marked.contains("2 of 2 photos")
            && bench.get("/console/photos?people=open").await.body.contains("No photo matches")
    );
}

#[tokio::test]
async fn without_anything_that_finds_faces_marked_photos_go_covered_and_the_others_stay() {
    let mut bench = Bench::signed_in().await;
    for photo in [WAITING_PHOTO, RETAKE] {
        bench.receive(photo, &squares(), 1).await;
    }
    let before = export(&mut bench, "waiting", "covered").await;
    assert_eq!(before.files.len(), 0);
    assert_eq!(before.line(WAITING_PHOTO)[1], "not exported: nobody has marked people in it");
    mark(&mut bench, &address(WAITING_PHOTO), "0", "50 0 50 50", "areas").await;
    let taken = export(&mut bench, "waiting", "covered").await;
    let [(name, copy)] = taken.files.as_slice() else { panic!("one file") };
    let line = taken.line(WAITING_PHOTO);
    assert_eq!([&*line[0], &line[1], &line[3], &line[4], &line[5]], [name, "exported", "yes", "1", ""]);
    assert_eq!(taken.line(RETAKE)[1], "not exported: nobody has marked people in it");
    let (inside, outside) = (standing_out(copy, (51, 1), (100, 49)), standing_out(copy, (0, 0), (48, 60)));
    assert!(inside < 3 && outside > 60, "{inside} % inside, {outside} % outside");
    mark(&mut bench, &address(RETAKE), "0", "", "nobody").await;
    bench.read_in("zh-Hans");
    let taken = export(&mut bench, "all", "covered").await;
    assert_eq!(taken.files.len(), 2);
    let line = taken.line(RETAKE);
    assert_eq!([&*line[1], &line[3], &line[4], &line[5]], ["已导出", "是", "0", ""]);
    let page = bench.get(&format!("/console/photos/{RETAKE}")).await.body;
    assert!(page.contains("导出，已遮盖人物") && page.contains("无人可辨认"));
    bench.state.faces = None;
    assert!(bench.get("/console/photos").await.body.contains("尚未标记人物的照片不会导出"));
}

#[tokio::test]
async fn one_photo_is_exported_from_its_page_and_its_copy_can_be_seen_before() {
    let mut bench = Bench::signed_in().await;
    let bytes = squares();
    bench.receive(WAITING_PHOTO, &bytes, 1).await;
    let page = bench.get(&format!("/console/photos/{WAITING_PHOTO}")).await;
    assert!(page.body.contains("Cover people") && !page.body.contains("See the covered copy"));
    let unmarked = bench.get(&format!("/console/photos/{WAITING_PHOTO}/covered")).await;
    assert_eq!(unmarked.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(unmarked.body.contains("cover_unmarked"));
    mark(&mut bench, &address(WAITING_PHOTO), "0", "25 25 50 50", "areas").await;
    let page = bench.get(&format!("/console/photos/{WAITING_PHOTO}")).await;
    assert!(page.body.contains("See the covered copy") && page.body.contains("class=\"area-core\""));
    let place = format!("/console/photos/{WAITING_PHOTO}/export");
    let token = page.field(&place, "form_token");
    let covered = bench.download(&place, &[("form_token", &*token), ("copies", "covered")]).await;
    let covered = Taken::read(covered);
    assert_eq!((covered.files.len(), covered.list.len()), (1, 1));
    let seen = bench.fetch(&format!("/console/photos/{WAITING_PHOTO}/covered")).await;
    assert_eq!(seen, covered.files[0].1, "what was seen is what goes out");
    assert!(standing_out(&seen, (26, 26), (74, 74)) < 3);
    let upright = bench.fetch(&format!("/console/photos/{WAITING_PHOTO}/upright")).await;
    assert!(standing_out(&upright, (26, 26), (74, 74)) > 60);
    let originals = bench.download(&place, &[("form_token", &*token), ("copies", "originals")]).await;
    assert_eq!(Taken::read(originals).files[0].1, bytes);
    let page = bench.get(&format!("/console/photos/{WAITING_PHOTO}")).await.body;
    for text in ["exported with people covered", "exported as the original", "the covered copy", "on this page"] {
        assert!(page.contains(&format!("赵敏 · 2025-03-14 10:30 · {text}")), "{text} is missing");
    }
}

#[tokio::test]
async fn a_picture_that_cannot_be_read_has_no_copy() {
    let mut bench = Bench::signed_in().await;
    bench.receive(WAITING_PHOTO, b"no picture", 1).await;
    mark(&mut bench, &address(WAITING_PHOTO), "0", "", "nobody").await;
    for copy in ["upright", "covered"] {
        let answer = bench.get(&format!("/console/photos/{WAITING_PHOTO}/{copy}")).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{copy}");
        assert!(answer.body.contains("photo_unreadable"), "{copy}");
    }
    let taken = export(&mut bench, "waiting", "covered").await;
    assert!(taken.line(WAITING_PHOTO)[1].starts_with("not exported: its picture cannot be read"));
}
