//! Phones of other releases: below the window, above it, and with commands that this release cannot read.

use axum::{
    body::Body,
    http::{Method, header},
};
use serde_json::{Value, json};
use storewalk_domain::{
    ids::{RefusalId, TaskId},
    sync::{Command, RaiseTask, Refusal, RefusalSettled, Row, Table},
    time::BusinessDate,
};
use storewalk_server::{
    service::dead_letter::{self, Allowance, Settlement, Wish},
    store::{DeadLetter, StoreError},
};
use storewalk_wire::{CommandVerdict, Envelope, ProtocolWindow, SyncResponse};

use crate::{
    fixture::{self, fresh},
    phone::{Phone, envelope, refusal_codes, rows, sign_in_body},
    world::{PASSWORD, World, bearing},
};

fn task(outlet: u128) -> Command {
    RaiseTask {
        task_id: TaskId(fresh()),
        outlet_id: fixture::outlet(outlet),
        visit_id: None,
        note: "换灯箱".into(),
        due_on: BusinessDate::parse("2025-03-20").expect("a date"),
    }
    .into()
}

/// A server that has moved on: protocol 1 is no longer served in full.
async fn moved_on() -> World {
    World::tuned(|state| state.protocols = ProtocolWindow { min: 2, max: 3 }).await
}

#[tokio::test]
async fn a_phone_below_the_window_hands_in_work_and_gets_no_rows() {
    let world = moved_on().await;
    let grant = world.post("/session", None, &sign_in_body("rep1", PASSWORD, fresh())).await;
    assert_eq!(grant.json()["protocols"], json!({ "min": 2, "max": 3 }), "signing in is open to every release");
    let mut phone = Phone::of(&world, "rep1").await;
    let commands = vec![phone.envelope(&task(1)), phone.envelope(&task(9)), phone.envelope(&task(1))];
    let answer = phone.sync(&world, commands.clone()).await;
    assert!(matches!(answer.results[0].verdict, CommandVerdict::Applied));
    assert!(!refusal_codes(&answer.results[1].verdict).is_empty(), "the rules are those for everybody");
    assert!(matches!(answer.results[2].verdict, CommandVerdict::Applied));
    assert_eq!((answer.acked_seq, answer.is_complete), (3, false));
    assert!(answer.buckets.is_empty() && answer.gone.is_empty() && answer.standing.is_none());
    assert_eq!(answer.protocols, Some(ProtocolWindow { min: 2, max: 3 }));
    let why = answer.withheld.expect("said why");
    assert_eq!((why.code.as_str(), why.at.as_str()), ("app_outdated", "protocol"));
    assert_eq!(why.protocols, Some(ProtocolWindow { min: 2, max: 3 }));
    // Sent again, it is answered again; asked with nothing to send, it is said where the server stands.
    let again = phone.sync(&world, commands).await;
    assert!(again.results.iter().all(|result| result.is_duplicate));
    assert_eq!(phone.sync(&world, Vec::new()).await.acked_seq, 3);
    let tasks =
        world.state.store.read(|snapshot| snapshot.rows_of(Table::Tasks)).await.map_err(|error: StoreError| error);
    assert_eq!(tasks.expect("read").len(), 2);
}

#[tokio::test]
async fn what_an_outdated_app_is_told_reads_in_both_languages_and_names_the_next_step() {
    let world = moved_on().await;
    let phone = Phone::of(&world, "rep1").await;
    for (language, says) in [("en", "too old"), ("zh-CN", "过旧")] {
        let request =
            bearing(Method::POST, "/sync", Some(&phone.access)).header(header::CONTENT_TYPE, "application/json");
        let mut request = request.body(Body::from(json!({ "protocol": 1 }).to_string())).expect("a request");
        request.headers_mut().insert(header::ACCEPT_LANGUAGE, language.parse().expect("a header"));
        let withheld = world.send(request).await.json()["withheld"].clone();
        assert!(withheld["title"].as_str().expect("a title").contains(says), "{withheld}");
        assert!(!withheld["next_step"].as_str().unwrap_or_default().is_empty(), "{withheld}");
    }
}

#[tokio::test]
async fn an_outdated_phone_is_noted_and_its_old_standing_is_no_longer_good() {
    let world = World::new().await;
    let mut phone = Phone::of(&world, "rep1").await;
    let standing = phone.sync(&world, Vec::new()).await.standing.expect("in step");
    let ask = json!({ "standing": standing, "device_at": 0 });
    assert_eq!(world.post("/sync/standing", Some(&phone.access), &ask).await.json()["is_same"], json!(true));
    let mut state = world.state.clone();
    state.protocols = ProtocolWindow { min: 2, max: 2 };
    let later = world.served_by(state);
    assert_eq!(later.post("/sync/standing", Some(&phone.access), &ask).await.json()["is_same"], json!(false));
    phone.sync(&later, Vec::new()).await;
    let device = storewalk_domain::ids::DeviceId(phone.device);
    let noted: Result<_, StoreError> = later.state.store.read(move |snapshot| snapshot.device(device)).await;
    assert_eq!(noted.expect("read").expect("enrolled").health.expect("told").protocol, 1);
}

#[tokio::test]
async fn a_phone_above_the_window_is_told_what_is_served_and_nothing_of_its_request_is_done() {
    let world = World::new().await;
    let mut phone = Phone::of(&world, "rep1").await;
    let command = phone.envelope(&task(1));
    let request = json!({ "protocol": 7, "commands": [command], "health": Value::Null });
    let mut request = request;
    request.as_object_mut().expect("an object").remove("health");
    let refused = world.post("/sync", Some(&phone.access), &request).await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (400, "server_outdated"));
    assert_eq!(refused.json()["protocols"], json!({ "min": 1, "max": 1 }));
    // With the server's own protocol the same command is taken in.
    request["protocol"] = json!(1);
    let answer: SyncResponse =
        serde_json::from_value(world.post("/sync", Some(&phone.access), &request).await.json()).expect("an answer");
    assert!(matches!(answer.results[0].verdict, CommandVerdict::Applied));
    assert!(!answer.results[0].is_duplicate);
}

/// A command as an app of a later release writes it.
fn of_tomorrow(phone: &mut Phone, command: &Value, schema: u32) -> Envelope {
    phone.seq += 1;
    Envelope { schema, ..envelope(phone.seq, command) }
}

#[tokio::test]
async fn commands_of_a_newer_app_hold_up_nothing_and_are_kept_whole() {
    let world = World::new().await;
    let mut phone = Phone::of(&world, "rep1").await;
    let newer = serde_json::to_value(task(1)).expect("json");
    let unknown = json!({ "kind": "shelf.scan", "args": { "scan_id": fresh(), "codes": ["6901234567892"] } });
    let batch = vec![
        phone.envelope(&task(1)),
        of_tomorrow(&mut phone, &unknown, 1),
        of_tomorrow(&mut phone, &newer, 2),
        phone.envelope(&task(1)),
    ];
    // Such an app also reads buckets of its own.
    let mut request =
        json!({ "protocol": 1, "commands": batch, "cursors": [{ "bucket": "team:7", "epoch": 1, "position": 4 }] });
    request["commands"][0]["seen"] = json!({ "team:7": 4, "org": 0 });
    let reply = world.post("/sync", Some(&phone.access), &request).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let answer: SyncResponse = serde_json::from_value(reply.json()).expect("an answer");
    let verdicts: Vec<&CommandVerdict> = answer.results.iter().map(|result| &result.verdict).collect();
    assert_eq!((verdicts[0], verdicts[3]), (&CommandVerdict::Applied, &CommandVerdict::Applied));
    assert_eq!(refusal_codes(verdicts[1]), ["command_unknown"]);
    assert_eq!(refusal_codes(verdicts[2]), ["command_newer"]);
    assert_eq!(rows(&answer, "refusals").len(), 2, "the author is told");
    for envelope in &batch[1..3] {
        let (user, command) = (fixture::rep(1), envelope.command_id);
        let kept: Result<_, StoreError> =
            world.state.store.read(move |snapshot| snapshot.dead_letter(user, command)).await;
        assert_eq!(kept.expect("read").expect("kept").envelope, serde_json::to_value(envelope).expect("json"));
    }
    // Of the same server there is no more to be had; the supervisor reads why.
    let refusal = RefusalId(batch[2].command_id.0);
    let wish = Wish::TakeIn(Allowance::Nothing);
    let settled = dead_letter::settle(&world.state, fixture::supervisor(), None, refusal, wish).await.expect("settled");
    assert!(matches!(settled, Settlement::StillRefused(problems) if problems[0].code.as_str() == "command_newer"));
}

#[tokio::test]
async fn a_server_that_was_updated_takes_up_what_it_could_not_read() {
    let world = World::new().await;
    let mut phone = Phone::of(&world, "rep1").await;
    phone.sync(&world, Vec::new()).await;
    // As an earlier release left it, which knew no tasks: the command refused by name, and one that rests on it.
    let raise = serde_json::to_value(task(1)).expect("json");
    let close = json!({ "kind": "task.close", "args": { "task_id": raise["args"]["task_id"] } });
    let hopeless = json!({ "kind": "task.close", "args": { "task_id": fresh() } });
    let unknown = json!({ "kind": "shelf.scan", "args": {} });
    let (first, second, third, fourth) =
        (envelope(1, &raise), envelope(2, &close), envelope(3, &hopeless), envelope(4, &unknown));
    let unread = |kind: &str| json!([{ "code": "command_unknown", "params": { "value": kind } }]);
    let resting = json!([
        { "code": "rests_on_refused", "params": { "command_id": first.command_id } },
        { "code": "not_found" },
    ]);
    let left = [
        (first, unread("task.raise")),
        (second, resting),
        (third, unread("task.close")),
        (fourth, unread("shelf.scan")),
    ];
    let ids: Vec<RefusalId> = left.iter().map(|(envelope, _)| RefusalId(envelope.command_id.0)).collect();
    let device = phone.device;
    let write: Result<(), StoreError> = world
        .state
        .store
        .write(move |txn| {
            for (envelope, problems) in left {
                let (refusal, letter) = refused(&envelope, device, &problems);
                txn.put_row(&Row::from(refusal))?;
                txn.put_dead_letter(&letter)?;
            }
            Ok(())
        })
        .await;
    write.expect("written");
    let policies = world.state.config.policies.clone();
    let taken: Result<usize, StoreError> =
        world.state.store.write(move |txn| dead_letter::take_up_again(txn, fixture::now(), policies)).await;
    assert_eq!(taken.expect("taken up"), 2);
    let answer = phone.sync(&world, Vec::new()).await;
    assert_eq!(rows(&answer, "tasks").len(), 1);
    assert_eq!(rows(&answer, "tasks")[0]["status"], "done", "what rested on it followed");
    let told: Vec<Refusal> = rows(&answer, "refusals")
        .into_iter()
        .map(|row| serde_json::from_value(row.clone()).expect("a refusal"))
        .collect();
    let of = |id: RefusalId| told.iter().find(|refusal| refusal.id == id);
    for id in &ids[..2] {
        let outcome = of(*id).and_then(|refusal| refusal.outcome.clone()).expect("settled");
        assert_eq!((outcome.how, outcome.by), (RefusalSettled::TakenIn, fixture::rep(1)));
    }
    assert_eq!(of(ids[2]).expect("told").problems[0].code.as_str(), "not_found", "refused by the rules now");
    assert!(of(ids[3]).is_none(), "what is still unknown waits on as it is");
    let policies = world.state.config.policies.clone();
    let again: Result<usize, StoreError> =
        world.state.store.write(move |txn| dead_letter::take_up_again(txn, fixture::now(), policies)).await;
    assert_eq!(again.expect("nothing left"), 0);
}

fn refused(envelope: &Envelope, device: uuid::Uuid, problems: &Value) -> (Refusal, DeadLetter) {
    let device_id = storewalk_domain::ids::DeviceId(device);
    let refusal = Refusal {
        id: RefusalId(envelope.command_id.0),
        command_id: envelope.command_id,
        user_id: fixture::rep(1),
        device_id,
        kind: envelope.command["kind"].as_str().expect("a kind").to_owned(),
        problems: serde_json::from_value(problems.clone()).expect("problems"),
        refused_at: fixture::now(),
        subject: None,
        outcome: None,
    };
    let letter = DeadLetter {
        command_id: envelope.command_id,
        user_id: fixture::rep(1),
        device_id,
        envelope: serde_json::to_value(envelope).expect("json"),
        would_create: None,
        refused_at: fixture::now(),
    };
    (refusal, letter)
}
