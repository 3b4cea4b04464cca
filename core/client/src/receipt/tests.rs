//! Receipts on the phone: kept, shown, missed, doubted.

use storewalk_domain::{
    ids::CommandId,
    time::{DAY_MS, HOUR_MS, Timestamp},
};
use storewalk_wire::{ReceiptKey, Signature, unhex};

use crate::{
    Recorded,
    sync::testing::{Bench, Fault, outlet, task},
};

/// A phone in step with a server that signs with a seed.
async fn signed_by(seed: u8) -> Bench {
    let bench = Bench::signed_in().await;
    bench.server.sign_with(seed, true);
    bench.phone.sign_in("liwen", "right").await.expect("signed in");
    bench.phone.sync().await.expect("in step");
    bench
}

fn raise(bench: &Bench, number: u128) -> CommandId {
    match bench.phone.record(task(number)).expect("recorded") {
        Recorded::Done { command_id, .. } => command_id,
        Recorded::Refused(problems) => panic!("{problems:?}"),
    }
}

/// Time passes on both sides, and they meet.
async fn meet_after(bench: &Bench, ms: i64) {
    bench.server.pass_ms(ms);
    bench.clock.pass_ms(ms);
    // Something new, so that the phone takes a whole answer in.
    bench.server.put(outlet(77));
    bench.phone.sync().await.expect("synced");
}

fn queued(bench: &Bench) -> u64 {
    bench.count("SELECT count(*) FROM outbox")
}

#[tokio::test]
async fn a_receipt_can_be_shown_and_checked_by_anybody() {
    let bench = signed_by(1).await;
    let command = raise(&bench, 1);
    assert_eq!(bench.phone.receipt(command.row()).expect("read"), None, "nothing before the server answers");
    bench.phone.sync().await.expect("synced");
    let receipt = bench.phone.receipt(command.row()).expect("read").expect("there");
    assert!(receipt.line.starts_with(&format!("command 1 {command} {}", receipt.sha256)), "{}", receipt.line);
    assert!(receipt.line.ends_with(" applied") && receipt.bytes > 50 && receipt.is_trusted);
    let key = ReceiptKey(unhex(&receipt.key).expect("a key"));
    let signature = Signature(unhex(&receipt.signature).expect("a signature"));
    assert!(key.has_signed(&receipt.text, &signature));
    assert_eq!(key.id(), receipt.key_id);
    let file = receipt.export();
    assert!(file.starts_with(&receipt.text) && file.contains(&receipt.key) && file.contains(&receipt.signature));
    assert_eq!(bench.phone.receipt_health().expect("read").problem, None);
}

#[tokio::test]
async fn what_was_captured_is_listed_with_how_far_it_has_come() {
    let bench = signed_by(1).await;
    let first = raise(&bench, 1);
    bench.phone.sync().await.expect("synced");
    let second = raise(&bench, 2);
    let listed = bench.phone.ledger(10).expect("read");
    let told: Vec<_> = listed.iter().map(|entry| (entry.command_id, entry.is_sent, entry.has_receipt)).collect();
    assert_eq!(told, [(second, false, false), (first, true, true)], "the newest at the top");
    assert_eq!((listed[0].what.zh.as_str(), listed[0].what.en.as_str()), ("新建任务", "Raising a task"));
    assert_eq!(bench.phone.ledger(1).expect("read").len(), 1);
}

#[tokio::test]
async fn a_command_is_removed_after_thirty_days_with_its_receipt_and_the_receipt_stays() {
    let bench = signed_by(1).await;
    let command = raise(&bench, 1);
    bench.phone.sync().await.expect("synced");
    meet_after(&bench, 29 * DAY_MS).await;
    assert_eq!(queued(&bench), 1);
    meet_after(&bench, 2 * DAY_MS).await;
    assert_eq!(queued(&bench), 0);
    assert!(bench.phone.receipt(command.row()).expect("read").is_some());
}

#[tokio::test]
async fn a_receipt_that_does_not_verify_is_seen_and_frees_nothing_until_a_good_one_comes() {
    let bench = signed_by(1).await;
    bench.server.sign_with(1, false);
    let command = raise(&bench, 1);
    bench.phone.sync().await.expect("synced");
    let health = bench.phone.receipt_health().expect("read");
    assert_eq!((health.wanted, health.invalid), (1, 1));
    assert_eq!(health.problem.expect("said").code, "receipt_invalid");
    assert_eq!(bench.phone.receipt(command.row()).expect("read"), None);
    meet_after(&bench, 31 * DAY_MS).await;
    assert_eq!(queued(&bench), 1, "kept");
    let told = bench.server.requests().pop().expect("a request").health;
    assert_eq!(told.receipt_problems, 1, "the supervisor sees it");
    bench.server.sign_with(1, true);
    bench.phone.sync().await.expect("synced");
    assert_eq!(bench.phone.receipt(command.row()).expect("read"), None, "not asked at every sync");
    meet_after(&bench, 7 * HOUR_MS).await;
    assert!(bench.phone.receipt(command.row()).expect("read").is_some(), "asked again");
    assert_eq!(bench.phone.receipt_health().expect("read").wanted, 0);
    meet_after(&bench, HOUR_MS).await;
    assert_eq!(queued(&bench), 0);
    assert_eq!(bench.server.last_seq(), 1, "asking again does nothing twice");
}

#[tokio::test]
async fn a_server_that_never_signed_frees_with_its_answer_alone() {
    let bench = Bench::in_step().await;
    bench.raise(1);
    bench.phone.sync().await.expect("synced");
    meet_after(&bench, 31 * DAY_MS).await;
    assert_eq!(queued(&bench), 0);
    assert_eq!(bench.phone.receipt_health().expect("read").wanted, 0);
}

#[tokio::test]
async fn work_from_before_the_server_signed_is_asked_about_before_it_is_removed() {
    let bench = Bench::in_step().await;
    bench.raise(1);
    bench.phone.sync().await.expect("synced");
    bench.server.sign_with(1, true);
    bench.raise(2);
    bench.phone.sync().await.expect("synced");
    meet_after(&bench, 31 * DAY_MS).await;
    assert_eq!(bench.count("SELECT count(*) FROM receipt_items"), 2);
    meet_after(&bench, HOUR_MS).await;
    assert_eq!(queued(&bench), 0);
}

#[tokio::test]
async fn another_key_counts_for_nothing_until_a_sign_in_confirms_it() {
    let bench = signed_by(1).await;
    let before = raise(&bench, 1);
    bench.phone.sync().await.expect("synced");
    bench.server.sign_with(2, true);
    let after = raise(&bench, 2);
    bench.phone.sync().await.expect("synced");
    let health = bench.phone.receipt_health().expect("read");
    assert!(health.is_key_new);
    assert_eq!(health.problem.expect("said").code, "receipt_key_new");
    let trusted = |command: CommandId| bench.phone.receipt(command.row()).expect("read").expect("kept").is_trusted;
    assert_eq!((trusted(before), trusted(after)), (true, false));
    meet_after(&bench, 31 * DAY_MS).await;
    assert_eq!(queued(&bench), 1, "only what the first key signed");
    bench.phone.sign_in("liwen", "right").await.expect("signed in");
    assert!(trusted(after) && trusted(before));
    assert!(!bench.phone.receipt_health().expect("read").is_key_new);
    meet_after(&bench, HOUR_MS).await;
    assert_eq!(queued(&bench), 0);
}

#[tokio::test]
async fn a_command_without_an_answer_is_never_removed() {
    let bench = Bench::in_step().await;
    bench.raise(1);
    bench.server.script([Fault::Offline]);
    bench.phone.sync().await.expect_err("offline");
    let acknowledge = "UPDATE outbox SET state = 'acked', acked_at = 0";
    bench.phone.write(|transaction| Ok(transaction.execute(acknowledge, [])?)).expect("as by a pull alone");
    bench.phone.write(|transaction| crate::outbox::prune(transaction, Timestamp(i64::MAX))).expect("pruned");
    assert_eq!(queued(&bench), 1);
}
