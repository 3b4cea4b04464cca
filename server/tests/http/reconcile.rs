//! Commands from phones: each exactly once, whatever happens on the way.

use serde_json::{Value, json};
use storewalk_domain::{
    ids::CommandId,
    sync::{CancelOrder, Command},
};
use storewalk_wire::{CommandVerdict, Envelope};

use crate::{
    fixture::{self, fresh, start_visit, submit_order},
    phone::{Phone, envelope, refusal_codes, rows},
    world::World,
};

fn unknown_order() -> Command {
    CancelOrder { order_id: storewalk_domain::ids::OrderId(fresh()) }.into()
}

#[tokio::test]
async fn a_command_is_done_once_and_answered_as_often_as_it_is_asked() {
    let world = World::new().await;
    let mut phone = Phone::of(&world, "rep1").await;
    let visit = phone.envelope(&start_visit(fresh(), 1));
    let first = phone.sync(&world, vec![visit.clone()]).await;
    assert_eq!(first.results[0].verdict, CommandVerdict::Applied);
    assert!(!first.results[0].is_duplicate);
    assert_eq!(first.acked_seq, 1);
    assert_eq!(rows(&first, "visits").len(), 1);
    // The reply was lost; the phone knows nothing of it.
    phone.cursors.clear();
    let again = phone.sync(&world, vec![visit]).await;
    assert!(again.results[0].is_duplicate);
    assert_eq!(again.results[0].verdict, CommandVerdict::Applied);
    assert_eq!((again.acked_seq, rows(&again, "visits").len()), (1, 1));
}

#[tokio::test]
async fn the_order_in_which_fields_are_written_does_not_matter() {
    let world = World::new().await;
    let mut phone = Phone::of(&world, "rep1").await;
    let visit = phone.envelope(&start_visit(fresh(), 1));
    phone.sync(&world, vec![visit.clone()]).await;
    let args: Vec<_> = visit.command["args"].as_object().expect("args").clone().into_iter().rev().collect();
    let turned = json!({ "args": args.into_iter().collect::<serde_json::Map<_, _>>(), "kind": visit.command["kind"] });
    let again = phone.sync(&world, vec![Envelope { command: turned, ..visit }]).await;
    assert!(again.results[0].is_duplicate);
}

#[tokio::test]
async fn a_gap_stops_the_batch_and_nothing_behind_it_is_done() {
    let world = World::new().await;
    let mut phone = Phone::of(&world, "rep1").await;
    let first = phone.envelope(&start_visit(fresh(), 1));
    phone.seq += 1;
    let third = phone.envelope(&start_visit(fresh(), 1));
    let response = phone.sync(&world, vec![first, third]).await;
    assert_eq!((response.results.len(), response.acked_seq), (1, 1));
    assert_eq!(rows(&response, "visits").len(), 1);
}

#[tokio::test]
async fn a_number_used_for_another_command_is_a_conflict_and_changes_nothing() {
    let world = World::new().await;
    let mut phone = Phone::of(&world, "rep1").await;
    let first = phone.envelope(&start_visit(fresh(), 1));
    phone.sync(&world, vec![first.clone()]).await;
    let other_id = Envelope { command_id: CommandId(fresh()), ..first.clone() };
    let other_body = Envelope { command: json!({ "kind": "visit.start", "args": {} }), ..first.clone() };
    let second = phone.envelope(&unknown_order());
    for reused in [other_id, other_body] {
        let reply = phone.send(&world, vec![reused, second.clone()]).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (409, "sequence_reused"));
        assert_eq!(reply.json()["at"], "commands[0].seq");
    }
    assert_eq!(phone.sync(&world, vec![]).await.acked_seq, 1);
}

#[tokio::test]
async fn numbers_that_do_not_rise_are_malformed() {
    let world = World::new().await;
    let phone = Phone::of(&world, "rep1").await;
    let command = json!({ "kind": "task.close", "args": {} });
    for numbers in [vec![0], vec![2, 1], vec![1, 1], vec![1 << 53], vec![u64::MAX]] {
        let commands = numbers.into_iter().map(|seq| envelope(seq, &command)).collect();
        assert_eq!(phone.send(&world, commands).await.code(), "request_malformed");
    }
    let many = (1..=501).map(|seq| envelope(seq, &command)).collect();
    assert_eq!(phone.send(&world, many).await.code(), "body_too_large");
}

#[tokio::test]
async fn a_poisonous_first_command_does_not_hold_the_others_up() {
    let world = World::new().await;
    let mut phone = Phone::of(&world, "rep1").await;
    let poison = [
        json!({ "kind": "visit.dance", "args": { "𠮷": [1, 2.5, null] } }),
        json!({ "kind": "visit.start", "args": { "visit_id": 7 } }),
        json!(null),
        json!([[[]]]),
        json!({ "kind": "order.submit" }),
    ];
    let mut commands: Vec<Envelope> = (1_u64..).zip(&poison).map(|(seq, command)| envelope(seq, command)).collect();
    phone.seq = commands.len() as u64;
    commands.push(phone.envelope(&start_visit(fresh(), 1)));
    let letter = commands[0].clone();
    let response = phone.sync(&world, commands).await;
    assert_eq!(response.acked_seq, 6);
    let codes: Vec<_> = response.results[..5].iter().map(|result| refusal_codes(&result.verdict)[0]).collect();
    assert_eq!(codes, ["command_unknown", "command_invalid", "command_unknown", "command_unknown", "command_invalid"]);
    assert_eq!(response.results[5].verdict, CommandVerdict::Applied);
    assert_eq!(rows(&response, "refusals").len(), 5, "the author sees each");
    let user = fixture::rep(1);
    let kept = world.state.store.read(move |snapshot| snapshot.dead_letter(user, letter.command_id)).await;
    assert_eq!(kept.expect("the store").expect("kept").envelope["command"], poison[0]);
}

#[tokio::test]
async fn figures_no_column_can_hold_are_refused_and_the_phone_goes_on() {
    let world = World::new().await;
    let mut phone = Phone::of(&world, "rep1").await;
    let visit = fresh();
    let absurd = Envelope {
        captured: serde_json::from_value(json!({ "device_at": i64::MAX, "monotonic_ms": i64::MIN, "boot_id": "",
            "anchor": { "server_at": i64::MAX, "monotonic_ms": i64::MAX, "boot_id": "" } }))
        .expect("a time"),
        ..phone.envelope(&start_visit(visit, 1))
    };
    let response = phone.sync(&world, vec![absurd]).await;
    assert_eq!(response.acked_seq, 1);
    let verdict = phone.command(&world, fixture::attach_photo(fresh(), visit, &[1])).await;
    assert!(matches!(verdict, CommandVerdict::Applied | CommandVerdict::Refused { .. }));
}

#[tokio::test]
async fn a_command_that_rests_on_a_refused_one_says_so_first() {
    let world = World::new().await;
    let mut phone = Phone::of(&world, "rep1").await;
    let visit = fresh();
    // Outlet 2 is in the other territory.
    let refused = phone.command(&world, start_visit(visit, 2)).await;
    assert_eq!(refusal_codes(&refused), ["not_permitted"]);
    let verdict = phone.command(&world, fixture::attach_photo(fresh(), visit, b"bytes")).await;
    assert_eq!(refusal_codes(&verdict)[0], "rests_on_refused");
}

#[tokio::test]
async fn two_orders_race_for_the_same_credit_and_one_is_held() {
    let world = World::new().await;
    let mut first = Phone::of(&world, "dealer1").await;
    let mut second = Phone::of(&world, "dealer1").await;
    let order = |phone: &Phone| submit_order(fresh(), &format!("{}-1", phone.number), 1, 10);
    let (a, b) = (order(&first), order(&second));
    let (a, b) = tokio::join!(first.command(&world, a), second.command(&world, b));
    let held = [&a, &b].into_iter().filter(|verdict| matches!(verdict, CommandVerdict::Held { .. })).count();
    let applied = [&a, &b].into_iter().filter(|verdict| **verdict == CommandVerdict::Applied).count();
    assert_eq!((applied, held), (1, 1), "{a:?} {b:?}");
}

#[tokio::test]
async fn a_command_that_comes_from_a_second_device_of_the_same_person_is_done_once() {
    let world = World::new().await;
    let mut old = Phone::of(&world, "rep1").await;
    let visit = old.envelope(&start_visit(fresh(), 1));
    old.sync(&world, vec![visit.clone()]).await;
    let mut new = Phone::of(&world, "rep1").await;
    new.seq = 1;
    let response = new.sync(&world, vec![visit.clone()]).await;
    assert!(response.results[0].is_duplicate);
    assert_eq!((response.acked_seq, rows(&response, "visits").len()), (1, 1));
    let other = Envelope { seq: 2, command: serde_json::to_value(start_visit(fresh(), 1)).expect("json"), ..visit };
    let response = new.sync(&world, vec![other.clone()]).await;
    assert_eq!(refusal_codes(&response.results[0].verdict), ["id_taken"]);
    let again = new.sync(&world, vec![other]).await;
    assert!(again.results[0].is_duplicate);
}

#[tokio::test]
async fn an_identity_taken_by_another_person_is_refused_and_stays_theirs() {
    let world = World::new().await;
    let mut mine = Phone::of(&world, "rep1").await;
    let mut theirs = Phone::of(&world, "rep2").await;
    let visit = mine.envelope(&start_visit(fresh(), 1));
    mine.sync(&world, vec![visit.clone()]).await;
    let copied = Envelope { command_id: visit.command_id, ..theirs.envelope(&start_visit(fresh(), 2)) };
    let response = theirs.sync(&world, vec![copied]).await;
    assert_eq!(refusal_codes(&response.results[0].verdict), ["id_taken"]);
    assert_eq!(rows(&response, "refusals").len(), 1);
    let again = mine.sync(&world, vec![visit]).await;
    assert_eq!(again.results[0].verdict, CommandVerdict::Applied);
    assert!(rows(&again, "refusals").is_empty());
}

#[tokio::test]
async fn what_a_phone_says_about_itself_is_kept_short() {
    let world = World::new().await;
    let phone = Phone::of(&world, "rep1").await;
    let body = json!({ "protocol": 1, "health": { "unsent_commands": 4, "unsent_photos": 0, "oldest_unsent_at": null,
        "last_error": "x".repeat(10_000), "device_at": 5, "app_version": "0.1" } });
    assert_eq!(world.post("/sync", Some(&phone.access), &body).await.status, 200);
    let id = storewalk_domain::ids::DeviceId(phone.device);
    let device = world.state.store.read(move |snapshot| snapshot.device(id)).await.expect("the store").expect("there");
    let health = device.health.expect("told");
    assert_eq!((health.unsent_commands, health.last_error.map(|text| text.len())), (4, Some(100)));
    assert_eq!(device.last_seen_at, Some(fixture::now()));
}

#[tokio::test]
async fn a_person_at_the_console_commands_through_the_same_door() {
    let world = World::new().await;
    let mut dealer = Phone::of(&world, "dealer1").await;
    let order = fresh();
    let number = format!("{}-1", dealer.number);
    let held = dealer.command(&world, submit_order(order, &number, 1, 20)).await;
    assert!(matches!(held, CommandVerdict::Held { .. }), "{held:?}");
    let cancel: Command = CancelOrder { order_id: storewalk_domain::ids::OrderId(order) }.into();
    let command_id = CommandId(fresh());
    let execute = || storewalk_server::service::execute(&world.state, fixture::buyer(1), cancel.clone(), command_id);
    assert_eq!(execute().await.expect("decided"), CommandVerdict::Applied);
    assert_eq!(execute().await.expect("decided"), CommandVerdict::Applied, "twice is once");
    let seen = dealer.sync(&world, vec![]).await;
    let states: Vec<&Value> = rows(&seen, "orders").into_iter().map(|row| &row["status"]).collect();
    assert_eq!(states, [&json!("cancelled")]);
}
