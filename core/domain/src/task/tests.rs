//! Tasks raised and closed by word.

use rstest::rstest;
use uuid::Uuid;

use crate::{
    ids::{OutletId, TaskId, UserId, VisitId},
    outlet::Role,
    photo::VerdictDecision,
    problem::ProblemCode,
    sync::{CloseTask, RaiseTask},
    task::{Proof, Task, TaskKind, TaskStatus},
    time::BusinessDate,
    visit::fixture::World,
};

const TASK: TaskId = TaskId(Uuid::from_u128(0x7a5c));

fn raise() -> RaiseTask {
    RaiseTask {
        task_id: TASK,
        outlet_id: World::outlet_id("S0101"),
        visit_id: None,
        note: "灯箱不亮，联系安装队".into(),
        due_on: BusinessDate::parse("2025-03-18").expect("valid"),
    }
}

fn close() -> CloseTask {
    CloseTask { task_id: TASK }
}

fn task(world: &World) -> Task {
    world.tasks().into_iter().find(|task| task.id == TASK).expect("raised")
}

#[test]
fn a_rep_raises_an_open_point_and_closes_it_by_word() {
    let mut world = World::new();
    world.run(raise());
    assert_eq!(
        (task(&world).kind, task(&world).proof, task(&world).owner_id),
        (TaskKind::OpenPoint, Proof::Word, World::LI_WEN)
    );
    assert_eq!(world.refusal(raise()), ProblemCode::IdTaken);
    world.run(close());
    assert_eq!((task(&world).status, task(&world).closed_at), (TaskStatus::Done, Some(world.now)));
    assert_eq!(world.refusal(close()), ProblemCode::TaskClosed);
}

#[test]
fn a_supervisors_task_goes_to_who_visited_last() {
    let mut world = World::new();
    world.acting(World::ZHAO_MIN, Role::Supervisor, |world| world.run(raise()));
    assert_eq!(task(&world).owner_id, World::ZHAO_MIN, "nobody has been there");
    let visit = world.start("S0101", None).id;
    for visit_id in [None, Some(visit)] {
        let args =
            RaiseTask { task_id: TaskId(Uuid::from_u128(9 + u128::from(visit_id.is_some()))), visit_id, ..raise() };
        let id = args.task_id;
        world.acting(World::ZHAO_MIN, Role::Supervisor, |world| world.run(args));
        let task = world.tasks().into_iter().find(|task| task.id == id).expect("raised");
        assert_eq!(task.owner_id, World::LI_WEN);
    }
}

#[test]
fn a_supervisor_raises_tasks_in_their_region_only_and_an_administrator_everywhere() {
    let mut world = World::new();
    let refusal = world.acting(World::FAR_AWAY, Role::Supervisor, |world| world.refusal(raise()));
    assert_eq!(refusal, ProblemCode::NotPermitted);
    world.acting(World::FAR_AWAY, Role::Admin, |world| world.run(raise()));
}

#[test]
fn of_two_visits_on_one_day_the_later_was_the_last_and_a_skipped_call_was_none() {
    let mut world = World::new();
    let mut visit = world.start("S0101", None);
    visit.rep_id = World::WANG_QIANG;
    visit.id = VisitId(Uuid::max());
    world.state.put(visit);
    world.pass_minutes(60);
    world.start("S0101", None);
    world.run(crate::sync::SkipCall {
        visit_id: VisitId(Uuid::from_u128(1)),
        outlet_id: World::outlet_id("S0101"),
        plan_id: world.plan_of("S0101"),
        reason: "outlet_closed".into(),
    });
    world.acting(World::ZHAO_MIN, Role::Supervisor, |world| world.run(raise()));
    assert_eq!(task(&world).owner_id, World::LI_WEN);
}

#[rstest]
#[case::at_no_outlet(|args: &mut RaiseTask| args.outlet_id = OutletId(Uuid::nil()), ProblemCode::NotFound)]
#[case::in_a_foreign_territory(
    |args: &mut RaiseTask| args.outlet_id = World::outlet_id("S0201"),
    ProblemCode::NotPermitted
)]
#[case::about_nothing(|args: &mut RaiseTask| args.note = " ".into(), ProblemCode::TextInvalid)]
#[case::about_too_much(|args: &mut RaiseTask| args.note = "字".repeat(501), ProblemCode::TextInvalid)]
#[case::from_no_visit(|args: &mut RaiseTask| args.visit_id = Some(VisitId(Uuid::nil())), ProblemCode::NotFound)]
fn a_task_is_refused(#[case] spoil: fn(&mut RaiseTask), #[case] code: ProblemCode) {
    let world = World::new();
    let mut args = raise();
    spoil(&mut args);
    assert_eq!(world.refusal(args), code);
}

#[test]
fn a_visit_at_another_outlet_raises_no_task_here() {
    let mut world = World::new();
    let visit = world.start("S0103", None).id;
    assert_eq!(world.refusal(RaiseTask { visit_id: Some(visit), ..raise() }), ProblemCode::NotFound);
}

#[rstest]
#[case(World::WANG_QIANG, Role::Rep, false)]
#[case(World::WANG_QIANG, Role::Dealer, false)]
#[case(World::ZHAO_MIN, Role::Supervisor, true)]
#[case(World::FAR_AWAY, Role::Supervisor, false)]
#[case(World::FAR_AWAY, Role::Admin, true)]
fn the_owner_and_those_in_charge_close_a_task(#[case] actor: UserId, #[case] role: Role, #[case] may: bool) {
    let mut world = World::new();
    world.run(raise());
    if may {
        world.acting(actor, role, |world| world.run(close()));
        assert_eq!(task(&world).status, TaskStatus::Done);
    } else {
        assert_eq!(world.acting(actor, role, |world| world.refusal(close())), ProblemCode::NotPermitted);
    }
}

#[test]
fn a_retake_is_not_done_by_saying_so() {
    let mut world = World::new();
    let visit = world.start("S0101", None).id;
    let photo = world.finish_s0101(visit)[1];
    world.review(photo, VerdictDecision::Rejected);
    let retake = world.tasks().into_iter().find(|task| task.kind == TaskKind::PhotoRetake).expect("raised");
    let close = CloseTask { task_id: retake.id };
    assert_eq!(world.refusal(close.clone()), ProblemCode::TaskNeedsProof);
    let refusal = world.acting(World::ZHAO_MIN, Role::Supervisor, |world| world.refusal(close));
    assert_eq!(refusal, ProblemCode::TaskNeedsProof);
}
