//! Verdicts and what follows from them (scenario D8).

use rstest::rstest;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::{
    ids::{PhotoId, VisitId},
    money::{Currency, Money},
    outlet::Role,
    photo::{Photo, PhotoStatus, Pin, Verdict, VerdictDecision},
    problem::ProblemCode,
    sync::{AttachPhoto, ReviewPhoto},
    task::{Proof, TaskKind, TaskStatus},
    time::BusinessDate,
    visit::fixture::World,
};

fn visited() -> (World, VisitId, Vec<PhotoId>) {
    let mut world = World::new();
    let visit = world.start("S0101", None).id;
    let photos = world.finish_s0101(visit);
    (world, visit, photos)
}

fn total(world: &World, visit: VisitId) -> Decimal {
    world.visit(visit).summary.expect("summed up").score.total
}

fn retake(world: &mut World, visit: VisitId, photo: PhotoId) -> PhotoId {
    let args = AttachPhoto { replaces: Some(photo), ..world.attach_args(visit, "product_zone") };
    let id = args.photo_id;
    world.run(args);
    world.receive(id);
    id
}

#[test]
fn the_score_falls_to_73_and_rises_to_85_only_with_the_approved_retake() {
    let (mut world, visit, photos) = visited();
    assert_eq!(total(&world, visit), Decimal::from(85));
    world.review(photos[1], VerdictDecision::Rejected);
    assert_eq!(total(&world, visit), Decimal::from(73));
    let again = retake(&mut world, visit, photos[1]);
    assert_eq!(total(&world, visit), Decimal::from(73), "a retake proves nothing before it is judged");
    world.review(photos[0], VerdictDecision::Approved);
    assert_eq!(total(&world, visit), Decimal::from(73), "nor does a verdict about another zone");
    world.review(again, VerdictDecision::Approved);
    assert_eq!(total(&world, visit), Decimal::from(85));
}

#[test]
fn a_rejection_asks_the_taker_for_a_retake_within_two_days() {
    let (mut world, visit, photos) = visited();
    let mut args = world.review_args(photos[1], VerdictDecision::Rejected);
    args.note = "右侧第二格".into();
    args.pin = Some(Pin { x: 0.62, y: 0.48 });
    args.reference_photo_id = Some(photos[0]);
    world.acting(World::ZHAO_MIN, Role::Supervisor, |world| world.run(args.clone()));

    let task = world.tasks().into_iter().find(|task| task.kind == TaskKind::PhotoRetake).expect("raised");
    assert_eq!((task.owner_id, task.visit_id, task.photo_id), (World::LI_WEN, Some(visit), Some(photos[1])));
    assert_eq!((task.proof, task.due_on), (Proof::Photo, BusinessDate::parse("2025-03-16").expect("valid")));
    assert_eq!((task.params["zone"].as_str(), task.params["reason"].as_str()), ("product_zone", "empty_slot"));
    assert_eq!(task.note, "右侧第二格");

    let verdicts: Vec<Verdict> = world.state.all();
    assert_eq!((verdicts[0].pin, verdicts[0].reference_photo_id), (args.pin, args.reference_photo_id));
    assert_eq!(verdicts[0].due_on, Some(task.due_on));
    let photo = world.photo(photos[1]);
    assert_eq!((photo.status, photo.verdict_id), (PhotoStatus::Rejected, Some(args.verdict_id)));
}

#[test]
fn the_reviewer_may_name_the_date() {
    let (mut world, _, photos) = visited();
    let due_on = BusinessDate::parse("2025-03-20");
    let args = ReviewPhoto { due_on, ..world.review_args(photos[1], VerdictDecision::Rejected) };
    world.acting(World::ZHAO_MIN, Role::Admin, |world| world.run(args));
    let task = world.tasks().into_iter().find(|task| task.kind == TaskKind::PhotoRetake).expect("raised");
    assert_eq!(Some(task.due_on), due_on);
}

#[test]
fn a_withdrawn_rejection_calls_off_the_retake_and_leaves_its_trace() {
    let (mut world, visit, photos) = visited();
    world.review(photos[1], VerdictDecision::Rejected);
    world.review(photos[1], VerdictDecision::Withdrawn);
    assert_eq!(total(&world, visit), Decimal::from(85));
    let photo = world.photo(photos[1]);
    assert_eq!((photo.status, photo.verdict_id), (PhotoStatus::Received, None));
    let task = world.tasks().into_iter().find(|task| task.kind == TaskKind::PhotoRetake).expect("kept");
    assert_eq!((task.status, task.closed_at), (TaskStatus::Cancelled, Some(world.now)));
    assert_eq!(world.state.all::<Verdict>().len(), 2);
    world.review(photos[1], VerdictDecision::Approved);
}

#[test]
fn an_approval_taken_back_takes_its_points_back() {
    let (mut world, visit, photos) = visited();
    world.review(photos[1], VerdictDecision::Rejected);
    let again = retake(&mut world, visit, photos[1]);
    world.review(again, VerdictDecision::Approved);
    world.review(again, VerdictDecision::Withdrawn);
    assert_eq!(total(&world, visit), Decimal::from(73));
}

#[test]
fn a_rejected_retake_asks_for_another_and_the_chain_is_kept() {
    let (mut world, visit, photos) = visited();
    world.review(photos[1], VerdictDecision::Rejected);
    let second = retake(&mut world, visit, photos[1]);
    world.review(second, VerdictDecision::Rejected);
    let open: Vec<_> = world
        .tasks()
        .into_iter()
        .filter(|task| task.status == TaskStatus::Open && task.kind == TaskKind::PhotoRetake)
        .collect();
    assert_eq!(open.iter().map(|task| task.photo_id).collect::<Vec<_>>(), [Some(second)]);
    let third = retake(&mut world, visit, second);
    world.review(third, VerdictDecision::Approved);
    assert_eq!(total(&world, visit), Decimal::from(85));
    let chain: Vec<_> = [photos[1], second, third].map(|id| world.photo(id).replaced_by).into();
    assert_eq!(chain, [Some(second), Some(third), None]);
}

#[test]
fn a_retake_of_a_later_visit_makes_the_first_visit_good() {
    let (mut world, visit, photos) = visited();
    world.review(photos[1], VerdictDecision::Rejected);
    let later = world.start("S0101", None).id;
    let again = retake(&mut world, later, photos[1]);
    world.answer_all(later);
    for zone in ["storefront", "aisle", "price_tag", "pop_wall"] {
        world.shoot(later, zone);
    }
    world.finish(later);
    world.review(again, VerdictDecision::Rejected);
    assert_eq!((total(&world, visit), total(&world, later)), (Decimal::from(73), Decimal::from(73)));
    world.review(again, VerdictDecision::Withdrawn);
    world.review(again, VerdictDecision::Approved);
    assert_eq!((total(&world, visit), total(&world, later)), (Decimal::from(85), Decimal::from(85)));
}

#[test]
fn changed_lists_and_prices_do_not_reach_a_visit_that_is_over() {
    let (mut world, visit, photos) = visited();
    world.delist("P5");
    let mut product = crate::checklist::fixture::hero_products().remove(1);
    product.min_retail = Some(Money::new(999_900, Currency::Cny));
    world.state.put(product);
    world.review(photos[1], VerdictDecision::Rejected);
    assert_eq!(total(&world, visit), Decimal::from(73));
}

#[rstest]
#[case::without_a_reason(|args: &mut ReviewPhoto| args.reason = None, ProblemCode::VerdictReasonMissing)]
#[case::for_an_unknown_reason(
    |args: &mut ReviewPhoto| args.reason = Some("ugly".into()),
    ProblemCode::HandbookCodeUnknown
)]
#[case::with_a_pin_outside(
    |args: &mut ReviewPhoto| args.pin = Some(Pin { x: 1.01, y: 0.5 }),
    ProblemCode::VerdictPinOutside
)]
#[case::with_a_pin_nowhere(
    |args: &mut ReviewPhoto| args.pin = Some(Pin { x: 0.5, y: f64::NAN }),
    ProblemCode::VerdictPinOutside
)]
#[case::with_a_novel(|args: &mut ReviewPhoto| args.note = "字".repeat(501), ProblemCode::TextInvalid)]
#[case::with_a_reference_that_is_not_there(
    |args: &mut ReviewPhoto| args.reference_photo_id = Some(PhotoId(Uuid::nil())),
    ProblemCode::NotFound
)]
#[case::of_no_photo(|args: &mut ReviewPhoto| args.photo_id = PhotoId(Uuid::nil()), ProblemCode::NotFound)]
#[case::withdrawing_nothing(|args: &mut ReviewPhoto| args.decision = VerdictDecision::Withdrawn, ProblemCode::NotFound)]
fn a_rejection_is_refused(#[case] spoil: fn(&mut ReviewPhoto), #[case] code: ProblemCode) {
    let (mut world, _, photos) = visited();
    let mut args = world.review_args(photos[1], VerdictDecision::Rejected);
    spoil(&mut args);
    assert_eq!(world.acting(World::ZHAO_MIN, Role::Supervisor, |world| world.refusal(args)), code);
}

#[rstest]
#[case(Role::Rep)]
#[case(Role::Dealer)]
fn only_supervisors_and_admins_review(#[case] role: Role) {
    let (mut world, _, photos) = visited();
    let args = world.review_args(photos[1], VerdictDecision::Approved);
    assert_eq!(world.acting(World::LI_WEN, role, |world| world.refusal(args)), ProblemCode::NotPermitted);
}

#[rstest]
#[case(Role::Supervisor, false)]
#[case(Role::Admin, true)]
fn supervisors_review_in_their_region_and_administrators_everywhere(#[case] role: Role, #[case] may: bool) {
    let (mut world, _, photos) = visited();
    for decision in [VerdictDecision::Approved, VerdictDecision::Withdrawn] {
        let args = world.review_args(photos[1], decision);
        if may {
            world.acting(World::FAR_AWAY, role, |world| world.run(args));
        } else {
            assert_eq!(world.acting(World::FAR_AWAY, role, |world| world.refusal(args)), ProblemCode::NotPermitted);
            world.review(photos[1], decision);
        }
    }
}

#[test]
fn a_verdict_stands_until_it_is_withdrawn() {
    let (mut world, _, photos) = visited();
    world.review(photos[1], VerdictDecision::Approved);
    for decision in [VerdictDecision::Approved, VerdictDecision::Rejected] {
        let args = world.review_args(photos[1], decision);
        let refusal = world.acting(World::ZHAO_MIN, Role::Supervisor, |world| world.refusal(args));
        assert_eq!(refusal, ProblemCode::PhotoAlreadyDecided);
    }
}

#[test]
fn a_replaced_photo_is_history() {
    let (mut world, visit, photos) = visited();
    world.review(photos[1], VerdictDecision::Rejected);
    retake(&mut world, visit, photos[1]);
    for withdrawn_before in [false, true] {
        if withdrawn_before {
            world.review(photos[1], VerdictDecision::Withdrawn);
        }
        for decision in [VerdictDecision::Approved, VerdictDecision::Rejected] {
            let args = world.review_args(photos[1], decision);
            let refusal = world.acting(World::ZHAO_MIN, Role::Supervisor, |world| world.refusal(args));
            assert_eq!(refusal, ProblemCode::PhotoAlreadyDecided);
        }
    }
}

#[test]
fn nobody_judges_a_photo_that_has_not_arrived() {
    let (mut world, _, photos) = visited();
    let photo = world.photo(photos[1]);
    world.state.put(Photo { status: PhotoStatus::Pending, received_at: None, ..photo });
    let args = world.review_args(photos[1], VerdictDecision::Approved);
    let refusal = world.acting(World::ZHAO_MIN, Role::Supervisor, |world| world.refusal(args));
    assert_eq!(refusal, ProblemCode::PhotoNotReceived);
}

#[test]
fn a_photo_reviewed_while_the_visit_is_open_counts_at_check_out() {
    let mut world = World::new();
    let visit = world.start("S0101", None).id;
    world.answer_all(visit);
    let photos = world.shoot_all(visit);
    world.receive(photos[1]);
    world.review(photos[1], VerdictDecision::Rejected);
    world.finish(visit);
    assert_eq!(total(&world, visit), Decimal::from(73));
}
