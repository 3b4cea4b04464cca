//! An app that is older, or newer, than the server.

use storewalk_domain::sync::CloseTask;
use storewalk_wire::SyncRequest;

use crate::{
    AttentionKind, SyncState,
    sync::testing::{Bench, OUTLET, outlet},
};

fn last(bench: &Bench) -> SyncRequest {
    bench.server.requests().pop().expect("asked")
}

fn spoken(bench: &Bench) -> Vec<u32> {
    bench.server.requests().iter().map(|request| request.protocol).collect()
}

#[tokio::test]
async fn an_outdated_app_hands_in_its_work_keeps_it_on_the_screen_and_says_what_to_do() {
    let mut bench = Bench::in_step().await;
    bench.server.set_protocols(2, 2);
    let ids = [bench.raise(1), bench.raise(2), bench.raise(3)];
    bench.close(ids[0]);
    let report = bench.phone.sync().await.expect("sent");
    assert_eq!((report.commands_sent, report.refused, report.complete), (4, 0, false));
    assert_eq!(bench.server.last_seq(), 4);
    let status = bench.phone.status().expect("status");
    assert_eq!((status.unsent_commands, status.oldest_unsent_at, status.failures), (0, None, 0));
    assert_eq!(status.state, SyncState::AppTooOld { waiting: 0 });
    assert_eq!(status.last_error.expect("said").code, "app_outdated");
    assert!(ids.iter().all(|id| bench.task(*id).is_some()), "what was captured stays on the screen");

    // Nothing is sent twice, and new work is due at once.
    bench.phone.sync().await.expect("asked");
    assert!(last(&bench).commands.is_empty());
    assert_eq!(last(&bench).health.last_error.as_deref(), Some("app_outdated"));
    let later = bench.raise(4);
    let status = bench.phone.status().expect("status");
    assert_eq!((status.unsent_commands, status.state), (1, SyncState::AppTooOld { waiting: 1 }));
    assert!(status.next_attempt_at <= bench.phone.now().device_at);
    bench.phone.sync().await.expect("sent");
    assert_eq!((bench.server.last_seq(), bench.phone.status().expect("status").unsent_commands), (5, 0));

    bench.server.put(outlet(77));
    bench.update_app("2.0.0", 2);
    assert!(bench.task(later).is_some(), "and after the update");
    assert!(bench.phone.sync().await.expect("in step").complete);
    assert_eq!(bench.rows(), bench.server.visible());
    assert_eq!(bench.phone.status().expect("status").state, SyncState::AllSent);
    assert_eq!(bench.server.last_seq(), 5, "nothing was done twice");
}

#[tokio::test]
async fn a_refusal_is_visible_on_a_phone_that_gets_no_rows() {
    let bench = Bench::in_step().await;
    let task = bench.raise(1);
    bench.phone.sync().await.expect("in step");
    bench.server.set_protocols(2, 2);
    let gone = bench.server.row(storewalk_domain::sync::Table::Tasks, task.row()).expect("there");
    bench.server.remove(&gone);
    bench.close(task);
    let report = bench.phone.sync().await.expect("sent");
    assert_eq!((report.commands_sent, report.refused), (1, 1));
    let items = bench.phone.attention().items().expect("items");
    assert_eq!(items.iter().filter(|item| item.kind == AttentionKind::Refused).count(), 1, "{items:?}");
    bench.phone.sign_out().await.expect("nothing is unsent");
}

#[tokio::test]
async fn an_outdated_app_sends_again_what_a_restored_server_has_forgotten() {
    let mut bench = Bench::in_step().await;
    bench.server.set_protocols(2, 2);
    let first = bench.raise(1);
    bench.phone.sync().await.expect("sent");
    bench.raise(2);
    bench.phone.sync().await.expect("sent");
    bench.server.restore_from([outlet(OUTLET.0.as_u128()).into()]);
    bench.close(first);
    bench.phone.sync().await.expect("sent");
    assert_eq!((bench.server.last_seq(), bench.phone.status().expect("status").unsent_commands), (3, 0));
    bench.update_app("2.0.0", 2);
    assert!(bench.phone.sync().await.expect("in step").complete);
    assert_eq!(bench.rows(), bench.server.visible());
}

#[tokio::test]
async fn an_outdated_app_learns_after_a_repair_where_the_server_stands() {
    let bench = Bench::in_step().await;
    bench.server.set_protocols(2, 2);
    bench.raise(1);
    let ask = |transaction: &rusqlite::Transaction<'_>| Ok(transaction.execute("UPDATE device SET must_ask = 1", [])?);
    bench.phone.write(ask).expect("as after a repair");
    let report = bench.phone.sync().await.expect("sent");
    assert_eq!((report.commands_sent, bench.server.last_seq()), (1, 1));
    assert_eq!(bench.count("SELECT must_ask FROM device"), 0);
}

#[tokio::test]
async fn a_newer_app_speaks_the_servers_protocol_until_the_server_is_updated() {
    let mut bench = Bench::in_step().await;
    bench.update_app("3.0.0", 3);
    bench.server.set_protocols(1, 2);
    bench.raise(1);
    let before = bench.server.requests().len();
    assert!(bench.phone.sync().await.expect("in step").complete);
    bench.raise(2);
    assert!(bench.phone.sync().await.expect("in step").complete);
    assert_eq!(spoken(&bench)[before..before + 3], [3, 2, 2], "asked once, then remembered");
    assert!(spoken(&bench)[before + 1..].iter().all(|protocol| *protocol == 2));
    bench.server.set_protocols(1, 3);
    for number in 3..5 {
        bench.raise(number);
        assert!(bench.phone.sync().await.expect("in step").complete);
    }
    assert_eq!(last(&bench).protocol, 3);
    assert_eq!(bench.server.last_seq(), 4);
    assert_eq!(bench.rows(), bench.server.visible());
}

#[tokio::test]
async fn an_app_whose_protocol_no_server_knows_yet_keeps_everything_and_asks_again() {
    let bench = Bench::in_step().await;
    bench.server.set_protocols(0, 0);
    let task = bench.raise(1);
    let error = bench.phone.sync().await.expect_err("not served");
    assert_eq!(error.code(), "server_outdated");
    for text in [error.sentence(), error.next_step()] {
        assert!(!text.zh.is_empty() && !text.en.is_empty());
    }
    let status = bench.phone.status().expect("status");
    assert_eq!((status.state, status.unsent_commands), (SyncState::ServerTooOld { waiting: 1 }, 1));
    assert!(status.next_attempt_at > bench.phone.now().device_at);
    bench.server.set_protocols(1, 1);
    assert!(bench.phone.sync().await.expect("in step").complete);
    assert_eq!(bench.server.last_seq(), 1);
    assert!(matches!(bench.phone.record(CloseTask { task_id: task }), Ok(crate::Recorded::Done { .. })));
}
