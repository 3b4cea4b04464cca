//! Questions as a person reads them.

use rust_decimal::Decimal;
use serde::Serialize;
use storewalk_domain::{
    catalog::{PriceFinding, check_shelf_price},
    checklist::{AnswerKey, AnswerValue, ItemKind, Question},
    handbook::HandbookList,
    ids::ProductId,
    sync::Policies,
    text::Localized,
    visit::SHELF_PRICE_ITEM,
};

use super::Handbook;

/// A section of questions.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct SectionView {
    /// Code.
    pub code: String,
    /// Title.
    pub title: Localized,
    /// Questions that apply now.
    pub questions: Vec<QuestionView>,
}

/// A question.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct QuestionView {
    /// Which question; what an answer is given to.
    pub key: AnswerKey,
    /// Wording.
    pub label: Localized,
    /// What kind of answer it takes.
    pub kind: ItemKind,
    /// The product it is about.
    pub product_id: Option<ProductId>,
    /// The product's name.
    pub product_name: Option<Localized>,
    /// Whether the visit can be closed without it.
    pub is_required: bool,
    /// Whether "not applicable" may be answered.
    pub may_be_not_applicable: bool,
    /// Reasons to choose from when the answer is "no"; empty when none is asked.
    pub reasons: Vec<ReasonView>,
    /// The answer that stands.
    pub answer: Option<AnswerValue>,
    /// The reason given with it, by code.
    pub reason: Option<String>,
    /// What a shelf price says against minimum and suggested price; `None` for anything else.
    pub price_finding: Option<PriceFindingView>,
}

/// A reason to choose from.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct ReasonView {
    /// Code.
    pub code: String,
    /// Wording.
    pub text: Localized,
}

/// What a shelf price says.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct PriceFindingView {
    /// How it is to be shown.
    pub light: PriceLight,
    /// How far it is off the minimum (red) or the suggested price (amber), in major units; zero when green.
    pub by: Decimal,
    /// The same in percent of that price, one decimal.
    pub pct: Decimal,
}

/// The colour of a shelf price.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PriceLight {
    /// Neither too low nor far too high.
    Green,
    /// Far above the suggested price.
    Amber,
    /// Below the minimum.
    Red,
}

/// The questions of a step, section by section.
pub(super) fn sections(
    questions: &[Question<'_>],
    step: u8,
    handbook: &Handbook,
    policies: &Policies,
) -> Vec<SectionView> {
    let mut sections: Vec<SectionView> = Vec::new();
    for question in questions.iter().filter(|question| question.section.step == step) {
        let section = question.section;
        if sections.last().is_none_or(|last| last.code != section.code) {
            let (code, title) = (section.code.clone(), section.title.clone());
            sections.push(SectionView { code, title, questions: Vec::new() });
        }
        if let Some(last) = sections.last_mut() {
            last.questions.push(view(question, handbook, policies));
        }
    }
    sections
}

fn view(question: &Question<'_>, handbook: &Handbook, policies: &Policies) -> QuestionView {
    let item = question.item;
    QuestionView {
        key: question.key.clone(),
        label: item.label.clone(),
        kind: item.kind.clone(),
        product_id: question.product.map(|product| product.id),
        product_name: question.product.map(|product| product.name.clone()),
        is_required: question.is_required,
        may_be_not_applicable: item.may_be_not_applicable,
        reasons: reasons(item.reason_list.as_deref(), handbook),
        answer: question.answer.map(|answer| answer.value.clone()),
        reason: question.answer.and_then(|answer| answer.reason.clone()),
        price_finding: price_finding(question, policies),
    }
}

fn reasons(list: Option<&str>, handbook: &Handbook) -> Vec<ReasonView> {
    let Some(list) = list.and_then(HandbookList::from_name) else { return Vec::new() };
    handbook.reasons(list)
}

fn price_finding(question: &Question<'_>, policies: &Policies) -> Option<PriceFindingView> {
    let product = question.product.filter(|_| question.item.code == SHELF_PRICE_ITEM)?;
    let AnswerValue::Price(shelf) = question.answer?.value else { return None };
    let (light, by, pct) = match check_shelf_price(product, shelf, policies) {
        PriceFinding::BelowMinimum { by, pct } => (PriceLight::Red, by, pct),
        PriceFinding::FarAbove { by, pct } => (PriceLight::Amber, by, pct),
        PriceFinding::InBand => (PriceLight::Green, Decimal::ZERO, Decimal::ZERO),
        PriceFinding::NoReference => return None,
    };
    Some(PriceFindingView { light, by, pct })
}
