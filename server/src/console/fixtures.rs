//! A small organisation for the console's tests, and a browser without a screen to look at it.

mod bench;
mod field;
mod files;
mod trade;

pub(crate) use bench::{Bench, Reply};
pub(crate) use files::shelf;
pub(crate) use trade::DEVICE;

use storewalk_domain::{
    ids::{DealerId, OrderId, OutletId, PhotoId, ProductId, TerritoryId, UserId, VisitId},
    outlet::Role,
    sync::Row,
    time::Timestamp,
};
use uuid::Uuid;

/// The one region that the supervisor watches.
pub(crate) const REGION: &str = "jiangcheng";

pub(crate) const REP: UserId = UserId(Uuid::from_u128(0x11));
pub(crate) const SUPERVISOR: UserId = UserId(Uuid::from_u128(0x12));
/// Somebody else who reviews photos of the same region.
pub(crate) const SECOND_REVIEWER: UserId = UserId(Uuid::from_u128(0x13));
pub(crate) const HOME: TerritoryId = TerritoryId(Uuid::from_u128(0x21));
pub(crate) const ELSEWHERE: TerritoryId = TerritoryId(Uuid::from_u128(0x22));
/// A territory of the region that nobody works in.
pub(crate) const NEXT_DOOR: TerritoryId = TerritoryId(Uuid::from_u128(0x23));
pub(crate) const OUTLET: OutletId = OutletId(Uuid::from_u128(0x31));
pub(crate) const OTHER_OUTLET: OutletId = OutletId(Uuid::from_u128(0x32));
pub(crate) const VISIT: VisitId = VisitId(Uuid::from_u128(0x41));
pub(crate) const FOREIGN_VISIT: VisitId = VisitId(Uuid::from_u128(0x49));
pub(crate) const FIRST_PHOTO: PhotoId = PhotoId(Uuid::from_u128(0x51));
pub(crate) const RETAKE: PhotoId = PhotoId(Uuid::from_u128(0x52));
pub(crate) const WAITING_PHOTO: PhotoId = PhotoId(Uuid::from_u128(0x53));
pub(crate) const PENDING_PHOTO: PhotoId = PhotoId(Uuid::from_u128(0x54));
pub(crate) const APPROVED_PHOTO: PhotoId = PhotoId(Uuid::from_u128(0x55));
pub(crate) const FOREIGN_PHOTO: PhotoId = PhotoId(Uuid::from_u128(0x59));
pub(crate) const PHONE: ProductId = ProductId(Uuid::from_u128(0x61));
pub(crate) const DEALER: DealerId = DealerId(Uuid::from_u128(0x71));
pub(crate) const HELD_ORDER: OrderId = OrderId(Uuid::from_u128(0x81));
pub(crate) const REPRICED_ORDER: OrderId = OrderId(Uuid::from_u128(0x82));

/// An instant of the fixture's day, 2025-03-14, as `HH:MM` in Shanghai.
pub(crate) fn at(time: &str) -> Timestamp {
    Timestamp::parse(&format!("2025-03-14T{time}:00+08:00")).expect("a time of the day")
}

/// Every row.
pub(crate) fn rows() -> Vec<Row> {
    let mut rows = field::rows();
    rows.extend(trade::rows());
    rows
}

/// Names that stretch a page: rare characters, a long name, and what would be markup.
pub(crate) const ODD_NAME: &str = "𠮷祥㐂数码 <b>&amp; 光谷步行街意大利风情街旗舰体验中心店（二号门）";

/// Who decides for the whole organisation.
pub(crate) const ADMIN: UserId = UserId(Uuid::from_u128(0x14));

/// Who can sign in, and as what.
pub(crate) const PEOPLE: [(&str, UserId, Role); 4] = [
    ("liwen", REP, Role::Rep),
    ("zhaomin", SUPERVISOR, Role::Supervisor),
    ("second", SECOND_REVIEWER, Role::Supervisor),
    ("admin", ADMIN, Role::Admin),
];
