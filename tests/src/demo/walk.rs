//! A rep walking through a visit, step by step, as the screens would lead.

use std::{collections::BTreeMap, path::PathBuf};

use rust_decimal::Decimal;
use storewalk_client::{QuestionView, VisitView};
use storewalk_domain::{
    checklist::{AnswerKey, AnswerValue, ItemKind},
    geo::{Datum, Fix, Position},
    ids::{OutletId, PhotoId, VisitId},
};

use super::stage::{Handset, done};

/// What the rep finds in an outlet. Everything not named is in order.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Findings {
    /// Products missing from the shelf.
    pub(super) missing: &'static [&'static str],
    /// Shelf prices that differ from the suggested price, in fen.
    pub(super) prices: &'static [(&'static str, i64)],
    /// Yes-or-no items answered "no".
    pub(super) faults: &'static [&'static str],
    /// Clerks trained.
    pub(super) clerks: &'static [&'static str],
}

/// Shelf prices where nothing else was found, in fen: the suggested prices.
const SUGGESTED: [(&str, i64); 5] =
    [("P1", 109_900), ("P2", 169_900), ("P3", 79_900), ("P4", 249_900), ("P5", 499_900)];

/// Answers every question of one step.
pub(super) fn answer_step(handset: &Handset, visit: VisitId, step: u8, findings: &Findings) -> anyhow::Result<()> {
    // An answer may open further questions, so ask again until none is left.
    while let Some(question) = next_question(&handset.phone.visits().view(visit)?, step) {
        let (value, reason) = answer_to(&question, findings);
        done(handset.phone.visits().answer(visit, &question.key, value, reason)?)?;
    }
    Ok(())
}

fn next_question(view: &VisitView, step: u8) -> Option<QuestionView> {
    let sections = view.steps.iter().filter(|entry| entry.step == step).flat_map(|entry| &entry.sections);
    sections.flat_map(|section| &section.questions).find(|question| question.answer.is_none()).cloned()
}

/// The answers of a visit, with their reasons, by question.
pub(super) fn answers(view: &VisitView) -> BTreeMap<AnswerKey, (AnswerValue, Option<String>)> {
    let questions = view.steps.iter().flat_map(|step| &step.sections).flat_map(|section| &section.questions);
    let answered =
        |question: &QuestionView| Some((question.key.clone(), (question.answer.clone()?, question.reason.clone())));
    questions.filter_map(answered).collect()
}

fn answer_to(question: &QuestionView, findings: &Findings) -> (AnswerValue, Option<&'static str>) {
    let AnswerKey { item, instance } = &question.key;
    let is_missing = findings.missing.contains(&instance.as_str());
    match &question.kind {
        ItemKind::YesNo if item == "on_shelf" && is_missing => (AnswerValue::YesNo(false), Some("dealer_out_of_stock")),
        ItemKind::YesNo => (AnswerValue::YesNo(!findings.faults.contains(&item.as_str())), None),
        ItemKind::Count(_) => (AnswerValue::Count(if is_missing { 0 } else { 12 }), None),
        ItemKind::Price(_) => (AnswerValue::Price(shelf_price(instance, findings)), None),
        ItemKind::Text { .. } => (AnswerValue::Text("已与陈经理商定下周补货并调整陈列".to_owned()), None),
        ItemKind::SingleChoice { choices } => {
            (AnswerValue::Choice(choices.first().map(|choice| choice.code.clone()).unwrap_or_default()), None)
        }
        ItemKind::MultipleChoice { choices } => {
            (AnswerValue::Choices(choices.iter().take(1).map(|choice| choice.code.clone()).collect()), None)
        }
        ItemKind::Names { .. } => {
            (AnswerValue::Names(findings.clerks.iter().map(|name| (*name).to_owned()).collect()), None)
        }
    }
}

fn shelf_price(product: &str, findings: &Findings) -> Decimal {
    let of = |list: &[(&str, i64)]| list.iter().find(|(code, _)| *code == product).map(|(_, price)| *price);
    Decimal::new(of(findings.prices).or_else(|| of(&SUGGESTED)).unwrap_or_default(), 2)
}

/// Takes a photo of every zone that needs one; in shot order.
pub(super) fn photograph(handset: &Handset, visit: VisitId, first_picture: usize) -> anyhow::Result<Vec<PhotoId>> {
    let zones: Vec<String> = handset
        .phone
        .visits()
        .view(visit)?
        .zones
        .iter()
        .filter(|zone| zone.is_missing)
        .map(|zone| zone.code.clone())
        .collect();
    let mut taken = Vec::new();
    for (place, zone) in zones.iter().enumerate() {
        let picture = picture(first_picture + place)?;
        taken.push(done(handset.phone.photos().capture(visit, zone, &picture, None)?)?.photo_id);
    }
    Ok(taken)
}

/// One of the dozen real shelf photos.
pub(super) fn picture(number: usize) -> anyhow::Result<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/photos/shelf");
    let mut pictures: Vec<PathBuf> = std::fs::read_dir(&folder)?
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "jpg"))
        .collect();
    pictures.sort();
    anyhow::ensure!(!pictures.is_empty(), "there are no pictures in {}", folder.display());
    Ok(pictures.swap_remove(number % pictures.len()))
}

/// A fix so many metres north of an outlet.
pub(super) fn fix_near(handset: &Handset, outlet: OutletId, metres: f64) -> anyhow::Result<Fix> {
    let brief = handset.phone.visits().brief(outlet)?;
    let at = brief.outlet.position.ok_or_else(|| anyhow::anyhow!("the outlet has no position"))?;
    let lat = at.lat + (metres / 6_371_008.8_f64).to_degrees();
    Ok(Fix { position: Position { lat, lon: at.lon, datum: Datum::Wgs84 }, accuracy_m: 12.0, is_mock: false })
}
