//! The review queue by keyboard alone: claim, look closely, judge, take back, approve together.

use anyhow::ensure;
use fantoccini::key::Key;
use storewalk_domain::photo::PhotoStatus;
use storewalk_tests::browser::Browser;

use super::{photo, picture_of, scene::Scene};

/// Works through the queue. No element is clicked.
pub(super) async fn work_through(browser: &Browser, scene: &Scene) -> anyhow::Result<()> {
    let [first, second, ..] = scene.photos[..] else { anyhow::bail!("five photos") };
    browser.resize(1366, 1000).await?;
    browser.open(&format!("{}/console/review", scene.url)).await?;
    browser.press("c").await?;
    browser.element("#wall li:nth-child(5)").await?;
    browser.screenshot("queue").await?;

    browser.press("s").await?;
    browser.element(&picture_of(&first.to_string())).await?;
    look_closely(browser).await?;
    browser.press("a").await?;
    browser.element(&picture_of(&second.to_string())).await?;
    ensure!(focus(browser).await? == "title", "the focus waits at the heading of the next photo");
    ensure!(photo(scene, first).await?.status == PhotoStatus::Approved, "approved");
    browser.press("r").await?;
    browser.press("1").await?;
    browser.press(&char::from(Key::Enter).to_string()).await?;
    for id in &scene.photos[2..] {
        browser.element(&picture_of(&id.to_string())).await?;
        browser.press("a").await?;
    }
    let notice = browser.text_with(".notice-good", "All your claimed photos are judged").await?;
    ensure!(photo(scene, second).await?.status == PhotoStatus::Rejected, "rejected: {notice}");

    // The last verdict is taken back, claimed again, and approved together with nothing else.
    let last = scene.photos[4];
    browser.press("u").await?;
    browser.text_with(".notice-good", "1 verdict withdrawn").await?;
    ensure!(photo(scene, last).await?.status == PhotoStatus::Received, "taken back");
    browser.press("c").await?;
    browser.element(".claim-item").await?;
    for key in ["j", "x", "b"] {
        browser.press(key).await?;
    }
    browser.text_with(".notice-good", "1 photo approved").await?;
    ensure!(photo(scene, last).await?.status == PhotoStatus::Approved, "approved together");
    browser.screenshot("queue-done").await
}

/// The full screen opens, grows, closes, and gives the focus back.
async fn look_closely(browser: &Browser) -> anyhow::Result<()> {
    browser.press("z").await?;
    browser.element("#zoom[open] img").await?;
    browser.press("+").await?;
    ensure!(
        browser.script("return document.querySelector('#zoom img').hasAttribute('width')").await? == true,
        "larger"
    );
    browser.screenshot("zoom").await?;
    browser.press(&char::from(Key::Escape).to_string()).await?;
    let is_back = browser.script("return document.activeElement.matches('[data-zoom]')").await?;
    ensure!(is_back == true, "the focus is lost");
    Ok(())
}

async fn focus(browser: &Browser) -> anyhow::Result<String> {
    let id = browser.script("return document.activeElement?.id ?? ''").await?;
    Ok(id.as_str().unwrap_or_default().to_owned())
}
