//! What was answered, section by section, and what the shelf prices say.

use std::collections::BTreeMap;

use storewalk_domain::{
    catalog::{PriceFinding, Product, check_shelf_price},
    checklist::{Answer, AnswerValue, ChecklistTemplate, Item, ItemKind, Section},
    handbook::HandbookList,
    money::Money,
    sync::Policies,
};

use super::score::product_name;
use crate::console::{
    format,
    frame::{Pill, Tone},
    lookup::Names,
    words::Words,
};

/// The answers of a section.
pub(crate) struct SectionView {
    pub(crate) code: String,
    pub(crate) title: String,
    pub(crate) answers: Vec<AnswerView>,
}

pub(crate) struct AnswerView {
    pub(crate) question: String,
    pub(crate) value: String,
    /// Yes, no and "not applicable" are shown as a pill instead of the value.
    pub(crate) pill: Option<Pill>,
    pub(crate) reason: String,
}

/// A shelf price with what it says.
pub(crate) struct PriceView {
    pub(crate) product: String,
    pub(crate) shelf: String,
    pub(crate) finding: Pill,
    pub(crate) detail: String,
}

/// The answers in the order of the checklist; sections without an answer are left out.
pub(crate) fn sections(
    template: &ChecklistTemplate,
    answers: &[Answer],
    products: &BTreeMap<String, Product>,
    names: &Names<'_>,
    words: &Words,
) -> Vec<SectionView> {
    let view = |section: &Section| SectionView {
        code: section.code.clone(),
        title: section.title.get(words.language()).to_owned(),
        answers: section.items.iter().flat_map(|item| of_item(item, answers, products, names, words)).collect(),
    };
    template.sections.iter().map(view).filter(|section| !section.answers.is_empty()).collect()
}

fn of_item(
    item: &Item,
    answers: &[Answer],
    products: &BTreeMap<String, Product>,
    names: &Names<'_>,
    words: &Words,
) -> Vec<AnswerView> {
    let mut given: Vec<&Answer> = answers.iter().filter(|answer| answer.item == item.code).collect();
    given.sort_by(|a, b| a.instance.cmp(&b.instance));
    let label = item.label.get(words.language());
    let view = |answer: &Answer| AnswerView {
        question: if answer.instance.is_empty() {
            label.to_owned()
        } else {
            let product = product_name(&answer.instance, products, words);
            words.fill("visit.question_of", &[("question", label), ("product", &product)])
        },
        value: value_text(&answer.value, item, words),
        pill: yes_no(&answer.value, words),
        reason: answer.reason.as_ref().map(|reason| reason_text(reason, item, names)).unwrap_or_default(),
    };
    given.into_iter().map(view).collect()
}

fn yes_no(value: &AnswerValue, words: &Words) -> Option<Pill> {
    match value {
        AnswerValue::YesNo(true) => Some(Pill::new(Tone::Good, "check", words.t("answer.yes"))),
        AnswerValue::YesNo(false) => Some(Pill::new(Tone::Bad, "cross", words.t("answer.no"))),
        AnswerValue::NotApplicable => Some(Pill::new(Tone::Plain, "info", words.t("answer.not_applicable"))),
        _ => None,
    }
}

fn value_text(value: &AnswerValue, item: &Item, words: &Words) -> String {
    match value {
        AnswerValue::Count(count) => count.to_string(),
        AnswerValue::Price(price) => format::unit_price(*price),
        AnswerValue::Text(text) => text.clone(),
        AnswerValue::Choice(code) => choice_text(code, item, words),
        AnswerValue::Choices(codes) => {
            let chosen: Vec<_> = codes.iter().map(|code| choice_text(code, item, words)).collect();
            chosen.join(words.t("list.comma"))
        }
        AnswerValue::Names(people) => people.join(words.t("list.comma")),
        AnswerValue::YesNo(_) | AnswerValue::NotApplicable => String::new(),
    }
}

fn choice_text(code: &str, item: &Item, words: &Words) -> String {
    let (ItemKind::SingleChoice { choices } | ItemKind::MultipleChoice { choices }) = &item.kind else {
        return code.to_owned();
    };
    let choice = choices.iter().find(|choice| choice.code == code);
    choice.map_or_else(|| code.to_owned(), |choice| choice.label.get(words.language()).to_owned())
}

fn reason_text(reason: &str, item: &Item, names: &Names<'_>) -> String {
    let list = item.reason_list.as_deref().and_then(HandbookList::from_name);
    list.map_or_else(|| reason.to_owned(), |list| names.label(list, reason))
}

/// The shelf prices of a visit, checked.
pub(crate) fn prices(
    answers: &[Answer],
    products: &BTreeMap<String, Product>,
    policies: &Policies,
    words: &Words,
) -> Vec<PriceView> {
    let mut found: Vec<_> = answers
        .iter()
        .filter(|answer| answer.item == "shelf_price")
        .filter_map(|answer| match answer.value {
            AnswerValue::Price(price) => products.get(&answer.instance).map(|product| (product, price)),
            _ => None,
        })
        .collect();
    found.sort_by(|a, b| a.0.code.cmp(&b.0.code));
    let view = |(product, price): (&Product, rust_decimal::Decimal)| {
        let finding = check_shelf_price(product, price, policies);
        PriceView {
            product: product_name(&product.code, products, words),
            shelf: format::unit_price(price),
            detail: finding_text(finding, product, words),
            finding: finding_pill(finding, words),
        }
    };
    found.into_iter().map(view).collect()
}

fn finding_pill(finding: PriceFinding, words: &Words) -> Pill {
    match finding {
        PriceFinding::InBand => Pill::new(Tone::Good, "check", words.t("price.in_band")),
        PriceFinding::BelowMinimum { .. } => Pill::new(Tone::Bad, "cross", words.t("price.below")),
        PriceFinding::FarAbove { .. } => Pill::new(Tone::Warn, "warn", words.t("price.above")),
        PriceFinding::NoReference => Pill::new(Tone::Plain, "info", words.t("price.no_reference")),
    }
}

fn finding_text(finding: PriceFinding, product: &Product, words: &Words) -> String {
    let limit = |price: Option<Money>| price.map(|price| price.to_string()).unwrap_or_default();
    let (key, by, pct, limit) = match finding {
        PriceFinding::BelowMinimum { by, pct } => ("price.below_by", by, pct, limit(product.min_retail)),
        PriceFinding::FarAbove { by, pct } => ("price.above_by", by, pct, limit(product.suggested_retail)),
        PriceFinding::InBand | PriceFinding::NoReference => return String::new(),
    };
    words.fill(key, &[("by", &format::unit_price(by)), ("pct", &pct.to_string()), ("limit", &limit)])
}
