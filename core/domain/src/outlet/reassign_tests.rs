//! Outlets and territories change hands.

use uuid::Uuid;

use crate::{
    checklist::Answer,
    ids::{OutletId, TaskId, TerritoryId, UserId, VisitId},
    outlet::{CallPlan, CreditRule, Handover, Outlet, Person, Role, Standing, Territory, WorkKind},
    photo::{Photo, Verdict, VerdictDecision},
    problem::ProblemCode,
    sync::{
        Bucket, CloseTask, Notice, RaiseTask, ReassignOutlet, ReassignTerritory, Row, Scope, ScopeGrant, SkipCall,
        StartVisit, StateExt, Theirs, buckets_of,
    },
    task::{Task, TaskKind, TaskStatus},
    text::Localized,
    time::BusinessDate,
    visit::{VisitStatus, fixture::World},
};

const T1: u128 = 1;
const T2: u128 = 2;

/// The world with its territories, people and scopes.
fn world() -> World {
    let mut world = World::new();
    for number in [T1, T2, 3] {
        world.state.put(Territory {
            id: World::territory(number),
            code: format!("T{number}"),
            name: Localized::same("片区"),
            region_code: if number == 3 { "far" } else { "jiangcheng" }.into(),
        });
    }
    let people = [
        (World::LI_WEN, "李雯", Role::Rep, vec![T1]),
        (World::WANG_QIANG, "王强", Role::Rep, vec![T2]),
        (World::ZHAO_MIN, "赵敏", Role::Supervisor, Vec::new()),
    ];
    for (id, name, role, territories) in people {
        world.state.put(Person { id, code: String::new(), name: name.into(), role });
        let territories = territories.into_iter().map(World::territory).collect();
        let grant = ScopeGrant { role, region_code: Some("jiangcheng".into()), territories, dealers: Vec::new() };
        let scope = Scope::following(None, id, grant, world.now, None, "").expect("a first version");
        world.state.put(scope);
    }
    world
}

fn to(territory: u128) -> ReassignOutlet {
    ReassignOutlet {
        outlet_id: World::outlet_id("S0103"),
        territory_id: World::territory(territory),
        reason: "片区调整".into(),
    }
}

fn hand_over(world: &mut World, args: ReassignOutlet) {
    world.acting(World::ZHAO_MIN, Role::Supervisor, |world| world.run(args));
}

fn note(world: &World) -> Handover {
    let notes: Vec<Handover> = world.state.all();
    assert_eq!(notes.len(), 1, "one note");
    notes.into_iter().next().expect("one")
}

fn unaware(world: &mut World) {
    world.state.set_notice(Theirs::Outlet(World::outlet_id("S0103")), Notice::Unaware);
}

fn scope(world: &World, user: UserId) -> Scope {
    world.state.get(user.row()).expect("memory").expect("a scope")
}

#[test]
fn everything_about_an_outlet_moves_with_it_and_everybody_concerned_is_told() {
    let mut world = world();
    let visit = world.start("S0103", None).id;
    world.answer_all(visit);
    let photos = world.shoot_all(visit);
    world.receive(photos[0]);
    world.finish(visit);
    world.review(photos[0], VerdictDecision::Rejected);
    let open = |world: &World| world.tasks().into_iter().filter(|task| task.status == TaskStatus::Open).count();
    assert!(open(&world) > 0, "the rejected photo is to be taken again");

    hand_over(&mut world, to(T2));

    let t2 = World::territory(T2);
    let outlet: Outlet = world.state.get(World::outlet_id("S0103").row()).expect("memory").expect("there");
    assert_eq!(outlet.territory_id, t2);
    let of_s0103 = |outlet: OutletId| outlet == World::outlet_id("S0103");
    let plans: Vec<CallPlan> = world.state.all();
    assert!(plans.iter().filter(|plan| of_s0103(plan.outlet_id)).all(|plan| plan.territory_id == t2));
    assert!(world.state.all::<Answer>().iter().all(|answer| answer.territory_id == t2 && answer.guest_id.is_none()));
    assert!(world.state.all::<Photo>().iter().all(|photo| photo.territory_id == t2));
    assert!(world.state.all::<Verdict>().iter().all(|verdict| verdict.territory_id == t2));
    let tasks = world.tasks();
    assert!(tasks.iter().all(|task| task.territory_id == t2));
    let open: Vec<&Task> = tasks.iter().filter(|task| task.status == TaskStatus::Open).collect();
    assert!(open.iter().all(|task| task.owner_id == World::WANG_QIANG), "open tasks go to the rep who has it now");
    let visit = world.visit(visit);
    assert_eq!(
        (visit.territory_id, visit.rep_id, visit.handover),
        (t2, World::LI_WEN, None),
        "history is not rewritten"
    );

    let note = note(&world);
    assert_eq!((note.from_reps.clone(), note.to_reps.clone()), (vec![World::LI_WEN], vec![World::WANG_QIANG]));
    assert_eq!((note.decided_by, note.reason.as_str()), (Some(World::ZHAO_MIN), "片区调整"));
    let told = buckets_of(&Row::from(note));
    assert_eq!(told, [Bucket::Territory(t2), Bucket::User(World::LI_WEN), Bucket::Audit("jiangcheng".into())]);
}

#[test]
fn an_outlet_stays_where_a_supervisor_has_no_say_or_where_it_is() {
    let mut world = world();
    let by =
        |world: &mut World, actor, role, args: ReassignOutlet| world.acting(actor, role, |world| world.refusal(args));
    assert_eq!(by(&mut world, World::LI_WEN, Role::Rep, to(T2)), ProblemCode::NotPermitted);
    assert_eq!(by(&mut world, World::FAR_AWAY, Role::Supervisor, to(T2)), ProblemCode::NotPermitted);
    assert_eq!(by(&mut world, World::ZHAO_MIN, Role::Supervisor, to(3)), ProblemCode::NotPermitted);
    assert_eq!(by(&mut world, World::ZHAO_MIN, Role::Supervisor, to(T1)), ProblemCode::HandoverNeedless);
    assert_eq!(by(&mut world, World::ZHAO_MIN, Role::Supervisor, to(9)), ProblemCode::NotFound);
    let blank = ReassignOutlet { reason: " ".into(), ..to(T2) };
    assert_eq!(by(&mut world, World::ZHAO_MIN, Role::Supervisor, blank), ProblemCode::TextInvalid);
    world.acting(UserId(Uuid::from_u128(7)), Role::Admin, |world| world.run(to(3)));
}

#[test]
fn a_visit_before_notice_is_kept_labelled_and_credited_to_the_rep_who_made_it() {
    let mut world = world();
    hand_over(&mut world, to(T2));
    unaware(&mut world);
    let visit = world.start("S0103", None);
    let label = visit.handover.expect("labelled");
    assert_eq!((label.standing, label.credited_to), (Standing::BeforeNotice, World::LI_WEN));
    assert_eq!((label.rule, visit.territory_id), (CreditRule::Maker, World::territory(T2)));
    let buckets = buckets_of(&Row::from(visit.clone()));
    assert_eq!(buckets, [Bucket::Territory(World::territory(T2)), Bucket::User(World::LI_WEN)]);

    world.answer_all(visit.id);
    assert!(world.state.all::<Answer>().iter().all(|answer| answer.guest_id == Some(World::LI_WEN)));
    world.shoot_all(visit.id);
    world.finish(visit.id);
    assert_eq!(world.visit(visit.id).status, VisitStatus::Completed);
    let answers: Vec<Answer> = world.state.all();
    assert!(!answers.is_empty() && answers.iter().all(|answer| answer.guest_id.is_none()), "the papers leave her");
    assert!(world.state.all::<Photo>().iter().all(|photo| photo.guest_id.is_none()));
    assert!(world.tasks().iter().all(|task| task.owner_id == World::WANG_QIANG), "what it found is his to do");

    let note = note(&world);
    assert_eq!(label.handover_id, Some(note.id));
    let told: Vec<_> = note.works.iter().map(|work| (work.kind, work.id, work.credited_to)).collect();
    assert_eq!(told, [(WorkKind::Visit, visit.id.0, World::LI_WEN)]);
}

#[test]
fn another_rule_credits_the_rep_who_has_the_outlet_now() {
    let mut world = world();
    world.policies.credit_rule = CreditRule::Successor;
    hand_over(&mut world, to(T2));
    unaware(&mut world);
    let visit = world.start("S0103", None);
    assert_eq!((visit.rep_id, visit.credited_to()), (World::LI_WEN, World::WANG_QIANG));
}

#[test]
fn who_knew_is_refused_and_told_why_and_who_never_had_it_is_refused_plainly() {
    let mut world = world();
    hand_over(&mut world, to(T2));
    let args = world.start_args("S0103");
    assert_eq!(world.refusal(args.clone()), ProblemCode::NotPermitted);
    world.state.set_notice(Theirs::Outlet(args.outlet_id), Notice::Aware);
    let problems = world.problems(args.clone());
    assert_eq!((problems[0].code, problems[0].params["outlet"].as_str()), (ProblemCode::OutletHandedOver, "东湖家电"));
    world.state.set_notice(Theirs::Outlet(args.outlet_id), Notice::TakenIn);
    world.run(args.clone());
    let label = world.visit(args.visit_id).handover.expect("labelled");
    assert_eq!(label.standing, Standing::TakenIn);
}

#[test]
fn a_phone_that_still_holds_the_outlet_for_unsent_work_takes_nothing_new_there() {
    let mut world = world();
    let args = world.start_args("S0103");
    world.state.set_notice(Theirs::Outlet(args.outlet_id), Notice::Aware);
    assert_eq!(world.on_phone(|world| world.refusal(args.clone())), ProblemCode::OutletHandedOver);
    world.state.set_notice(Theirs::Outlet(args.outlet_id), Notice::Never);
    world.on_phone(|world| world.run(args));
}

#[test]
fn skipped_calls_and_tasks_before_notice_are_kept_too() {
    let mut world = world();
    let task = RaiseTask {
        task_id: TaskId(Uuid::from_u128(0x71)),
        outlet_id: World::outlet_id("S0103"),
        visit_id: None,
        note: "门头灯箱不亮".into(),
        due_on: BusinessDate::parse("2025-03-20").expect("valid"),
    };
    world.run(task.clone());
    hand_over(&mut world, to(T2));
    world.run_closing_before_notice(task.task_id);
    let later = RaiseTask { task_id: TaskId(Uuid::from_u128(0x72)), ..task };
    let skip = SkipCall {
        visit_id: VisitId(Uuid::from_u128(0x73)),
        outlet_id: World::outlet_id("S0103"),
        plan_id: world.plan_of("S0103"),
        reason: "outlet_closed".into(),
    };
    world.run(later.clone());
    world.run(skip.clone());
    let raised: Task = world.state.get(later.task_id.row()).expect("memory").expect("kept");
    assert_eq!((raised.kind, raised.owner_id), (TaskKind::OpenPoint, World::WANG_QIANG));
    assert!(world.visit(skip.visit_id).handover.is_some());
    let kinds: Vec<WorkKind> = note(&world).works.iter().map(|work| work.kind).collect();
    assert_eq!(kinds, [WorkKind::Task, WorkKind::Skip]);
}

impl World {
    /// The former owner closes a task that went to a colleague before the phone could know.
    fn run_closing_before_notice(&mut self, task_id: TaskId) {
        assert_eq!(self.refusal(CloseTask { task_id }), ProblemCode::NotPermitted);
        unaware(self);
        self.run(CloseTask { task_id });
    }
}

#[test]
fn a_visit_under_way_is_finished_by_its_maker() {
    let mut world = world();
    let visit = world.start("S0103", None).id;
    world.answer_all(visit);
    hand_over(&mut world, to(T2));
    let label = world.visit(visit).handover.expect("labelled");
    assert_eq!((label.standing, label.credited_to), (Standing::BegunBefore, World::LI_WEN));
    assert!(world.state.all::<Answer>().iter().all(|answer| answer.guest_id == Some(World::LI_WEN)));
    world.shoot_all(visit);
    world.finish(visit);
    assert!(world.state.all::<Answer>().iter().all(|answer| answer.guest_id.is_none()));
    assert_eq!(note(&world).works.len(), 1);
}

#[test]
fn an_outlet_that_comes_back_during_a_visit_is_its_makers_again() {
    let mut world = world();
    let visit = world.start("S0103", None).id;
    world.answer_all(visit);
    hand_over(&mut world, to(T2));
    hand_over(&mut world, to(T1));
    assert_eq!(world.visit(visit).handover, None);
    assert!(world.state.all::<Answer>().iter().all(|answer| answer.guest_id.is_none()));
}

#[test]
fn a_rejection_after_the_handover_asks_the_rep_who_has_the_outlet_now() {
    let mut world = world();
    let visit = world.start("S0103", None).id;
    world.answer_all(visit);
    let photos = world.shoot_all(visit);
    world.receive(photos[0]);
    world.finish(visit);
    hand_over(&mut world, to(T2));
    world.review(photos[0], VerdictDecision::Rejected);
    let retake = world.tasks().into_iter().find(|task| task.kind == TaskKind::PhotoRetake).expect("asked for");
    assert_eq!(retake.owner_id, World::WANG_QIANG);
}

#[test]
fn a_whole_territory_passes_to_another_rep_with_its_open_tasks() {
    let mut world = world();
    let raised = RaiseTask {
        task_id: TaskId(Uuid::from_u128(0x71)),
        outlet_id: World::outlet_id("S0103"),
        visit_id: None,
        note: "补货".into(),
        due_on: BusinessDate::parse("2025-03-20").expect("valid"),
    };
    world.run(raised.clone());
    let visit = world.start("S0101", None).id;
    let give = ReassignTerritory {
        territory_id: World::territory(T1),
        from_user_id: None,
        to_user_id: World::WANG_QIANG,
        reason: "李雯休假".into(),
    };
    world.acting(World::ZHAO_MIN, Role::Supervisor, |world| world.run(give.clone()));

    let (li_wen, wang_qiang) = (scope(&world, World::LI_WEN), scope(&world, World::WANG_QIANG));
    assert_eq!((li_wen.version, li_wen.territories), (2, Vec::<TerritoryId>::new()));
    assert_eq!(wang_qiang.territories, [World::territory(T1), World::territory(T2)]);
    let step = li_wen.history.last().expect("told");
    assert_eq!(step.revoked, [Bucket::Territory(World::territory(T1))]);
    assert_eq!((step.by, step.reason.as_str()), (Some(World::ZHAO_MIN), "李雯休假"));
    let task: Task = world.state.get(raised.task_id.row()).expect("memory").expect("there");
    assert_eq!(task.owner_id, World::WANG_QIANG);
    assert_eq!(world.visit(visit).handover.map(|label| label.standing), Some(Standing::BegunBefore));
    let told = note(&world);
    assert_eq!((told.outlet_id, told.name.as_str()), (None, "T1"));

    let again = world.acting(World::ZHAO_MIN, Role::Supervisor, |world| world.refusal(give.clone()));
    assert_eq!(again, ProblemCode::HandoverNeedless);
    let to_supervisor = ReassignTerritory { to_user_id: World::ZHAO_MIN, ..give };
    let refused = world.acting(World::ZHAO_MIN, Role::Supervisor, |world| world.refusal(to_supervisor));
    assert_eq!(refused, ProblemCode::HandoverNotToRep);
}

#[test]
fn late_work_without_a_decision_on_record_makes_its_own_note() {
    let mut world = world();
    let outlet: Outlet = world.state.get(World::outlet_id("S0103").row()).expect("memory").expect("there");
    world.state.put(Outlet { territory_id: World::territory(T2), ..outlet });
    unaware(&mut world);
    let args: StartVisit = world.start_args("S0103");
    world.run(args);
    let note = note(&world);
    assert_eq!((note.decided_by, note.from_reps, note.to_reps), (None, vec![World::LI_WEN], vec![World::WANG_QIANG]));
}
