//! A small piece of the demo world, and hands to act in it, for tests.

use std::cell::Cell;

use uuid::Uuid;

use crate::{
    catalog::{MustStock, Product},
    checklist::{
        Answer, AnswerValue,
        fixture::{answers_of_s0101, hero_products},
    },
    geo::{Datum, Fix, Position},
    handbook::{entries, standard_visit},
    ids::{CallPlanId, CommandId, CountyId, MustStockId, OutletId, PhotoId, TerritoryId, UserId, VerdictId, VisitId},
    outlet::{CallPlan, County, Outlet, OutletClass, Role},
    photo::{Photo, PhotoStatus, VerdictDecision},
    problem::{Problem, ProblemCode},
    sync::{
        Actor, AttachPhoto, Change, Command, Context, Decision, Find, FinishVisit, Host, MemoryState, Policies,
        RecordAnswer, ReviewPhoto, StartVisit, StateExt, Table, decide,
    },
    task::Task,
    text::Localized,
    time::{BusinessDate, Timestamp, Zone},
    trusted::TrustedSpan,
    visit::{Visit, required_zones},
};

const XINGFU_ROAD: Position = Position { lat: 30.521_78, lon: 114.351_93, datum: Datum::Wgs84 };

/// The world and who acts in it at the moment.
pub(crate) struct World {
    pub(crate) state: MemoryState,
    pub(crate) actor: UserId,
    pub(crate) role: Role,
    pub(crate) now: Timestamp,
    pub(crate) is_on_phone: bool,
    pub(crate) device: u32,
    pub(crate) policies: Policies,
    next: Cell<u128>,
}

impl World {
    /// The rep of territory 1.
    pub(crate) const LI_WEN: UserId = UserId(Uuid::from_u128(0xa1));
    /// The rep of territory 2.
    pub(crate) const WANG_QIANG: UserId = UserId(Uuid::from_u128(0xa2));
    /// The supervisor of both territories.
    pub(crate) const ZHAO_MIN: UserId = UserId(Uuid::from_u128(0xa9));
    /// The supervisor of another region.
    pub(crate) const FAR_AWAY: UserId = UserId(Uuid::from_u128(0xaa));

    /// 李雯 at 08:40, before her first visit; the server decides.
    pub(crate) fn new() -> Self {
        let mut world = Self {
            state: MemoryState::default(),
            actor: Self::LI_WEN,
            role: Role::Rep,
            now: Timestamp::parse("2025-03-14T08:40:00+08:00").expect("valid"),
            is_on_phone: false,
            device: 1,
            policies: Policies::default(),
            next: Cell::new(0x1000_0000),
        };
        world.seed();
        world
    }

    fn seed(&mut self) {
        for entry in entries() {
            self.state.put(entry);
        }
        self.state.put(standard_visit());
        self.state.put(County {
            id: Self::county(),
            code: "JC01".into(),
            name: Localized::new("东湖区", "Donghu"),
            region_code: "jiangcheng".into(),
        });
        let mut products = hero_products();
        products.push(Product {
            code: "A10".into(),
            id: crate::ids::ProductId(Uuid::from_u128(0xa10)),
            is_hero: false,
            ..products[0].clone()
        });
        for product in products {
            if product.is_hero {
                let id = MustStockId::derived(product.id.0, "A");
                self.state.put(MustStock { id, class: OutletClass::A, product_id: product.id });
            }
            if matches!(product.code.as_str(), "P1" | "P2") {
                let id = MustStockId::derived(product.id.0, "B");
                self.state.put(MustStock { id, class: OutletClass::B, product_id: product.id });
            }
            self.state.put(product);
        }
        self.outlet("S0101", "幸福路手机城", OutletClass::A, Self::territory(1));
        self.outlet("S0103", "东湖家电", OutletClass::B, Self::territory(1));
        self.outlet("S0109", "已关门店", OutletClass::B, Self::territory(1));
        self.outlet("S0201", "外区门店", OutletClass::A, Self::territory(2));
        let mut closed: Outlet = self.state.get(Self::outlet_id("S0109").row()).expect("memory").expect("seeded");
        closed.is_active = false;
        self.state.put(closed);
    }

    fn outlet(&mut self, code: &str, name: &str, class: OutletClass, territory_id: TerritoryId) {
        let id = Self::outlet_id(code);
        self.state.put(Outlet {
            id,
            code: code.into(),
            name: name.into(),
            class,
            county_id: Self::county(),
            territory_id,
            gln: None,
            address: String::new(),
            position: Some(XINGFU_ROAD),
            fence_m: 150,
            decision_maker: "陈经理".into(),
            phone: String::new(),
            zone: Zone::SHANGHAI,
            is_active: true,
            opening_hours: None,
            contact: None,
        });
        let starts_on = BusinessDate::parse("2025-03-03").expect("valid");
        let plan = CallPlan {
            id: self.plan_of(code),
            outlet_id: id,
            territory_id,
            rrule: "FREQ=DAILY".into(),
            starts_on,
            position: 1,
        };
        self.state.put(plan);
    }

    pub(crate) fn county() -> CountyId {
        CountyId(Uuid::from_u128(0xc1))
    }

    pub(crate) fn territory(number: u128) -> TerritoryId {
        TerritoryId(Uuid::from_u128(0x7e00 + number))
    }

    pub(crate) fn outlet_id(code: &str) -> OutletId {
        OutletId::derived(Uuid::nil(), code)
    }

    #[expect(clippy::unused_self, reason = "reads as what the world knows")]
    pub(crate) fn plan_of(&self, code: &str) -> CallPlanId {
        CallPlanId::derived(Uuid::nil(), code)
    }

    pub(crate) fn fix_north_of_s0101(metres: f64) -> Fix {
        let lat = XINGFU_ROAD.lat + metres / 6_371_008.8 * 180.0 / std::f64::consts::PI;
        Fix { position: Position { lat, ..XINGFU_ROAD }, accuracy_m: 10.0, is_mock: false }
    }

    fn fresh(&self) -> Uuid {
        let id = self.next.get();
        self.next.set(id + 1);
        Uuid::from_u128(id)
    }

    pub(crate) fn next_visit_id(&self) -> VisitId {
        VisitId(self.fresh())
    }

    pub(crate) fn pass_minutes(&mut self, minutes: i64) {
        self.now = self.now.plus_ms(minutes * 60_000);
    }

    pub(crate) fn context(&self) -> Context {
        let territories = match self.actor {
            Self::LI_WEN => vec![Self::territory(1)],
            Self::WANG_QIANG => vec![Self::territory(2)],
            Self::ZHAO_MIN => vec![Self::territory(1), Self::territory(2)],
            Self::FAR_AWAY => vec![Self::territory(3)],
            _ => Vec::new(),
        };
        let host = if self.is_on_phone { Host::Phone } else { Host::Server { arrived_at: self.now } };
        Context {
            command_id: CommandId(self.fresh()),
            actor: Actor { user_id: self.actor, role: self.role, territories, dealers: Vec::new() },
            captured_at: self.now,
            span: TrustedSpan::at(self.now),
            device_at: self.now,
            device_number: Some(self.device),
            host,
            policies: self.policies.clone(),
        }
    }

    /// Acts as somebody else for one deed.
    pub(crate) fn acting<T>(&mut self, actor: UserId, role: Role, deed: impl FnOnce(&mut Self) -> T) -> T {
        let before = (self.actor, self.role);
        (self.actor, self.role) = (actor, role);
        let result = deed(self);
        (self.actor, self.role) = before;
        result
    }

    /// Decides as the phone does, for one deed.
    pub(crate) fn on_phone<T>(&mut self, deed: impl FnOnce(&mut Self) -> T) -> T {
        self.is_on_phone = true;
        let result = deed(self);
        self.is_on_phone = false;
        result
    }

    pub(crate) fn run(&mut self, command: impl Into<Command>) {
        let command = command.into();
        match decide(&self.state, &command, &self.context()).expect("memory does not fail") {
            Decision::Accepted(effects) => self.state.apply(&effects.changes),
            Decision::Refused(problems) => panic!("{} was refused: {problems:#?}", command.kind()),
        }
    }

    pub(crate) fn problems(&self, command: impl Into<Command>) -> Vec<Problem> {
        let command = command.into();
        match decide(&self.state, &command, &self.context()).expect("memory does not fail") {
            Decision::Accepted(_) => panic!("{} was accepted", command.kind()),
            Decision::Refused(problems) => problems,
        }
    }

    pub(crate) fn refusal(&self, command: impl Into<Command>) -> ProblemCode {
        self.problems(command)[0].code
    }

    pub(crate) fn visit(&self, id: VisitId) -> Visit {
        self.state.get(id.row()).expect("memory").expect("the visit is there")
    }

    pub(crate) fn photo(&self, id: PhotoId) -> Photo {
        self.state.get(id.row()).expect("memory").expect("the photo is there")
    }

    pub(crate) fn tasks(&self) -> Vec<Task> {
        self.state.all()
    }

    pub(crate) fn start_args(&self, code: &str) -> StartVisit {
        StartVisit {
            visit_id: self.next_visit_id(),
            outlet_id: Self::outlet_id(code),
            plan_id: Some(self.plan_of(code)),
            template_id: standard_visit().id,
            fix: None,
        }
    }

    pub(crate) fn start(&mut self, code: &str, fix: Option<Fix>) -> Visit {
        let args = StartVisit { fix, ..self.start_args(code) };
        let id = args.visit_id;
        self.run(args);
        self.visit(id)
    }

    pub(crate) fn give(&mut self, visit_id: VisitId, answers: &[Answer]) {
        for answer in answers {
            self.run(RecordAnswer {
                visit_id,
                item: answer.item.clone(),
                instance: answer.instance.clone(),
                value: answer.value.clone(),
                reason: answer.reason.clone(),
            });
        }
    }

    /// Answers as in D1, for the products this outlet must stock.
    pub(crate) fn answer_all(&mut self, visit: VisitId) {
        let outlet: Outlet = self.state.get(self.visit(visit).outlet_id.row()).expect("memory").expect("there");
        let listed: Vec<String> = crate::checklist::must_stock_of(&self.state, outlet.class)
            .expect("memory")
            .into_iter()
            .map(|p| p.code)
            .collect();
        let mut answers = answers_of_s0101();
        answers.retain(|answer| answer.instance.is_empty() || listed.contains(&answer.instance));
        self.give(visit, &answers);
    }

    pub(crate) fn attach_args(&self, visit_id: VisitId, zone: &str) -> AttachPhoto {
        AttachPhoto {
            photo_id: PhotoId(self.fresh()),
            visit_id,
            zone: zone.into(),
            sha256: "0123456789abcdef".repeat(4),
            size_bytes: 3_600_000,
            width: 4000,
            height: 3000,
            replaces: None,
            seen: None,
        }
    }

    pub(crate) fn shoot(&mut self, visit: VisitId, zone: &str) -> PhotoId {
        let args = self.attach_args(visit, zone);
        let id = args.photo_id;
        self.run(args);
        id
    }

    /// The required photos, in shot order.
    pub(crate) fn shoot_all(&mut self, visit: VisitId) -> Vec<PhotoId> {
        let handbook = self.state.list(Find::Handbook).expect("memory");
        required_zones(&handbook).into_iter().map(|zone| self.shoot(visit, &zone.code)).collect()
    }

    /// The bytes arrive.
    pub(crate) fn receive(&mut self, photo: PhotoId) {
        let photo = self.photo(photo);
        self.state.put(Photo { status: PhotoStatus::Received, received_at: Some(self.now), ..photo });
    }

    pub(crate) fn finish(&mut self, visit_id: VisitId) {
        self.run(FinishVisit { visit_id, fix: None });
    }

    /// Everything D1 does at S0101 between check-in and check-out; gives back the photos.
    pub(crate) fn finish_s0101(&mut self, visit: VisitId) -> Vec<PhotoId> {
        self.answer_all(visit);
        let photos = self.shoot_all(visit);
        for photo in &photos {
            self.receive(*photo);
        }
        self.pass_minutes(61);
        self.finish(visit);
        photos
    }

    pub(crate) fn review_args(&self, photo_id: PhotoId, decision: VerdictDecision) -> ReviewPhoto {
        ReviewPhoto {
            verdict_id: VerdictId(self.fresh()),
            photo_id,
            decision,
            reason: (decision == VerdictDecision::Rejected).then(|| "empty_slot".into()),
            note: String::new(),
            pin: None,
            reference_photo_id: None,
            due_on: None,
        }
    }

    /// 赵敏 decides.
    pub(crate) fn review(&mut self, photo: PhotoId, decision: VerdictDecision) {
        let args = self.review_args(photo, decision);
        self.acting(Self::ZHAO_MIN, Role::Supervisor, |world| world.run(args));
    }

    pub(crate) fn list_for_class_b(&mut self, code: &str) {
        let product = self.state.all::<Product>().into_iter().find(|product| product.code == code).expect("seeded");
        let id = MustStockId::derived(product.id.0, "B");
        self.state.put(MustStock { id, class: OutletClass::B, product_id: product.id });
    }

    /// Takes a product off every must-stock list.
    pub(crate) fn unlist(&mut self, code: &str) {
        let product = self.state.all::<Product>().into_iter().find(|product| product.code == code).expect("seeded");
        let lines = self.state.all::<MustStock>().into_iter().filter(|line| line.product_id == product.id);
        let removed: Vec<_> =
            lines.map(|line| Change::Remove { table: Table::MustStocks, id: line.id.row() }).collect();
        self.state.apply(&removed);
    }

    pub(crate) fn delist(&mut self, code: &str) {
        let product = self.state.all::<Product>().into_iter().find(|product| product.code == code).expect("seeded");
        self.state.put(Product { is_active: false, ..product });
    }

    /// Answers one question of a visit.
    pub(crate) fn say(&mut self, visit: VisitId, item: &str, instance: &str, value: AnswerValue) {
        self.give(visit, &[crate::checklist::fixture::answer(item, instance, value)]);
    }
}
