//! What needs a person, and what does not.

use storewalk_domain::{
    ids::{CommandId, DeviceId, OutletId, RefusalId, UserId},
    order::{Hold, Order, OrderStatus},
    problem::{Problem, ProblemCode},
    quantity::Quantity,
    sync::{Refusal, RefusalOutcome, RefusalSettled, StateExt},
};
use storewalk_sqlite::SqliteState;
use storewalk_wire::CommandVerdict;

use super::{AttentionKind, AttentionView};
use crate::{
    Recorded, outbox,
    plan::{testing::Hand, world},
    session,
};

fn items(hand: &Hand) -> Vec<AttentionView> {
    hand.phone.attention().items().expect("read")
}

/// 李雯 raises a task; gives back the command.
fn raise_task(hand: &Hand, outlet: OutletId) -> CommandId {
    let command = storewalk_domain::sync::RaiseTask {
        task_id: storewalk_domain::ids::TaskId(hand.phone.new_id()),
        outlet_id: outlet,
        visit_id: None,
        note: "换新海报".into(),
        due_on: storewalk_domain::time::BusinessDate::parse("2025-03-21").expect("valid"),
    };
    match hand.phone.record(command).expect("recorded") {
        Recorded::Done { command_id, .. } => command_id,
        Recorded::Refused(problems) => panic!("refused: {problems:?}"),
    }
}

#[test]
fn a_refused_command_is_told_with_its_outlet_until_it_is_put_away() {
    let hand = Hand::of("liwen", "2025-03-14T08:40");
    let command_id = raise_task(&hand, world::outlet("S0101"));
    assert!(items(&hand).is_empty(), "what goes well needs nobody");
    let problems = vec![Problem::new(ProblemCode::NotPermitted)];
    let verdict = CommandVerdict::Refused { problems };
    hand.phone.write(|transaction| outbox::save_verdict(transaction, command_id, &verdict)).expect("kept");

    let told = items(&hand);
    assert_eq!((told.len(), told[0].kind, told[0].about.as_str()), (1, AttentionKind::Refused, "幸福路手机城"));
    assert_eq!((told[0].what.zh.as_str(), told[0].what.en.as_str()), ("新建任务", "Raising a task"));
    for text in [&told[0].problems[0].sentence, &told[0].problems[0].next_step] {
        assert!(!text.zh.is_empty() && !text.en.is_empty());
    }
    hand.phone.attention().dismiss(told[0].id).expect("put away");
    hand.phone.attention().dismiss(told[0].id).expect("twice is once");
    assert!(items(&hand).is_empty());
}

#[test]
fn a_pending_command_that_no_longer_fits_is_told_and_cannot_be_put_away() {
    let hand = Hand::of("liwen", "2025-03-14T08:40");
    raise_task(&hand, world::outlet("S0103"));
    let problems = [Problem::new(ProblemCode::OutletInactive)];
    hand.phone.write(|transaction| outbox::set_local_problem(transaction, 1, &problems)).expect("noted");
    let told = items(&hand);
    assert_eq!((told[0].kind, told[0].problems[0].code.as_str()), (AttentionKind::Flagged, "outlet_inactive"));
    hand.phone.attention().dismiss(told[0].id).expect("noted");
    assert_eq!(items(&hand).len(), 1);
}

#[test]
fn an_order_that_the_server_holds_is_told_until_it_is_released() {
    let hand = Hand::of("jiangbei", "2025-03-14T22:40");
    let orders = hand.phone.orders();
    let draft = orders.create_draft(world::dealer("D01"), None).expect("made").done().expect("a dealer of theirs");
    orders.set_line(draft, world::product("P1"), Quantity(40), None).expect("set").done().expect("orderable");
    orders.submit(draft).expect("recorded").done().expect("accepted");
    assert!(items(&hand).is_empty(), "the phone's estimate alone needs nobody");

    let read = |connection: &rusqlite::Connection| Ok(SqliteState(connection).get::<Order>(draft.row())?);
    let order = hand.phone.read(read).expect("read").expect("there");
    let problem = Problem::new(ProblemCode::CreditExceeded).with("over_by", "13,818.80");
    let arrived_at = Some(world::at("2025-03-15T09:10"));
    let hold = Some(Hold { problem, since: world::at("2025-03-15T09:10") });
    hand.put([Order { arrived_at, hold, status: OrderStatus::Held, ..order.clone() }]);
    let told = items(&hand);
    assert_eq!((told.len(), told[0].kind, told[0].about.as_str()), (1, AttentionKind::Held, "7-000001"));
    assert!(told[0].problems[0].sentence.zh.contains("13,818.80"));

    hand.put([Order { arrived_at, hold: None, status: OrderStatus::Accepted, ..order }]);
    assert!(items(&hand).is_empty());
}

#[test]
fn a_password_that_is_needed_stands_at_the_top() {
    let hand = Hand::of("liwen", "2025-03-14T08:40");
    raise_task(&hand, world::outlet("S0103"));
    let problems = [Problem::new(ProblemCode::OutletInactive)];
    let note = |transaction: &rusqlite::Transaction<'_>| {
        outbox::set_local_problem(transaction, 1, &problems)?;
        session::set_needs_sign_in(transaction, "refresh_reused")
    };
    hand.phone.write(note).expect("noted");
    let kinds: Vec<_> = items(&hand).into_iter().map(|item| item.kind).collect();
    assert_eq!(kinds, [AttentionKind::SignIn, AttentionKind::Flagged]);
}

#[test]
fn what_a_supervisor_decided_is_told_even_when_the_refusal_was_put_away() {
    let hand = Hand::of("liwen", "2025-03-14T08:40");
    let command_id = raise_task(&hand, world::outlet("S0101"));
    let verdict = CommandVerdict::Refused { problems: vec![Problem::new(ProblemCode::NotPermitted)] };
    hand.phone.write(|transaction| outbox::save_verdict(transaction, command_id, &verdict)).expect("kept");
    hand.phone.attention().dismiss(command_id.0).expect("put away");
    let settle = |how, reason: &str| Refusal {
        id: RefusalId(command_id.0),
        command_id,
        user_id: world::user("liwen"),
        device_id: DeviceId(uuid::Uuid::from_u128(1)),
        kind: "task.raise".into(),
        problems: vec![Problem::new(ProblemCode::NotPermitted)],
        refused_at: world::at("2025-03-14T09:00"),
        subject: None,
        outcome: Some(RefusalOutcome {
            how,
            by: UserId(uuid::Uuid::from_u128(2)),
            reason: reason.into(),
            at: world::at("2025-03-14T10:00"),
        }),
    };
    hand.put([settle(RefusalSettled::SetAside, "已由同事完成")]);
    let told = items(&hand);
    assert_eq!((told.len(), told[0].kind), (1, AttentionKind::Settled));
    assert!(told[0].problems[0].sentence.zh.contains("已由同事完成"));
    hand.put([settle(RefusalSettled::TakenIn, "")]);
    let told = items(&hand);
    assert_eq!((told.len(), told[0].problems[0].code.as_str()), (1, "taken_in"));
    hand.phone.attention().dismiss(told[0].id).expect("put away");
    assert!(items(&hand).is_empty());
}

#[tokio::test]
async fn a_photo_whose_command_was_refused_does_not_hold_its_rep_and_is_freed_when_set_aside() {
    let bench = crate::sync::testing::Bench::in_step().await;
    let photo = uuid::Uuid::from_u128(77);
    let folder = bench.phone.photos_dir();
    std::fs::create_dir_all(&folder).expect("made");
    std::fs::write(folder.join("a-original.jpg"), b"bytes").expect("written");
    let queue = |state: &'static str| {
        let sql = "INSERT OR REPLACE INTO uploads (photo_id, variant, sha256, size_bytes, path, state, next_attempt_at,
                                                   last_error)
                   VALUES (?1, 'original', 'x', 5, 'a-original.jpg', ?2, 0, 'not_found')";
        bench.phone.write(|transaction| Ok(transaction.execute(sql, rusqlite::params![photo.as_bytes(), state])?))
    };
    queue("pending").expect("queued");
    assert!(matches!(bench.phone.sign_out().await, Err(crate::ClientError::Unsent { commands: 0, photos: 1, .. })));
    queue("refused").expect("refused");
    assert_eq!(bench.phone.status().expect("status").unsent_photos, 0);
    assert!(matches!(bench.phone.sign_in("zhao", "right").await, Err(crate::ClientError::Unsent { photos: 1, .. })));
    bench.phone.photos().janitor().expect("swept");
    assert!(folder.join("a-original.jpg").exists(), "nobody has decided yet");
    let decided = Refusal {
        id: RefusalId(uuid::Uuid::from_u128(5)),
        command_id: CommandId(uuid::Uuid::from_u128(5)),
        user_id: UserId(uuid::Uuid::from_u128(0x05)),
        device_id: DeviceId(uuid::Uuid::from_u128(1)),
        kind: "photo.attach".into(),
        problems: Vec::new(),
        refused_at: world::at("2025-03-14T09:00"),
        subject: Some(storewalk_domain::ids::RowId(photo)),
        outcome: Some(RefusalOutcome {
            how: RefusalSettled::SetAside,
            by: UserId(uuid::Uuid::from_u128(2)),
            reason: "x".into(),
            at: world::at("2025-03-14T10:00"),
        }),
    };
    bench.server.put(decided);
    bench.phone.sync().await.expect("told");
    bench.phone.photos().janitor().expect("swept");
    assert!(!folder.join("a-original.jpg").exists());
    assert_eq!(bench.count("SELECT count(*) FROM uploads"), 0);
    bench.phone.sign_out().await.expect("signed out");
}
