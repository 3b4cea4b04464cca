//! Commands on their way up.

use storewalk_domain::{sync::Table, task::TaskStatus, time::Clock};
use storewalk_wire::{CommandVerdict, ErrorCode};

use crate::{
    ClientError,
    sync::testing::{Bench, Fault, OUTLET, outlet},
};

fn verdicts(bench: &Bench) -> Vec<Option<CommandVerdict>> {
    let read = bench.phone.read(|connection| {
        let mut statement = connection.prepare("SELECT verdict FROM outbox ORDER BY seq")?;
        let rows = statement.query_map([], |row| row.get::<_, Option<String>>(0))?;
        rows.map(|text| Ok(text?.map(|text| serde_json::from_str(&text)).transpose()?)).collect()
    });
    read.expect("read")
}

#[tokio::test]
async fn work_done_offline_lands_with_the_next_sync() {
    let bench = Bench::in_step().await;
    let (first, second) = (bench.raise(1), bench.raise(2));
    bench.close(first);
    let report = bench.phone.sync().await.expect("synced");
    assert_eq!((report.commands_sent, report.refused, report.complete), (3, 0, true));
    assert_eq!(bench.rows(), bench.server.visible());
    assert_eq!(bench.task(first).expect("there").status, TaskStatus::Done);
    assert_eq!(bench.task(second).expect("there").status, TaskStatus::Open);
    let status = bench.phone.status().expect("status");
    assert_eq!((status.unsent_commands, status.oldest_unsent_at, status.last_error), (0, None, None));
    assert_eq!(bench.count("SELECT count(*) FROM shadows"), 0);
    assert_eq!(bench.count("SELECT count(*) FROM outbox_rows"), 0);
}

#[tokio::test]
async fn an_answer_lost_on_the_way_does_not_do_the_work_twice() {
    let bench = Bench::in_step().await;
    let id = bench.raise(1);
    bench.server.script([Fault::LostReply]);
    assert!(matches!(bench.phone.sync().await, Err(ClientError::Timeout)));
    assert_eq!(bench.server.last_seq(), 1);
    assert_eq!(bench.phone.status().expect("status").unsent_commands, 1);
    let report = bench.phone.sync().await.expect("synced");
    assert_eq!(report.commands_sent, 1);
    assert_eq!(bench.server.last_seq(), 1);
    assert_eq!(bench.rows(), bench.server.visible());
    assert!(bench.task(id).is_some());
}

#[tokio::test]
async fn a_poison_command_is_refused_while_the_others_land() {
    let bench = Bench::in_step().await;
    let first = bench.raise(1);
    bench.phone.sync().await.expect("synced");
    bench.close(first);
    let second = bench.raise(2);
    // Meanwhile the office has closed the first task, so closing it again is refused.
    let closed = match bench.server.row(Table::Tasks, first.row()).expect("there") {
        storewalk_domain::sync::Row::Task(task) => {
            storewalk_domain::task::Task { status: TaskStatus::Cancelled, ..task }
        }
        other => panic!("{other:?}"),
    };
    bench.server.put(closed);
    let report = bench.phone.sync().await.expect("synced");
    assert_eq!((report.commands_sent, report.refused, report.complete), (2, 1, true));
    assert!(matches!(verdicts(&bench)[1], Some(CommandVerdict::Refused { .. })));
    assert_eq!(bench.task(first).expect("there").status, TaskStatus::Cancelled);
    assert!(bench.task(second).is_some());
    assert_eq!(bench.rows(), bench.server.visible());
}

#[tokio::test]
async fn a_blocked_push_never_blocks_the_pull() {
    let bench = Bench::in_step().await;
    let id = bench.raise(1);
    bench.server.put(outlet(77));
    for code in [ErrorCode::BodyTooLarge, ErrorCode::RequestMalformed, ErrorCode::Internal] {
        bench.server.script([Fault::RefuseCommands(code)]);
        let report = bench.phone.sync().await.expect("pulled");
        assert!(!report.complete);
        assert_eq!(bench.count("SELECT count(*) FROM outlets"), 2);
        assert!(bench.task(id).is_some(), "what is pending stays on the screen");
        let status = bench.phone.status().expect("status");
        assert_eq!(status.last_error.expect("named").code, code.as_str());
        assert!(status.next_attempt_at > bench.clock.now());
    }
    assert!(bench.phone.sync().await.expect("synced").complete);
    assert_eq!(bench.rows(), bench.server.visible());
}

#[tokio::test]
async fn commands_the_server_puts_off_are_sent_again() {
    let bench = Bench::in_step().await;
    let id = bench.raise(1);
    bench.server.put(outlet(77));
    bench.server.script([Fault::TryLater]);
    assert!(!bench.phone.sync().await.expect("pulled").complete);
    assert_eq!(bench.count("SELECT count(*) FROM outlets"), 2);
    assert!(bench.task(id).is_some());
    assert!(bench.phone.sync().await.expect("synced").complete);
    assert_eq!(bench.server.last_seq(), 1);
}

#[tokio::test]
async fn a_server_restored_from_a_backup_gets_everything_again() {
    let bench = Bench::in_step().await;
    let (first, second) = (bench.raise(1), bench.raise(2));
    bench.phone.sync().await.expect("synced");
    bench.close(second);
    let third = bench.raise(3);
    bench.server.restore_from([outlet(OUTLET.0.as_u128()).into()]);
    let report = bench.phone.sync().await.expect("synced");
    assert!(report.complete);
    assert_eq!(bench.server.last_seq(), 4);
    for id in [first, second, third] {
        assert!(bench.server.row(Table::Tasks, id.row()).is_some());
    }
    assert_eq!(bench.task(second).expect("there").status, TaskStatus::Done);
    assert_eq!(bench.rows(), bench.server.visible());
}

#[tokio::test]
async fn work_a_restored_server_has_forgotten_is_shown_at_once_though_its_rows_are_long_in_coming() {
    let bench = Bench::in_step().await;
    let id = bench.raise(1);
    bench.phone.sync().await.expect("synced");
    bench.server.remove(&bench.server.row(Table::Tasks, id.row()).expect("there"));
    bench.phone.sync().await.expect("synced");
    assert!(bench.task(id).is_none(), "somebody took it away");
    bench.server.restore_from((0x0A..0x10).map(|number| outlet(number).into()));
    bench.server.set_page_rows(1);
    bench.server.script([Fault::None, Fault::Offline]);
    bench.phone.sync().await.expect_err("the line broke after a first page");
    assert_eq!(bench.phone.status().expect("status").unsent_commands, 1);
    assert!(bench.task(id).is_some(), "what is pending shows what it made");
}

#[tokio::test]
async fn a_command_that_is_sent_again_after_a_restore_is_what_was_captured_or_is_said_to_be_lost() {
    let bench = Bench::in_step().await;
    bench.server.sign_with(7, true);
    let (whole, spoilt) = (bench.raise(1), bench.raise(2));
    bench.phone.sync().await.expect("synced");
    let spoil = |transaction: &rusqlite::Transaction<'_>| {
        Ok(transaction.execute("UPDATE outbox SET command = replace(command, '第2件', '第3件')", [])?)
    };
    bench.phone.write(spoil).expect("a bit turned over");
    bench.server.restore_from([outlet(OUTLET.0.as_u128()).into()]);
    assert!(bench.phone.sync().await.expect("synced").complete);
    assert!(bench.server.row(Table::Tasks, whole.row()).is_some());
    assert!(bench.server.row(Table::Tasks, spoilt.row()).is_none(), "nobody captured that");
    assert_eq!(bench.count("SELECT count(*) FROM outbox WHERE kind = 'outbox.lost'"), 1);
}

#[tokio::test]
async fn a_phone_whose_numbers_were_used_before_moves_its_work_above_them() {
    let bench = Bench::in_step().await;
    bench.server.be_ahead_by(5);
    let (first, second) = (bench.raise(1), bench.raise(2));
    let report = bench.phone.sync().await.expect("synced");
    assert!(report.complete);
    assert_eq!(bench.server.last_seq(), 7);
    assert!(bench.server.row(Table::Tasks, first.row()).is_some());
    assert!(bench.server.row(Table::Tasks, second.row()).is_some());
    assert_eq!(bench.count("SELECT last_seq FROM device"), 7);
    bench.raise(3);
    bench.phone.sync().await.expect("synced");
    assert_eq!(bench.server.last_seq(), 8);
    assert_eq!(bench.rows(), bench.server.visible());
}

#[tokio::test]
async fn a_number_that_somebody_else_used_blocks_nothing_even_when_a_pull_has_acknowledged_it() {
    let bench = Bench::in_step().await;
    let id = bench.raise(1);
    bench.server.script([Fault::Offline]);
    bench.phone.sync().await.expect_err("sent, and not arrived");
    bench.server.be_ahead_by(1);
    bench.server.script([Fault::RefuseCommands(ErrorCode::BodyTooLarge)]);
    bench.phone.sync().await.expect("only pulled");
    assert_eq!(bench.count("SELECT acked_seq FROM device"), 1);
    assert!(bench.phone.sync().await.expect("synced").complete);
    assert_eq!(bench.server.last_seq(), 2);
    assert!(bench.server.row(Table::Tasks, id.row()).is_some());
    assert_eq!(bench.count("SELECT count(*) FROM outbox WHERE verdict IS NULL OR state = 'pending'"), 0);
}

#[tokio::test]
async fn a_restored_server_is_not_told_of_losses_where_old_work_was_only_removed() {
    let bench = Bench::in_step().await;
    for number in 1..=3 {
        bench.raise(number);
    }
    bench.phone.sync().await.expect("synced");
    let age = "UPDATE outbox SET acked_at = 0 WHERE seq <= 2";
    bench.phone.write(|transaction| Ok(transaction.execute(age, [])?)).expect("aged");
    bench.raise(4);
    bench.phone.sync().await.expect("synced");
    assert_eq!(bench.count("SELECT pruned_seq FROM device"), 2);
    bench.server.restore_from([outlet(OUTLET.0.as_u128()).into()]);
    assert!(bench.phone.sync().await.expect("synced").complete);
    assert_eq!(bench.server.last_seq(), 2, "what is left, densely, and no placeholder");
    assert_eq!(bench.count("SELECT count(*) FROM outbox WHERE kind = 'outbox.lost'"), 0);
    assert_eq!(bench.count("SELECT count(*) FROM tasks"), 2);
    bench.raise(5);
    assert!(bench.phone.sync().await.expect("synced").complete);
    assert_eq!(bench.server.last_seq(), 3);
}

#[tokio::test]
async fn a_long_queue_goes_out_in_batches() {
    let bench = Bench::in_step().await;
    for number in 0..1_100 {
        bench.raise(number);
    }
    let report = bench.phone.sync().await.expect("synced");
    assert_eq!(report.commands_sent, 1_100);
    let batches: Vec<usize> = bench.server.requests().iter().map(|request| request.commands.len()).collect();
    assert_eq!(batches, [0, 500, 500, 100]);
    assert_eq!(bench.rows(), bench.server.visible());
}

#[tokio::test]
async fn what_the_first_part_of_a_queue_brought_is_shown_though_the_line_breaks_behind_it() {
    for fault in [Fault::Offline, Fault::LostReply, Fault::RefuseCommands(ErrorCode::Internal), Fault::TryLater] {
        let bench = Bench::in_step().await;
        for number in 0..600 {
            bench.raise(number);
        }
        bench.server.put(outlet(77));
        bench.server.script([Fault::None, fault]);
        let ended = bench.phone.sync().await;
        assert!(!ended.is_ok_and(|report| report.complete), "{fault:?}");
        assert_eq!(bench.count("SELECT count(*) FROM outlets"), 2, "{fault:?}");
        assert_eq!(bench.phone.status().expect("status").unsent_commands, 100, "{fault:?}");
        assert_eq!(bench.count("SELECT count(*) FROM staged_buckets"), 0, "{fault:?}");
        assert_eq!(bench.count("SELECT count(*) FROM tasks"), 600, "{fault:?}");
        assert!(bench.phone.sync().await.expect("synced").complete, "{fault:?}");
        assert_eq!(bench.rows(), bench.server.visible(), "{fault:?}");
        assert_eq!(bench.server.last_seq(), 600, "{fault:?}");
    }
}

#[tokio::test]
async fn work_captured_too_late_for_the_last_answer_of_a_sync_is_due_at_once() {
    let bench = Bench::in_step().await;
    let began = bench.clock.now();
    let due = || bench.phone.status().expect("status").next_attempt_at;
    bench.phone.note_success(began).expect("noted");
    assert!(due() > bench.clock.now());
    bench.raise(1);
    bench.phone.note_success(began).expect("noted");
    assert_eq!(due(), bench.clock.now());
}

#[tokio::test]
async fn two_syncs_at_once_take_turns() {
    let bench = Bench::in_step().await;
    bench.raise(1);
    let (one, other) = tokio::join!(bench.phone.sync(), bench.phone.sync());
    let sent = one.expect("synced").commands_sent + other.expect("synced").commands_sent;
    assert_eq!((sent, bench.server.last_seq()), (1, 1));
}

#[tokio::test]
async fn a_command_the_rules_refuse_leaves_nothing_behind() {
    let bench = Bench::in_step().await;
    let before = bench.rows();
    let nowhere = storewalk_domain::sync::RaiseTask {
        outlet_id: storewalk_domain::ids::OutletId(uuid::Uuid::from_u128(404)),
        ..crate::sync::testing::task(1)
    };
    let recorded = bench.phone.record(nowhere).expect("answered");
    assert!(matches!(recorded, crate::Recorded::Refused(problems) if !problems.is_empty()));
    assert_eq!(bench.rows(), before);
    assert_eq!(bench.count("SELECT count(*) FROM outbox"), 0);
    assert_eq!(bench.count("SELECT last_seq FROM device"), 0);
}
