//! The figures of scenarios D1, D2 and D8, and the laws every score keeps.

use std::collections::BTreeSet;

use proptest::prelude::*;
use rust_decimal::Decimal;

use super::{MissCause, StoreScore, after_verdict, score};
use crate::{
    checklist::{
        Answer, AnswerValue,
        fixture::{answer, answers_of_s0101, decimal, hero_products, no, price, yes},
    },
    handbook::standard_visit,
    sync::Policies,
};

fn scored(answers: &[Answer], rejected: &[&str]) -> StoreScore {
    let rejected: BTreeSet<String> = rejected.iter().map(|zone| (*zone).to_owned()).collect();
    score(&standard_visit(), &hero_products(), answers, &rejected, &Policies::default())
}

fn points(score: &StoreScore) -> Vec<Option<Decimal>> {
    score.blocks.iter().map(|block| block.points).collect()
}

fn whole(figures: [i64; 5]) -> Vec<Option<Decimal>> {
    figures.into_iter().map(|figure| Some(Decimal::from(figure))).collect()
}

#[test]
fn s0101_scores_85_at_check_out() {
    let score = scored(&answers_of_s0101(), &[]);
    assert_eq!(points(&score), whole([24, 25, 9, 12, 15]));
    assert_eq!(score.total, Decimal::from(85));
}

#[test]
fn while_the_photo_of_the_product_zone_stands_rejected_s0101_scores_73() {
    let score = scored(&answers_of_s0101(), &["product_zone"]);
    assert_eq!(points(&score), whole([24, 13, 9, 12, 15]));
    assert_eq!(score.total, Decimal::from(73));
    let lost: Vec<_> =
        score.blocks[1].misses.iter().map(|miss| (miss.item.as_str(), miss.points, miss.cause)).collect();
    let rejected = MissCause::EvidenceRejected;
    assert_eq!(
        lost,
        [("display_space", 4, rejected), ("display_on_counter", 4, rejected), ("display_core_height", 4, rejected)]
    );
}

#[test]
fn a_photo_that_proves_nothing_in_the_score_costs_nothing() {
    assert_eq!(scored(&answers_of_s0101(), &["aisle", "storefront"]).total, Decimal::from(85));
}

#[test]
fn a_score_says_what_was_missed_and_why() {
    let score = scored(&answers_of_s0101(), &[]);
    let missed: Vec<_> = score.blocks.iter().flat_map(|block| &block.misses).map(|miss| miss.item.as_str()).collect();
    assert_eq!(missed, ["on_shelf[P4]", "shelf_price[P1]", "price_tags_uniform", "pop_light_box"]);
    assert_eq!(score.blocks[2].earned, 9);
    assert_eq!(score.blocks[2].possible, 15);
}

#[test]
fn nothing_answered_is_nothing_earned_and_every_miss_is_named() {
    let score = scored(&[], &[]);
    assert_eq!(score.total, Decimal::ZERO);
    let misses: Vec<_> = score.blocks.iter().flat_map(|block| &block.misses).collect();
    assert!(misses.iter().all(|miss| miss.cause == MissCause::Unanswered));
    assert_eq!(misses.len(), 5 + 1 + 7 + 5 + 5);
}

#[test]
fn a_block_of_which_nothing_applies_leaves_the_score() {
    let template = standard_visit();
    let score = score(&template, &[], &answers_of_s0101(), &BTreeSet::new(), &Policies::default());
    assert_eq!(score.blocks[0].points, None, "no product, no must-stock");
    assert_eq!(score.blocks[4].points, None);
    // Display 25 of 25, price 0 of 15 (tags), POP 12 of 15: 37 of 55.
    assert_eq!(score.total, decimal("67.27"));
}

#[test]
fn a_price_without_a_reference_leaves_both_sums() {
    let mut products = hero_products();
    products[0].min_retail = None;
    products[0].suggested_retail = None;
    let score = score(&standard_visit(), &products, &answers_of_s0101(), &BTreeSet::new(), &Policies::default());
    assert_eq!((score.blocks[2].earned, score.blocks[2].possible), (9, 12));
}

#[test]
fn an_endless_quotient_is_rounded_once_to_two_decimals() {
    let answers =
        [yes("pop_poster", ""), answer("pop_light_box", "", AnswerValue::NotApplicable), yes("pop_standee", "")];
    let mut template = standard_visit();
    for section in &mut template.sections {
        section.items.retain(|item| item.score.as_ref().is_some_and(|rule| rule.block == "pop"));
        section.items.retain(|item| item.code != "pop_storefront_sign");
    }
    template.blocks.retain(|block| block.code == "pop");
    let score = score(&template, &[], &answers, &BTreeSet::new(), &Policies::default());
    assert_eq!(score.blocks[0].points, Some(Decimal::from(10)), "2 of 3 of 15");
    template.blocks[0].weight = 10;
    let score = super::score(&template, &[], &answers, &BTreeSet::new(), &Policies::default());
    assert_eq!(score.blocks[0].points, Some(decimal("6.67")));
    assert_eq!(score.total, decimal("66.7"), "made of the rounded figure");
}

#[test]
fn a_late_verdict_touches_only_blocks_that_rest_on_photos() {
    let template = standard_visit();
    let before = scored(&answers_of_s0101(), &[]);
    let mut dearer = hero_products();
    for product in &mut dearer {
        product.min_retail = product.suggested_retail.map(|price| price.plus(price).expect("fits"));
    }
    let rejected = BTreeSet::from(["product_zone".to_owned()]);
    let fresh = score(&template, &dearer, &answers_of_s0101(), &rejected, &Policies::default());
    assert_ne!(fresh.blocks[2], before.blocks[2]);
    let after = after_verdict(&template, &before, fresh);
    assert_eq!(after.total, Decimal::from(73));
    assert_eq!(after.blocks[2], before.blocks[2]);
}

fn any_yes_no() -> impl Strategy<Value = AnswerValue> {
    prop_oneof![Just(AnswerValue::YesNo(true)), Just(AnswerValue::YesNo(false)), Just(AnswerValue::NotApplicable)]
}

/// Some answers to the standard visit; each question may be left open.
fn any_answers() -> impl Strategy<Value = Vec<Answer>> {
    let once: Vec<String> = standard_visit()
        .sections
        .into_iter()
        .flat_map(|section| section.items)
        .filter(|item| item.score.is_some())
        .map(|item| item.code)
        .collect();
    let products = prop::sample::select(vec!["P1", "P2", "P3", "P4", "P5"]);
    let of_once = (prop::sample::select(once), any_yes_no()).prop_map(|(code, value)| answer(&code, "", value));
    let of_shelf = (products.clone(), any_yes_no()).prop_map(|(code, value)| answer("on_shelf", code, value));
    let of_price = (products.clone(), 1_i64..300_000)
        .prop_map(|(code, minor)| answer("shelf_price", code, AnswerValue::Price(Decimal::new(minor, 2))));
    let of_stock =
        (products, 0_i64..50).prop_map(|(code, count)| answer("stock_count", code, AnswerValue::Count(count)));
    prop::collection::vec(prop_oneof![of_once, of_shelf, of_price, of_stock], 0..60)
}

fn any_zones() -> impl Strategy<Value = Vec<&'static str>> {
    prop::collection::vec(prop::sample::select(vec!["product_zone", "aisle"]), 0..2)
}

proptest! {
    #[test]
    fn a_score_lies_between_0_and_100_and_every_block_within_its_weight(
        answers in any_answers(),
        zones in any_zones(),
    ) {
        let score = scored(&answers, &zones);
        prop_assert!((Decimal::ZERO..=Decimal::ONE_HUNDRED).contains(&score.total), "{}", score.total);
        for block in &score.blocks {
            let weight = Decimal::from(block.weight);
            prop_assert!(block.points.is_none_or(|points| (Decimal::ZERO..=weight).contains(&points)));
            let lost: u32 = block.misses.iter().map(|miss| miss.points).sum();
            prop_assert_eq!(block.earned + lost, block.possible, "misses explain the whole difference");
        }
    }

    #[test]
    fn the_last_of_two_answers_counts(answers in any_answers(), zones in any_zones()) {
        let mut last = std::collections::BTreeMap::new();
        for answer in &answers {
            last.insert(answer.key(), answer.clone());
        }
        let last: Vec<_> = last.into_values().collect();
        prop_assert_eq!(scored(&answers, &zones), scored(&last, &zones));
    }

    #[test]
    fn not_applicable_takes_an_item_out_and_touches_nothing_else(answers in any_answers(), was in any::<bool>()) {
        let asked = if was { yes("pop_light_box", "") } else { no("pop_light_box", "") };
        let with = scored(&[answers.clone(), vec![asked]].concat(), &[]);
        let without = scored(&[answers, vec![answer("pop_light_box", "", AnswerValue::NotApplicable)]].concat(), &[]);
        for (before, after) in with.blocks.iter().zip(&without.blocks) {
            if before.block == "pop" {
                prop_assert_eq!(after.possible, before.possible - 3);
                prop_assert_eq!(after.earned, before.earned - if was { 3 } else { 0 });
                let is_lower = before.points.zip(after.points).is_some_and(|(before, after)| after < before);
                prop_assert!(was || !is_lower, "leaving out a miss never lowers a block");
            } else {
                prop_assert_eq!(before, after);
            }
        }
    }

    #[test]
    fn a_rejected_photo_never_raises_a_score(answers in any_answers()) {
        prop_assert!(scored(&answers, &["product_zone"]).total <= scored(&answers, &[]).total);
    }

    #[test]
    fn a_price_in_band_never_scores_less_than_one_out_of_it(minor in 1_i64..300_000) {
        let mut answers = answers_of_s0101();
        answers.push(price("shelf_price", "P1", "1099.00"));
        let fair = scored(&answers, &[]).total;
        answers.push(answer("shelf_price", "P1", AnswerValue::Price(Decimal::new(minor, 2))));
        prop_assert!(scored(&answers, &[]).total <= fair);
    }
}
