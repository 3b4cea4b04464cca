//! Laws of every history of a visit, whatever is thrown at it in whatever order.

use proptest::prelude::*;
use rust_decimal::Decimal;

use crate::{
    checklist::AnswerValue,
    ids::{PhotoId, VerdictId, VisitId},
    outlet::Role,
    photo::{Pin, VerdictDecision},
    sync::{
        AssessGoals, AttachPhoto, BeginStep, ChooseGoals, Command, Decision, FinishVisit, Host, MemoryState,
        RecordAnswer, ReviewPhoto, Row, Table, decide,
    },
    task::Alert,
    time::Timestamp,
    visit::{Visit, VisitStatus, fixture::World},
};
use uuid::Uuid;

/// One deed of somebody; small numbers choose among few things, so that deeds meet.
#[derive(Clone, Debug)]
enum Deed {
    Start(u8),
    Goals(Vec<u8>),
    Assess(Vec<u8>),
    Step(u8),
    Answer(u8, u8, u8),
    AnswerAll,
    Shoot(u8, Option<u8>),
    ShootAll,
    Arrive,
    Review(u8, u8, bool),
    Finish,
}

fn any_deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        2 => prop_oneof![3 => Just(0), 2 => Just(1), 1 => 2..4_u8].prop_map(Deed::Start),
        1 => prop::collection::vec(0..4_u8, 0..5).prop_map(Deed::Goals),
        1 => prop::collection::vec(0..4_u8, 0..3).prop_map(Deed::Assess),
        1 => (0..13_u8).prop_map(Deed::Step),
        3 => (0..6_u8, 0..6_u8, 0..8_u8).prop_map(|(item, product, value)| Deed::Answer(item, product, value)),
        2 => Just(Deed::AnswerAll),
        2 => (0..6_u8, prop::option::of(0..12_u8)).prop_map(|(zone, before)| Deed::Shoot(zone, before)),
        2 => Just(Deed::ShootAll),
        2 => Just(Deed::Arrive),
        3 => (0..12_u8, 0..3_u8, prop::bool::weighted(0.1))
            .prop_map(|(photo, verdict, pin)| Deed::Review(photo, verdict, pin)),
        3 => Just(Deed::Finish),
    ]
}

/// A world in which every deed is tried twice, by the phone's rules and by the server's.
struct Trial {
    world: World,
    visit: VisitId,
    photos: Vec<PhotoId>,
    /// Whether everything comes from one phone, which sends only what it takes itself.
    is_one_phone: bool,
}

impl Trial {
    fn new(is_one_phone: bool) -> Self {
        Self { world: World::new(), visit: VisitId(Uuid::nil()), photos: Vec::new(), is_one_phone }
    }

    fn photo(&self, index: u8) -> PhotoId {
        let known = self.photos.get(usize::from(index) % self.photos.len().max(1));
        known.copied().unwrap_or(PhotoId(Uuid::nil()))
    }

    /// Decides a command on both hosts, and makes the server's changes. What the phone takes the server takes too, with
    /// the same effect on everything but alerts; the server may take more, because it judges what was done before.
    fn attempt(&mut self, command: impl Into<Command>) -> Result<bool, TestCaseError> {
        let command = command.into();
        let server = self.world.context();
        let mut phone = server.clone();
        phone.host = Host::Phone;
        let state = &self.world.state;
        let decided = decide(state, &command, &server).expect("memory does not fail");
        prop_assert_eq!(&decided, &decide(state, &command, &server).expect("memory does not fail"));
        let ahead = decide(state, &command, &phone).expect("memory does not fail");
        let without_alerts = |decision: &Decision| -> Option<MemoryState> {
            let Decision::Accepted(effects) = decision else { return None };
            let mut state = MemoryState::default();
            state.apply(&effects.changes);
            Some(state)
        };
        let effect = |decision: &Decision| {
            without_alerts(decision).map(|state| (state.all::<Visit>(), state.all::<crate::task::Task>()))
        };
        let expected = effect(&ahead);
        prop_assert!(expected.is_none() || expected == effect(&decided), "{:?} but {:?}", ahead, decided);
        if self.is_one_phone && expected.is_none() {
            return Ok(false);
        }
        match decided {
            Decision::Accepted(effects) => {
                self.world.state.apply(&effects.changes);
                Ok(true)
            }
            Decision::Refused(problems) => {
                prop_assert!(!problems.is_empty(), "a refusal says why");
                Ok(false)
            }
        }
    }

    fn act(&mut self, deed: &Deed) -> Result<(), TestCaseError> {
        let visit_id = self.visit;
        let goals = ["get_known", "sell_more", "shop_push", "nonsense"];
        let named = |codes: &[u8]| codes.iter().map(|code| goals[usize::from(*code)].to_owned()).collect();
        let items = ["on_shelf", "shelf_price", "stock_count", "pop_light_box", "display_space", "nonsense"];
        let products = ["", "P1", "P2", "P4", "P5", "A10"];
        let zones = ["storefront", "product_zone", "aisle", "price_tag", "pop_wall", "nonsense"];
        match deed {
            Deed::Start(which) => {
                let code = ["S0101", "S0103", "S0109", "S0201"][usize::from(*which)];
                let args = self.world.start_args(code);
                let id = args.visit_id;
                if self.attempt(args)? {
                    self.visit = id;
                }
            }
            Deed::Goals(codes) => drop(self.attempt(ChooseGoals { visit_id, goals: named(codes) })?),
            Deed::Assess(codes) => drop(self.attempt(AssessGoals { visit_id, attained: named(codes) })?),
            Deed::Step(step) => drop(self.attempt(BeginStep { visit_id, step: *step })?),
            Deed::Answer(item, product, value) => {
                let value = match value {
                    0 => AnswerValue::YesNo(true),
                    1 => AnswerValue::YesNo(false),
                    2 => AnswerValue::NotApplicable,
                    3 => AnswerValue::Count(4),
                    4 => AnswerValue::Price(Decimal::new(94_900, 2)),
                    5 => AnswerValue::Price(Decimal::new(129_900, 2)),
                    6 => AnswerValue::Price(Decimal::MAX),
                    _ => AnswerValue::Count(i64::MIN),
                };
                let (item, instance) = (items[usize::from(*item)].into(), products[usize::from(*product)].into());
                let reason = Some("sold_out".into());
                self.attempt(RecordAnswer { visit_id, item, instance, value, reason })?;
            }
            Deed::AnswerAll if self.is_open() => self.world.answer_all(visit_id),
            Deed::ShootAll if self.is_open() => self.photos.extend(self.world.shoot_all(visit_id)),
            Deed::AnswerAll | Deed::ShootAll => {}
            Deed::Shoot(zone, before) => {
                let replaces = before.map(|index| self.photo(index));
                let args = AttachPhoto { replaces, ..self.world.attach_args(visit_id, zones[usize::from(*zone)]) };
                let id = args.photo_id;
                if self.attempt(args)? {
                    self.photos.push(id);
                }
            }
            Deed::Arrive => {
                for id in self.photos.clone() {
                    if self.world.photo(id).status == crate::photo::PhotoStatus::Pending {
                        self.world.receive(id);
                    }
                }
            }
            Deed::Review(photo, decision, pinned) => self.review(*photo, *decision, *pinned)?,
            Deed::Finish => drop(self.attempt(FinishVisit { visit_id, fix: None })?),
        }
        self.world.pass_minutes(1);
        Ok(())
    }

    fn review(&mut self, photo: u8, decision: u8, pinned: bool) -> Result<(), TestCaseError> {
        let photo_id = self.photo(photo);
        let is_pending = self
            .world
            .state
            .all::<crate::photo::Photo>()
            .iter()
            .any(|photo| photo.id == photo_id && photo.status == crate::photo::PhotoStatus::Pending);
        if is_pending {
            return Ok(()); // Phone and server differ here on purpose.
        }
        let decisions = [VerdictDecision::Approved, VerdictDecision::Rejected, VerdictDecision::Withdrawn];
        let args = ReviewPhoto {
            verdict_id: VerdictId(self.world.next_visit_id().0),
            pin: pinned.then_some(Pin { x: 0.5, y: 1.5 }),
            ..self.world.review_args(photo_id, decisions[usize::from(decision)])
        };
        let before = (self.world.actor, self.world.role);
        (self.world.actor, self.world.role) = (World::ZHAO_MIN, Role::Supervisor);
        let result = self.attempt(args);
        (self.world.actor, self.world.role) = before;
        result.map(drop)
    }

    fn is_open(&self) -> bool {
        self.world
            .state
            .all::<Visit>()
            .iter()
            .any(|visit| visit.id == self.visit && visit.status == VisitStatus::InProgress)
    }

    fn check(&self) -> Result<(), TestCaseError> {
        let visits = self.world.state.all::<Visit>();
        let open = visits.iter().filter(|visit| visit.status == VisitStatus::InProgress);
        prop_assert!(!self.is_one_phone || open.count() <= 1, "with one phone a rep is in one shop at a time");
        for visit in &visits {
            let is_completed = visit.status == VisitStatus::Completed;
            prop_assert_eq!(visit.summary.is_some(), is_completed);
            prop_assert_eq!(visit.check_out.is_some(), is_completed);
            let total = visit.summary.as_ref().map_or(Decimal::ZERO, |summary| summary.score.total);
            prop_assert!((Decimal::ZERO..=Decimal::ONE_HUNDRED).contains(&total));
        }
        for photo in self.world.state.all::<crate::photo::Photo>() {
            let after = photo.replaced_by.map(|id| self.world.photo(id).replaces);
            prop_assert!(after.is_none_or(|before| before == Some(photo.id)), "the chain is whole both ways");
        }
        let open: Vec<_> = self.world.tasks().into_iter().filter(|task| task.closed_at.is_none()).collect();
        for (index, task) in open.iter().enumerate() {
            let same = |other: &&crate::task::Task| {
                (other.outlet_id, other.kind, other.params.get("product"), other.params.get("item"), other.photo_id)
                    == (task.outlet_id, task.kind, task.params.get("product"), task.params.get("item"), task.photo_id)
            };
            prop_assert!(open[..index].iter().find(same).is_none(), "no open task stands twice: {task:?}");
        }
        prop_assert!(self.world.state.all::<Alert>().len() <= 5);
        Ok(())
    }
}

#[test]
fn a_clock_at_the_end_of_time_breaks_no_visit() {
    for ms in
        [i64::MIN, -8_334_601_228_800_000, -62_135_596_800_000, 253_402_300_799_999, 8_210_266_876_799_999, i64::MAX]
    {
        let mut world = World::new();
        world.now = Timestamp(ms);
        let visit = world.start("S0101", None).id;
        let photos = world.finish_s0101(visit);
        world.review(photos[1], VerdictDecision::Rejected);
        for row in world.state.all::<crate::task::Task>() {
            let read = Row::from_json(Table::Tasks, Row::from(row.clone()).to_json().expect("a JSON form"));
            assert_eq!(read.expect("reads back"), Row::from(row));
        }
        assert_eq!(world.visit(visit).status, VisitStatus::Completed);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn no_history_breaks_a_visit(deeds in prop::collection::vec(any_deed(), 0..60), is_one_phone: bool) {
        let mut trial = Trial::new(is_one_phone);
        for deed in &deeds {
            trial.act(deed)?;
            trial.check()?;
        }
    }
}
