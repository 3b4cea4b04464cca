use rstest::rstest;
use rust_decimal::Decimal;
use storewalk_domain::{
    catalog::{PriceList, Product},
    dealer::{Dealer, DealerTier},
    geo::{Datum, Position},
    ids::{CallPlanId, CountyId, DealerId, OutletId, PriceListId, ProductId, TerritoryId},
    money::{Currency, Money},
    outlet::{CallPlan, County, Outlet, OutletClass, Territory},
    quantity::PackRule,
    sync::Table as SyncTable,
    text::Localized,
    time::{BusinessDate, Timestamp},
};

use super::{super::*, *};

fn uuid(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn county(number: u128, code: &str) -> Row {
    let (name, region_code) = (Localized::same(code), "jiangcheng".to_owned());
    County { id: CountyId(uuid(number)), code: code.into(), name, region_code }.into()
}

fn territory(number: u128, code: &str) -> Row {
    let (name, region_code) = (Localized::same(code), "jiangcheng".to_owned());
    Territory { id: TerritoryId(uuid(number)), code: code.into(), name, region_code }.into()
}

fn dealer() -> Row {
    Dealer {
        id: DealerId(uuid(30)),
        code: "D01".into(),
        name: Localized::same("D01"),
        tier: DealerTier::A,
        credit_limit: Money::zero(Currency::Cny),
        unpaid_invoices: Money::zero(Currency::Cny),
        books_as_of: Timestamp(0),
        zone: Zone::SHANGHAI,
    }
    .into()
}

fn product(number: u128, code: &str) -> Product {
    Product {
        id: ProductId(uuid(number)),
        code: code.into(),
        gtin: None,
        name: Localized::same(code),
        is_hero: false,
        pack: PackRule::SINGLE,
        min_retail: None,
        suggested_retail: None,
        is_active: true,
    }
}

fn world() -> Vec<Row> {
    vec![
        county(1, "C01"),
        county(2, "C02"),
        territory(11, "T01"),
        territory(12, "T02"),
        dealer(),
        product(41, "P1").into(),
        product(42, "P2").into(),
    ]
}

fn planned(kind: ImportKind, text: &str, rows: &[Row]) -> ImportPlan {
    let table = read_table("a.csv", text.as_bytes(), &ReadOptions::default()).expect("readable");
    plan(kind, &table, &Existing::of(rows.iter().cloned()), PlanOptions::default())
}

/// The rows after a plan was carried out.
fn after(rows: &[Row], plan: &ImportPlan) -> Vec<Row> {
    let kept = rows.iter().filter(|row| !plan.rows.iter().any(|new| new.id() == row.id()));
    kept.chain(&plan.rows).cloned().collect()
}

fn faults(plan: &ImportPlan) -> Vec<(&str, Option<u32>, Option<&str>)> {
    plan.faults.iter().map(|fault| (fault.code.as_str(), fault.line, fault.column.as_deref())).collect()
}

#[track_caller]
fn assert_idempotent(kind: ImportKind, text: &str, rows: &[Row]) -> ImportPlan {
    let first = planned(kind, text, rows);
    assert_eq!(faults(&first), []);
    let second = planned(kind, text, &after(rows, &first));
    assert_eq!(faults(&second), []);
    assert_eq!((second.new, second.changed.len(), second.unchanged), (0, 0, first.total));
    assert_eq!(second.rows, []);
    first
}

const OUTLETS: &str = "门店编码,门店名称,等级,区县,责任区,GLN,纬度,经度,坐标系,电话\n\
    S0101,幸福路店,A,C01,T01,9521101601015,30.52178,114.35193,WGS-84,\n\
    S0102,光谷店,b,C02,T02,,,,GCJ-02,027-1234\n";

#[test]
fn new_outlets_are_planned_once_and_the_second_time_nothing_changes() {
    let plan = assert_idempotent(ImportKind::Outlets, OUTLETS, &world());
    assert_eq!((plan.total, plan.new, plan.unchanged), (2, 2, 0));
    let Row::Outlet(outlet) = &plan.rows[0] else { panic!("an outlet") };
    let position = Position { lat: 30.521_78, lon: 114.351_93, datum: Datum::Wgs84 };
    assert_eq!(outlet.position, Some(position));
    assert_eq!((outlet.county_id, outlet.territory_id), (CountyId(uuid(1)), TerritoryId(uuid(11))));
    assert_eq!((outlet.fence_m, outlet.is_active, outlet.zone), (150, true, Zone::SHANGHAI));
    let Row::Outlet(other) = &plan.rows[1] else { panic!("an outlet") };
    assert_eq!((other.position, other.class, other.phone.as_str()), (None, OutletClass::B, "027-1234"));
}

#[test]
fn a_column_that_is_absent_keeps_and_an_empty_cell_clears() {
    let first = planned(ImportKind::Outlets, OUTLETS, &world());
    let rows = after(&world(), &first);
    let kept = planned(ImportKind::Outlets, "code,name\nS0101,幸福路店\n", &rows);
    assert_eq!((kept.unchanged, kept.changed.len()), (1, 0));
    let cleared = planned(ImportKind::Outlets, "code,name,gln,lat,lon,datum\nS0101,幸福路店,,,,\n", &rows);
    assert_eq!(cleared.changed[0].fields, ["gln", "position"]);
    let renamed = planned(ImportKind::Outlets, "code,name\nS0102,光谷二店\n", &rows);
    let expected = ChangedRow { line: 2, key: "S0102".into(), fields: vec!["name".into()] };
    assert_eq!(renamed.changed, [expected]);
}

#[test]
fn an_outlet_that_moves_takes_its_calls_along() {
    let mut rows = after(&world(), &planned(ImportKind::Outlets, OUTLETS, &world()));
    let outlet_id = OutletId(id_of("outlet", "S0101"));
    let call = CallPlan {
        id: CallPlanId(uuid(90)),
        outlet_id,
        territory_id: TerritoryId(uuid(11)),
        rrule: "FREQ=DAILY".into(),
        starts_on: BusinessDate::parse("2025-03-03").expect("date"),
        position: 1,
    };
    rows.push(call.clone().into());
    let moved = planned(ImportKind::Outlets, "code,name,territory\nS0101,幸福路店,T02\n", &rows);
    assert_eq!(moved.warnings[0].code, ImportCode::OutletMoves);
    assert_eq!(moved.rows[1], CallPlan { territory_id: TerritoryId(uuid(12)), ..call }.into());
}

#[test]
fn every_fault_of_a_row_is_told_with_its_column() {
    let text = "code,name,class,county,territory,gln,lat,lon,datum,fence_m\n\
        S1,,D,C99,T99,9521101601016,114.3,30.5,BD-09,0\n\
        S2,店,A,C01,T01,,30.5,114.3,,\n\
        S3,店,A,C01,T01,,30.5,,WGS-84,\n\
        ,店,A,C01,T01,,,,,\n";
    let plan = planned(ImportKind::Outlets, text, &world());
    let expected = [
        ("value_missing", Some(2), Some("name")),
        ("option_unknown", Some(2), Some("class")),
        ("county_unknown", Some(2), Some("county")),
        ("territory_unknown", Some(2), Some("territory")),
        ("key_check_digit", Some(2), Some("gln")),
        ("coordinate_range", Some(2), Some("lat")),
        ("option_unknown", Some(2), Some("datum")),
        ("integer_range", Some(2), Some("fence_m")),
        ("coordinate_partner", Some(3), Some("datum")),
        ("coordinate_partner", Some(4), Some("lon")),
        ("value_missing", Some(5), Some("code")),
    ];
    assert_eq!(faults(&plan), expected);
    assert_eq!((plan.faulty(), plan.new, plan.rows.len()), (4, 0, 0));
}

#[test]
fn a_key_that_stands_twice_is_a_fault_on_both_lines() {
    let plan = planned(ImportKind::Products, "sku,品名\nP7,a\nP8,b\nP7,c\n", &world());
    assert_eq!(faults(&plan), [("key_twice", Some(2), Some("sku")), ("key_twice", Some(4), Some("sku"))]);
    assert_eq!((plan.faults[0].params["other"].as_str(), plan.faults[1].params["other"].as_str()), ("4", "2"));
    assert_eq!(plan.new, 1);
}

#[rstest]
#[case("code,name\nP7,a,b\n", 3)]
#[case("code,name\nP7\n", 1)]
fn a_row_of_another_width_is_a_fault(#[case] text: &str, #[case] cells: usize) {
    let plan = planned(ImportKind::Products, text, &world());
    let fault = plan.faults.iter().find(|fault| fault.code == ImportCode::RowWidth).expect("a fault");
    assert_eq!((fault.line, fault.params["cells"].as_str()), (Some(2), cells.to_string().as_str()));
}

#[test]
fn a_code_of_several_counties_and_a_code_that_was_renamed_are_told() {
    let mut rows = world();
    rows.push(county(3, "C01"));
    rows.push(product(0, "NEW").into());
    let ambiguous = planned(ImportKind::Outlets, "code,name,class,county,territory\nS1,店,A,C01,T01\n", &rows);
    assert_eq!(faults(&ambiguous), [("code_ambiguous", Some(2), Some("county"))]);
    let renamed = Product { id: ProductId(id_of("product", "OLD")), ..product(0, "NEWER") };
    rows.push(renamed.into());
    let plan = planned(ImportKind::Products, "code,name\nOLD,a\n", &rows);
    assert_eq!(faults(&plan), [("code_reserved", Some(2), Some("code"))]);
}

#[test]
fn products_are_planned_with_prices_packs_and_names() {
    let text = "货号,中文名,英文名,条码,主推,起订量,倍数,最低零售价,建议零售价,币种\n\
        A10,充电器,Charger,9521101530018,是,20,10,99.00,109.5,CNY\n\
        A11,数据线,,,,15,10,,,\n";
    let plan = assert_idempotent(ImportKind::Products, text, &world());
    let Row::Product(charger) = &plan.rows[0] else { panic!("a product") };
    assert_eq!(charger.name, Localized::new("充电器", "Charger"));
    assert_eq!(charger.min_retail, Some(Money::new(9_900, Currency::Cny)));
    assert_eq!(charger.pack, PackRule { moq: 20, multiple: 10 });
    let Row::Product(cable) = &plan.rows[1] else { panic!("a product") };
    assert_eq!(cable.name, Localized::same("数据线"));
    let warned = &plan.warnings[0];
    assert_eq!((warned.code, warned.params["effective"].as_str()), (ImportCode::MoqNotMultiple, "20"));
}

#[test]
fn faulty_products_are_told() {
    let text = "code,name,gtin,min_retail,suggested_retail,currency,moq,multiple\n\
        A1,a,9521101530019,,,,,\n\
        A2,a,,9.999,,CNY,,\n\
        A3,a,,9,8,CNY,,\n\
        A4,a,,9,,,,\n\
        A5,a,,-1,,CNY,,\n\
        A6,,,,,,,\n\
        A7,a,,,,,0,1.5\n";
    let plan = planned(ImportKind::Products, text, &world());
    let expected = [
        ("key_check_digit", Some(2), Some("gtin")),
        ("too_many_decimals", Some(3), Some("min_retail")),
        ("retail_order", Some(4), Some("min_retail")),
        ("currency_missing", Some(5), Some("min_retail")),
        ("number_not_positive", Some(6), Some("min_retail")),
        ("value_missing", Some(7), Some("name")),
        ("integer_range", Some(8), Some("moq")),
        ("integer_invalid", Some(8), Some("multiple")),
    ];
    assert_eq!(faults(&plan), expected);
}

#[test]
fn one_language_of_a_name_leaves_the_other_alone() {
    let rows = vec![Product { name: Localized::new("旧", "old"), ..product(41, "P1") }.into()];
    let plan = planned(ImportKind::Products, "code,name_en\nP1,new\n", &rows);
    let Row::Product(product) = &plan.rows[0] else { panic!("a product") };
    assert_eq!(product.name, Localized::new("旧", "new"));
}

const LISTS: &str = "list,sku,price,currency,valid_from,valid_until,dealer,standard\n\
    v7,P1,888.00,CNY,2025-01-01,2025-04-01,,\n\
    v7,P2,0.123456,CNY,2025-01-01,2025-04-01,,\n\
    s1,P1,5,CNY,2025-01-01,,D01,no\n";

#[test]
fn price_lists_come_before_their_prices_and_the_second_time_nothing_changes() {
    let plan = assert_idempotent(ImportKind::PriceLists, LISTS, &world());
    assert_eq!((plan.new, plan.rows.len()), (3, 5));
    let lists: Vec<&PriceList> =
        plan.rows.iter().filter_map(|row| if let Row::PriceList(list) = row { Some(list) } else { None }).collect();
    assert_eq!([plan.rows[0].table(), plan.rows[1].table()], [SyncTable::PriceLists; 2]);
    assert_eq!(lists[1].id, PriceListId(id_of("price_list", "v7")));
    assert_eq!(Some(lists[1].valid_from), Timestamp::parse("2025-01-01T00:00:00+08:00"));
    assert!(lists[1].is_standard && !lists[0].is_standard);
    assert_eq!(lists[0].dealer_id, Some(DealerId(uuid(30))));
    let Row::Price(price) = &plan.rows[4] else { panic!("a price") };
    assert_eq!((price.dealer_id, price.unit_price), (Some(DealerId(uuid(30))), Decimal::from(5)));
}

#[test]
fn an_existing_version_takes_new_products_and_refuses_other_prices() {
    let short = "list,sku,price,currency,valid_from\nv7,P1,888.00,CNY,2025-01-01\n";
    let rows = after(&world(), &planned(ImportKind::PriceLists, short, &world()));
    let added = format!("{short}v7,P2,10,CNY,2025-01-01\n");
    let plan = planned(ImportKind::PriceLists, &added, &rows);
    assert_eq!((faults(&plan).len(), plan.unchanged, plan.new, plan.rows.len()), (0, 1, 1, 1));
    let same = planned(ImportKind::PriceLists, &short.replace("888.00", "888"), &rows);
    assert_eq!((faults(&same).len(), same.unchanged), (0, 1));
    let dearer = planned(ImportKind::PriceLists, &short.replace("888.00", "889"), &rows);
    assert_eq!(faults(&dearer), [("price_fixed", Some(2), Some("price"))]);
    assert_eq!(dearer.faults[0].params["was"], "888");
    let later = planned(ImportKind::PriceLists, &short.replace("2025-01-01", "2025-02-01"), &rows);
    assert_eq!(faults(&later), [("list_fixed", Some(2), Some("valid_from"))]);
}

#[test]
fn faulty_prices_are_told() {
    let text = "list,sku,price,currency,valid_from,valid_until,dealer\n\
        v1,P9,1,CNY,2025-01-01,,\n\
        v1,P1,1.1234567,CNY,2025-01-01,,\n\
        v1,P2,0,CNY,2025-01-01,,\n\
        v2,P1,1,CNY,2025-01-01,2025-01-01,\n\
        v3,P1,1,CNY,2025-01-01,,D99\n\
        v4,P1,1,CNY,01/02/2025,,\n\
        v5,P1,1,CNY,2025-01-01,,\n\
        v5,P2,1,EUR,2025-01-01,,\n";
    let plan = planned(ImportKind::PriceLists, text, &world());
    let expected = [
        ("product_unknown", Some(2), Some("sku")),
        ("too_many_decimals", Some(3), Some("price")),
        ("number_not_positive", Some(4), Some("price")),
        ("date_order", Some(5), Some("valid_until")),
        ("dealer_unknown", Some(6), Some("dealer")),
        ("date_invalid", Some(7), Some("valid_from")),
        ("list_disagrees", Some(9), Some("currency")),
    ];
    assert_eq!(faults(&plan), expected);
}

#[test]
fn a_float_that_lost_its_last_bit_in_the_database_is_no_change() {
    let first = planned(ImportKind::Outlets, OUTLETS, &world());
    let mut rows = after(&world(), &first);
    for row in &mut rows {
        if let Row::Outlet(Outlet { position: Some(position), .. }) = row {
            position.lat = f64::from_bits(position.lat.to_bits() + 1);
        }
    }
    assert_eq!(planned(ImportKind::Outlets, OUTLETS, &rows).unchanged, 2);
}

#[test]
fn missing_columns_are_a_fault_of_the_whole_file() {
    let plan = planned(ImportKind::Outlets, "name\nx\n", &world());
    assert_eq!(faults(&plan), [("column_missing", None, None)]);
}
