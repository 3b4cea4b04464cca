//! A small field: two reps with a territory each, two dealers, one product.

use rust_decimal::Decimal;
use storewalk_domain::{
    catalog::{Price, PriceList, Product},
    dealer::{Dealer, DealerTier},
    handbook,
    ids::{CountyId, DealerId, IdSource, OutletId, PriceId, PriceListId, ProductId, TerritoryId, UserId},
    money::{Currency, Money},
    order::{LineRequest, quote},
    outlet::{County, Outlet, OutletClass, Territory},
    quantity::{PackRule, Quantity},
    sync::{AttachPhoto, Command, MemoryState, Row, StartVisit, SubmitOrder},
    text::Localized,
    time::{Timestamp, Zone},
};
use storewalk_server::clock::RandomIds;
use uuid::Uuid;

pub(crate) const REGION: &str = "jiangcheng";

/// An id that was never used.
pub(crate) fn fresh() -> Uuid {
    RandomIds.next_id()
}

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

pub(crate) fn rep(number: u128) -> UserId {
    UserId(id(100 + number))
}

pub(crate) fn buyer(number: u128) -> UserId {
    UserId(id(200 + number))
}

pub(crate) fn supervisor() -> UserId {
    UserId(id(300))
}

pub(crate) fn territory(number: u128) -> TerritoryId {
    TerritoryId(id(400 + number))
}

pub(crate) fn outlet(number: u128) -> OutletId {
    OutletId(id(500 + number))
}

pub(crate) fn dealer(number: u128) -> DealerId {
    DealerId(id(600 + number))
}

fn product() -> ProductId {
    ProductId(id(700))
}

fn price_list() -> PriceListId {
    PriceListId(id(800))
}

pub(crate) fn now() -> Timestamp {
    Timestamp::parse("2025-03-14T10:00:00+08:00").expect("a time")
}

fn yuan(minor: i64) -> Money {
    Money::new(minor, Currency::Cny)
}

pub(crate) fn outlet_row(number: u128) -> Outlet {
    Outlet {
        id: outlet(number),
        code: format!("S{number}"),
        name: format!("Shop {number}"),
        class: OutletClass::B,
        county_id: CountyId(id(1)),
        territory_id: territory(number),
        gln: None,
        address: String::new(),
        position: None,
        fence_m: 150,
        decision_maker: String::new(),
        phone: String::new(),
        zone: Zone::SHANGHAI,
        is_active: true,
        opening_hours: None,
        contact: None,
    }
}

fn dealer_row(number: u128) -> Dealer {
    Dealer {
        id: dealer(number),
        code: format!("D0{number}"),
        name: Localized::same(format!("Dealer {number}")),
        tier: DealerTier::B,
        // Room for one order of ten, not for two.
        credit_limit: yuan(150_000),
        unpaid_invoices: yuan(0),
        books_as_of: Timestamp(0),
        zone: Zone::SHANGHAI,
    }
}

pub(crate) fn rows() -> Vec<Row> {
    let mut rows: Vec<Row> = handbook::entries().into_iter().map(Row::from).collect();
    rows.push(handbook::standard_visit().into());
    rows.push(
        County { id: CountyId(id(1)), code: "C1".into(), name: Localized::same("C1"), region_code: REGION.into() }
            .into(),
    );
    for number in 1..=2 {
        rows.push(
            Territory {
                id: territory(number),
                code: format!("T{number}"),
                name: Localized::same("T"),
                region_code: REGION.into(),
            }
            .into(),
        );
        rows.push(outlet_row(number).into());
        rows.push(dealer_row(number).into());
    }
    rows.push(
        Product {
            id: product(),
            code: "P1".into(),
            gtin: None,
            name: Localized::same("P1"),
            is_hero: true,
            pack: PackRule::SINGLE,
            min_retail: None,
            suggested_retail: None,
            is_active: true,
        }
        .into(),
    );
    rows.push(
        PriceList {
            id: price_list(),
            code: "v1".into(),
            currency: Currency::Cny,
            dealer_id: None,
            valid_from: Timestamp(0),
            valid_until: None,
            is_standard: true,
        }
        .into(),
    );
    rows.push(
        Price {
            id: PriceId(id(801)),
            price_list_id: price_list(),
            dealer_id: None,
            product_id: product(),
            unit_price: Decimal::from(100),
        }
        .into(),
    );
    rows
}

/// A visit at an outlet.
pub(crate) fn start_visit(visit: Uuid, outlet_number: u128) -> Command {
    StartVisit {
        visit_id: storewalk_domain::ids::VisitId(visit),
        outlet_id: outlet(outlet_number),
        plan_id: None,
        template_id: handbook::standard_visit().id,
        fix: None,
    }
    .into()
}

/// A photo of a visit.
pub(crate) fn attach_photo(photo: Uuid, visit: Uuid, bytes: &[u8]) -> Command {
    AttachPhoto {
        photo_id: storewalk_domain::ids::PhotoId(photo),
        visit_id: storewalk_domain::ids::VisitId(visit),
        zone: "storefront".into(),
        sha256: sha256(bytes),
        size_bytes: bytes.len() as u64,
        width: 16,
        height: 12,
        replaces: None,
        seen: None,
    }
    .into()
}

/// An order of a dealer; ten pieces cost 1,000.00.
pub(crate) fn submit_order(order: Uuid, number: &str, dealer_number: u128, pieces: u32) -> Command {
    let lines = vec![LineRequest { product_id: product(), quantity: Quantity(pieces), price_list_id: None }];
    let dealer = dealer_row(dealer_number);
    let priced = quote(&MemoryState::of(rows()), &dealer, &lines, now()).expect("a state").expect("a price");
    SubmitOrder {
        order_id: storewalk_domain::ids::OrderId(order),
        number: number.into(),
        dealer_id: dealer.id,
        outlet_id: None,
        price_list_id: priced.price_list_id,
        lines,
        priced,
    }
    .into()
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(bytes).iter().flat_map(|byte| [byte >> 4, byte & 15]).map(digit).collect()
}

fn digit(nibble: u8) -> char {
    char::from_digit(u32::from(nibble), 16).expect("a nibble")
}

/// A small picture that is told apart by its shade.
pub(crate) fn jpeg(shade: u8) -> Vec<u8> {
    let channel = |place: u32| u8::try_from(place * 3).expect("a small picture");
    let picture = image::RgbImage::from_fn(64, 48, |x, y| image::Rgb([shade, channel(x), channel(y)]));
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut bytes, image::ImageFormat::Jpeg).expect("a picture");
    bytes.into_inner()
}
