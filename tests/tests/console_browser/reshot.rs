//! Photos of a screen as a reviewer meets them: found by the server in the bytes that came, told on the wall, in the queue and
//! on the photo's page, answered by whoever took it.
//!
//! The screens are computed: shelf photos shown by even dots, three samples apart, held a little askew.

use std::io::Cursor;

use anyhow::{Context, ensure};
use image::{DynamicImage, ImageFormat, Luma, imageops::FilterType};
use sha2::{Digest, Sha256};
use storewalk_domain::{
    ids::PhotoId,
    photo::{Photo, PhotoStatus, SignalKind},
    sync::AnswerSignal,
};
use storewalk_server::{admin::load_rows, service::photo};
use storewalk_tests::{browser::Browser, world};
use storewalk_wire::{UploadRequest, Variant};

use super::{
    english_phrases, ensure_everything_has_a_name, ensure_no_sideways_scrolling,
    scene::{Scene, hex, picture},
    sign_in,
};

/// What 李雯 says.
const ANSWER: &str = "店里的灯箱广告和电子价签本来就是屏幕，陈列区没有别的角度可拍，店长可以作证";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_photo_of_a_screen_is_told_to_the_reviewer_in_both_languages_on_any_width() -> anyhow::Result<()> {
    let Some(browser) = Browser::start().await? else { return Ok(()) };
    let scene = Scene::play().await?;
    let outcome = async {
        let photos = [taken_of_a_screen(&scene, 0).await?, taken_of_a_screen(&scene, 2).await?];
        let answer = AnswerSignal { photo_id: photos[1], signal: SignalKind::Reshot, text: ANSWER.to_owned() };
        scene.act("liwen", answer).await?;
        sign_in(&browser, &scene).await?;
        browser.open(&format!("{}/console/review?rule=risk&least=1", scene.url)).await?;
        browser.press("c").await?;
        browser.element(".claim-item").await?;
        let claimed = browser.count(".claim-item").await?;
        ensure!(claimed == 1, "the one that was answered is no reason to look first: {claimed}");
        look(&browser, &scene, photos).await
    }
    .await;
    if outcome.is_err() {
        browser.screenshot("reshot-failed").await?;
    }
    browser.close().await?;
    outcome
}

/// A photo of the visit whose bytes show a screen with one of the shelf photos on it. The server has looked at it.
async fn taken_of_a_screen(scene: &Scene, number: usize) -> anyhow::Result<PhotoId> {
    let bytes = on_a_screen(&std::fs::read(picture(number)?)?)?;
    let first: Photo = scene.row(scene.photos[number].row()).await?;
    let photo = Photo {
        id: PhotoId(scene.state.new_id()),
        taken_at: first.taken_at.plus_ms(60_000),
        status: PhotoStatus::Pending,
        sha256: hex(&Sha256::digest(&bytes)),
        size_bytes: bytes.len() as u64,
        width: 1_200,
        height: 900,
        received_at: None,
        signals: None,
        ..first
    };
    load_rows(&scene.state, vec![photo.clone().into()]).await?;
    let rep = world::user("liwen");
    let account = scene.state.store.read(move |snapshot| snapshot.account(rep)).await?.context("an account")?;
    let request = UploadRequest {
        photo_id: photo.id,
        variant: Variant::Original,
        size_bytes: photo.size_bytes,
        sha256: photo.sha256,
    };
    let failed = |error| anyhow::anyhow!("{error:?}");
    let standing = photo::begin(&scene.state, &account, request).await.map_err(failed)?;
    let photo::Standing::Open(upload) = standing else { anyhow::bail!("the bytes are new") };
    std::fs::write(scene.state.blobs.incoming(photo.id, Variant::Original), bytes)?;
    photo::finish(&scene.state, upload).await.map_err(failed)?;
    scene.state.arrived.all_looked_at().await;
    let photo: Photo = scene.row(photo.id.row()).await?;
    let kinds: Vec<_> = photo.signals().map(|signal| signal.kind).collect();
    ensure!(kinds.contains(&SignalKind::Reshot), "{kinds:?}");
    Ok(photo.id)
}

/// The picture as a screen shows it to a camera.
fn on_a_screen(file: &[u8]) -> anyhow::Result<Vec<u8>> {
    let shown = image::load_from_memory(file)?.resize_to_fill(1_200, 900, FilterType::CatmullRom).into_luma8();
    let seen = image::GrayImage::from_fn(1_200, 900, |x, y| {
        let is_lit = |phase: u32| u16::from(phase % 31 < 15) * 70;
        let grid = 60 + is_lit(10 * x + 2 * y) + is_lit(10 * y + 31_000 - 2 * x);
        let light = (3 * grid + u16::from(shown.get_pixel(x, y).0[0])) / 4;
        Luma([u8::try_from(light).unwrap_or(u8::MAX)])
    });
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::ImageLuma8(seen).write_to(&mut bytes, ImageFormat::Jpeg)?;
    Ok(bytes.into_inner())
}

/// Every page that speaks of it, in both languages, wide and narrow.
async fn look(browser: &Browser, scene: &Scene, [open, answered]: [PhotoId; 2]) -> anyhow::Result<()> {
    let name = ["Perhaps a photo of a screen or a print", "可能是翻拍"];
    let grid = ["A fine, even grid lies over the picture (a line about every 3", "画面上有均匀的细密网格（约每 3"];
    let pages = [
        ("queue", "/console/review?rule=risk&least=1".to_owned(), ".claim-item", name),
        ("open", format!("/console/photos/{open}"), "section[aria-labelledby=signals]", grid),
        ("answered", format!("/console/photos/{answered}"), "section[aria-labelledby=signals]", [ANSWER; 2]),
    ];
    let english = english_phrases()?;
    for language in 0..2 {
        for (page, path, place, wanted) in &pages {
            for width in [1_280, 390] {
                browser.pretend_screen(width, 1_000).await?;
                browser.open(&format!("{}{path}", scene.url)).await?;
                let shown = browser.text_with(place, wanted[language]).await?;
                ensure!(shown.contains(name[language]), "{page}: {shown}");
                let body = browser.text("body").await?;
                let left = english.iter().find(|phrase| language == 1 && body.contains(phrase.as_str()));
                ensure!(left.is_none(), "{page} says {left:?} in English: {body}");
                ensure_everything_has_a_name(browser, page).await?;
                ensure_no_sideways_scrolling(browser, page).await?;
                let height = browser.script("return document.documentElement.scrollHeight").await?;
                browser.pretend_screen(width, u32::try_from(height.as_u64().unwrap_or(1_000))?).await?;
                browser.screenshot(&format!("reshot-{page}-{}-{width}", ["en", "zh"][language])).await?;
            }
        }
        browser.click("form[action='/console/language'] button").await?;
        browser.element("html main").await?;
    }
    let complaints = browser.complaints().await?;
    ensure!(complaints.is_empty(), "the browser complains: {complaints:#?}");
    Ok(())
}
