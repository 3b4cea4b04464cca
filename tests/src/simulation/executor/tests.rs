//! Order, time, cancelling.

use storewalk_domain::time::Timestamp;

use super::*;

fn executor(seed: u64) -> Executor {
    Executor::new(TrueTime::from(Timestamp(0)), Rng::new(seed))
}

fn order_of(seed: u64) -> Vec<(i64, u64)> {
    let executor = executor(seed);
    let log = Arc::new(Mutex::new(Vec::new()));
    for task in 0..8_u64 {
        let (log, inner) = (Arc::clone(&log), executor.clone());
        executor.spawn(TaskKind::Simulated, async move {
            for _ in 0..3 {
                inner.sleep(i64::try_from(task % 3).expect("small")).await;
                log.lock().expect("whole").push((inner.now(), task));
            }
        });
    }
    executor.run_until(100);
    let log = log.lock().expect("whole");
    log.clone()
}

#[test]
fn a_seed_decides_the_order_and_another_seed_decides_another() {
    assert_eq!(order_of(1), order_of(1));
    assert_ne!(order_of(1), order_of(2));
}

#[test]
fn time_stands_where_it_was_asked_to_stand() {
    let executor = executor(1);
    let inner = executor.clone();
    let task = executor.spawn(TaskKind::Simulated, async move { inner.sleep(50).await });
    executor.run_until(49);
    assert!(executor.is_alive(task) && executor.now() == 49);
    assert!(executor.run_out(&[task], 1_000) && executor.now() == 50);
}

#[test]
fn a_cancelled_task_drops_what_it_held() {
    let executor = executor(1);
    let held = Arc::new(());
    let (inside, inner) = (Arc::clone(&held), executor.clone());
    let task = executor.spawn(TaskKind::Simulated, async move {
        inner.sleep(50).await;
        drop(inside);
    });
    executor.run_until(10);
    executor.cancel(task);
    assert_eq!(Arc::strong_count(&held), 1);
}
