//! Marking people with a finger, on a phone's screen: real touches, by which a browser scrolls where a page lets it.

use anyhow::{Context, ensure};
use storewalk_domain::{ids::PhotoId, photo::Cover};
use storewalk_server::store::StoreError;
use storewalk_tests::browser::Browser;

use super::{scene::Scene, sign_in};

/// A phone held upright, in CSS pixels.
const SCREEN: (u32, u32) = (390, 700);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_finger_draws_moves_and_sizes_areas_and_never_scrolls_the_page_with_it() -> anyhow::Result<()> {
    let Some(browser) = Browser::start().await? else { return Ok(()) };
    let scene = Scene::play_with(std::path::PathBuf::new()).await?;
    let outcome = async {
        sign_in(&browser, &scene).await?;
        browser.pretend_phone(SCREEN.0, SCREEN.1).await?;
        browser.open(&format!("{}/console/photos/{}/people", scene.url, scene.photos[1])).await?;
        browser.script("return document.getElementById('picture').decode()").await?;
        scroll_beside(&browser).await?;
        draw(&browser).await?;
        two_fingers(&browser).await?;
        save(&browser, &scene, scene.photos[1]).await?;
        let complaints = browser.complaints().await?;
        ensure!(complaints.is_empty(), "the browser complains: {complaints:#?}");
        Ok(())
    }
    .await;
    if outcome.is_err() {
        browser.screenshot("finger-failed").await?;
    }
    browser.close().await?;
    outcome
}

/// Beside the picture a finger scrolls the page: else a page that stands still while something is drawn says nothing.
async fn scroll_beside(browser: &Browser) -> anyhow::Result<()> {
    let form = place_of(browser, "#people").await?;
    let (x, y) = (form.x + form.width / 2.0, form.y + form.height / 2.0);
    let before = scrolled(browser).await?;
    browser.swipe(&[(x, y), (x, y - 60.0), (x, y - 120.0), (x, y - 180.0)]).await?;
    settled(browser, |top| (top - before).abs() > 50.0).await?;
    Ok(())
}

/// One is drawn, moved, made larger by its corner; the page stands still.
async fn draw(browser: &Browser) -> anyhow::Result<()> {
    browser.script("document.getElementById('boxes').scrollIntoView({ block: 'start' })").await?;
    let layer = place_of(browser, "#boxes").await?;
    let before = scrolled(browser).await?;
    let at = |share_x: f64, share_y: f64| (layer.x + share_x * layer.width, layer.y + share_y * layer.height);
    browser.swipe(&[at(0.3, 0.2), at(0.4, 0.3), at(0.5, 0.45), at(0.6, 0.6)]).await?;
    browser.text_with("#count", "Areas drawn: 1.").await?;
    is_about(browser, [30.0, 20.0, 30.0, 40.0]).await?;
    browser.swipe(&[at(0.45, 0.4), at(0.4, 0.4), at(0.35, 0.4)]).await?;
    is_about(browser, [20.0, 20.0, 30.0, 40.0]).await?;
    // A finger is wider than an arrow.
    let grip = place_of(browser, ".box-grip").await?;
    ensure!(grip.width >= 24.0 && grip.height >= 24.0, "a corner a finger can take: {grip:?}");
    let corner = (grip.x + 4.0, grip.y + 4.0);
    browser.swipe(&[corner, (corner.0 + 10.0, corner.1 + 10.0), (corner.0 + 40.0, corner.1 + 40.0)]).await?;
    let (wider, higher) = (4_000.0 / layer.width, 4_000.0 / layer.height);
    is_about(browser, [20.0, 20.0, 30.0 + wider, 40.0 + higher]).await?;
    let after = scrolled(browser).await?;
    ensure!((after - before).abs() < 1.0, "the page went from {before} to {after} while something was drawn");
    browser.screenshot("finger-drawn").await
}

/// A second finger on the picture draws nothing of its own and disturbs nothing.
async fn two_fingers(browser: &Browser) -> anyhow::Result<()> {
    let layer = place_of(browser, "#boxes").await?;
    let at = |share_x: f64, share_y: f64| (layer.x + share_x * layer.width, layer.y + share_y * layer.height);
    let before = browser.script("return document.getElementById('areas').value").await?;
    browser.touch("touchStart", &[at(0.8, 0.1)]).await?;
    browser.touch("touchStart", &[at(0.8, 0.1), at(0.1, 0.9)]).await?;
    browser.touch("touchMove", &[at(0.9, 0.15), at(0.6, 0.7)]).await?;
    browser.touch("touchEnd", &[]).await?;
    browser.text_with("#count", "Areas drawn: 2.").await?;
    let after = browser.script("return document.getElementById('areas').value").await?;
    let (before, after) = (before.as_str().context("lines")?, after.as_str().context("lines")?);
    ensure!(after.starts_with(before), "the first area is as it was: {before} | {after}");
    let second = figures(after.lines().nth(1).context("a second")?)?;
    let off = second.iter().zip([80.0, 10.0, 10.0, 5.0]).map(|(is, wanted)| (is - wanted).abs());
    ensure!(off.fold(0.0, f64::max) < 1.5, "what the first finger drew: {after}");
    browser.tap("#remove").await?;
    browser.text_with("#count", "Areas drawn: 1.").await?;
    Ok(())
}

/// What was drawn is kept, and shown on the photo's page.
async fn save(browser: &Browser, scene: &Scene, photo: PhotoId) -> anyhow::Result<()> {
    let line = browser.script("return document.getElementById('areas').value").await?;
    let drawn = figures(line.as_str().context("a line")?)?;
    browser.tap("#save").await?;
    browser.text_with("section[aria-labelledby=people]", "1 area to cover").await?;
    let cover = scene.state.store.read::<_, StoreError>(move |snapshot| snapshot.cover(photo)).await?;
    let Cover { areas, .. } = cover.context("somebody has looked")?;
    let [area] = &areas[..] else { anyhow::bail!("one area: {areas:?}") };
    let kept = area.parts().map(|part| f64::from(part) / 100.0);
    ensure!(kept.iter().zip(&drawn).all(|(is, wanted)| (is - wanted).abs() < 0.01), "{kept:?} of {drawn:?}");
    browser.element("#stage rect.area-core").await?;
    browser.script("document.getElementById('stage').scrollIntoView({ block: 'center' })").await?;
    browser.screenshot("finger-saved").await
}

/// Where an element is in the window.
#[derive(Debug)]
struct Place {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
}

async fn place_of(browser: &Browser, css: &str) -> anyhow::Result<Place> {
    browser.element(css).await?;
    let script = format!(
        "const {{ left, top, width, height }} = document.querySelector('{css}').getBoundingClientRect();
         return [left, top, width, height];"
    );
    let found = browser.script(&script).await?;
    let [x, y, width, height] = [0, 1, 2, 3].map(|part| found[part].as_f64().unwrap_or_default());
    Ok(Place { x, y, width, height })
}

async fn scrolled(browser: &Browser) -> anyhow::Result<f64> {
    browser.script("return scrollY").await?.as_f64().context("a number")
}

/// Waits until the page has scrolled as far as is wanted.
async fn settled(browser: &Browser, is_so: impl Fn(f64) -> bool) -> anyhow::Result<()> {
    // Frames, not time: a browser scrolls with the next of them.
    for _ in 0..60 {
        let top = browser.script("return new Promise((done) => requestAnimationFrame(() => done(scrollY)))").await?;
        if is_so(top.as_f64().unwrap_or_default()) {
            return Ok(());
        }
    }
    anyhow::bail!("the page did not scroll")
}

/// The first area is this one within a hundredth and a half of the picture, in percent.
async fn is_about(browser: &Browser, wanted: [f64; 4]) -> anyhow::Result<()> {
    let lines = browser.script("return document.getElementById('areas').value").await?;
    let is = figures(lines.as_str().and_then(|lines| lines.lines().next()).context("an area")?)?;
    let off = is.iter().zip(wanted).map(|(is, wanted)| (is - wanted).abs()).fold(0.0, f64::max);
    ensure!(off < 1.5, "{is:?} is not {wanted:?}");
    Ok(())
}

fn figures(line: &str) -> anyhow::Result<Vec<f64>> {
    Ok(line.split(' ').map(str::parse).collect::<Result<_, _>>()?)
}
