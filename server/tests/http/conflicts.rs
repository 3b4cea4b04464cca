//! What two devices, a wrong clock or a refused forerunner bring: kept, told apart, and said once.

use serde_json::{Value, json};
use storewalk_domain::{
    ids::{CallPlanId, VisitId},
    outlet::{CallPlan, FieldName},
    sync::{Command, EditOutlet, FieldChange, FinishVisit, RecordAnswer, SettleDuplicate, StartVisit},
    time::{BusinessDate, CaptureTime, HOUR_MS, ServerAnchor, Timestamp},
};
use storewalk_server::admin::load_rows;
use storewalk_wire::{CommandVerdict, Envelope};
use uuid::Uuid;

use crate::{
    fixture::{self, fresh, start_visit, submit_order},
    phone::{Phone, refusal_codes, rows},
    world::World,
};

const PLAN: CallPlanId = CallPlanId(Uuid::from_u128(900));

/// A world where outlet 1 is planned for every day.
async fn planned() -> World {
    let world = World::new().await;
    let plan = CallPlan {
        id: PLAN,
        outlet_id: fixture::outlet(1),
        territory_id: fixture::territory(1),
        rrule: "FREQ=DAILY".into(),
        starts_on: BusinessDate::parse("2025-03-03").expect("a date"),
        position: 1,
    };
    load_rows(&world.state, vec![plan.into()]).await.expect("loaded");
    world
}

fn planned_visit(visit: Uuid) -> Command {
    let Command::StartVisit(start) = start_visit(visit, 1) else { panic!("a start") };
    StartVisit { plan_id: Some(PLAN), ..start }.into()
}

fn edit(field: FieldName, from: &str, to: &str) -> Command {
    let change = FieldChange { field, from: from.into(), to: to.into() };
    EditOutlet { outlet_id: fixture::outlet(1), changes: vec![change] }.into()
}

/// The command as captured so many minutes ago, by a phone that met the server ten minutes before that.
fn minutes_ago(envelope: Envelope, minutes: i64) -> Envelope {
    let server_at = fixture::now().plus_ms(-(minutes + 10) * 60_000);
    let captured = CaptureTime {
        device_at: Timestamp(0),
        monotonic_ms: 600_000,
        boot_id: "b".into(),
        anchor: Some(ServerAnchor { server_at, monotonic_ms: 0, boot_id: "b".into() }),
        not_before: None,
    };
    Envelope { captured, ..envelope }
}

async fn latest(phone: &mut Phone, world: &World, table: &str) -> Vec<Value> {
    phone.cursors.clear();
    let response = phone.sync(world, vec![]).await;
    rows(&response, table).into_iter().cloned().collect()
}

#[tokio::test]
async fn one_call_on_two_devices_is_two_visits_of_which_the_first_check_in_counts_whichever_came_first() {
    let world = planned().await;
    let (mut a, mut b) = (Phone::of(&world, "rep1").await, Phone::of(&world, "rep1").await);
    let (early, late) = (fresh(), fresh());
    let of_b = minutes_ago(b.envelope(&planned_visit(late)), 10);
    b.sync(&world, vec![of_b]).await;
    let of_a = minutes_ago(a.envelope(&planned_visit(early)), 25);
    a.sync(&world, vec![of_a]).await;
    let duplicate_of = |visits: &[Value], id: Uuid| {
        let row = visits.iter().find(|row| row["id"] == id.to_string()).expect("there").clone();
        row["duplicate"]["of"].clone()
    };
    let visits = latest(&mut a, &world, "visits").await;
    assert_eq!(visits.len(), 2);
    assert_eq!((duplicate_of(&visits, early), duplicate_of(&visits, late)), (Value::Null, json!(early)));
    let choice = SettleDuplicate { keep: VisitId(late) };
    assert_eq!(b.command(&world, choice.into()).await, CommandVerdict::Applied);
    let visits = latest(&mut a, &world, "visits").await;
    assert_eq!((duplicate_of(&visits, early), duplicate_of(&visits, late)), (json!(late), Value::Null));
}

#[tokio::test]
async fn order_numbers_of_two_devices_never_meet_and_a_number_given_twice_is_said() {
    let world = World::new().await;
    let (mut a, mut b) = (Phone::of(&world, "dealer1").await, Phone::of(&world, "dealer1").await);
    assert_ne!(a.number, b.number);
    let number = format!("{}-000001", a.number);
    let first = fresh();
    assert_eq!(a.command(&world, submit_order(first, &number, 1, 1)).await, CommandVerdict::Applied);
    // Only a phone that was copied gives a number of another's block.
    let second = b.command(&world, submit_order(fresh(), &number, 1, 1)).await;
    let CommandVerdict::Changed { problem } = second else { panic!("both stand, with a word: {second:?}") };
    assert_eq!(problem.code.as_str(), "order_number_twice");
    let orders = latest(&mut a, &world, "orders").await;
    let flagged: Vec<&Value> = orders.iter().filter(|row| !row["same_number_as"].is_null()).collect();
    assert_eq!((orders.len(), flagged.len()), (2, 1));
    assert_eq!(flagged[0]["same_number_as"], json!(first));
    assert_eq!(flagged[0]["status"], "accepted");
}

#[tokio::test]
async fn the_second_device_finishes_nothing_twice_but_what_it_saw_is_kept() {
    let world = World::new().await;
    let (mut a, mut b) = (Phone::of(&world, "rep1").await, Phone::of(&world, "rep1").await);
    let visit = fresh();
    a.command(&world, start_visit(visit, 1)).await;
    b.sync(&world, vec![]).await;
    let finish = || -> Command { FinishVisit { visit_id: VisitId(visit), fix: None }.into() };
    assert_eq!(a.command(&world, finish()).await, CommandVerdict::Applied, "gaps are noted, not refused");
    let answer = RecordAnswer {
        visit_id: VisitId(visit),
        item: "next_step".into(),
        instance: String::new(),
        value: storewalk_domain::checklist::AnswerValue::Text("下周补货".into()),
        reason: None,
    };
    assert_eq!(b.command(&world, answer.into()).await, CommandVerdict::Applied);
    assert_eq!(refusal_codes(&b.command(&world, finish()).await), ["visit_closed"]);
    let answers = latest(&mut a, &world, "answers").await;
    assert_eq!((answers.len(), &answers[0]["late"]), (1, &json!("after_close")));
    let visits = latest(&mut a, &world, "visits").await;
    assert!(visits[0]["remarks"]["gaps"].as_array().is_some_and(|gaps| !gaps.is_empty()));
}

#[tokio::test]
async fn corrections_of_two_devices_meet_on_the_server_and_reach_territory_and_supervisor() {
    let world = World::new().await;
    let (mut a, mut b) = (Phone::of(&world, "rep1").await, Phone::of(&world, "rep1").await);
    let of_b = minutes_ago(b.envelope(&edit(FieldName::FenceM, "150", "200")), 5);
    b.sync(&world, vec![of_b]).await;
    let batch = vec![
        minutes_ago(a.envelope(&edit(FieldName::OpeningHours, "", "9:00-21:00")), 9),
        minutes_ago(a.envelope(&edit(FieldName::FenceM, "150", "120")), 8),
    ];
    a.sync(&world, batch).await;
    let outlets = latest(&mut a, &world, "outlets").await;
    let shop = outlets.iter().find(|row| row["id"] == fixture::outlet(1).to_string()).expect("there");
    assert_eq!((&shop["fence_m"], &shop["opening_hours"]), (&json!(200), &json!("9:00-21:00")));
    for login in ["rep1", "boss"] {
        let mut phone = Phone::of(&world, login).await;
        let fields = latest(&mut phone, &world, "profile_fields").await;
        let contested: Vec<&Value> = fields.iter().filter(|row| row["is_contested"] == json!(true)).collect();
        assert!(!contested.is_empty(), "{login} sees it");
        assert!(contested.iter().all(|row| row["field"] == "fence_m"));
    }
}

#[tokio::test]
async fn a_row_made_twice_under_one_id_is_made_once_and_the_second_maker_is_told() {
    let world = World::new().await;
    let (mut a, mut b) = (Phone::of(&world, "rep1").await, Phone::of(&world, "rep1").await);
    let visit = fresh();
    assert_eq!(a.command(&world, start_visit(visit, 1)).await, CommandVerdict::Applied);
    let before = latest(&mut a, &world, "visits").await;
    assert_eq!(refusal_codes(&b.command(&world, start_visit(visit, 1)).await), ["id_taken"]);
    assert_eq!(latest(&mut a, &world, "visits").await, before);
}

#[tokio::test]
async fn everything_behind_a_refused_start_names_that_one_cause() {
    let world = World::new().await;
    let mut phone = Phone::of(&world, "rep1").await;
    let visit = fresh();
    // Outlet 2 is in the other territory.
    let start = phone.envelope(&start_visit(visit, 2));
    let cause = start.command_id.to_string();
    let mut batch = vec![start];
    batch.push(phone.envelope(&fixture::attach_photo(fresh(), visit, b"bytes")));
    batch.push(phone.envelope(&FinishVisit { visit_id: VisitId(visit), fix: None }.into()));
    let response = phone.sync(&world, batch).await;
    assert_eq!(refusal_codes(&response.results[0].verdict), ["not_permitted"]);
    for result in &response.results[1..] {
        let CommandVerdict::Refused { problems } = &result.verdict else { panic!("refused") };
        assert_eq!(problems[0].code.as_str(), "rests_on_refused");
        assert_eq!(problems[0].params["command_id"], cause);
    }
}

#[tokio::test]
async fn a_visit_of_a_phone_26_hours_fast_carries_both_times_and_counts_on_the_true_day() {
    let world = World::new().await;
    let mut phone = Phone::of(&world, "rep1").await;
    let (now, mut visits) = (fixture::now(), Vec::new());
    let truth = now.plus_ms(-58 * 60_000);
    let sure = CaptureTime {
        device_at: truth.plus_ms(26 * HOUR_MS),
        monotonic_ms: 60_000,
        boot_id: "first".into(),
        anchor: Some(ServerAnchor { server_at: truth.plus_ms(-60_000), monotonic_ms: 0, boot_id: "first".into() }),
        not_before: None,
    };
    let rebooted = CaptureTime { boot_id: "second".into(), not_before: Some(truth), ..sure.clone() };
    for captured in [sure, rebooted] {
        let envelope = Envelope { captured, ..phone.envelope(&start_visit(fresh(), 1)) };
        let response = phone.sync(&world, vec![envelope]).await;
        assert_eq!(response.results[0].verdict, CommandVerdict::Applied, "no record is refused for a wrong clock");
        visits.extend(rows(&response, "visits").into_iter().cloned());
    }
    let check_in = |index: usize| visits[index]["check_in"].clone();
    assert_eq!(check_in(0)["device_at"], json!(truth.plus_ms(26 * HOUR_MS)));
    assert_eq!(check_in(0)["at"], json!(truth));
    let span = json!({ "earliest": truth.plus_ms(-1_000), "latest": truth.plus_ms(1_000) });
    assert_eq!(check_in(0)["span"], span);
    assert_eq!(check_in(1)["span"], json!({ "earliest": truth, "latest": now }), "from 09:02 to the sync");
    assert_eq!(check_in(1)["at"], json!(now));
    assert!(visits.iter().all(|visit| visit["visited_on"] == "2025-03-14"), "the true day");
}
