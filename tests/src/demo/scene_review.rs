//! D8: the supervisor rejects a photo; the rep takes it again; the score follows.

use anyhow::Context;
use storewalk_domain::{photo::PhotoStatus, text::Language};

use super::{Ledger, Stage, console::Console, scene_day::Day, stage::done, walk};
use crate::world;

pub(super) async fn play(stage: &mut Stage, ledger: &mut Ledger, day: &Day) -> anyhow::Result<()> {
    ledger.chapter("D8 · 赵敏 rejects photo 2 of S0101: an empty slot");
    stage.time("2025-03-14T14:00").await?;
    let photo = *day.photos.get(1).context("there is no second photo")?;
    let reference = day.photos.first().copied();
    let console = Console::sign_in(stage.url(), "zhaomin", world::PASSWORD).await?;
    ledger.check("score before the review", "24 + 25 + 9 + 12 + 15 = 85", score(day)?);
    console.reject(photo, "empty_slot", "第二层左边空了一个位置", ("31.5", "42"), reference).await?;

    let handset = &day.handset;
    handset.phone.sync().await?;
    handset.link.cut(true);
    let retakes = handset.phone.photos().rejected()?;
    ledger.check("retakes on the phone, readable offline", 1, retakes.len());
    if let Some(retake) = retakes.first() {
        let reason = retake.verdict.reason.as_ref().map_or_else(String::new, |text| text.get(Language::En).to_owned());
        ledger.tell(&format!("reason: {reason}; note: {}", retake.verdict.note));
        ledger.check("due", "2025-03-16", retake.task.due_on);
        let pin = retake.verdict.pin.map_or_else(String::new, |pin| format!("{:.3} / {:.3}", pin.x, pin.y));
        ledger.check("pin", "0.315 / 0.420", pin);
        let is_beside = retake.verdict.reference.as_ref().is_some_and(|file| file.is_file());
        ledger.check("reference image beside it, readable offline", true, is_beside);
    }
    ledger.check("score with the photo rejected", "24 + 13 + 9 + 12 + 15 = 73", score(day)?);

    ledger.chapter("D8 · 李雯 takes it again in the outlet, offline");
    stage.time("2025-03-14T15:20").await?;
    let again = done(handset.phone.photos().capture(day.visit, "product_zone", &walk::picture(11)?, Some(photo))?)?;
    ledger.check("retakes left", 0, handset.phone.photos().rejected()?.len());
    stage.time("2025-03-14T15:40").await?;
    handset.link.cut(false);
    handset.phone.sync().await?;
    handset.phone.upload_photos().await?;
    console.approve(again.photo_id).await?;
    handset.phone.sync().await?;
    check_chain(ledger, day, photo, again.photo_id)?;
    ledger.check("score after the approved retake", "24 + 25 + 9 + 12 + 15 = 85", score(day)?);
    Ok(())
}

/// The blocks of the score (must-stock, display, price, POP, stock) and what they come to.
fn score(day: &Day) -> anyhow::Result<String> {
    let summary = day.handset.phone.visits().view(day.visit)?.summary.context("the visit has no summary")?;
    let block = |code: &str| {
        let found = summary.score.blocks.iter().find(|block| block.block == code);
        found.and_then(|block| block.points).map_or_else(|| "?".to_owned(), |points| points.normalize().to_string())
    };
    let blocks = ["must_stock", "display", "price", "pop", "stock"].map(block);
    Ok(format!("{} = {}", blocks.join(" + "), summary.score.total.normalize()))
}

/// Photo → verdict → retake → verdict, whole, on the rep's phone.
fn check_chain(
    ledger: &mut Ledger,
    day: &Day,
    first: storewalk_domain::ids::PhotoId,
    second: storewalk_domain::ids::PhotoId,
) -> anyhow::Result<()> {
    let photos = day.handset.phone.photos().list(day.visit)?;
    let find = |id| photos.iter().find(|photo| photo.id == id);
    let (first_photo, second_photo) = (find(first).context("photo")?, find(second).context("retake")?);
    let links = first_photo.replaced_by == Some(second) && second_photo.replaces == Some(first);
    let states = first_photo.status == PhotoStatus::Rejected && second_photo.status == PhotoStatus::Approved;
    let verdicts = first_photo.verdict.is_some() && second_photo.verdict.is_some();
    ledger.check("chain photo → verdict → retake → verdict complete", true, links && states && verdicts);
    Ok(())
}
