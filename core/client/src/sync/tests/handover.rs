//! Outlets that leave while work on them is unsent, or a visit there is under way.

use storewalk_domain::{
    handbook,
    ids::{HandoverId, TerritoryId, UserId, VisitId},
    outlet::{CreditRule, Handover, LateWork, Outlet, Standing, WorkKind},
    sync::{Bucket, Entity, StartVisit},
    text::Language,
    time::{BusinessDate, Timestamp},
    visit::{Visit, VisitStatus},
};
use storewalk_sqlite::id_blob;
use uuid::Uuid;

use crate::{
    AttentionKind, ClientError, Recorded,
    sync::testing::{Bench, Fault, OUTLET, TERRITORY, outlet, task},
};

const ELSEWHERE: TerritoryId = TerritoryId(Uuid::from_u128(0x7F));
const REP: UserId = UserId(Uuid::from_u128(0x05));

/// Another rep has the outlet now.
fn move_away(bench: &Bench) {
    bench.server.put(Outlet { territory_id: ELSEWHERE, ..outlet(OUTLET.0.as_u128()) });
}

fn is_handed_over(bench: &Bench) -> bool {
    bench.phone.visits().brief(OUTLET).expect("still here").outlet.is_handed_over
}

fn has_outlet(bench: &Bench) -> bool {
    !matches!(bench.phone.visits().brief(OUTLET), Err(ClientError::NotFound { .. }))
}

fn refusals(bench: &Bench, number: u128) -> Vec<String> {
    match bench.phone.record(task(number)).expect("recorded") {
        Recorded::Refused(problems) => problems.iter().map(|problem| problem.code.as_str().to_owned()).collect(),
        done @ Recorded::Done { .. } => panic!("{done:?}"),
    }
}

fn under_way(territory_id: TerritoryId, status: VisitStatus) -> Visit {
    Visit {
        id: VisitId(Uuid::from_u128(0x51)),
        outlet_id: OUTLET,
        county_id: outlet(1).county_id,
        territory_id,
        rep_id: REP,
        visited_on: BusinessDate::parse("2025-03-14").expect("a date"),
        plan_id: None,
        template_id: Some(handbook::standard_visit().id),
        status,
        check_in: None,
        check_out: None,
        goals: Vec::new(),
        steps: Vec::new(),
        skip_reason: None,
        summary: None,
        duplicate: None,
        remarks: None,
        handover: None,
    }
}

#[tokio::test]
async fn an_outlet_with_unsent_work_can_be_read_takes_nothing_new_and_goes_when_the_queue_is_empty() {
    let bench = Bench::in_step().await;
    bench.raise(1);
    assert!(!is_handed_over(&bench));
    move_away(&bench);
    bench.server.script([Fault::TryLater]);
    bench.phone.sync().await.expect("pulled");
    assert!(is_handed_over(&bench), "read-only until the outbox entry is resolved");
    assert_eq!(refusals(&bench, 2), ["outlet_handed_over"]);
    assert_eq!(bench.count("SELECT count(*) FROM outbox WHERE state = 'pending'"), 1, "nothing was queued");
    bench.phone.sync().await.expect("sent");
    assert!(!has_outlet(&bench), "and gone when it is");
    assert_eq!(bench.rows(), bench.server.visible());
    assert_eq!(bench.count("SELECT count(*) FROM parted"), 0);
    assert_eq!(refusals(&bench, 3), ["not_found"]);
}

#[tokio::test]
async fn an_outlet_in_two_buckets_stays_until_the_second_lets_it_go_and_comes_back_as_it_is_then() {
    let bench = Bench::in_step().await;
    let second = Bucket::Territory(ELSEWHERE);
    let fields = outlet(OUTLET.0.as_u128()).into_row().to_json().expect("json");
    bench.server.put_raw(&second, "outlets", OUTLET.row(), Some(fields));
    bench.server.grant(second.clone());
    bench.phone.sync().await.expect("both");
    bench.server.revoke(&Bucket::Territory(TERRITORY));
    bench.phone.sync().await.expect("one");
    assert!(has_outlet(&bench) && !is_handed_over(&bench));
    bench.server.revoke(&second);
    bench.phone.sync().await.expect("none");
    assert!(!has_outlet(&bench));
    bench.server.put(Outlet { name: "新名字".into(), ..outlet(OUTLET.0.as_u128()) });
    bench.server.grant(Bucket::Territory(TERRITORY));
    bench.phone.sync().await.expect("again");
    assert_eq!(bench.phone.visits().brief(OUTLET).expect("here").outlet.name, "新名字");
}

#[tokio::test]
async fn an_outlet_given_back_while_work_is_unsent_is_todays_and_takes_new_work() {
    let bench = Bench::in_step().await;
    bench.raise(1);
    move_away(&bench);
    bench.server.script([Fault::TryLater]);
    bench.phone.sync().await.expect("pulled");
    bench.server.put(Outlet { name: "新名字".into(), ..outlet(OUTLET.0.as_u128()) });
    bench.server.script([Fault::TryLater]);
    bench.phone.sync().await.expect("pulled");
    assert!(!is_handed_over(&bench));
    assert_eq!(bench.phone.visits().brief(OUTLET).expect("here").outlet.name, "新名字");
    bench.raise(2);
}

#[tokio::test]
async fn the_outlet_of_a_visit_under_way_stays_until_the_visit_is_over() {
    let bench = Bench::in_step().await;
    bench.server.put(handbook::standard_visit());
    bench.server.put(under_way(TERRITORY, VisitStatus::InProgress));
    bench.phone.sync().await.expect("begun");
    move_away(&bench);
    // The visit goes with the outlet, and stays with the rep who makes it.
    let visit = under_way(ELSEWHERE, VisitStatus::InProgress);
    bench.server.put(visit.clone());
    let own = Bucket::User(REP);
    let fields = |visit: &Visit| visit.clone().into_row().to_json().expect("json");
    bench.server.put_raw(&own, "visits", visit.id.row(), Some(fields(&visit)));
    bench.phone.sync().await.expect("handed over");
    assert!(is_handed_over(&bench));
    assert_eq!(bench.phone.visits().open().expect("read").map(|open| open.id), Some(visit.id));
    let again = StartVisit {
        visit_id: VisitId(Uuid::from_u128(0x52)),
        outlet_id: OUTLET,
        plan_id: None,
        template_id: handbook::standard_visit().id,
        fix: None,
    };
    assert!(matches!(bench.phone.record(again).expect("recorded"), Recorded::Refused(_)));
    let over = under_way(ELSEWHERE, VisitStatus::Completed);
    bench.server.put_raw(&own, "visits", visit.id.row(), Some(fields(&over)));
    bench.phone.sync().await.expect("over");
    assert!(!has_outlet(&bench));
    let report = bench.phone.visits().day_report(over.visited_on).expect("reported");
    assert_eq!(report.completed, 1, "her visit still counts in her day");
}

#[tokio::test]
async fn a_handover_is_told_with_what_was_made_of_late_work_and_comes_back_with_more() {
    let bench = Bench::in_step().await;
    let mut note = Handover {
        id: HandoverId(Uuid::from_u128(0x61)),
        outlet_id: Some(OUTLET),
        outlet_code: "S0010".into(),
        name: "门店10".into(),
        from_territory: TERRITORY,
        to_territory: ELSEWHERE,
        regions: vec!["jiangcheng".into()],
        from_reps: vec![REP],
        to_reps: Vec::new(),
        decided_by: None,
        decided_at: Timestamp(0),
        reason: "片区调整".into(),
        works: Vec::new(),
    };
    bench.server.put(note.clone());
    bench.phone.sync().await.expect("told");
    let items = || bench.phone.attention().items().expect("read");
    let [item] = items().try_into().expect("one item");
    assert_eq!((item.kind, item.problems.len()), (AttentionKind::HandedOver, 1));
    assert!(item.problems[0].sentence.get(Language::ZhHans).contains("片区调整"));
    bench.phone.attention().dismiss(item.id).expect("put away");
    assert!(items().is_empty());
    note.works.push(LateWork {
        kind: WorkKind::Visit,
        id: Uuid::from_u128(0x51),
        title: String::new(),
        standing: Standing::BeforeNotice,
        by: REP,
        done_at: Timestamp(0),
        arrived_at: Timestamp(1),
        credited_to: REP,
        rule: CreditRule::Maker,
    });
    bench.server.put(note);
    bench.phone.sync().await.expect("told more");
    let [item] = items().try_into().expect("it is back");
    let told = item.problems[1].sentence.get(Language::En);
    assert_eq!(told, "visit by you was accepted (before notice); by rule R1 it counts for you");
}

#[tokio::test]
async fn what_a_pending_command_rests_on_is_noted_and_forgotten_with_it() {
    let bench = Bench::in_step().await;
    bench.raise(1);
    let touched = |table: &str| {
        let sql = format!("SELECT count(*) FROM outbox_rows WHERE tbl = '{table}'");
        bench.count(&sql)
    };
    assert_eq!((touched("tasks"), touched("outlets")), (1, 1));
    assert_eq!(bench.count("SELECT count(*) FROM shadows"), 1, "only what was changed has a shadow");
    let id = id_blob(OUTLET.row());
    let is_outlet = bench.phone.read(|connection| {
        let sql = "SELECT count(*) FROM outbox_rows WHERE tbl = 'outlets' AND row_id = ?";
        Ok(connection.query_row(sql, [id], |row| row.get::<_, u64>(0))?)
    });
    assert_eq!(is_outlet.expect("read"), 1);
    bench.phone.sync().await.expect("sent");
    assert_eq!((touched("tasks"), touched("outlets")), (0, 0));
}
