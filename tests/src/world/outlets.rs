//! Ten counties, two territories, two hundred outlets and the plan to visit them.

use std::collections::BTreeMap;

use storewalk_domain::{
    geo::{Datum, Position},
    ids::{CallPlanId, TaskId, VisitId},
    outlet::{CallPlan, County, Outlet, OutletClass, Territory},
    sync::Row,
    task::{Proof, Task, TaskKind, TaskStatus},
    text::Localized,
    time::{BusinessDate, Zone},
    visit::{CheckIn, CheckOut, Visit, VisitStatus},
};

use super::{REGION, at, county, id, outlet, territory, user};

const COUNTIES: [(&str, &str); 10] = [
    ("江岸区", "Jiang'an"),
    ("东湖区", "Donghu"),
    ("南湖区", "Nanhu"),
    ("青山区", "Qingshan"),
    ("沙河县", "Shahe"),
    ("白石县", "Baishi"),
    ("长桥县", "Changqiao"),
    ("金口县", "Jinkou"),
    ("柳林县", "Liulin"),
    ("云溪县", "Yunxi"),
];

const STREETS: [&str; 10] =
    ["人民路", "中山路", "解放路", "建设街", "和平街", "长江路", "新华路", "文化路", "胜利街", "青年路"];
const TRADES: [&str; 4] = ["手机城", "通讯店", "数码广场", "家电"];

/// The outlets of 李雯's Friday.
const FRIDAY_ROUTE: [&str; 8] = ["S0101", "S0103", "S0102", "S0104", "S0105", "S0106", "S0108", "S0109"];

pub(super) fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for (index, (zh, en)) in COUNTIES.iter().enumerate() {
        let code = format!("{:02}", index + 1);
        rows.push(Row::from(County {
            id: county(&code),
            code,
            name: Localized::new(*zh, *en),
            region_code: REGION.to_owned(),
        }));
    }
    for (code, zh, en) in [("T1", "江城东片", "Jiangcheng East"), ("T2", "江城西片", "Jiangcheng West")] {
        rows.push(Row::from(Territory {
            id: territory(code),
            code: code.to_owned(),
            name: Localized::new(zh, en),
            region_code: REGION.to_owned(),
        }));
    }
    for county_number in 1..=10 {
        for number in 1..=20 {
            let shop = outlet_row(county_number, number);
            rows.push(Row::from(call_plan(&shop, county_number, number)));
            rows.push(Row::from(shop));
        }
    }
    rows.extend([Row::from(last_visit()), Row::from(broken_light_box())]);
    rows
}

fn outlet_row(county_number: u32, number: u32) -> Outlet {
    let code = format!("S{county_number:02}{number:02}");
    let (name, class) = match code.as_str() {
        "S0101" => ("幸福路手机城".to_owned(), OutletClass::A),
        "S0102" => ("光谷数码".to_owned(), OutletClass::A),
        "S0103" => ("东湖家电".to_owned(), OutletClass::B),
        "S0107" => ("沙河镇通讯店".to_owned(), OutletClass::C),
        _ => (invented_name(county_number, number), invented_class(number)),
    };
    let street = STREETS[(number as usize - 1) % STREETS.len()];
    Outlet {
        id: outlet(&code),
        name,
        class,
        county_id: county(&format!("{county_number:02}")),
        territory_id: territory(territory_of(county_number, number)),
        gln: Some(gln(&code)),
        address: format!("{}{street} {} 号", COUNTIES[county_number as usize - 1].0, number * 8 + county_number),
        position: Some(position(county_number, number)),
        fence_m: 150,
        decision_maker: if code == "S0101" { "陈经理".to_owned() } else { String::new() },
        phone: format!("027-8{county_number:02}{number:02}00"),
        zone: Zone::SHANGHAI,
        is_active: true,
        code,
        opening_hours: None,
        contact: None,
    }
}

/// 王强 has the western counties and the township shop S0107; 李雯 has the rest.
fn territory_of(county_number: u32, number: u32) -> &'static str {
    if county_number > 5 || (county_number, number) == (1, 7) { "T2" } else { "T1" }
}

fn invented_name(county_number: u32, number: u32) -> String {
    let street = STREETS[(number as usize - 1) % STREETS.len()];
    let trade = TRADES[(number as usize + county_number as usize) % TRADES.len()];
    format!("{}{street}{trade}", COUNTIES[county_number as usize - 1].0.trim_end_matches(['区', '县']))
}

fn invented_class(number: u32) -> OutletClass {
    match number {
        1..=4 => OutletClass::A,
        5..=12 => OutletClass::B,
        _ => OutletClass::C,
    }
}

/// A GLN of the GS1 example prefix 952 with its check digit (GS1 General Specifications, section 7.9).
fn gln(code: &str) -> String {
    let body = format!("95211016{}", code.trim_start_matches('S'));
    let weighted = |(index, digit): (usize, char)| digit.to_digit(10).unwrap_or(0) * if index % 2 == 0 { 1 } else { 3 };
    let sum: u32 = body.chars().enumerate().map(weighted).sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}

fn position(county_number: u32, number: u32) -> Position {
    let (lat, lon) = match (county_number, number) {
        (1, 1) => (30.521_78, 114.351_93),
        _ => (
            30.50 + f64::from(county_number) * 0.04 + f64::from(number) * 0.0015,
            114.30 + f64::from(county_number) * 0.05 + f64::from(number % 5) * 0.0021,
        ),
    };
    Position { lat, lon, datum: Datum::Wgs84 }
}

fn call_plan(shop: &Outlet, county_number: u32, number: u32) -> CallPlan {
    let friday = FRIDAY_ROUTE.iter().position(|code| *code == shop.code);
    let weekday = ["MO", "TU", "WE", "TH"][(county_number + number) as usize % 4];
    let rrule = match (friday, shop.class) {
        (Some(_), _) => "FREQ=WEEKLY;BYDAY=FR".to_owned(),
        (None, OutletClass::A) => format!("FREQ=WEEKLY;BYDAY={weekday}"),
        (None, OutletClass::B) => format!("FREQ=WEEKLY;INTERVAL=2;BYDAY={weekday}"),
        (None, OutletClass::C) => format!("FREQ=MONTHLY;BYDAY={}{weekday}", 1 + number % 4),
    };
    CallPlan {
        id: CallPlanId(id("call_plan", &shop.code)),
        outlet_id: shop.id,
        territory_id: shop.territory_id,
        rrule,
        starts_on: BusinessDate::parse("2025-03-03").expect("a real date"),
        position: friday.map_or(number, |place| u32::try_from(place + 1).unwrap_or(number)),
    }
}

/// The visit of the week before, which left a point open.
fn last_visit() -> Visit {
    let (began, ended) = (at("2025-03-07T09:05"), at("2025-03-07T09:58"));
    Visit {
        id: VisitId(id("visit", "S0101/2025-03-07")),
        outlet_id: outlet("S0101"),
        county_id: county("01"),
        territory_id: territory("T1"),
        rep_id: user("liwen"),
        visited_on: BusinessDate::parse("2025-03-07").expect("a real date"),
        plan_id: Some(CallPlanId(id("call_plan", "S0101"))),
        template_id: Some(storewalk_domain::handbook::standard_visit().id),
        status: VisitStatus::Completed,
        check_in: Some(CheckIn {
            at: began,
            device_at: began,
            fix: None,
            distance_m: None,
            verdict: storewalk_domain::geo::FenceVerdict::Unverified,
            span: None,
            device: None,
        }),
        check_out: Some(CheckOut { at: ended, device_at: ended, fix: None, span: None }),
        goals: Vec::new(),
        steps: Vec::new(),
        skip_reason: None,
        summary: None,
        duplicate: None,
        remarks: None,
        handover: None,
    }
}

fn broken_light_box() -> Task {
    Task {
        id: TaskId(id("task", "S0101/light_box")),
        outlet_id: outlet("S0101"),
        territory_id: territory("T1"),
        kind: TaskKind::OpenPoint,
        params: BTreeMap::from([("item".to_owned(), "pop_light_box".to_owned())]),
        note: "门头灯箱不亮，已约广告公司维修".to_owned(),
        owner_id: user("liwen"),
        visit_id: Some(VisitId(id("visit", "S0101/2025-03-07"))),
        photo_id: None,
        due_on: BusinessDate::parse("2025-03-14").expect("a real date"),
        proof: Proof::Word,
        status: TaskStatus::Open,
        raised_at: at("2025-03-07T09:58"),
        closed_at: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gln_of_the_product_guide_comes_out() {
        assert_eq!(gln("S0101"), "9521101601015");
        assert_eq!(gln("S0107"), "9521101601077");
    }
}
