//! A small organisation, big enough for two reps, two dealers and a supervisor to get in each other's way.

use std::{collections::BTreeMap, sync::LazyLock};

use storewalk_domain::{
    catalog::MustStock,
    checklist::ChecklistTemplate,
    dealer::Dealer,
    handbook::{self, HandbookEntry, HandbookList},
    money::{Currency, Money},
    outlet::OutletClass,
    sync::Row,
    time::Timestamp,
};

use crate::world;

/// The outlets of the simulated organisation: six of territory T1, four of T2.
const OUTLETS: [&str; 10] = ["S0101", "S0102", "S0103", "S0104", "S0113", "S0201", "S0107", "S0601", "S0602", "S0613"];

/// The items the simulated checklist keeps.
const ITEMS: [&str; 6] =
    ["on_shelf", "shelf_price", "display_space", "pop_light_box", "decision_maker_met", "next_step"];

/// When every run begins: the day before the price lists change, so that some orders are priced anew.
pub fn start() -> Timestamp {
    world::at("2025-03-14T08:00")
}

/// Everybody who has a phone, by login name; a name that stands twice has two phones.
pub const PHONES: [&str; 6] = ["liwen", "jiangbei", "wangqiang", "liwen", "nanan", "jiangbei"];

/// The supervisor's login name.
pub const SUPERVISOR: &str = "zhaomin";

static ROWS: LazyLock<Vec<Row>> = LazyLock::new(compose);

/// Every row of the organisation at the start.
pub fn rows() -> Vec<Row> {
    ROWS.clone()
}

/// The checklist of every visit.
pub fn checklist() -> ChecklistTemplate {
    let mut template = handbook::standard_visit();
    for section in &mut template.sections {
        section.items.retain(|item| ITEMS.contains(&item.code.as_str()));
    }
    template.sections.retain(|section| !section.items.is_empty());
    template
}

fn compose() -> Vec<Row> {
    let mut heads: BTreeMap<HandbookList, u32> = BTreeMap::new();
    let mut rows = Vec::new();
    for row in world::rows() {
        match row {
            Row::HandbookEntry(entry) => rows.extend(kept_entry(entry, &mut heads).map(Row::from)),
            Row::ChecklistTemplate(_) => rows.push(checklist().into()),
            Row::MustStock(line) => rows.extend(kept_line(line).map(Row::from)),
            Row::Outlet(outlet) if !OUTLETS.contains(&outlet.code.as_str()) => {}
            Row::CallPlan(plan) if !OUTLETS.iter().any(|code| world::outlet(code) == plan.outlet_id) => {}
            Row::DeliveryLine(_) => {}
            Row::Dealer(dealer) => rows.push(near_its_limit(dealer).into()),
            other => rows.push(other),
        }
    }
    rows
}

/// The first entries of each list, the steps whole.
fn kept_entry(entry: HandbookEntry, heads: &mut BTreeMap<HandbookList, u32>) -> Option<HandbookEntry> {
    let head = heads.entry(entry.list).or_default();
    *head += 1;
    let is_kept = *head <= 3 || matches!(entry.list, HandbookList::VisitStep);
    is_kept.then(|| HandbookEntry {
        is_required: entry.is_required && !(entry.list == HandbookList::PhotoZone && *head > 1),
        ..entry
    })
}

/// Two products for outlets of class A, one for the others.
fn kept_line(line: MustStock) -> Option<MustStock> {
    let kept: &[&str] = if line.class == OutletClass::A { &["P1", "P2"] } else { &["P1"] };
    kept.iter().any(|code| world::product(code) == line.product_id).then_some(line)
}

/// A dealer with room for an order or two of ordinary size.
fn near_its_limit(dealer: Dealer) -> Dealer {
    let cny = |minor| Money::new(minor, Currency::Cny);
    Dealer { credit_limit: cny(6_000_000), unpaid_invoices: cny(3_000_000), ..dealer }
}
