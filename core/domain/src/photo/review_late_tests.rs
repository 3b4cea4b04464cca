//! Verdicts that are withdrawn after the rep has taken the photo anew.

use proptest::prelude::*;
use rust_decimal::Decimal;

use crate::{
    ids::{PhotoId, TaskId, VisitId},
    outlet::Role,
    photo::{PhotoStatus, Verdict, VerdictDecision, rejected_zones},
    problem::ProblemCode,
    sync::{AttachPhoto, Command, Decision, decide},
    task::{Task, TaskKind, TaskStatus},
    visit::fixture::World,
};

fn visited() -> (World, VisitId, PhotoId) {
    let mut world = World::new();
    let visit = world.start("S0101", None).id;
    let photos = world.finish_s0101(visit);
    (world, visit, photos[1])
}

fn total(world: &World, visit: VisitId) -> Decimal {
    world.visit(visit).summary.expect("summed up").score.total
}

/// Does it if the rules let it be done; says whether they did.
fn attempt(world: &mut World, command: impl Into<Command>) -> bool {
    match decide(&world.state, &command.into(), &world.context()).expect("memory does not fail") {
        Decision::Accepted(effects) => {
            world.state.apply(&effects.changes);
            true
        }
        Decision::Refused(_) => false,
    }
}

fn retake(world: &mut World, visit: VisitId, photo: PhotoId) -> Option<PhotoId> {
    let args = AttachPhoto { replaces: Some(photo), ..world.attach_args(visit, "product_zone") };
    let id = args.photo_id;
    let is_taken = attempt(world, args);
    if is_taken {
        world.receive(id);
    }
    is_taken.then_some(id)
}

fn retake_tasks(world: &World) -> Vec<Task> {
    world.tasks().into_iter().filter(|task| task.kind == TaskKind::PhotoRetake).collect()
}

#[test]
fn a_rejection_withdrawn_after_the_retake_leaves_the_retake_and_its_done_task_and_gives_the_points_back() {
    let (mut world, visit, first) = visited();
    world.review(first, VerdictDecision::Rejected);
    let again = retake(&mut world, visit, first).expect("taken");
    let done = retake_tasks(&world);
    assert_eq!((done.len(), done[0].status, total(&world, visit)), (1, TaskStatus::Done, Decimal::from(73)));

    world.pass_minutes(30);
    world.review(first, VerdictDecision::Withdrawn);
    assert_eq!(total(&world, visit), Decimal::from(85));
    assert_eq!(retake_tasks(&world), done, "it was settled by the retake, once");
    let (before, after) = (world.photo(first), world.photo(again));
    assert_eq!((before.status, before.verdict_id, before.replaced_by), (PhotoStatus::Received, None, Some(again)));
    assert_eq!((after.status, after.replaces, after.task_id), (PhotoStatus::Received, Some(first), Some(done[0].id)));
    let decisions: Vec<_> = world.state.all::<Verdict>().iter().map(|verdict| verdict.decision).collect();
    assert_eq!(decisions, [VerdictDecision::Rejected, VerdictDecision::Withdrawn], "with its trace");

    world.review(again, VerdictDecision::Rejected);
    assert_eq!(total(&world, visit), Decimal::from(73), "the retake is judged by itself");
    world.review(again, VerdictDecision::Withdrawn);
    world.review(again, VerdictDecision::Approved);
    assert_eq!(total(&world, visit), Decimal::from(85));
}

#[test]
fn it_is_the_same_whether_the_retake_arrives_before_or_after_the_withdrawal() {
    let outcome = |retake_first: bool| {
        let (mut world, visit, first) = visited();
        world.review(first, VerdictDecision::Rejected);
        let args = AttachPhoto { replaces: Some(first), ..world.attach_args(visit, "product_zone") };
        let again = args.photo_id;
        if retake_first {
            world.run(args);
            world.review(first, VerdictDecision::Withdrawn);
        } else {
            world.review(first, VerdictDecision::Withdrawn);
            world.run(args);
        }
        let (before, after) = (world.photo(first), world.photo(again));
        let open = retake_tasks(&world).iter().filter(|task| task.status == TaskStatus::Open).count();
        (before.status, before.replaced_by, after.status, after.replaces, total(&world, visit), open)
    };
    let (late, early) = (outcome(true), outcome(false));
    assert_eq!((late.0, late.2, late.4, late.5), (early.0, early.2, early.4, early.5));
    assert!([late.1, late.3, early.1, early.3].iter().all(Option::is_some), "the chain is complete either way");
}

#[test]
fn an_approval_in_the_middle_of_a_chain_that_is_withdrawn_takes_back_what_it_made_good() {
    let (mut world, visit, first) = visited();
    world.review(first, VerdictDecision::Rejected);
    let second = retake(&mut world, visit, first).expect("taken");
    world.review(second, VerdictDecision::Approved);
    assert_eq!(total(&world, visit), Decimal::from(85));
    // A second phone had taken it anew too, offline; it comes after the approval.
    let third = retake(&mut world, visit, first).expect("kept");
    assert_eq!(world.photo(third).replaces, Some(second));
    world.review(second, VerdictDecision::Withdrawn);
    assert_eq!(total(&world, visit), Decimal::from(73), "nothing approved makes the rejection good now");
    world.review(third, VerdictDecision::Approved);
    assert_eq!(total(&world, visit), Decimal::from(85));
}

#[test]
fn what_was_withdrawn_is_not_withdrawn_again() {
    let (mut world, visit, first) = visited();
    world.review(first, VerdictDecision::Rejected);
    retake(&mut world, visit, first).expect("taken");
    world.review(first, VerdictDecision::Withdrawn);
    let args = world.review_args(first, VerdictDecision::Withdrawn);
    let refusal = world.acting(World::ZHAO_MIN, Role::Supervisor, |world| world.refusal(args));
    assert_eq!(refusal, ProblemCode::NotFound);
}

#[derive(Clone, Copy, Debug)]
enum Deed {
    Review(usize, VerdictDecision),
    Retake(usize),
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let decision =
        prop_oneof![Just(VerdictDecision::Approved), Just(VerdictDecision::Rejected), Just(VerdictDecision::Withdrawn)];
    let deed = prop_oneof![
        3 => (0..4_usize, decision).prop_map(|(photo, decision)| Deed::Review(photo, decision)),
        1 => (0..4_usize).prop_map(Deed::Retake),
    ];
    prop::collection::vec(deed, 1..24)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn whatever_is_judged_taken_back_and_taken_anew_the_chain_holds_every_task_ends_once_and_the_score_follows(
        deeds in deeds()
    ) {
        let (mut world, visit, first) = visited();
        let mut taken = vec![first];
        let (mut ended, mut verdicts) = (Vec::<Task>::new(), 0);
        for deed in deeds {
            world.pass_minutes(1);
            match deed {
                Deed::Review(place, decision) => {
                    let args = world.review_args(taken[place % taken.len()], decision);
                    verdicts += usize::from(world.acting(World::ZHAO_MIN, Role::Supervisor, |world| attempt(world, args)));
                }
                Deed::Retake(place) => taken.extend(retake(&mut world, visit, taken[place % taken.len()])),
            }
            let tasks = retake_tasks(&world);
            for task in &ended {
                prop_assert!(tasks.contains(task), "what has ended stays as it ended");
            }
            ended = tasks.iter().filter(|task| task.status != TaskStatus::Open).cloned().collect();
            let mut asked: Vec<Option<TaskId>> = taken.iter().map(|photo| world.photo(*photo).task_id).collect();
            asked.retain(Option::is_some);
            let count = asked.len();
            asked.sort_unstable();
            asked.dedup();
            prop_assert_eq!(asked.len(), count, "a task is settled by one photo");
        }
        prop_assert_eq!(world.state.all::<Verdict>().len(), verdicts, "every verdict leaves its trace");
        for photo in &taken {
            let photo = world.photo(*photo);
            if let Some(next) = photo.replaced_by {
                prop_assert_eq!(world.photo(next).replaces, Some(photo.id));
            }
            let open = retake_tasks(&world).into_iter().filter(|task| task.photo_id == Some(photo.id));
            let open = open.filter(|task| task.status == TaskStatus::Open).count();
            let is_asked_for = photo.status == PhotoStatus::Rejected && photo.replaced_by.is_none();
            prop_assert_eq!(open, usize::from(is_asked_for), "a task waits exactly for what stands rejected");
        }
        let photos: Vec<_> = taken.iter().map(|photo| world.photo(*photo)).collect();
        let rejected = rejected_zones(&world.state, &photos, None).expect("memory");
        let expected = if rejected.is_empty() { Decimal::from(85) } else { Decimal::from(73) };
        prop_assert_eq!(total(&world, visit), expected, "the score follows the stated rule");
    }
}
