//! Random work under random faults: in the end phone and server agree, every command counted once.

use std::collections::BTreeSet;

use proptest::prelude::*;
use storewalk_domain::{ids::TaskId, outlet::Outlet, time::Clock};
use storewalk_wire::ErrorCode;

use crate::sync::{
    backoff::LONGEST_MS,
    testing::{Bench, Fault, OUTLET, outlet},
};

#[derive(Clone, Debug)]
enum Step {
    Raise,
    Close(prop::sample::Index),
    OfficeRenames,
    Sync(Vec<Fault>),
    Restart,
    TokenRunsOut(Fault),
    ServerLosesItsMemory,
    ClockIsSet(i64),
}

fn fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        3 => Just(Fault::None),
        1 => Just(Fault::Offline),
        2 => Just(Fault::LostReply),
        1 => Just(Fault::TryLater),
        1 => Just(Fault::TokenExpired),
        1 => Just(Fault::RefuseCommands(ErrorCode::BodyTooLarge)),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => Just(Step::Raise),
        3 => any::<prop::sample::Index>().prop_map(Step::Close),
        1 => Just(Step::OfficeRenames),
        4 => prop::collection::vec(fault(), 0..4).prop_map(Step::Sync),
        1 => Just(Step::Restart),
        1 => prop_oneof![Just(Fault::None), Just(Fault::LostReply), Just(Fault::Offline)].prop_map(Step::TokenRunsOut),
        1 => Just(Step::ServerLosesItsMemory),
        1 => (0_i64..4_000_000_000_000).prop_map(Step::ClockIsSet),
    ]
}

async fn run(steps: Vec<Step>, page_rows: usize) {
    let mut bench = Bench::in_step().await;
    bench.server.set_page_rows(page_rows);
    let mut tasks: Vec<TaskId> = Vec::new();
    for (number, step) in (0_u128..).zip(steps) {
        match step {
            Step::Raise => {
                let command = crate::sync::testing::task(number);
                tasks.push(command.task_id);
                bench.phone.record(command).expect("recorded");
            }
            Step::Close(index) if !tasks.is_empty() => {
                let task_id = tasks[index.index(tasks.len())];
                bench.phone.record(storewalk_domain::sync::CloseTask { task_id }).expect("answered");
            }
            Step::Close(_) => {}
            Step::OfficeRenames => {
                bench.server.put(Outlet { name: format!("改{number}"), ..outlet(OUTLET.0.as_u128()) });
            }
            Step::Sync(faults) => {
                bench.server.script(faults);
                let _ = bench.phone.sync().await;
                bench.server.script([]);
            }
            Step::Restart => drop(bench.restart()),
            Step::TokenRunsOut(fault) => {
                bench.server.expire_access();
                bench.server.script_refresh([fault]);
            }
            Step::ServerLosesItsMemory => bench.server.restore_from([outlet(OUTLET.0.as_u128()).into()]),
            Step::ClockIsSet(ms) => bench.clock.set_wall(ms),
        }
        bench.clock.pass_ms(1_000);
        let next = bench.phone.status().expect("status").next_attempt_at;
        assert!(next.since_ms(bench.clock.now()) <= LONGEST_MS, "there is a next attempt within reach");
    }
    bench.server.script_refresh([]);
    let report = bench.phone.sync().await.expect("synced");
    assert!(report.complete);
    assert_eq!(bench.rows(), bench.server.visible());
    assert_eq!(bench.count("SELECT count(*) FROM shadows"), 0);
    assert_eq!(bench.count("SELECT count(*) FROM outbox WHERE state = 'pending'"), 0);
    let worked = bench.server.worked_through();
    assert_eq!(worked.iter().collect::<BTreeSet<_>>().len(), worked.len(), "no command twice");
    assert_eq!(bench.count("SELECT count(*) FROM outbox"), worked.len() as u64);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn phone_and_server_agree_whatever_the_network_did(
        steps in prop::collection::vec(step(), 1..25), page_rows in 1_usize..6,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(run(steps, page_rows));
    }
}
