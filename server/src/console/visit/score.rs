//! A score with every point that was missed, in words.

use std::collections::BTreeMap;

use storewalk_domain::{
    catalog::Product,
    checklist::ChecklistTemplate,
    score::{MissCause, StoreScore},
};

use crate::console::{format, words::Words};

/// A score as the page shows it.
pub(crate) struct ScoreView {
    pub(crate) total: String,
    pub(crate) blocks: Vec<BlockView>,
}

pub(crate) struct BlockView {
    pub(crate) name: String,
    pub(crate) points: String,
    pub(crate) weight: u32,
    pub(crate) earned: String,
    pub(crate) misses: Vec<MissView>,
}

pub(crate) struct MissView {
    pub(crate) points: u32,
    pub(crate) name: String,
    pub(crate) cause: String,
}

/// Puts a score into words with the checklist it was reckoned on.
pub(crate) fn view(
    score: &StoreScore,
    template: Option<&ChecklistTemplate>,
    products: &BTreeMap<String, Product>,
    words: &Words,
) -> ScoreView {
    let block_name = |code: &str| {
        let block = template.and_then(|template| template.blocks.iter().find(|block| block.code == code));
        block.map_or_else(|| code.to_owned(), |block| block.title.get(words.language()).to_owned())
    };
    let blocks = score.blocks.iter().map(|block| BlockView {
        name: block_name(&block.block),
        points: block.points.map_or_else(|| words.t("score.not_applicable").to_owned(), format::figure),
        weight: block.weight,
        earned: words.fill(
            "score.earned_of",
            &[("earned", &block.earned.to_string()), ("possible", &block.possible.to_string())],
        ),
        misses: block
            .misses
            .iter()
            .map(|miss| {
                let name = question_name(&miss.item, template, products, words);
                MissView { points: miss.points, name, cause: words.t(cause_key(miss.cause)).to_owned() }
            })
            .collect(),
    });
    ScoreView { total: format::figure(score.total), blocks: blocks.collect() }
}

fn cause_key(cause: MissCause) -> &'static str {
    match cause {
        MissCause::NotFulfilled => "miss.not_fulfilled",
        MissCause::Unanswered => "miss.unanswered",
        MissCause::EvidenceRejected => "miss.evidence_rejected",
    }
}

/// The wording of a question written `item` or `item[instance]`.
pub(crate) fn question_name(
    question: &str,
    template: Option<&ChecklistTemplate>,
    products: &BTreeMap<String, Product>,
    words: &Words,
) -> String {
    let (item, instance) =
        question.split_once('[').map_or((question, ""), |(item, rest)| (item, rest.trim_end_matches(']')));
    let mut items = template.into_iter().flat_map(|template| &template.sections).flat_map(|section| &section.items);
    let label = items.find(|known| known.code == item).map_or(item, |known| known.label.get(words.language()));
    if instance.is_empty() {
        return label.to_owned();
    }
    words.fill("visit.question_of", &[("question", label), ("product", &product_name(instance, products, words))])
}

/// A product by its name, with its code where the name does not tell it.
pub(crate) fn product_name(code: &str, products: &BTreeMap<String, Product>, words: &Words) -> String {
    let name = products.get(code).map(|product| product.name.get(words.language()));
    match name {
        Some(name) if name.contains(code) => name.to_owned(),
        Some(name) => format!("{code} {name}"),
        None => code.to_owned(),
    }
}
