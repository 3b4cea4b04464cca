//! The demo world: brand 启明 Qiming, region 江城, 10 counties, 200 outlets, and everyone in it. All of it is invented.
//!
//! Ids are derived from codes, so every part of the demo and every test can name a row by its code.

mod catalogue;
mod dealers;
mod outlets;
mod people;

use storewalk_domain::{
    catalog::{Price, PriceList},
    handbook,
    ids::{CountyId, DealerId, OutletId, PriceListId, ProductId, TerritoryId, UserId, derived},
    sync::Row,
    time::Timestamp,
};
use uuid::Uuid;

pub use catalogue::{PRODUCTS, ProductFacts};
pub use people::{ACCOUNTS, Account, PASSWORD};

/// The namespace of the demo world's ids.
const NAMESPACE: Uuid = Uuid::from_u128(0x5357_4445_4d4f_0001_8000_0000_0000_0001);

/// Code of the one region.
pub const REGION: &str = "jiangcheng";

fn id(kind: &str, code: &str) -> Uuid {
    derived(NAMESPACE, &format!("{kind}/{code}"))
}

/// The id of a county, by its two-digit code.
pub fn county(code: &str) -> CountyId {
    CountyId(id("county", code))
}

/// The id of a territory.
pub fn territory(code: &str) -> TerritoryId {
    TerritoryId(id("territory", code))
}

/// The id of an outlet.
pub fn outlet(code: &str) -> OutletId {
    OutletId(id("outlet", code))
}

/// The id of a product.
pub fn product(code: &str) -> ProductId {
    ProductId(id("product", code))
}

/// The id of a price list.
pub fn price_list(code: &str) -> PriceListId {
    PriceListId(id("price_list", code))
}

/// The id of a dealer.
pub fn dealer(code: &str) -> DealerId {
    DealerId(id("dealer", code))
}

/// The id of a person, by login name.
pub fn user(login: &str) -> UserId {
    UserId(id("user", login))
}

/// An instant of the demo's calendar, from RFC 3339 text without its zone: `2025-03-14T08:40`.
///
/// # Panics
/// When the text is no such instant: the demo's own script is wrong.
pub fn at(local: &str) -> Timestamp {
    Timestamp::parse(&format!("{local}:00+08:00")).expect("the demo's script names real instants")
}

/// Every row of the demo world, as it stands on the morning of 2025-03-14.
pub fn rows() -> Vec<Row> {
    let mut rows: Vec<Row> = handbook::entries().into_iter().map(Row::from).collect();
    rows.push(handbook::standard_visit().into());
    rows.extend(people::rows());
    rows.extend(outlets::rows());
    rows.extend(catalogue::rows());
    rows.extend(dealers::rows());
    rows
}

/// The price lists of the world alone, for what-if calculations.
pub fn price_lists() -> (Vec<PriceList>, Vec<Price>) {
    let (mut lists, mut prices) = (Vec::new(), Vec::new());
    for row in catalogue::rows() {
        match row {
            Row::PriceList(list) => lists.push(list),
            Row::Price(price) => prices.push(price),
            _ => {}
        }
    }
    (lists, prices)
}
