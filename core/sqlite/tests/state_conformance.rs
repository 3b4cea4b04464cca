//! `MemoryState` and `SqliteState` must answer every question of the rules alike.

use std::collections::BTreeMap;

use rusqlite::Connection;
use storewalk_domain::{
    catalog::{MustStock, Price},
    checklist::{Answer, AnswerKey, AnswerValue, ChecklistTemplate},
    dealer::Payment,
    handbook,
    ids::{
        CountyId, DealerId, HandoverId, MustStockId, OutletId, PaymentId, PriceId, PriceListId, ProductId,
        ProfileFieldId, TaskId, TemplateId, TerritoryId, UserId, VisitId,
    },
    money::{Currency, Money},
    order::OrderNumber,
    outlet::{FieldName, Handover, OutletClass, ProfileField, Role},
    sync::{Find, MemoryState, Row, Scope, ScopeGrant, State},
    task::{Proof, Task, TaskKind, TaskStatus},
    time::{BusinessDate, Timestamp},
    visit::{Visit, VisitStatus},
};
use storewalk_sqlite::{SYNCED_STEPS, SqliteState, migrate, put_row};
use uuid::Uuid;

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn day(number: u32) -> BusinessDate {
    BusinessDate::parse(&format!("2025-03-{number:02}")).expect("valid")
}

fn visit(number: u128, outlet: u128, rep: u128, status: VisitStatus, on: u32) -> Visit {
    Visit {
        id: VisitId(id(number)),
        outlet_id: OutletId(id(outlet)),
        county_id: CountyId(id(50)),
        territory_id: TerritoryId(id(51)),
        rep_id: UserId(id(rep)),
        visited_on: day(on),
        plan_id: None,
        template_id: None,
        status,
        check_in: None,
        check_out: None,
        goals: vec![],
        steps: vec![],
        skip_reason: None,
        summary: None,
        duplicate: None,
        remarks: None,
        handover: None,
    }
}

fn answer(visit: u128, item: &str, instance: &str, county: u128, at: i64) -> Answer {
    let key = AnswerKey::of(item, instance);
    Answer {
        id: key.answer_id(VisitId(id(visit))),
        visit_id: VisitId(id(visit)),
        outlet_id: OutletId(id(60)),
        county_id: CountyId(id(county)),
        territory_id: TerritoryId(id(51)),
        item: item.into(),
        instance: instance.into(),
        value: AnswerValue::Count(3),
        reason: None,
        answered_at: Timestamp(at),
        late: None,
        guest_id: None,
    }
}

fn task(number: u128, outlet: u128, visit: Option<u128>, status: TaskStatus) -> Task {
    Task {
        id: TaskId(id(number)),
        outlet_id: OutletId(id(outlet)),
        territory_id: TerritoryId(id(51)),
        kind: TaskKind::OpenPoint,
        params: BTreeMap::new(),
        note: String::new(),
        owner_id: UserId(id(1)),
        visit_id: visit.map(|number| VisitId(id(number))),
        photo_id: None,
        due_on: day(20),
        proof: Proof::Word,
        status,
        raised_at: Timestamp(1),
        closed_at: None,
    }
}

fn handover((number, outlet, territory, at): (u128, Option<u128>, u128, i64)) -> Row {
    Row::from(Handover {
        id: HandoverId(id(number)),
        outlet_id: outlet.map(|number| OutletId(id(number))),
        outlet_code: String::new(),
        name: String::new(),
        from_territory: TerritoryId(id(52)),
        to_territory: TerritoryId(id(territory)),
        regions: vec![],
        from_reps: vec![],
        to_reps: vec![],
        decided_by: None,
        decided_at: Timestamp(at),
        reason: String::new(),
        works: vec![],
    })
}

fn rows() -> Vec<Row> {
    let mut rows: Vec<Row> = handbook::entries().into_iter().map(Row::from).collect();
    rows.extend([
        Row::from(visit(10, 60, 1, VisitStatus::InProgress, 14)),
        Row::from(visit(11, 60, 1, VisitStatus::Completed, 7)),
        Row::from(visit(12, 60, 2, VisitStatus::Completed, 21)),
        Row::from(visit(13, 61, 1, VisitStatus::Skipped, 14)),
    ]);
    rows.extend([
        Row::from(answer(10, "shelf_price", "P1", 50, 300)),
        Row::from(answer(11, "shelf_price", "P1", 50, 100)),
        Row::from(answer(12, "shelf_price", "P1", 50, 200)),
        Row::from(answer(12, "shelf_price", "P2", 49, 200)),
        Row::from(answer(10, "on_shelf", "P1", 50, 300)),
    ]);
    rows.extend([
        Row::from(task(30, 60, Some(10), TaskStatus::Open)),
        Row::from(task(31, 60, None, TaskStatus::Done)),
        Row::from(task(32, 61, Some(10), TaskStatus::Cancelled)),
    ]);
    for (number, class, product) in [(40, OutletClass::A, 70), (41, OutletClass::A, 71), (42, OutletClass::B, 70)] {
        rows.push(Row::from(MustStock { id: MustStockId(id(number)), class, product_id: ProductId(id(product)) }));
    }
    for (number, list, product) in [(80, 90, 70), (81, 90, 71), (82, 91, 70)] {
        rows.push(Row::from(Price {
            id: PriceId(id(number)),
            price_list_id: PriceListId(id(list)),
            dealer_id: None,
            product_id: ProductId(id(product)),
            unit_price: rust_decimal::Decimal::new(86_000, 2),
        }));
    }
    rows.extend([(1, Role::Rep, 51), (2, Role::Rep, 52), (3, Role::Admin, 51)].map(|(user, role, territory)| {
        let territories = vec![TerritoryId(id(territory)), TerritoryId(id(55))];
        let grant = ScopeGrant { role, region_code: None, territories, dealers: vec![] };
        Row::from(Scope::following(None, UserId(id(user)), grant, Timestamp(1), None, "").expect("a first version"))
    }));
    rows.extend([(110, Some(60), 51, 2), (111, None, 51, 3), (112, Some(61), 51, 4), (113, None, 52, 5)].map(handover));
    rows.push(Row::from(Payment {
        id: PaymentId(id(100)),
        dealer_id: DealerId(id(101)),
        amount: Money::new(1_500_000, Currency::Cny),
        slip: "1".into(),
        recorded_by: UserId(id(1)),
        recorded_at: Timestamp(1),
    }));
    let standard = handbook::standard_visit();
    rows.push(Row::from(ChecklistTemplate {
        id: TemplateId(id(130)),
        version: standard.version + 1,
        ..standard.clone()
    }));
    rows.push(Row::from(standard));
    for (number, is_contested) in [(140, true), (141, false)] {
        rows.push(Row::from(ProfileField {
            id: ProfileFieldId(id(number)),
            outlet_id: OutletId(id(60)),
            territory_id: TerritoryId(id(51)),
            region_code: "jiangcheng".into(),
            field: FieldName::Phone,
            base: String::new(),
            shown: "1".into(),
            is_contested,
            edits: vec![],
            decisions: vec![],
        }));
    }
    rows
}

#[test]
fn memory_and_sqlite_answer_every_question_alike() {
    let mut connection = Connection::open_in_memory().expect("memory");
    migrate(&mut connection, SYNCED_STEPS).expect("schema");
    for row in rows() {
        put_row(&connection, &row).expect("put");
    }
    let memory = MemoryState::of(rows());
    let sqlite = SqliteState(&connection);
    let questions = [
        (Find::OpenVisitsOfRep(UserId(id(1))), 1),
        (Find::VisitsOfOutlet(OutletId(id(60))), 3),
        (Find::AnswersOfVisit(VisitId(id(10))), 2),
        (Find::PhotosOfVisit(VisitId(id(10))), 0),
        (Find::VerdictsOfVisit(VisitId(id(10))), 0),
        (Find::OpenTasksOfOutlet(OutletId(id(60))), 1),
        (Find::TasksOfVisit(VisitId(id(10))), 2),
        (Find::ShelfPricesInCounty { county_id: CountyId(id(50)), since: Timestamp(150) }, 2),
        (Find::MustStockOfClass(OutletClass::A), 2),
        (Find::Products, 0),
        (Find::PriceLists, 0),
        (Find::Promotions, 0),
        (Find::PricesOfList(PriceListId(id(90))), 2),
        (Find::PriceOf { price_list_id: PriceListId(id(90)), product_id: ProductId(id(71)) }, 1),
        (Find::OpenOrdersOfDealer(DealerId(id(101))), 0),
        (Find::PaymentsOfDealer(DealerId(id(101))), 1),
        (Find::Checklists, 2),
        (Find::ContestedFields, 1),
        (Find::OrdersNumbered(OrderNumber::new("3-7").expect("short")), 0),
        (Find::RowsOfOutlet(OutletId(id(60))), 12),
        (Find::PapersOfVisit(VisitId(id(10))), 2),
        (Find::OpenTasksOfTerritory(TerritoryId(id(51))), 1),
        (Find::RepsOfTerritory(TerritoryId(id(51))), 1),
        (Find::RepsOfTerritory(TerritoryId(id(55))), 2),
        (Find::Handovers { outlet_id: OutletId(id(60)), territory_id: TerritoryId(id(51)) }, 2),
        (Find::Handbook, handbook::entries().len()),
    ];
    for (question, expected) in questions {
        let from_sqlite = sqlite.find(question).expect("sqlite");
        assert_eq!(from_sqlite.len(), expected, "{question:?}");
        assert_eq!(from_sqlite, memory.find(question).expect("memory"), "{question:?}");
    }
}
