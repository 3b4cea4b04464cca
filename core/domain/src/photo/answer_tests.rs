//! Answering signals.

use crate::{
    ids::PhotoId,
    outlet::Role,
    photo::{MOST_ANSWER_CHARS, Seen, SignalKind, VerdictDecision, counted_signals},
    problem::ProblemCode,
    sync::{AnswerSignal, AttachPhoto},
    visit::fixture::World,
};

fn from_the_gallery(world: &mut World) -> PhotoId {
    let visit = world.start("S0101", None).id;
    let seen = Some(Seen { is_from_gallery: true, ..Seen::default() });
    let args = AttachPhoto { seen, ..world.attach_args(visit, "aisle") };
    let photo = args.photo_id;
    world.run(args);
    photo
}

fn answer(photo_id: PhotoId, signal: SignalKind, text: &str) -> AnswerSignal {
    AnswerSignal { photo_id, signal, text: text.to_owned() }
}

#[test]
fn an_answered_signal_stays_visible_and_is_counted_no_more() {
    let mut world = World::new();
    let photo = from_the_gallery(&mut world);
    assert_eq!(counted_signals(&world.photo(photo)), 1);
    world.run(answer(photo, SignalKind::Gallery, " 相机打不开，先用系统相机拍的 "));
    let answered = world.photo(photo);
    let signal = answered.signals().next().expect("it stays");
    assert_eq!(signal.answer.as_ref().map(|answer| answer.text.as_str()), Some("相机打不开，先用系统相机拍的"));
    assert_eq!(counted_signals(&answered), 0);
    world.run(answer(photo, SignalKind::Gallery, "改口"));
    assert_eq!(world.photo(photo).signals().count(), 1);
}

#[test]
fn an_approved_photo_has_no_signal_that_counts() {
    let mut world = World::new();
    let photo = from_the_gallery(&mut world);
    world.receive(photo);
    world.review(photo, VerdictDecision::Approved);
    let approved = world.photo(photo);
    assert_eq!((approved.signals().count(), counted_signals(&approved)), (1, 0));
}

#[test]
fn only_whoever_took_the_photo_answers_with_words_about_a_signal_that_is_there() {
    let mut world = World::new();
    let photo = from_the_gallery(&mut world);
    for text in ["", "  ", &"长".repeat(MOST_ANSWER_CHARS + 1)] {
        assert_eq!(world.refusal(answer(photo, SignalKind::Gallery, text)), ProblemCode::TextInvalid);
    }
    let none = world.on_phone(|world| world.refusal(answer(photo, SignalKind::Distance, "不知道")));
    assert_eq!(none, ProblemCode::NotFound);
    let by_another = world
        .acting(World::WANG_QIANG, Role::Rep, |world| world.refusal(answer(photo, SignalKind::Gallery, "不是我拍的")));
    assert_eq!(by_another, ProblemCode::NotPermitted);
    let by_reviewer = world
        .acting(World::ZHAO_MIN, Role::Supervisor, |world| world.refusal(answer(photo, SignalKind::Gallery, "看过了")));
    assert_eq!(by_reviewer, ProblemCode::NotPermitted);
}

#[test]
fn an_answer_that_arrives_is_kept_even_where_the_server_knows_no_such_signal() {
    let mut world = World::new();
    let photo = from_the_gallery(&mut world);
    world.run(answer(photo, SignalKind::NearDuplicate, "两家店陈列一样"));
    let kept = world.photo(photo);
    let kinds: Vec<SignalKind> = kept.signals().map(|signal| signal.kind).collect();
    assert_eq!(kinds, [SignalKind::Gallery, SignalKind::NearDuplicate]);
    assert_eq!(counted_signals(&kept), 1);
}
