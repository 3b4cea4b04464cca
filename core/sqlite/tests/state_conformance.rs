//! `MemoryState` and `SqliteState` must answer every question of the rules alike.

use std::collections::BTreeMap;

use rusqlite::Connection;
use storewalk_domain::{
    catalog::{MustStock, Price},
    checklist::{Answer, AnswerKey, AnswerValue, ChecklistTemplate},
    dealer::Payment,
    handbook::{self, HandbookList},
    ids::{
        CountyId, DealerId, HandoverId, MustStockId, OrderId, OutletId, PaymentId, PriceId, PriceListId, ProductId,
        ProfileFieldId, RowId, TaskId, TemplateId, TerritoryId, UserId, VisitId,
    },
    money::{Currency, Money},
    order::{Hold, Order, OrderNumber, OrderStatus, PricePolicy, PricedOrder},
    outlet::{FieldName, Handover, OutletClass, ProfileField, Role},
    problem::{Problem, ProblemCode},
    sync::{Change, Find, MemoryState, Row, Scope, ScopeGrant, State, Sum, Table},
    task::{Proof, Task, TaskKind, TaskStatus},
    time::{BusinessDate, Timestamp},
    visit::{Visit, VisitStatus},
};
use storewalk_sqlite::{SYNCED_STEPS, SqliteState, migrate, put_row, remove_row};
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

fn order(number: u128, dealer: u128, status: OrderStatus, payable: Money) -> Order {
    let priced = PricedOrder {
        currency: payable.currency,
        price_list_id: PriceListId(id(90)),
        price_list_code: "A".into(),
        lines: vec![],
        goods: payable,
        rebate: None,
        payable,
        free_goods: vec![],
    };
    let hold = Hold { problem: Problem::new(ProblemCode::CreditExceeded), since: Timestamp(1) };
    Order {
        id: OrderId(id(number)),
        number: format!("9-{number}"),
        dealer_id: DealerId(id(dealer)),
        outlet_id: None,
        placed_by: UserId(id(1)),
        placed_at: Timestamp(1),
        arrived_at: None,
        status,
        hold: (status == OrderStatus::Held).then_some(hold),
        price_policy: PricePolicy::HonourCaptured,
        priced,
        priced_at_capture: None,
        promised_on: None,
        captured: None,
        claim: None,
        same_number_as: None,
        handover: None,
    }
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
    rows.extend([
        order(150, 101, OrderStatus::Accepted, Money::new(i64::MAX, Currency::Cny)).into(),
        order(151, 101, OrderStatus::Accepted, Money::new(i64::MAX, Currency::Cny)).into(),
        order(152, 101, OrderStatus::Accepted, Money::new(-7, Currency::Usd)).into(),
        order(153, 101, OrderStatus::Held, Money::new(5, Currency::Cny)).into(),
        order(154, 101, OrderStatus::Cancelled, Money::new(5, Currency::Cny)).into(),
        order(155, 102, OrderStatus::Accepted, Money::new(5, Currency::Cny)).into(),
    ]);
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
    let zones = handbook::entries().iter().filter(|entry| entry.list == HandbookList::PhotoZone).count();
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
        (Find::OpenOrdersOfDealer(DealerId(id(101))), 4),
        (Find::HeldOrdersOfDealer(DealerId(id(101))), 1),
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
        (Find::HandbookOf(HandbookList::PhotoZone), zones),
    ];
    for (question, expected) in questions {
        let from_sqlite = sqlite.find(question).expect("sqlite");
        assert_eq!(from_sqlite.len(), expected, "{question:?}");
        assert_eq!(from_sqlite, memory.find(question).expect("memory"), "{question:?}");
    }
}

/// Both states after the same changes.
struct Pair {
    memory: MemoryState,
    connection: Connection,
}

impl Pair {
    fn put(&mut self, order: &Order) {
        put_row(&self.connection, &order.clone().into()).expect("put");
        self.memory.put(order.clone());
    }

    fn agree(&self, of: Sum) -> Vec<(i128, u64)> {
        let from_sqlite = SqliteState(&self.connection).sum(of).expect("sqlite");
        assert_eq!(from_sqlite, self.memory.sum(of).expect("memory"), "{of:?}");
        from_sqlite.by_currency().map(|total| (total.minor, total.count)).collect()
    }
}

#[test]
fn what_orders_and_payments_come_to_is_the_same_after_every_change() {
    let mut connection = Connection::open_in_memory().expect("memory");
    migrate(&mut connection, SYNCED_STEPS).expect("schema");
    for row in rows() {
        put_row(&connection, &row).expect("put");
    }
    let mut pair = Pair { memory: MemoryState::of(rows()), connection };
    let accepted = Sum::AcceptedOrdersOf(DealerId(id(101)));
    let twice = 2 * i128::from(i64::MAX);
    assert_eq!(pair.agree(accepted), [(twice, 2), (-7, 1)]);
    assert_eq!(pair.agree(Sum::AcceptedOrdersOf(DealerId(id(102)))), [(5, 1)]);
    assert_eq!(pair.agree(Sum::AcceptedOrdersOf(DealerId(id(103)))), []);
    assert_eq!(pair.agree(Sum::PaymentsOf(DealerId(id(101)))), [(1_500_000, 1)]);
    // Held → accepted at another price; accepted → cancelled; accepted → another amount.
    pair.put(&order(153, 101, OrderStatus::Accepted, Money::new(6, Currency::Cny)));
    pair.put(&order(151, 101, OrderStatus::Cancelled, Money::new(i64::MAX, Currency::Cny)));
    pair.put(&order(152, 101, OrderStatus::Accepted, Money::new(-8, Currency::Usd)));
    assert_eq!(pair.agree(accepted), [(i128::from(i64::MAX) + 6, 2), (-8, 1)]);
    remove_row(&pair.connection, Table::Orders, RowId(id(150))).expect("removed");
    pair.memory.apply(&[Change::Remove { table: Table::Orders, id: RowId(id(150)) }]);
    assert_eq!(pair.agree(accepted), [(6, 1), (-8, 1)]);
    let rowless: i64 =
        pair.connection.query_row("SELECT count(*) FROM accepted_amounts", [], |row| row.get(0)).expect("a count");
    assert_eq!(rowless, 3, "one for every accepted order of any dealer");
}
