//! A network comes back: what waited for it does not wait longer; what waits for another reason does.

use storewalk_wire::ErrorCode;

use crate::sync::testing::{Bench, Fault};

/// A phone whose last attempts all failed in one way; gives how long it would wait.
async fn failing(fault: Fault) -> (Bench, i64) {
    let bench = Bench::in_step().await;
    bench.raise(1);
    for _ in 0..8 {
        bench.server.script([fault]);
        drop(bench.phone.sync().await);
    }
    let wait = wait_of(&bench);
    (bench, wait)
}

fn wait_of(bench: &Bench) -> i64 {
    use storewalk_domain::time::Clock;
    bench.phone.status().expect("status").next_attempt_at.since_ms(bench.clock.now())
}

#[tokio::test]
async fn what_waited_for_a_network_is_due_when_there_is_one() {
    let (bench, wait) = failing(Fault::Offline).await;
    assert!(wait > 60_000, "{wait}");
    bench.phone.network_returned().expect("told");
    assert!((1..=2_000).contains(&wait_of(&bench)), "{}", wait_of(&bench));
    assert!(bench.phone.sync().await.expect("synced").complete);
}

#[tokio::test]
async fn what_the_server_refused_does_not_become_due_by_a_network() {
    let (bench, wait) = failing(Fault::RefuseCommands(ErrorCode::Internal)).await;
    assert!(wait > 60_000, "{wait}");
    bench.phone.network_returned().expect("told");
    assert_eq!(wait_of(&bench), wait);
}
