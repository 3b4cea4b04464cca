//! Who may attach which photo when.

use rstest::rstest;
use uuid::Uuid;

use crate::{
    ids::{PhotoId, VisitId},
    outlet::Role,
    photo::{MAX_PHOTO_BYTES, Photo, PhotoStatus, VerdictDecision},
    problem::ProblemCode,
    sync::AttachPhoto,
    task::{Task, TaskStatus},
    visit::fixture::World,
};

#[test]
fn a_photo_waits_for_its_bytes() {
    let mut world = World::new();
    let visit = world.start("S0101", None);
    let photo = world.shoot(visit.id, "product_zone");
    let photo = world.photo(photo);
    assert_eq!((photo.status, photo.received_at), (PhotoStatus::Pending, None));
    assert_eq!((photo.territory_id, photo.outlet_id), (visit.territory_id, visit.outlet_id));
    assert_eq!((photo.rep_id, photo.taken_at), (World::LI_WEN, world.now));
}

#[test]
fn two_equal_photos_are_two_photos() {
    let mut world = World::new();
    let visit = world.start("S0101", None).id;
    world.shoot(visit, "aisle");
    world.shoot(visit, "aisle");
    assert_eq!(world.state.all::<Photo>().len(), 2);
}

#[rstest]
#[case::of_nothing(|args: &mut AttachPhoto| args.size_bytes = 0, ProblemCode::PhotoNotAnImage)]
#[case::without_height(|args: &mut AttachPhoto| args.height = 0, ProblemCode::PhotoNotAnImage)]
#[case::too_large(|args: &mut AttachPhoto| args.size_bytes = MAX_PHOTO_BYTES + 1, ProblemCode::PhotoTooLarge)]
#[case::with_a_shouted_hash(|args: &mut AttachPhoto| args.sha256 = "A".repeat(64), ProblemCode::TextInvalid)]
#[case::with_a_short_hash(|args: &mut AttachPhoto| args.sha256 = "a".repeat(63), ProblemCode::TextInvalid)]
#[case::with_a_wide_hash(|args: &mut AttachPhoto| args.sha256 = "０".repeat(64), ProblemCode::TextInvalid)]
#[case::of_an_unknown_zone(|args: &mut AttachPhoto| args.zone = "ceiling".into(), ProblemCode::HandbookCodeUnknown)]
#[case::of_no_visit(|args: &mut AttachPhoto| args.visit_id = VisitId(Uuid::nil()), ProblemCode::NotFound)]
#[case::replacing_nothing(|args: &mut AttachPhoto| args.replaces = Some(PhotoId(Uuid::nil())), ProblemCode::NotFound)]
fn a_photo_is_refused(#[case] spoil: fn(&mut AttachPhoto), #[case] code: ProblemCode) {
    let mut world = World::new();
    let visit = world.start("S0101", None).id;
    let mut args = world.attach_args(visit, "aisle");
    spoil(&mut args);
    assert_eq!(world.refusal(args), code);
}

#[test]
fn the_largest_photo_is_taken() {
    let mut world = World::new();
    let visit = world.start("S0101", None).id;
    let args = AttachPhoto { size_bytes: MAX_PHOTO_BYTES, ..world.attach_args(visit, "aisle") };
    world.run(args.clone());
    assert_eq!(world.refusal(args), ProblemCode::IdTaken);
}

#[test]
fn nobody_attaches_to_a_colleagues_visit_nor_on_the_phone_to_a_closed_one() {
    let mut world = World::new();
    let visit = world.start("S0101", None).id;
    world.finish_s0101(visit);
    let args = world.attach_args(visit, "aisle");
    assert_eq!(world.on_phone(|world| world.refusal(args.clone())), ProblemCode::VisitClosed);
    let refusal = world.acting(World::WANG_QIANG, Role::Rep, |world| world.refusal(args.clone()));
    assert_eq!(refusal, ProblemCode::NotPermitted);
    let refusal = world.acting(World::ZHAO_MIN, Role::Supervisor, |world| world.refusal(args));
    assert_eq!(refusal, ProblemCode::NotPermitted);
}

#[test]
fn during_the_visit_a_photo_may_be_taken_anew_and_counts_once() {
    let mut world = World::new();
    let visit = world.start("S0101", None).id;
    let first = world.shoot(visit, "aisle");
    let again = AttachPhoto { replaces: Some(first), ..world.attach_args(visit, "aisle") };
    world.run(again.clone());
    assert_eq!(world.photo(first).replaced_by, Some(again.photo_id));
    let third = AttachPhoto { replaces: Some(first), ..world.attach_args(visit, "aisle") };
    assert_eq!(world.on_phone(|world| world.refusal(third)), ProblemCode::PhotoAlreadyDecided);
    let elsewhere = AttachPhoto { replaces: Some(again.photo_id), ..world.attach_args(visit, "price_tag") };
    assert_eq!(world.refusal(elsewhere), ProblemCode::PhotoReplacesOther);
    world.answer_all(visit);
    for zone in ["storefront", "product_zone", "price_tag", "pop_wall"] {
        world.shoot(visit, zone);
    }
    world.finish(visit);
    assert_eq!(world.visit(visit).summary.expect("summed up").photos, 5);
}

fn rejected_at_s0101(world: &mut World) -> (VisitId, PhotoId) {
    let visit = world.start("S0101", None).id;
    let photo = world.finish_s0101(visit)[1];
    world.review(photo, VerdictDecision::Rejected);
    (visit, photo)
}

#[test]
fn a_retake_in_the_closed_visit_answers_its_task() {
    let mut world = World::new();
    let (visit, photo) = rejected_at_s0101(&mut world);
    world.pass_minutes(24 * 60);
    let retake = AttachPhoto { replaces: Some(photo), ..world.attach_args(visit, "product_zone") };
    world.run(retake.clone());
    let task: Task = world.tasks().into_iter().find(|task| task.photo_id == Some(photo)).expect("asked for");
    assert_eq!((task.status, task.closed_at), (TaskStatus::Done, Some(world.now)));
    assert_eq!(world.photo(retake.photo_id).task_id, Some(task.id));
    assert_eq!(world.photo(retake.photo_id).replaces, Some(photo));
    assert_eq!(world.photo(photo).replaced_by, Some(retake.photo_id));
}

#[test]
fn a_retake_may_belong_to_a_later_visit_at_the_same_outlet_only() {
    let mut world = World::new();
    let (_, photo) = rejected_at_s0101(&mut world);
    let elsewhere = world.start("S0103", None).id;
    let retake = AttachPhoto { replaces: Some(photo), ..world.attach_args(elsewhere, "product_zone") };
    assert_eq!(world.refusal(retake), ProblemCode::PhotoReplacesOther);
    world.answer_all(elsewhere);
    world.shoot_all(elsewhere);
    world.finish(elsewhere);
    let later = world.start("S0101", None).id;
    let retake = AttachPhoto { replaces: Some(photo), ..world.attach_args(later, "product_zone") };
    world.run(retake.clone());
    assert_eq!(world.photo(retake.photo_id).visit_id, later);
}

#[test]
fn on_the_phone_a_photo_that_was_not_rejected_stays_once_the_visit_is_closed() {
    let mut world = World::new();
    let visit = world.start("S0101", None).id;
    let photos = world.finish_s0101(visit);
    let again = AttachPhoto { replaces: Some(photos[0]), ..world.attach_args(visit, "storefront") };
    assert_eq!(world.on_phone(|world| world.refusal(again.clone())), ProblemCode::VisitClosed);
    world.review(photos[0], VerdictDecision::Approved);
    assert_eq!(world.on_phone(|world| world.refusal(again)), ProblemCode::PhotoAlreadyDecided);
}

/// What a phone sends that still believes the photo to stand rejected.
fn late_retake(world: &mut World, visit: VisitId, photo: PhotoId) -> PhotoId {
    let args = AttachPhoto { replaces: Some(photo), ..world.attach_args(visit, "product_zone") };
    let id = args.photo_id;
    world.run(args);
    id
}

fn links(world: &World, photo: PhotoId) -> (Option<PhotoId>, Option<PhotoId>) {
    let photo = world.photo(photo);
    (photo.replaces, photo.replaced_by)
}

#[rstest]
#[case::withdrawn(&[VerdictDecision::Withdrawn])]
#[case::approved_after_all(&[VerdictDecision::Withdrawn, VerdictDecision::Approved])]
fn a_retake_that_was_no_longer_needed_is_kept_and_takes_the_photos_place(#[case] meanwhile: &[VerdictDecision]) {
    let mut world = World::new();
    let (visit, photo) = rejected_at_s0101(&mut world);
    let later = world.start("S0101", None).id;
    for decision in meanwhile {
        world.review(photo, *decision);
    }
    let before = world.visit(visit).summary;
    let retake = late_retake(&mut world, later, photo);
    assert_eq!((links(&world, photo), links(&world, retake)), ((None, Some(retake)), (Some(photo), None)));
    assert_eq!(world.photo(retake).task_id, None, "the task was called off");
    assert!(world.tasks().iter().all(|task| task.photo_id != Some(photo) || task.status == TaskStatus::Cancelled));
    assert_eq!(world.visit(visit).summary, before);
}

#[test]
fn a_retake_of_a_second_device_goes_to_the_end_of_the_chain() {
    let mut world = World::new();
    let (visit, photo) = rejected_at_s0101(&mut world);
    let first = late_retake(&mut world, visit, photo);
    let second = late_retake(&mut world, visit, photo);
    assert_eq!([photo, first, second].map(|id| links(&world, id).1), [Some(first), Some(second), None]);
    assert_eq!(world.photo(second).replaces, Some(first));
    assert_eq!(world.photo(second).task_id, None, "the first retake had closed the task");
}

#[test]
fn a_retake_of_a_second_device_answers_the_rejection_of_the_first_retake() {
    let mut world = World::new();
    let (visit, photo) = rejected_at_s0101(&mut world);
    let first = late_retake(&mut world, visit, photo);
    world.receive(first);
    world.review(first, VerdictDecision::Rejected);
    let second = late_retake(&mut world, visit, photo);
    let open = world.tasks().into_iter().filter(|task| task.photo_id == Some(first)).collect::<Vec<_>>();
    assert_eq!(open.iter().map(|task| task.status).collect::<Vec<_>>(), [TaskStatus::Done]);
    assert_eq!(world.photo(second).task_id, Some(open[0].id));
}

#[test]
fn a_colleague_who_was_asked_for_a_retake_may_hand_it_in_when_the_task_is_called_off() {
    let mut world = World::new();
    let (_, photo) = rejected_at_s0101(&mut world);
    let task = world.tasks().into_iter().find(|task| task.photo_id == Some(photo)).expect("asked for");
    world.state.put(Task { owner_id: World::WANG_QIANG, status: TaskStatus::Cancelled, ..task });
    let mut outlet: crate::outlet::Outlet =
        world.state.all().into_iter().find(|outlet: &crate::outlet::Outlet| outlet.code == "S0101").expect("there");
    outlet.territory_id = World::territory(2);
    world.state.put(outlet);
    let handed_in = world.acting(World::WANG_QIANG, Role::Rep, |world| {
        let visit = world.start("S0101", None).id;
        late_retake(world, visit, photo)
    });
    assert_eq!(world.photo(handed_in).rep_id, World::WANG_QIANG);
}

#[test]
fn a_picture_taken_before_another_device_closed_the_visit_is_kept() {
    let mut world = World::new();
    let visit = world.start("S0101", None).id;
    world.finish_s0101(visit);
    let args = world.attach_args(visit, "aisle");
    world.run(args.clone());
    assert_eq!(world.photo(args.photo_id).visit_id, visit);
    assert_eq!(world.visit(visit).summary.expect("summed up").photos, 5, "figures as of check-out");
}

#[test]
fn a_chain_too_long_to_follow_still_loses_no_picture() {
    let mut world = World::new();
    let visit = world.start("S0101", None).id;
    let first = world.shoot(visit, "product_zone");
    for _ in 0..66 {
        late_retake(&mut world, visit, first);
    }
    let alone = world.state.all::<Photo>().into_iter().filter(|photo| photo.replaces.is_none()).count();
    assert_eq!(alone, 3, "the first, and those that found no end");
}
