//! Tokens that run out, answers that are lost, people who change.

use std::collections::BTreeSet;

use storewalk_domain::time::Clock;
use storewalk_wire::ErrorCode;

use crate::{
    ClientError,
    sync::{
        SyncState,
        testing::{Bench, Fault},
    },
};

#[tokio::test]
async fn a_token_that_has_run_out_is_exchanged_and_the_sync_goes_on() {
    let bench = Bench::in_step().await;
    bench.raise(1);
    bench.server.expire_access();
    assert!(bench.phone.sync().await.expect("synced").complete);
    assert_eq!(bench.server.nonces().len(), 1);
}

#[tokio::test]
async fn a_lost_answer_to_the_exchange_does_not_end_the_session() {
    let mut bench = Bench::in_step().await;
    bench.raise(1);
    bench.server.expire_access();
    bench.server.script_refresh([Fault::LostReply, Fault::Offline]);
    assert!(matches!(bench.phone.sync().await, Err(ClientError::Timeout)));
    bench.restart();
    assert!(matches!(bench.phone.sync().await, Err(ClientError::Offline)));
    assert!(bench.phone.sync().await.expect("synced").complete);
    let nonces = bench.server.nonces();
    assert_eq!(nonces.len(), 2);
    assert_eq!(nonces.iter().collect::<BTreeSet<_>>().len(), 1, "the same exchange is asked for again");
    bench.server.expire_access();
    bench.raise(2);
    assert!(bench.phone.sync().await.expect("synced").complete);
    assert_eq!(bench.server.nonces().iter().collect::<BTreeSet<_>>().len(), 2);
}

#[tokio::test]
async fn a_token_that_had_run_out_before_it_arrived_is_exchanged_again_and_holds_no_command_back() {
    let bench = Bench::in_step().await;
    bench.raise(1);
    bench.server.script([Fault::TokenExpired, Fault::TokenExpired]);
    let report = bench.phone.sync().await.expect("synced");
    assert!(report.complete && report.commands_sent == 1, "{report:?}");
    assert_eq!(bench.server.nonces().len(), 2);
    bench.raise(2);
    bench.server.script([Fault::TokenExpired, Fault::TokenExpired, Fault::TokenExpired]);
    let error = bench.phone.sync().await.expect_err("no token is taken");
    assert!(error.is_token_invalid(), "the commands are not to blame: {error:?}");
}

#[tokio::test]
async fn a_session_that_is_over_keeps_the_queue_and_lets_work_go_on() {
    let bench = Bench::in_step().await;
    bench.raise(1);
    bench.server.expire_access();
    bench.server.script_refresh([Fault::TokenExpired]);
    assert!(matches!(bench.phone.sync().await, Err(ClientError::SignedOut { .. })));
    bench.raise(2);
    let status = bench.phone.status().expect("status");
    assert!(status.needs_sign_in);
    assert_eq!((status.unsent_commands, status.last_error.expect("named").code.as_str()), (2, "signed_out"));
    let view = bench.phone.session().expect("read").expect("still known");
    assert_eq!(view.needs_sign_in.as_deref(), Some("token_invalid"));
    bench.phone.sign_in("LiWen", "right").await.expect("signed in");
    assert!(bench.phone.sync().await.expect("synced").complete);
    assert_eq!(bench.rows(), bench.server.visible());
}

#[tokio::test]
async fn who_signs_in_again_does_not_wait_for_an_attempt_planned_while_nobody_was_signed_in() {
    let bench = Bench::in_step().await;
    bench.raise(1);
    bench.server.expire_access();
    bench.server.script_refresh([Fault::TokenExpired]);
    assert!(matches!(bench.phone.sync().await, Err(ClientError::SignedOut { .. })));
    let now = bench.clock.now();
    assert!(bench.phone.status().expect("status").next_attempt_at > now, "nobody is signed in: it waits");
    bench.phone.sign_in("LiWen", "right").await.expect("signed in");
    assert!(bench.phone.status().expect("status").next_attempt_at <= bench.clock.now(), "it is due");
}

#[tokio::test]
async fn who_gives_the_password_again_need_not_wait_for_what_failed_before() {
    let bench = Bench::in_step().await;
    bench.raise(1);
    for _ in 0..8 {
        bench.server.script([Fault::Offline]);
        drop(bench.phone.sync().await);
    }
    bench.server.expire_access();
    bench.server.script_refresh([Fault::TokenExpired]);
    assert!(matches!(bench.phone.sync().await, Err(ClientError::SignedOut { .. })));
    let wait = |bench: &Bench| bench.phone.status().expect("status").next_attempt_at.since_ms(bench.clock.now());
    assert!(wait(&bench) > 60_000, "{}", wait(&bench));
    bench.phone.sign_in("liwen", "right").await.expect("signed in");
    assert!(wait(&bench) <= 0, "{}", wait(&bench));
    let status = bench.phone.status().expect("status");
    assert_eq!((status.last_error, status.state), (None, SyncState::Sending { waiting: 1 }));
}

#[tokio::test]
async fn who_signs_in_does_not_hurry_what_the_server_refused() {
    let bench = Bench::in_step().await;
    bench.raise(1);
    for _ in 0..8 {
        bench.server.script([Fault::RefuseCommands(ErrorCode::Internal)]);
        drop(bench.phone.sync().await);
    }
    let before = bench.phone.status().expect("status").next_attempt_at;
    bench.phone.sign_in("liwen", "right").await.expect("signed in");
    assert_eq!(bench.phone.status().expect("status").next_attempt_at, before);
}

#[tokio::test]
async fn nobody_leaves_with_work_unsent_and_nobody_inherits_it() {
    let bench = Bench::in_step().await;
    bench.raise(1);
    let device = bench.phone.session().expect("read").expect("signed in").device_id;
    for refused in [bench.phone.sign_out().await.err(), bench.phone.sign_in("zhao", "right").await.err()] {
        assert!(matches!(refused, Some(ClientError::Unsent { commands: 1, photos: 0, drafts: 0 })), "{refused:?}");
    }
    bench.phone.sync().await.expect("synced");
    bench.phone.sign_out().await.expect("signed out");
    assert_eq!(bench.phone.session().expect("read"), None);
    assert!(matches!(bench.phone.sync().await, Err(ClientError::SignedOut { .. })));
    let view = bench.phone.sign_in("zhao", "right").await.expect("signed in");
    assert_ne!(view.device_id, device);
    assert_eq!(bench.rows().len(), 0);
    assert_eq!(bench.count("SELECT last_seq FROM device"), 0);
}

#[tokio::test]
async fn a_wrong_password_changes_nothing() {
    let bench = Bench::in_step().await;
    let error = bench.phone.sign_in("liwen", "wrong").await.expect_err("refused");
    assert_eq!(error.code(), "sign_in_failed");
    assert!(!error.sentence().zh.is_empty() && !error.next_step().en.is_empty());
    assert!(bench.phone.sync().await.expect("synced").complete);
}

#[tokio::test]
async fn a_paused_core_says_so_and_goes_on_afterwards() {
    let bench = Bench::in_step().await;
    bench.raise(1);
    bench.phone.pause();
    assert!(matches!(bench.phone.status(), Err(ClientError::Closed)));
    assert!(matches!(bench.phone.sync().await, Err(ClientError::Closed)));
    bench.phone.resume().expect("resumed");
    assert!(bench.phone.sync().await.expect("synced").complete);
    bench.phone.shutdown();
    assert!(matches!(bench.phone.resume(), Err(ClientError::Closed)));
}

#[tokio::test]
async fn another_persons_sign_in_never_throws_an_order_draft_away() {
    let bench = Bench::in_step().await;
    let draft = "INSERT INTO order_drafts (id, dealer_id, created_at, updated_at)
                 VALUES (zeroblob(16), zeroblob(16), 0, 0)";
    bench.phone.write(|transaction| Ok(transaction.execute(draft, [])?)).expect("drafted");
    let refused = bench.phone.sign_in("zhao", "right").await.err();
    assert!(matches!(refused, Some(ClientError::Unsent { commands: 0, photos: 0, drafts: 1 })), "{refused:?}");
    bench.phone.sign_in("liwen", "right").await.expect("the same person");
}
