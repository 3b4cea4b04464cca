//! Outlets and territories change hands while phones are offline: SYNC.md section 3, modes 9 to 15.

use std::collections::BTreeMap;

use serde_json::Value;
use storewalk_domain::{
    ids::TaskId,
    outlet::Role,
    sync::{Bucket, Command, RaiseTask, ReassignOutlet, ReassignTerritory},
    time::BusinessDate,
};
use storewalk_server::admin::NewAccount;
use storewalk_wire::{CommandVerdict, Envelope, SyncResponse};
use uuid::Uuid;

use crate::{
    fixture::{self, fresh, start_visit, submit_order},
    phone::{Phone, refusal_codes, rows},
    world::{World, account},
};

fn move_outlet(number: u128, territory: u128) -> Command {
    ReassignOutlet {
        outlet_id: fixture::outlet(number),
        territory_id: fixture::territory(territory),
        reason: "new borders".into(),
    }
    .into()
}

fn give_territory(number: u128, to: u128) -> Command {
    ReassignTerritory {
        territory_id: fixture::territory(number),
        from_user_id: None,
        to_user_id: fixture::rep(to),
        reason: "leave".into(),
    }
    .into()
}

async fn decide(world: &World, command: Command) {
    let mut boss = Phone::of(world, "boss").await;
    assert_eq!(boss.command(world, command).await, CommandVerdict::Applied);
}

/// A command with what the phone has seen by now.
fn captured(phone: &mut Phone, command: &Command) -> Envelope {
    let seen: BTreeMap<Bucket, u64> =
        phone.cursors.iter().map(|cursor| (cursor.bucket.clone(), cursor.position)).collect();
    Envelope { seen, ..phone.envelope(command) }
}

fn verdict(response: &SyncResponse) -> &CommandVerdict {
    &response.results.first().expect("a result").verdict
}

/// The rows of a table that left in an answer, by bucket or with it.
fn left(response: &SyncResponse, table: &str) -> usize {
    let entries = response.buckets.iter().flat_map(|delta| &delta.entries);
    entries.filter(|entry| entry.table == table && entry.row.is_none()).count()
}

fn of_rep(user: u128) -> Value {
    Value::from(fixture::rep(user).to_string())
}

#[tokio::test]
async fn a_visit_before_notice_lands_once_and_both_reps_see_the_flag() {
    let world = World::new().await;
    let (mut from, mut to) = (Phone::of(&world, "rep1").await, Phone::of(&world, "rep2").await);
    from.sync(&world, vec![]).await;
    to.sync(&world, vec![]).await;
    let visit = fresh();
    let unsent = captured(&mut from, &start_visit(visit, 1));
    decide(&world, move_outlet(1, 2)).await;

    let answer = from.sync(&world, vec![unsent.clone()]).await;
    assert_eq!(verdict(&answer), &CommandVerdict::Applied);
    assert_eq!(left(&answer, "outlets"), 1, "the outlet leaves the phone");
    let mine = rows(&answer, "visits");
    assert_eq!((mine.len(), mine[0]["handover"]["standing"].as_str()), (1, Some("before_notice")));
    let notes = rows(&answer, "handovers");
    assert_eq!((notes.len(), &notes[0]["works"][0]["credited_to"]), (1, &of_rep(1)));
    assert_eq!(notes[0]["works"][0]["rule"], "maker");

    let news = to.sync(&world, vec![]).await;
    assert_eq!(rows(&news, "outlets").len(), 1);
    let theirs = rows(&news, "visits");
    assert_eq!((theirs.len(), theirs[0]["handover"]["credited_to"].clone()), (1, of_rep(1)));
    assert_eq!(rows(&news, "handovers").len(), 1);
    let boss = Phone::of(&world, "boss").await.sync(&world, vec![]).await;
    assert_eq!(rows(&boss, "handovers").len(), 1, "the supervisor sees it too");

    let again = from.sync(&world, vec![unsent]).await;
    assert!(again.results[0].is_duplicate && rows(&again, "visits").is_empty(), "once is enough");
}

#[tokio::test]
async fn what_the_phone_had_seen_leave_is_refused_with_the_reason_and_kept() {
    let world = World::new().await;
    let mut phone = Phone::of(&world, "rep1").await;
    phone.sync(&world, vec![]).await;
    decide(&world, move_outlet(1, 2)).await;
    phone.sync(&world, vec![]).await;
    let stale = captured(&mut phone, &start_visit(fresh(), 1));
    let command_id = stale.command_id;
    let answer = phone.sync(&world, vec![stale]).await;
    assert_eq!(refusal_codes(verdict(&answer)), ["outlet_handed_over"]);
    assert_eq!(rows(&answer, "refusals").len(), 1, "the rep sees it");
    let user = fixture::rep(1);
    let kept = world.state.store.read(move |snapshot| snapshot.dead_letter(user, command_id)).await.expect("a read");
    assert!(kept.is_some(), "whole, for a supervisor to take in");
}

#[tokio::test]
async fn whoever_never_had_an_outlet_is_refused_whatever_they_say_they_saw() {
    let world = World::new().await;
    let mut phone = Phone::of(&world, "rep1").await;
    phone.sync(&world, vec![]).await;
    let territory = Bucket::Territory(fixture::territory(2));
    for seen in [BTreeMap::from([(territory.clone(), 1)]), BTreeMap::from([(territory, u64::MAX)]), BTreeMap::new()] {
        let command = Envelope { seen, ..captured(&mut phone, &start_visit(fresh(), 2)) };
        let answer = phone.sync(&world, vec![command]).await;
        assert_eq!(refusal_codes(verdict(&answer)), ["not_permitted"]);
    }
}

#[tokio::test]
async fn a_month_of_work_in_a_territory_that_was_given_away_meanwhile_is_taken_in() {
    let world = World::new().await;
    let (mut from, mut to) = (Phone::of(&world, "rep1").await, Phone::of(&world, "rep2").await);
    from.sync(&world, vec![]).await;
    to.sync(&world, vec![]).await;
    let work: Vec<Envelope> = (0..20_u8).map(|_| captured(&mut from, &start_visit(fresh(), 1))).collect();
    decide(&world, give_territory(1, 2)).await;
    world.clock.advance(30 * 24 * 3_600_000);
    let mut from = Phone { seq: from.seq, cursors: from.cursors, ..Phone::on(&world, "rep1", from.device).await };

    let answer = from.sync(&world, work).await;
    assert_eq!(answer.results.len(), 20);
    assert!(answer.results.iter().all(|result| result.verdict == CommandVerdict::Applied));
    let gone: Vec<&Bucket> = answer.gone.iter().map(|gone| &gone.bucket).collect();
    assert_eq!(gone, [&Bucket::Territory(fixture::territory(1))]);
    assert_eq!(rows(&answer, "visits").len(), 20, "they stay hers to see");
    let scope = rows(&answer, "scopes");
    assert_eq!((scope.len(), scope[0]["version"].as_u64()), (1, Some(2)));

    let mut to = Phone { seq: to.seq, cursors: to.cursors, ..Phone::on(&world, "rep2", to.device).await };
    let news = to.sync(&world, vec![]).await;
    assert_eq!((rows(&news, "outlets").len(), rows(&news, "visits").len()), (1, 20));
    let late = captured(&mut from, &start_visit(fresh(), 1));
    let answer = from.sync(&world, vec![late]).await;
    assert_eq!(refusal_codes(verdict(&answer)), ["outlet_handed_over"], "by now she knew");
}

#[tokio::test]
async fn an_order_taken_before_notice_is_accepted_and_labelled() {
    let world = World::new().await;
    let seller =
        NewAccount { user_id: fixture::rep(1), territories: vec![fixture::territory(1)], ..account("rep1", Role::Rep) };
    world.add(NewAccount { dealers: vec![fixture::dealer(1)], ..seller.clone() }).await;
    let mut phone = Phone::of(&world, "rep1").await;
    phone.sync(&world, vec![]).await;
    let order = |phone: &mut Phone| {
        let Command::SubmitOrder(mut args) = submit_order(fresh(), &format!("{}-{}", phone.number, phone.seq), 1, 1)
        else {
            panic!("an order")
        };
        args.outlet_id = Some(fixture::outlet(1));
        captured(phone, &args.into())
    };
    let unsent = order(&mut phone);
    decide(&world, move_outlet(1, 2)).await;
    let answer = phone.sync(&world, vec![unsent]).await;
    let orders = rows(&answer, "orders");
    assert_eq!((verdict(&answer), orders.len()), (&CommandVerdict::Applied, 1));
    assert_eq!(orders[0]["handover"]["standing"], "before_notice");
    let stale = order(&mut phone);
    let answer = phone.sync(&world, vec![stale]).await;
    assert_eq!(refusal_codes(verdict(&answer)), ["outlet_handed_over"]);

    // The dealer goes too.
    let bare = submit_order(fresh(), &format!("{}-x", phone.number), 1, 1);
    let unsent = captured(&mut phone, &bare);
    world.add(seller).await;
    let answer = phone.sync(&world, vec![unsent]).await;
    assert_eq!(verdict(&answer), &CommandVerdict::Applied, "before she could know");
    let later = submit_order(fresh(), &format!("{}-y", phone.number), 1, 1);
    let stale = captured(&mut phone, &later);
    let answer = phone.sync(&world, vec![stale]).await;
    assert_eq!(refusal_codes(verdict(&answer)), ["not_permitted"]);
}

#[tokio::test]
async fn an_outlet_that_left_and_came_back_between_two_pulls_is_as_if_it_had_stayed() {
    let world = World::new().await;
    let mut phone = Phone::of(&world, "rep1").await;
    phone.sync(&world, vec![]).await;
    let unsent = captured(&mut phone, &start_visit(fresh(), 1));
    decide(&world, move_outlet(1, 2)).await;
    decide(&world, move_outlet(1, 1)).await;
    let answer = phone.sync(&world, vec![unsent]).await;
    assert_eq!(verdict(&answer), &CommandVerdict::Applied);
    assert!(rows(&answer, "visits")[0]["handover"].is_null(), "it is hers");
    assert_eq!((rows(&answer, "outlets").len(), left(&answer, "outlets")), (1, 0), "one entry, the last word");
}

#[tokio::test]
async fn a_territory_given_back_comes_with_todays_rows() {
    let world = World::new().await;
    let mut phone = Phone::of(&world, "rep1").await;
    phone.sync(&world, vec![]).await;
    decide(&world, give_territory(1, 2)).await;
    assert_eq!(phone.sync(&world, vec![]).await.gone.len(), 1);
    let task = RaiseTask {
        task_id: TaskId(fresh()),
        outlet_id: fixture::outlet(1),
        visit_id: None,
        note: "light box".into(),
        due_on: BusinessDate::parse("2025-03-20").expect("a date"),
    };
    let mut other = Phone::of(&world, "rep2").await;
    other.sync(&world, vec![]).await;
    assert_eq!(other.command(&world, task.into()).await, CommandVerdict::Applied);
    decide(&world, give_territory(1, 1)).await;
    let back = phone.sync(&world, vec![]).await;
    let tasks = rows(&back, "tasks");
    assert_eq!((rows(&back, "outlets").len(), tasks.len(), &tasks[0]["owner_id"]), (1, 1, &of_rep(1)));
}

#[tokio::test]
async fn a_person_of_another_role_keeps_nothing_of_the_old_one_and_their_unsent_work() {
    let world = World::new().await;
    let mut phone = Phone::of(&world, "rep1").await;
    phone.sync(&world, vec![]).await;
    let unsent = captured(&mut phone, &start_visit(fresh(), 1));
    let dealers = vec![fixture::dealer(1)];
    world.add(NewAccount { user_id: fixture::rep(1), dealers, ..account("rep1", Role::Dealer) }).await;
    let answer = phone.sync(&world, vec![unsent]).await;
    // A dealer makes no visits: it is refused, kept whole, and a supervisor may take it in.
    assert_eq!(refusal_codes(verdict(&answer)), ["not_permitted"]);
    assert_eq!(rows(&answer, "refusals").len(), 1);
    let gone: Vec<&Bucket> = answer.gone.iter().map(|gone| &gone.bucket).collect();
    assert_eq!(gone, [&Bucket::Territory(fixture::territory(1))]);
    assert_eq!(rows(&answer, "dealers").len(), 1);
}

#[tokio::test]
async fn everything_about_an_outlet_leaves_one_phone_and_reaches_the_other() {
    let world = World::new().await;
    let (mut from, mut to) = (Phone::of(&world, "rep1").await, Phone::of(&world, "rep2").await);
    from.sync(&world, vec![]).await;
    to.sync(&world, vec![]).await;
    let visit: Uuid = fresh();
    let started = captured(&mut from, &start_visit(visit, 1));
    from.sync(&world, vec![started]).await;
    decide(&world, move_outlet(1, 2)).await;
    let answer = from.sync(&world, vec![]).await;
    assert_eq!((left(&answer, "outlets"), left(&answer, "visits")), (1, 1), "both leave the territory");
    let mine = rows(&answer, "visits");
    assert_eq!(mine[0]["handover"]["standing"], "begun_before", "and the visit under way stays with her");
    let news = to.sync(&world, vec![]).await;
    assert_eq!((rows(&news, "outlets").len(), rows(&news, "visits").len()), (1, 1));
}
