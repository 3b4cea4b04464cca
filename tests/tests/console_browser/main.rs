//! The supervisor's console in a real browser: by mouse, by keyboard, in both languages, on a narrow window.

mod board;
mod finger;
mod people;
mod queue;
mod reshot;
mod scene;

use std::collections::BTreeMap;

use anyhow::ensure;
use fantoccini::key::Key;
use scene::Scene;
use storewalk_domain::{
    order::{Order, OrderStatus},
    photo::{Photo, PhotoStatus, Verdict},
    sync::{Find, StateExt},
};
use storewalk_server::store::StoreError;
use storewalk_tests::{browser::Browser, world};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_supervisor_works_through_a_day() -> anyhow::Result<()> {
    let Some(browser) = Browser::start().await? else { return Ok(()) };
    let scene = Scene::play().await?;
    let outcome = async {
        sign_in(&browser, &scene).await?;
        see_the_day(&browser, &scene).await?;
        reject_by_keyboard(&browser, &scene).await?;
        approve_by_keyboard_and_take_back(&browser, &scene).await?;
        reject_by_mouse(&browser, &scene).await?;
        two_tabs(&browser, &scene).await?;
        release_an_order(&browser, &scene).await?;
        see_what_needs_attention(&browser, &scene).await?;
        read_chinese(&browser, &scene).await?;
        use_a_narrow_window(&browser, &scene).await?;
        use_dark_colours(&browser, &scene).await?;
        let complaints = browser.complaints().await?;
        // The second tab's refusal is an answer with status 409, which the browser logs as such.
        let unexpected: Vec<_> = complaints.iter().filter(|text| !text.contains("409 (Conflict)")).collect();
        ensure!(unexpected.is_empty(), "the browser complains: {unexpected:#?}");
        Ok(())
    }
    .await;
    if outcome.is_err() {
        browser.screenshot("failed").await?;
    }
    browser.close().await?;
    outcome
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reviewer_works_through_the_queue_without_a_mouse() -> anyhow::Result<()> {
    let Some(browser) = Browser::start().await? else { return Ok(()) };
    let scene = Scene::play().await?;
    let outcome = async {
        sign_in(&browser, &scene).await?;
        queue::work_through(&browser, &scene).await
    }
    .await;
    if outcome.is_err() {
        browser.screenshot("queue-failed").await?;
    }
    browser.close().await?;
    outcome
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_photos_are_judged_in_a_row_without_a_mouse_or_a_page_load() -> anyhow::Result<()> {
    let Some(browser) = Browser::start().await? else { return Ok(()) };
    let mut scene = Scene::play().await?;
    let outcome = async {
        queue::more_photos(&mut scene, queue::MANY - 5).await?;
        sign_in(&browser, &scene).await?;
        queue::judge_many(&browser, &scene).await?;
        let complaints = browser.complaints().await?;
        ensure!(complaints.is_empty(), "the browser complains: {complaints:#?}");
        queue::more_photos(&mut scene, 3).await?;
        scene.photos.drain(..queue::MANY);
        queue::go_back(&browser, &scene).await
    }
    .await;
    if outcome.is_err() {
        browser.screenshot("queue-many-failed").await?;
    }
    browser.close().await?;
    outcome
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_decided_beside_the_queue_reads_well_in_both_languages_on_any_width() -> anyhow::Result<()> {
    let Some(browser) = Browser::start().await? else { return Ok(()) };
    let scene = Scene::play().await?;
    let outcome = async {
        board::prepare(&scene).await?;
        sign_in(&browser, &scene).await?;
        board::look_around(&browser, &scene).await
    }
    .await;
    if outcome.is_err() {
        browser.screenshot("board-failed").await?;
    }
    browser.close().await?;
    outcome
}

async fn sign_in(browser: &Browser, scene: &Scene) -> anyhow::Result<()> {
    browser.open(&format!("{}/console/", scene.url)).await?;
    browser.fill("#login", "zhaomin").await?;
    browser.fill("#password", "not this one").await?;
    browser.screenshot("sign-in").await?;
    browser.press("\u{e007}").await?;
    let problem = browser.text("#sign-in-problem").await?;
    ensure!(problem.contains("wrong"), "{problem}");
    browser.screenshot("sign-in-wrong").await?;
    // The refused attempt is an answer with status 401; only that is logged so far.
    let logged = browser.complaints().await?;
    ensure!(logged.iter().all(|text| text.contains("401")), "{logged:?}");
    browser.fill("#password", world::PASSWORD).await?;
    browser.click("form[action='/console/sign-in'] button").await?;
    browser.element("nav a[href='/console/attention']").await?;
    Ok(())
}

async fn see_the_day(browser: &Browser, scene: &Scene) -> anyhow::Result<()> {
    browser.resize(1280, 1400).await?;
    browser.open(&format!("{}/console/?date=2025-03-14", scene.url)).await?;
    let page = browser.text("main").await?;
    for text in ["38 m, verified", "step 11 of 11", "5 of 5 received", "photos 1, 2 of 2 pending", "planned call"] {
        ensure!(page.contains(text), "{text} is missing in {page}");
    }
    browser.screenshot("visits").await?;
    browser.resize(1280, 2600).await?;
    browser.open(&format!("{}/console/visits/{}", scene.url, scene.visit)).await?;
    let page = browser.text("main").await?;
    for text in ["幸福路手机城", "50.00 (5.0 %) below the minimum", "Dealer out of stock"] {
        ensure!(page.contains(text), "{text} is missing in {page}");
    }
    browser.screenshot("visit").await
}

/// r, a digit, a pin by p and the arrows, a note, and Enter.
async fn reject_by_keyboard(browser: &Browser, scene: &Scene) -> anyhow::Result<()> {
    browser.resize(1366, 1000).await?;
    browser.open(&format!("{}/console/photos", scene.url)).await?;
    browser.element("#wall li:nth-child(5)").await?;
    ensure!(loaded_pictures(browser).await? == 5, "the wall shows its pictures");
    browser.screenshot("wall").await?;
    browser.press("j").await?;
    browser.press("j").await?;
    browser.press(&char::from(Key::Enter).to_string()).await?;
    let [_, second, third, ..] = scene.photos[..] else { anyhow::bail!("five photos") };
    browser.element(&picture_of(&second.to_string())).await?;
    browser.press("?").await?;
    browser.element("dialog[open]").await?;
    browser.screenshot("keys").await?;
    browser.press(&char::from(Key::Escape).to_string()).await?;
    browser.press("p").await?;
    let (left, up) = (char::from(Key::Left), char::from(Key::Up));
    browser.press(&format!("{left}{left}{left}{left}{up}{up}")).await?;
    browser.screenshot("pinning").await?;
    browser.press(&char::from(Key::Enter).to_string()).await?;
    browser.press("1").await?;
    ensure!(
        browser.script("return document.querySelector('[name=reason]:checked').value").await? == "empty_slot",
        "1 is the first reason"
    );
    browser.fill("#note", "左边第二格空着，请补齐").await?;
    browser.screenshot("rejecting").await?;
    browser.script("document.querySelector('[name=reason]:checked').focus()").await?;
    browser.press(&char::from(Key::Enter).to_string()).await?;
    browser.element(&picture_of(&third.to_string())).await?;
    let notice = browser.text(".notice-good").await?;
    ensure!(notice.contains("Rejected") && notice.contains("幸福路手机城"), "{notice}");

    let photo = photo(scene, second).await?;
    ensure!(photo.status == PhotoStatus::Rejected, "{photo:?}");
    let verdict = standing(scene, &photo).await?;
    ensure!(verdict.reason.as_deref() == Some("empty_slot") && verdict.note.contains("补齐"), "{verdict:?}");
    let pin = verdict.pin.map(|pin| ((pin.x * 100.0).round(), (pin.y * 100.0).round()));
    ensure!(pin == Some((42.0, 46.0)), "{pin:?}");
    Ok(())
}

async fn approve_by_keyboard_and_take_back(browser: &Browser, scene: &Scene) -> anyhow::Result<()> {
    let [_, _, third, fourth, _] = scene.photos[..] else { anyhow::bail!("five photos") };
    browser.press("a").await?;
    browser.element(&picture_of(&fourth.to_string())).await?;
    ensure!(photo(scene, third).await?.status == PhotoStatus::Approved, "approved");
    browser.screenshot("approved-next").await?;
    browser.press("u").await?;
    browser.element(&picture_of(&third.to_string())).await?;
    browser.element("#approve").await?;
    ensure!(photo(scene, third).await?.status == PhotoStatus::Received, "taken back");
    browser.press("a").await?;
    browser.element(&picture_of(&fourth.to_string())).await?;
    // j and k walk the queue without deciding.
    browser.press("k").await?;
    browser.element(&picture_of(&scene.photos[0].to_string())).await?;
    browser.press("j").await?;
    browser.element(&picture_of(&fourth.to_string())).await?;
    Ok(())
}

async fn reject_by_mouse(browser: &Browser, scene: &Scene) -> anyhow::Result<()> {
    let fourth = scene.photos[3];
    browser.click("#stage").await?;
    let x = browser.script("return document.getElementById('pin-x').value").await?;
    ensure!(x.as_str().is_some_and(|x| x.starts_with("50") || x.starts_with("49")), "a click in the middle: {x}");
    browser.click("[name=reason][value=blurred]").await?;
    browser.click("#reject button.button-bad").await?;
    browser.element(".notice-good").await?;
    ensure!(photo(scene, fourth).await?.status == PhotoStatus::Rejected, "rejected");
    browser.open(&format!("{}/console/photos/{fourth}", scene.url)).await?;
    browser.screenshot("rejected").await
}

/// The same photo decided in two tabs: the second is told, nothing is overwritten.
async fn two_tabs(browser: &Browser, scene: &Scene) -> anyhow::Result<()> {
    let first = scene.photos[0];
    browser.open(&format!("{}/console/photos/{first}", scene.url)).await?;
    let send = "const form = new URLSearchParams(new FormData(document.querySelector('.decide-main form')));
        return fetch(document.querySelector('.decide-main form').action, { method: 'POST', body: form }).then((answer) => answer.status);";
    let status = browser.script(send).await?;
    ensure!(status == 200, "the other tab approves and is led on: {status}");
    browser.press("r").await?;
    browser.press("2").await?;
    browser.press(&char::from(Key::Enter).to_string()).await?;
    browser.text_with("main", "photo_already_decided").await?;
    browser.screenshot("too-late").await?;
    ensure!(photo(scene, first).await?.status == PhotoStatus::Approved, "the first verdict stands");
    Ok(())
}

async fn release_an_order(browser: &Browser, scene: &Scene) -> anyhow::Result<()> {
    browser.resize(1280, 1000).await?;
    browser.open(&format!("{}/console/orders", scene.url)).await?;
    browser.screenshot("orders").await?;
    browser.click(&format!("a[href='/console/orders/{}']", scene.order)).await?;
    let page = browser.text("main").await?;
    for text in ["13,818.80", "¥31,418.80", "213,818.80", "641.20"] {
        ensure!(page.contains(text), "{text} is missing in {page}");
    }
    browser.resize(1280, 1900).await?;
    browser.screenshot("order-held").await?;
    browser.fill("#amount", "15,000.00").await?;
    browser.fill("#slip", "HD-2025-0314-01").await?;
    browser.click("section[aria-labelledby=pay] button").await?;
    let notice = browser.text(".notice-good").await?;
    ensure!(notice.contains("¥15,000.00") && notice.contains("Released: 1-0001"), "{notice}");
    browser.screenshot("order-released").await?;
    let id = scene.order;
    let order = scene.state.store.read(move |snapshot| Ok::<_, StoreError>(snapshot.get::<Order>(id.row())?)).await?;
    ensure!(order.is_some_and(|order| order.status == OrderStatus::Accepted), "released");
    Ok(())
}

async fn see_what_needs_attention(browser: &Browser, scene: &Scene) -> anyhow::Result<()> {
    browser.resize(1280, 1000).await?;
    browser.open(&format!("{}/console/attention", scene.url)).await?;
    let page = browser.text("main").await?;
    ensure!(page.contains("Placing an order"), "{page}");
    browser.screenshot("attention").await?;
    browser.open(&format!("{}/console/devices", scene.url)).await?;
    let page = browser.text("main").await?;
    for text in ["17 entries, 2 photos", "timed_out", "never synced"] {
        ensure!(page.contains(text), "{text} is missing in {page}");
    }
    browser.screenshot("devices").await
}

async fn read_chinese(browser: &Browser, scene: &Scene) -> anyhow::Result<()> {
    browser.click("form[action='/console/language'] button").await?;
    let page = browser.text("main").await?;
    ensure!(page.contains("17 条记录、2 张照片"), "{page}");
    let english = english_phrases()?;
    let pages = [
        ("attention", "/console/attention".to_owned(), 1000, "未被接受的提交"),
        ("devices", "/console/devices".to_owned(), 1000, "王强的手机"),
        ("visits", "/console/?date=2025-03-14".to_owned(), 1400, "计划拜访"),
        ("visit", format!("/console/visits/{}", scene.visit), 2600, "幸福路手机城"),
        ("wall", "/console/photos?state=all".to_owned(), 1000, "幸福路手机城"),
        ("photo", format!("/console/photos/{}", scene.photos[4]), 1000, "通过"),
        ("order", format!("/console/orders/{}", scene.order), 1900, "31,418.80"),
        ("empty", "/console/photos?state=rejected&outlet=S0107".to_owned(), 900, "照片"),
    ];
    for (name, path, height, wanted) in pages {
        browser.resize(1280, height).await?;
        browser.open(&format!("{}{path}", scene.url)).await?;
        browser.element("html[lang=zh-Hans] main").await?;
        let page = browser.text("body").await?;
        ensure!(page.contains(wanted), "{wanted} is missing on {name}: {page}");
        let left = english.iter().find(|phrase| page.contains(phrase.as_str()));
        ensure!(left.is_none(), "{name} says {left:?} in English: {page}");
        browser.screenshot(&format!("zh-{name}")).await?;
    }
    Ok(())
}

/// What the console says in English, as far as it is more than a word or two and has no gaps to fill.
fn english_phrases() -> anyhow::Result<Vec<String>> {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../server/src/console/locales/en.json");
    let texts: BTreeMap<String, String> = serde_json::from_str(&std::fs::read_to_string(file)?)?;
    let phrases: Vec<String> =
        texts.into_values().filter(|text| text.contains(' ') && !text.contains('{') && text.is_ascii()).collect();
    ensure!(phrases.len() > 100, "the English texts are where they were");
    Ok(phrases)
}

/// A telephone's width, and text at 200 %: nothing is cut off, nothing scrolls sideways.
async fn use_a_narrow_window(browser: &Browser, scene: &Scene) -> anyhow::Result<()> {
    let pages = [
        ("visits", "/console/?date=2025-03-14".to_owned()),
        ("visit", format!("/console/visits/{}", scene.visit)),
        ("wall", "/console/photos?state=all".to_owned()),
        ("photo", format!("/console/photos/{}", scene.photos[4])),
        ("orders", "/console/orders".to_owned()),
        ("order", format!("/console/orders/{}", scene.order)),
        ("attention", "/console/attention".to_owned()),
        ("devices", "/console/devices".to_owned()),
    ];
    for (name, path) in pages {
        browser.resize(500, 1500).await?;
        browser.open(&format!("{}{path}", scene.url)).await?;
        ensure_everything_has_a_name(browser, name).await?;
        ensure_no_sideways_scrolling(browser, name).await?;
        browser.screenshot(&format!("narrow-{name}")).await?;
        browser.resize(1280, 1200).await?;
        browser.script("document.documentElement.style.setProperty('font-size', '200%')").await?;
        ensure_no_sideways_scrolling(browser, name).await?;
        browser.screenshot(&format!("large-{name}")).await?;
    }
    Ok(())
}

async fn ensure_no_sideways_scrolling(browser: &Browser, name: &str) -> anyhow::Result<()> {
    let wide = browser
        .script(
            "const room = document.documentElement.clientWidth;
             return [...document.querySelectorAll('main *')]
               .filter((element) => element.getBoundingClientRect().right > room + 1 && !element.closest('svg'))
               .map((element) => element.outerHTML.slice(0, 120));",
        )
        .await?;
    ensure!(wide.as_array().is_some_and(Vec::is_empty), "{name} is wider than its window: {wide:#}");
    Ok(())
}

async fn use_dark_colours(browser: &Browser, scene: &Scene) -> anyhow::Result<()> {
    browser.prefer("dark").await?;
    browser.resize(1280, 1000).await?;
    browser.open(&format!("{}/console/photos/{}", scene.url, scene.photos[1])).await?;
    let ground = browser.script("return getComputedStyle(document.documentElement).backgroundColor").await?;
    ensure!(ground == "rgb(18, 23, 29)", "{ground}");
    browser.screenshot("dark-photo").await?;
    browser.open(&format!("{}/console/?date=2025-03-14", scene.url)).await?;
    browser.screenshot("dark-visits").await
}

/// What can be pressed, followed or filled in says what it is.
async fn ensure_everything_has_a_name(browser: &Browser, name: &str) -> anyhow::Result<()> {
    let nameless = browser
        .script(
            "const fields = [...document.querySelectorAll('input:not([type=hidden]), select, textarea')];
             const actions = [...document.querySelectorAll('a, button')];
             return [
               ...fields.filter((field) => !field.labels.length && !field.ariaLabel),
               ...actions.filter((action) => !action.textContent.trim() && !action.querySelector(`[aria-label], img[alt]:not([alt=''])`)),
             ].map((element) => element.outerHTML.slice(0, 120));",
        )
        .await?;
    ensure!(nameless.as_array().is_some_and(Vec::is_empty), "nameless on {name}: {nameless:#}");
    Ok(())
}

fn picture_of(photo: &str) -> String {
    format!("#stage image[href*='{photo}']")
}

async fn loaded_pictures(browser: &Browser) -> anyhow::Result<u64> {
    let script = "return Promise.all([...document.querySelectorAll('#wall img')].map((image) => image.decode()))
        .then((all) => all.length)";
    Ok(browser.script(script).await?.as_u64().unwrap_or(0))
}

async fn photo(scene: &Scene, id: storewalk_domain::ids::PhotoId) -> anyhow::Result<Photo> {
    let found = scene.state.store.read(move |snapshot| Ok::<_, StoreError>(snapshot.get::<Photo>(id.row())?)).await?;
    found.ok_or_else(|| anyhow::anyhow!("no photo {id}"))
}

async fn standing(scene: &Scene, photo: &Photo) -> anyhow::Result<Verdict> {
    let (visit, id) = (photo.visit_id, photo.verdict_id);
    let all: Vec<Verdict> = scene
        .state
        .store
        .read(move |snapshot| Ok::<_, StoreError>(snapshot.list(Find::VerdictsOfVisit(visit))?))
        .await?;
    all.into_iter().find(|verdict| Some(verdict.id) == id).ok_or_else(|| anyhow::anyhow!("no verdict"))
}
