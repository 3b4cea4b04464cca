//! How a score comes about.

use std::collections::BTreeSet;

use rust_decimal::{Decimal, RoundingStrategy};

use super::{BlockScore, Miss, MissCause, StoreScore};
use crate::{
    catalog::{PriceFinding, Product, check_shelf_price},
    checklist::{Answer, AnswerValue, Block, ChecklistTemplate, Fulfilment, Item, Question, ScoreRule, questions},
    sync::Policies,
};

/// The score of a visit.
///
/// `must_stock` are the products the checklist asks about, `rejected_zones` the photo zones whose photo stands
/// rejected: what they prove earns nothing.
pub fn score(
    template: &ChecklistTemplate,
    must_stock: &[Product],
    answers: &[Answer],
    rejected_zones: &BTreeSet<String>,
    policies: &Policies,
) -> StoreScore {
    let asked = questions(template, must_stock, answers);
    let judge = Judge { rejected_zones, policies };
    let blocks = template.blocks.iter().map(|block| judge.block(block, &asked)).collect();
    composed(blocks)
}

/// The score after a verdict: blocks that rest on photos as reckoned afresh, all others as they were at check-out. So
/// a late verdict never lets changed prices or product lists into the score of a visit that is over.
pub fn after_verdict(template: &ChecklistTemplate, before: &StoreScore, fresh: StoreScore) -> StoreScore {
    let kept = |block: &BlockScore| before.blocks.iter().find(|old| old.block == block.block).cloned();
    let settle = |block: BlockScore| {
        if rests_on_photos(template, &block.block) { block } else { kept(&block).unwrap_or(block) }
    };
    composed(fresh.blocks.into_iter().map(settle).collect())
}

fn rests_on_photos(template: &ChecklistTemplate, block: &str) -> bool {
    let items = template.sections.iter().flat_map(|section| &section.items);
    let mut rules = items.filter_map(|item: &Item| item.score.as_ref());
    rules.any(|rule| rule.block == block && rule.evidence_zone.is_some())
}

fn composed(blocks: Vec<BlockScore>) -> StoreScore {
    let applying = blocks.iter().filter_map(|block| Some((block.points?, Decimal::from(block.weight))));
    let (points, weights) = applying
        .fold((Decimal::ZERO, Decimal::ZERO), |(points, weights), (point, weight)| (points + point, weights + weight));
    let total = if weights.is_zero() { Decimal::ZERO } else { shown(points * Decimal::ONE_HUNDRED / weights) };
    StoreScore { total, blocks }
}

fn shown(exact: Decimal) -> Decimal {
    exact.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero).normalize()
}

/// What an item does to the sums of its block.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Standing {
    Earned,
    Missed(MissCause),
    LeavesBothSums,
}

struct Judge<'a> {
    rejected_zones: &'a BTreeSet<String>,
    policies: &'a Policies,
}

impl Judge<'_> {
    fn block(&self, block: &Block, asked: &[Question<'_>]) -> BlockScore {
        let (mut earned, mut possible) = (0_u32, 0_u32);
        let mut misses = Vec::new();
        for question in asked {
            let Some(rule) = question.item.score.as_ref().filter(|rule| rule.block == block.code) else { continue };
            match self.standing(question, rule) {
                Standing::LeavesBothSums => continue,
                Standing::Earned => earned = earned.saturating_add(rule.points),
                Standing::Missed(cause) => {
                    misses.push(Miss { item: question.key.to_string(), points: rule.points, cause });
                }
            }
            possible = possible.saturating_add(rule.points);
        }
        let points = (possible > 0)
            .then(|| shown(Decimal::from(block.weight) * Decimal::from(earned) / Decimal::from(possible)));
        BlockScore { block: block.code.clone(), weight: block.weight, points, earned, possible, misses }
    }

    fn standing(&self, question: &Question<'_>, rule: &ScoreRule) -> Standing {
        match self.answered(question, rule.fulfilled) {
            Standing::Earned if self.is_disproved(rule) => Standing::Missed(MissCause::EvidenceRejected),
            standing => standing,
        }
    }

    fn is_disproved(&self, rule: &ScoreRule) -> bool {
        rule.evidence_zone.as_ref().is_some_and(|zone| self.rejected_zones.contains(zone))
    }

    fn answered(&self, question: &Question<'_>, fulfilment: Fulfilment) -> Standing {
        if fulfilment == Fulfilment::PriceInBand && !has_reference(question.product) {
            return Standing::LeavesBothSums;
        }
        let Some(answer) = question.answer.filter(|_| question.is_answered()) else {
            return Standing::Missed(MissCause::Unanswered);
        };
        let is_fulfilled = match (fulfilment, &answer.value) {
            (_, AnswerValue::NotApplicable) => return Standing::LeavesBothSums,
            (Fulfilment::Yes, value) => *value == AnswerValue::YesNo(true),
            (Fulfilment::Answered, _) => true,
            (Fulfilment::PriceInBand, AnswerValue::Price(amount)) => question
                .product
                .is_some_and(|product| check_shelf_price(product, *amount, self.policies) == PriceFinding::InBand),
            (Fulfilment::PriceInBand, _) => false,
        };
        if is_fulfilled { Standing::Earned } else { Standing::Missed(MissCause::NotFulfilled) }
    }
}

fn has_reference(product: Option<&Product>) -> bool {
    let references = product.map_or([None, None], |product| [product.min_retail, product.suggested_retail]);
    references.into_iter().flatten().any(|price| price.minor > 0)
}
