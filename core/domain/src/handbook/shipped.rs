//! The handbook and the checklist that Storewalk ships, read from `handbook/*.json`.
//!
//! **Invariant.** Ids are derived from codes, so every installation and every release gives an entry the same id.

use std::sync::LazyLock;

use serde::Deserialize;
use uuid::{Uuid, uuid};

use super::{HandbookEntry, HandbookList};
use crate::{
    checklist::{Block, ChecklistTemplate, Section},
    ids::{HandbookEntryId, TemplateId},
    text::Localized,
    time::Timestamp,
};

/// The namespace of the ids of everything shipped (UUIDv5). It never changes.
pub const SHIPPED_NAMESPACE: Uuid = uuid!("6f1d3c52-6f0e-5b1c-9a54-27d1c0a9e8b4");

/// An entry as it stands in a file.
#[derive(Deserialize)]
struct EntryText {
    code: String,
    text: Localized,
    detail: Localized,
    #[serde(default)]
    is_required: bool,
}

/// The checklist as it stands in its file.
#[derive(Deserialize)]
struct TemplateText {
    code: String,
    version: u32,
    title: Localized,
    valid_from: Timestamp,
    sections: Vec<Section>,
    blocks: Vec<Block>,
}

static ENTRIES: LazyLock<Vec<HandbookEntry>> =
    LazyLock::new(|| HandbookList::ALL.into_iter().flat_map(|list| parse(list, text_of(list))).collect());

static STANDARD_VISIT: LazyLock<ChecklistTemplate> = LazyLock::new(|| {
    let text: TemplateText = serde_json::from_str(include_str!("../../handbook/standard_visit.json"))
        .expect("the shipped checklist is tested to be valid");
    let name = format!("{}/{}", text.code, text.version);
    ChecklistTemplate {
        id: TemplateId::derived(SHIPPED_NAMESPACE, &name),
        code: text.code,
        version: text.version,
        title: text.title,
        valid_from: text.valid_from,
        sections: text.sections,
        blocks: text.blocks,
    }
});

/// Every entry of the shipped handbook, list by list, in order.
pub fn entries() -> Vec<HandbookEntry> {
    ENTRIES.clone()
}

/// The shipped checklist of an ordinary visit.
pub fn standard_visit() -> ChecklistTemplate {
    STANDARD_VISIT.clone()
}

fn text_of(list: HandbookList) -> &'static str {
    match list {
        HandbookList::VisitStep => include_str!("../../handbook/visit_steps.json"),
        HandbookList::VisitGoal => include_str!("../../handbook/visit_goals.json"),
        HandbookList::PhotoZone => include_str!("../../handbook/photo_zones.json"),
        HandbookList::RejectReason => include_str!("../../handbook/reject_reasons.json"),
        HandbookList::NotOnShelfReason => include_str!("../../handbook/not_on_shelf_reasons.json"),
        HandbookList::SkipReason => include_str!("../../handbook/skip_reasons.json"),
        HandbookList::GoalCause => include_str!("../../handbook/goal_causes.json"),
        HandbookList::TaskKind => include_str!("../../handbook/task_kinds.json"),
        HandbookList::AlertKind => include_str!("../../handbook/alert_kinds.json"),
    }
}

fn parse(list: HandbookList, text: &str) -> Vec<HandbookEntry> {
    let texts: Vec<EntryText> = serde_json::from_str(text).expect("the shipped handbook is tested to be valid");
    let entry = |(position, text): (u32, EntryText)| HandbookEntry {
        id: HandbookEntryId::derived(SHIPPED_NAMESPACE, &format!("{}/{}", list.as_str(), text.code)),
        list,
        code: text.code,
        position,
        text: text.text,
        detail: text.detail,
        is_required: text.is_required,
    };
    (1..).zip(texts).map(entry).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use rstest::rstest;

    use super::*;
    use crate::checklist::{Condition, Item, ItemKind};

    fn list(list: HandbookList) -> Vec<HandbookEntry> {
        entries().into_iter().filter(|entry| entry.list == list).collect()
    }

    fn items() -> Vec<Item> {
        standard_visit().sections.into_iter().flat_map(|section| section.items).collect()
    }

    fn is_complete(text: &Localized) -> bool {
        !text.zh.trim().is_empty() && !text.en.trim().is_empty()
    }

    #[rstest]
    #[case(HandbookList::VisitStep, 11)]
    #[case(HandbookList::VisitGoal, 12)]
    #[case(HandbookList::PhotoZone, 11)]
    #[case(HandbookList::RejectReason, 12)]
    #[case(HandbookList::NotOnShelfReason, 8)]
    #[case(HandbookList::SkipReason, 8)]
    #[case(HandbookList::GoalCause, 11)]
    #[case(HandbookList::TaskKind, 5)]
    #[case(HandbookList::AlertKind, 1)]
    fn every_list_is_complete_in_both_languages(#[case] of: HandbookList, #[case] count: usize) {
        let entries = list(of);
        assert_eq!(entries.len(), count);
        let codes: BTreeSet<_> = entries.iter().map(|entry| &entry.code).collect();
        assert_eq!(codes.len(), count, "a code stands twice");
        for entry in &entries {
            assert!(is_complete(&entry.text) && is_complete(&entry.detail), "{} lacks a wording", entry.code);
        }
    }

    #[test]
    fn ids_are_unique_and_the_same_for_ever() {
        let entries = entries();
        let ids: BTreeSet<_> = entries.iter().map(|entry| entry.id).collect();
        assert_eq!(ids.len(), entries.len());
        assert_eq!(entries[0].id.to_string(), "ebe6abf6-3785-516b-a6ad-fe0cc0dc2c1d");
        assert_eq!(standard_visit().id.to_string(), "d0f86b4a-5879-592c-938c-90ab7281ab96");
    }

    #[test]
    fn five_photos_are_required_and_the_second_shows_the_product_zone() {
        let zones = list(HandbookList::PhotoZone);
        let required: Vec<_> = zones.iter().filter(|zone| zone.is_required).map(|zone| zone.code.as_str()).collect();
        assert_eq!(required, ["storefront", "product_zone", "aisle", "price_tag", "pop_wall"]);
        assert_eq!(zones[1].position, 2);
    }

    #[test]
    fn the_steps_are_numbered_one_to_eleven() {
        let codes: Vec<_> = list(HandbookList::VisitStep).into_iter().map(|step| step.code).collect();
        assert_eq!(codes, (1..=11).map(|step: u8| step.to_string()).collect::<Vec<_>>());
    }

    #[test]
    fn every_item_of_the_standard_visit_is_worded_and_refers_to_what_exists() {
        let template = standard_visit();
        let items = items();
        let codes: BTreeSet<_> = items.iter().map(|item| item.code.as_str()).collect();
        assert_eq!(codes.len(), items.len(), "an item code stands twice");
        let zones: BTreeSet<_> = list(HandbookList::PhotoZone).into_iter().map(|zone| zone.code).collect();
        for item in &items {
            assert!(is_complete(&item.label), "{} lacks a wording", item.code);
            if let Condition::Yes { item: other } = &item.relevant {
                assert!(codes.contains(other.as_str()), "{} rests on {other}", item.code);
            }
            if let Some(reasons) = &item.reason_list {
                assert!(HandbookList::from_name(reasons).is_some(), "{} asks a reason of {reasons}", item.code);
            }
            let Some(rule) = &item.score else { continue };
            assert!(template.blocks.iter().any(|block| block.code == rule.block), "{} scores nowhere", item.code);
            assert!(rule.evidence_zone.as_ref().is_none_or(|zone| zones.contains(zone)), "{}", item.code);
        }
    }

    #[test]
    fn the_weights_make_a_hundred() {
        let template = standard_visit();
        assert_eq!((template.code.as_str(), template.version), ("standard_visit", 12));
        let weights: Vec<_> = template.blocks.iter().map(|block| block.weight).collect();
        assert_eq!(weights, [30, 25, 15, 15, 15]);
    }

    #[test]
    fn the_seven_site_factors_are_worth_twenty_five_and_one_photo_proves_twelve() {
        let rules: Vec<_> = items().into_iter().filter_map(|item| item.score).collect();
        let display: Vec<_> = rules.iter().filter(|rule| rule.block == "display").collect();
        assert_eq!(display.len(), 7);
        assert_eq!(display.iter().map(|rule| rule.points).sum::<u32>(), 25);
        let proved = display.iter().filter(|rule| rule.evidence_zone.as_deref() == Some("product_zone"));
        assert_eq!(proved.map(|rule| rule.points).sum::<u32>(), 12);
    }

    #[test]
    fn sections_stand_in_the_order_of_the_steps() {
        let steps: Vec<_> = standard_visit().sections.iter().map(|section| section.step).collect();
        assert!(steps.is_sorted() && steps.iter().all(|step| (4..=11).contains(step)), "{steps:?}");
    }

    #[test]
    fn the_causes_of_a_result_are_those_of_the_handbook() {
        let item = items().into_iter().find(|item| item.code == "result_cause").expect("asked at step 11");
        let ItemKind::SingleChoice { choices } = item.kind else { panic!("one cause is chosen") };
        let offered: Vec<_> = choices.into_iter().map(|choice| (choice.code, choice.label)).collect();
        let causes: Vec<_> = list(HandbookList::GoalCause).into_iter().map(|cause| (cause.code, cause.text)).collect();
        assert_eq!(offered, causes);
    }
}
