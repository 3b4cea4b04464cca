//! The review queue by keyboard alone: claim, look closely, judge, take back, approve together.

use std::{io::Write, time::Duration};

use anyhow::{Context, ensure};
use fantoccini::key::Key;
use storewalk_domain::{
    ids::{PhotoId, VerdictId},
    photo::{Photo, PhotoStatus, VerdictDecision},
    review::Drawn,
};
use storewalk_server::{
    admin::load_rows,
    store::{StoreError, StoreTxn},
};
use storewalk_tests::{browser::Browser, world};
use tokio::time::Instant;
use uuid::Uuid;

use super::{photo, picture_of, scene::Scene, sign_in};

/// How long a page may take to show what is waited for.
const PATIENCE: Duration = Duration::from_secs(20);

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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn second_looks_follow_each_other_without_a_mouse_or_a_page_load() -> anyhow::Result<()> {
    let Some(browser) = Browser::start().await? else { return Ok(()) };
    let scene = Scene::play().await?;
    let outcome = async {
        sign_in(&browser, &scene).await?;
        look_again(&browser, &scene).await
    }
    .await;
    if outcome.is_err() {
        browser.screenshot("second-failed").await?;
    }
    browser.close().await?;
    outcome
}

/// Three verdicts of 王强 are drawn: approved, rejected for a reason, approved.
async fn look_again(browser: &Browser, scene: &Scene) -> anyhow::Result<()> {
    let drawn = |(number, photo_id): (usize, &PhotoId)| Drawn {
        verdict_id: VerdictId(Uuid::from_u128(number as u128 + 1)),
        photo_id: *photo_id,
        first: VerdictDecision::Approved,
        first_by: world::user("wangqiang"),
        drawn_at: world::at("2025-03-14T10:00"),
        second: None,
    };
    let wanted: Vec<Drawn> = scene.photos[..3].iter().enumerate().map(drawn).collect();
    let put = move |txn: &mut dyn StoreTxn| wanted.iter().try_for_each(|drawn| txn.put_drawn(drawn));
    scene.state.store.write::<(), StoreError>(put).await?;

    let shows = |photo: PhotoId| format!(".stage-picture image[href*='{photo}']");
    browser.open(&format!("{}/console/second", scene.url)).await?;
    browser.press("s").await?;
    browser.element(&shows(scene.photos[0])).await?;
    browser.script("window.isTheSame = true").await?;
    let enter = char::from(Key::Enter).to_string();
    let keys: [&[&str]; 3] = [&["a"], &["r", "2", &enter], &["a"]];
    for (number, keys) in keys.into_iter().enumerate() {
        browser.element(&shows(scene.photos[number])).await?;
        ensure!(browser.script("return window.isTheSame === true").await? == true, "no page was loaded anew");
        ensure!(browser.count("#approve").await? == 1, "one page, not two");
        for key in keys {
            browser.press(key).await?;
        }
    }
    browser.text_with("main", "Nothing waits for your second look").await?;
    let looks = scene.state.store.read::<_, StoreError>(|snapshot| snapshot.looked_at(None, 9)).await?;
    let mut given: Vec<_> = looks.iter().map(|drawn| (drawn.verdict_id.0.as_u128(), drawn.second.as_ref())).collect();
    given.sort_by_key(|(verdict, _)| *verdict);
    let decisions: Vec<_> = given.iter().filter_map(|(_, look)| look.map(|look| look.decision)).collect();
    let (approved, rejected) = (VerdictDecision::Approved, VerdictDecision::Rejected);
    ensure!(decisions == [approved, rejected, approved], "{given:?}");
    let complaints = browser.complaints().await?;
    ensure!(complaints.is_empty(), "the browser complains: {complaints:#?}");
    Ok(())
}

/// Photos that are judged one after the other.
pub(super) const MANY: usize = 45;

/// So many more photos of the visit arrive, each taken a minute after the one before; their pictures by turns those of the
/// first five.
pub(super) async fn more_photos(scene: &mut Scene, count: usize) -> anyhow::Result<()> {
    let mut first: Vec<Photo> = Vec::new();
    for photo in &scene.photos {
        first.push(scene.row(photo.row()).await?);
    }
    let last = first.last().context("a photo")?.taken_at;
    for (number, photo) in first.iter().cycle().take(count).enumerate() {
        let taken_at = last.plus_ms(60_000 * (i64::try_from(number)? + 1));
        let id = PhotoId(scene.state.new_id());
        let status = PhotoStatus::Pending;
        let photo = Photo { received_at: None, verdict_id: None, task_id: None, signals: None, ..photo.clone() };
        let copy = Photo { id, taken_at, status, ..photo };
        load_rows(&scene.state, vec![copy.into()]).await?;
        scene.receive(id).await?;
        scene.photos.push(id);
    }
    Ok(())
}

/// Judges many photos by keys alone, every ninth rejected for a reason, and tells how long the console took for it: from
/// each key to the next photo on the screen with its picture. Nobody looks at the photos meanwhile, so what is left of
/// three seconds each is a person's.
pub(super) async fn judge_many(browser: &Browser, scene: &Scene) -> anyhow::Result<()> {
    let enter = char::from(Key::Enter).to_string();
    browser.resize(1366, 1000).await?;
    browser.open(&format!("{}/console/review", scene.url)).await?;
    let (mut judged, mut slowest) = (0, Duration::ZERO);
    let began = Instant::now();
    while judged < MANY {
        browser.press("c").await?;
        browser.element(".claim-item").await?;
        browser.press("s").await?;
        shown(browser, scene.photos[judged]).await?;
        loop {
            let is_rejected = judged % 9 == 4;
            let pressed = Instant::now();
            for key in if is_rejected { vec!["r", "2", enter.as_str()] } else { vec!["a"] } {
                browser.press(key).await?;
            }
            judged += 1;
            // A claim holds twenty; after its last photo the queue is there again.
            if judged % 20 == 0 || judged == MANY {
                browser.text_with(".notice-good", "All your claimed photos are judged").await?;
                break;
            }
            shown(browser, scene.photos[judged]).await?;
            slowest = slowest.max(pressed.elapsed());
        }
    }
    let took = began.elapsed();
    let each = took / u32::try_from(MANY)?;
    writeln!(
        std::io::stderr(),
        "review: {MANY} photos judged by keyboard alone in {:.1} s, claims included: {} ms each, at most {} ms to the next \
         photo; 200 take {:.0} s of ten minutes",
        took.as_secs_f64(),
        each.as_millis(),
        slowest.as_millis(),
        each.as_secs_f64() * 200.0
    )?;
    for (number, id) in scene.photos[..MANY].iter().enumerate() {
        let wanted = if number % 9 == 4 { PhotoStatus::Rejected } else { PhotoStatus::Approved };
        ensure!(photo(scene, *id).await?.status == wanted, "photo {number} is not {wanted:?}");
    }
    browser.screenshot("queue-many").await
}

/// Waits until a photo can be judged and its picture is there, looking as often as the driver answers.
async fn shown(browser: &Browser, id: PhotoId) -> anyhow::Result<()> {
    let script = format!(
        "if (!document.querySelector('form[action=\"/console/photos/{id}/verdict\"] #approve')) return false;
         const picture = new Image();
         picture.src = document.querySelector('#stage image').getAttribute('href');
         return picture.complete && picture.naturalWidth > 0;"
    );
    let looking = async {
        // Between two pages there is none that could answer.
        while !browser.script(&script).await.is_ok_and(|answer| answer == true) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, looking).await.with_context(|| format!("photo {id} is not shown"))
}

/// Back and forward lead along the photos that were judged, and without scripts the forms do it alone.
pub(super) async fn go_back(browser: &Browser, scene: &Scene) -> anyhow::Result<()> {
    let [first, second, third, ..] = scene.photos[..] else { anyhow::bail!("five photos") };
    browser.open(&format!("{}/console/photos/{first}", scene.url)).await?;
    browser.script("window.isTheSamePage = true").await?;
    browser.press("a").await?;
    shown(browser, second).await?;
    browser.press("j").await?;
    shown(browser, third).await?;
    ensure!(browser.address().await?.ends_with(&third.to_string()), "the address is the photo's");
    ensure!(browser.script("return window.isTheSamePage === true").await? == true, "the page was not left");
    ensure!(browser.script("return document.title").await?.as_str().is_some_and(|title| title.contains('·')), "titled");
    browser.script("history.back()").await?;
    shown(browser, second).await?;
    // A line that breaks while a verdict is sent leaves the sending to the browser itself.
    browser.script("window.fetch = () => Promise.reject(new TypeError('no line'))").await?;
    browser.press("a").await?;
    shown(browser, third).await?;
    ensure!(photo(scene, second).await?.status == PhotoStatus::Approved, "approved");
    ensure!(browser.script("return window.isTheSamePage === undefined").await? == true, "a page of its own");
    Ok(())
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
