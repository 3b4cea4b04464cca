//! Covering people: marked by mouse and by keyboard, gone through, exported, and looked at in the files that came.
//!
//! The picture is stored on its side, as a phone held upright stores it: what is marked must be covered where it was seen.

use std::io::{Cursor, Read};

use anyhow::{Context, ensure};
use fantoccini::key::Key;
use image::{GrayImage, Luma, imageops};
use sha2::{Digest, Sha256};
use storewalk_domain::{
    ids::PhotoId,
    photo::{Cover, CoverArea, Photo},
};
use storewalk_server::{
    admin::load_rows,
    store::{PhotoFile, StoreError},
};
use storewalk_tests::browser::Browser;
use storewalk_wire::Variant;
use tempfile::TempDir;

use super::{ensure_everything_has_a_name, ensure_no_sideways_scrolling, scene::Scene, sign_in};

/// Looks: even squares everywhere.
const SIZE: (u32, u32) = (400, 300);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_are_marked_by_mouse_and_by_keyboard_and_covered_in_what_is_exported() -> anyhow::Result<()> {
    let Some(browser) = Browser::start().await? else { return Ok(()) };
    // Without anything that finds faces, as a server is that nobody has set up for it.
    let scene = Scene::play_with(std::path::PathBuf::new()).await?;
    let outcome = async {
        let folder = TempDir::new()?;
        browser.download_into(folder.path()).await?;
        lay_on_its_side(&scene, scene.photos[0]).await?;
        sign_in(&browser, &scene).await?;
        browser.resize(1_280, 1_100).await?;
        mark_by_mouse(&browser, &scene).await?;
        mark_by_keyboard(&browser, &scene).await?;
        export_one(&browser, &scene, &folder).await?;
        go_through(&browser, &scene).await?;
        export_all(&browser, &scene, &folder).await?;
        let complaints = browser.complaints().await?;
        ensure!(complaints.is_empty(), "the browser complains: {complaints:#?}");
        look(&browser, &scene).await
    }
    .await;
    if outcome.is_err() {
        browser.screenshot("people-failed").await?;
    }
    browser.close().await?;
    outcome
}

/// The photo shows squares of 4 pixels, black and white, and is stored turned by a quarter.
async fn lay_on_its_side(scene: &Scene, id: PhotoId) -> anyhow::Result<()> {
    let upright =
        GrayImage::from_fn(SIZE.0, SIZE.1, |x, y| Luma([if (x / 4 + y / 4).is_multiple_of(2) { 16 } else { 240 }]));
    let mut file = Cursor::new(Vec::new());
    imageops::rotate270(&upright).write_to(&mut file, image::ImageFormat::Jpeg)?;
    let mut bytes = file.into_inner();
    // Behind the start of the image: EXIF that says "turn it by 90° clockwise".
    let mut exif = b"\xff\xe1\0\x22Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
    exif.extend([6, 0, 0, 0, 0, 0, 0, 0]);
    bytes.splice(2..2, exif);
    let sha256 = Sha256::digest(&bytes).iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
    let path = scene.state.blobs.path_of(&sha256).context("a place")?;
    std::fs::create_dir_all(path.parent().context("a folder")?)?;
    let size_bytes = bytes.len() as u64;
    std::fs::write(path, bytes)?;
    let photo: Photo = scene.row(id.row()).await?;
    let photo = Photo { width: SIZE.0, height: SIZE.1, sha256: sha256.clone(), size_bytes, ..photo };
    let file = PhotoFile {
        photo_id: id,
        variant: Variant::Original,
        sha256,
        size_bytes,
        media_type: "image/jpeg".to_owned(),
        received_at: photo.taken_at,
    };
    load_rows(&scene.state, vec![photo.into()]).await?;
    Ok(scene.state.store.write::<(), StoreError>(move |txn| txn.put_photo_file(&file)).await?)
}

/// c, a rectangle by mouse, s.
async fn mark_by_mouse(browser: &Browser, scene: &Scene) -> anyhow::Result<()> {
    let first = scene.photos[0];
    browser.open(&format!("{}/console/photos/{first}", scene.url)).await?;
    let people = browser.text("section[aria-labelledby=people]").await?;
    ensure!(people.contains("Not looked at for people") && !people.contains("See the covered copy"), "{people}");
    browser.press("c").await?;
    to_be_marked(browser).await?;
    ensure!(browser.text("#count").await? == "No area drawn.", "nothing is drawn yet");
    drag_over(browser, [0.25, 0.25, 0.75, 0.60]).await?;
    browser.text_with("#count", "Areas drawn: 1.").await?;
    browser.screenshot("people-by-mouse").await?;
    browser.press("s").await?;
    browser.element("#stage rect.area-core").await?;
    let cover = cover(scene, first).await?;
    let [area] = &cover.areas[..] else { anyhow::bail!("one area: {cover:?}") };
    let off = area.parts().iter().zip([2_500, 2_500, 5_000, 3_500]).map(|(is, wanted)| is.abs_diff(wanted)).max();
    ensure!(cover.version == 1 && off.is_some_and(|off| off < 60), "{area:?}");
    Ok(())
}

/// c, n, arrows, Shift with arrows, another n and Delete, s.
async fn mark_by_keyboard(browser: &Browser, scene: &Scene) -> anyhow::Result<()> {
    let (left, up, right, delete) =
        (char::from(Key::Left), char::from(Key::Up), char::from(Key::Right), char::from(Key::Delete));
    let (shift, free) = (char::from(Key::Shift), char::from(Key::Null));
    browser.press("c").await?;
    to_be_marked(browser).await?;
    browser.press("n").await?;
    browser.text_with("#count", "Areas drawn: 2.").await?;
    browser.press(&left.to_string().repeat(40)).await?;
    browser.press(&up.to_string().repeat(45)).await?;
    browser.press(&format!("{shift}{}{free}", left.to_string().repeat(5))).await?;
    browser.press("n").await?;
    browser.text_with("#count", "Areas drawn: 3.").await?;
    browser.press(&format!("{shift}{right}{free}{delete}")).await?;
    browser.text_with("#count", "Areas drawn: 2.").await?;
    browser.screenshot("people-by-keyboard").await?;
    browser.press("s").await?;
    browser.text_with("section[aria-labelledby=people]", "2 areas to cover").await?;
    let cover = cover(scene, scene.photos[0]).await?;
    // 40 steps to the left; as far up as the picture goes; 5 steps narrower.
    let keyed = CoverArea::try_from([0, 0, 1_500, 2_000])?;
    ensure!(cover.version == 2 && cover.areas.len() == 2 && cover.areas[1] == keyed, "{cover:?}");
    browser.screenshot("people-photo").await
}

/// The export of the photo's page brings a ZIP with one covered copy.
async fn export_one(browser: &Browser, scene: &Scene, folder: &TempDir) -> anyhow::Result<()> {
    let form = format!("form[action='/console/photos/{}/export']", scene.photos[0]);
    browser.script(&format!("document.querySelector(\"{form}\").closest('details').open = true")).await?;
    browser.click(&format!("{form} button")).await?;
    let (files, list) = unzipped(browser.downloaded(folder.path(), "zip").await?)?;
    let [copy] = &files[..] else { anyhow::bail!("one copy: {list}") };
    ensure_covered(copy)?;
    ensure!(list.contains("exported") && list.contains(",yes,2,"), "{list}");
    // What could be seen before is the same file.
    let seen = format!("{}/console/photos/{}/covered", scene.url, scene.photos[0]);
    let asked = format!("return fetch('{seen}').then((answer) => answer.blob()).then((blob) => blob.size)");
    let size = browser.script(&asked).await?.as_u64();
    ensure!(size == Some(copy.len() as u64), "the copy that is shown is the one that goes out");
    Ok(())
}

/// From the wall through a photo in which nobody can be recognised to the one behind it.
async fn go_through(browser: &Browser, scene: &Scene) -> anyhow::Result<()> {
    browser.open(&format!("{}/console/photos?state=all", scene.url)).await?;
    let export = browser.text("section[aria-labelledby=export]").await?;
    ensure!(export.contains("Looked at for people: 1. Not yet: 4."), "{export}");
    browser.screenshot("people-wall").await?;
    browser.click("section[aria-labelledby=export] a[href*='/people']").await?;
    to_be_marked(browser).await?;
    let address = browser.address().await?;
    browser.press("x").await?;
    browser.text_with(".notice-good", "Saved:").await?;
    to_be_marked(browser).await?;
    ensure!(browser.address().await? != address, "the next photo");
    let left = browser.text(".title-row").await?;
    ensure!(left.contains("2 more to look at"), "{left}");
    browser.screenshot("people-next").await
}

/// The wall's export brings what was looked at, and a line for what was not.
async fn export_all(browser: &Browser, scene: &Scene, folder: &TempDir) -> anyhow::Result<()> {
    browser.open(&format!("{}/console/photos?state=all", scene.url)).await?;
    browser.click("form[action='/console/photos/export'] button").await?;
    let (files, list) = unzipped(browser.downloaded(folder.path(), "zip").await?)?;
    ensure!(files.len() == 2, "{} files: {list}", files.len());
    ensure!(files.iter().filter(|copy| ensure_covered(copy).is_ok()).count() == 1, "one of them is the marked one");
    ensure!(list.matches("nobody has marked people in it").count() == 3, "{list}");
    Ok(())
}

/// Both languages, wide and narrow, for looking at.
async fn look(browser: &Browser, scene: &Scene) -> anyhow::Result<()> {
    let [first, _, third, ..] = scene.photos[..] else { anyhow::bail!("five photos") };
    let pages = [
        ("mark", format!("/console/photos/{first}/people"), ["Cover people", "遮盖人物"]),
        ("queue", format!("/console/photos/{third}/people?queue=1&state=all"), ["more to look at", "张待标记"]),
        ("photo", format!("/console/photos/{first}"), ["2 areas to cover", "2 处要遮盖"]),
        ("wall", "/console/photos?state=all".to_owned(), ["Not yet: 3.", "尚未标记：3 张。"]),
        ("open", "/console/photos?state=all&people=open".to_owned(), ["3 of 3 photos", "共 3 张"]),
        ("covered", format!("/console/photos/{third}/covered"), ["There is no covered copy", "没有遮盖副本"]),
    ];
    for language in 0..2 {
        for (name, path, wanted) in &pages {
            for width in [1_280, 390] {
                browser.pretend_screen(width, 1_000).await?;
                browser.open(&format!("{}{path}", scene.url)).await?;
                browser.text_with("body", wanted[language]).await?;
                if browser.count("#picture").await? > 0 {
                    to_be_marked(browser).await?;
                }
                ensure_everything_has_a_name(browser, name).await?;
                ensure_no_sideways_scrolling(browser, name).await?;
                let height = browser.script("return document.documentElement.scrollHeight").await?;
                browser.pretend_screen(width, u32::try_from(height.as_u64().unwrap_or(1_000))?).await?;
                browser.screenshot(&format!("people-{name}-{}-{width}", ["en", "zh"][language])).await?;
            }
        }
        browser.click("form[action='/console/language'] button").await?;
        browser.element("html main").await?;
    }
    Ok(())
}

/// Waits for the page that marks, until its picture is there.
async fn to_be_marked(browser: &Browser) -> anyhow::Result<()> {
    browser.element("#boxes").await?;
    browser.script("return document.getElementById('picture').decode()").await?;
    Ok(())
}

/// Draws from one corner to another, in shares of the picture.
async fn drag_over(browser: &Browser, [left, top, right, bottom]: [f64; 4]) -> anyhow::Result<()> {
    let place = browser
        .script(
            "const box = document.getElementById('boxes');
             box.scrollIntoView({ block: 'center' });
             const { left, top, width, height } = box.getBoundingClientRect();
             return [left, top, width, height];",
        )
        .await?;
    let [x, y, width, height] = [0, 1, 2, 3].map(|part| place[part].as_f64().unwrap_or_default());
    ensure!(width > 100.0 && height > 100.0, "the picture is there: {place}");
    browser.drag((x + left * width, y + top * height), (x + right * width, y + bottom * height)).await
}

async fn cover(scene: &Scene, photo: PhotoId) -> anyhow::Result<Cover> {
    let found = scene.state.store.read::<_, StoreError>(move |snapshot| snapshot.cover(photo)).await?;
    found.context("somebody has looked")
}

/// The photos of an archive and its list.
fn unzipped(archive: Vec<u8>) -> anyhow::Result<(Vec<Vec<u8>>, String)> {
    let mut archive = zip::ZipArchive::new(Cursor::new(archive))?;
    let mut files = Vec::new();
    for place in 0..archive.len() {
        let mut bytes = Vec::new();
        archive.by_index(place)?.read_to_end(&mut bytes)?;
        files.push(bytes);
    }
    let list = files.pop().context("a list")?;
    Ok((files, String::from_utf8(list)?))
}

/// The copy stands upright, shows its squares, and nothing of them where they were marked.
fn ensure_covered(copy: &[u8]) -> anyhow::Result<()> {
    let picture = image::load_from_memory(copy)?.to_luma8();
    ensure!(picture.dimensions() == SIZE, "{:?}", picture.dimensions());
    let standing_out = |[left, top, right, bottom]: [u32; 4]| {
        let places = (SIZE.1 * top / 100..SIZE.1 * bottom / 100)
            .flat_map(|y| (SIZE.0 * left / 100..SIZE.0 * right / 100).map(move |x| (x, y)));
        let (mut odd, mut all) = (0, 0);
        for (x, y) in places {
            (odd, all) = (odd + u32::from(picture.get_pixel(x, y).0[0].abs_diff(128) > 60), all + 1);
        }
        odd * 100 / all
    };
    let (by_mouse, by_keyboard) = (standing_out([27, 27, 73, 58]), standing_out([1, 1, 14, 19]));
    let free = [standing_out([20, 2, 98, 20]), standing_out([80, 25, 98, 60])];
    ensure!(by_mouse < 3 && by_keyboard < 3, "{by_mouse} %, {by_keyboard} % are left");
    ensure!(free.iter().all(|share| *share > 60), "{free:?} % where nothing was marked");
    Ok(())
}
