//! The plan of 李雯's Friday.

use storewalk_domain::time::BusinessDate;

use super::{
    CallState,
    testing::{Hand, north_of_s0101},
    world,
};

fn date(text: &str) -> BusinessDate {
    BusinessDate::parse(text).expect("valid")
}

#[test]
fn on_friday_morning_the_plan_shows_eight_outlets_in_route_order() {
    let hand = Hand::of("liwen", "2025-03-14T08:40");
    let today = hand.phone.plan().today().expect("read");
    assert_eq!(today.date, date("2025-03-14"));
    let codes: Vec<_> = today.calls.iter().map(|call| call.outlet_code.as_str()).collect();
    assert_eq!(codes, ["S0101", "S0103", "S0102", "S0104", "S0105", "S0106", "S0108", "S0109"]);
    assert_eq!((today.calls[0].open_tasks, today.calls[0].retakes), (1, 0));
    assert!(today.calls.iter().all(|call| call.state == CallState::Planned));
    assert!(today.problems.is_empty() && today.unplanned.is_empty());
    assert_eq!(hand.phone.plan().on(date("2025-03-16")).expect("read").calls, []);
}

#[test]
fn a_call_is_planned_then_in_progress_and_another_one_skipped_for_a_reason() {
    let hand = Hand::of("liwen", "2025-03-14T08:40");
    let started = hand.phone.visits().start(world::outlet("S0101"), Some(north_of_s0101(38.0))).expect("recorded");
    assert!(started.done().expect("accepted").is_planned);
    let plan_id = hand.phone.plan().today().expect("read").calls[1].plan_id.expect("planned");
    hand.phone.plan().skip(plan_id, "outlet_closed").expect("recorded").done().expect("accepted");

    let today = hand.phone.plan().today().expect("read");
    assert_eq!((today.calls[0].state, today.calls[1].state), (CallState::InProgress, CallState::Skipped));
    assert_eq!(today.calls[1].skip_reason.as_ref().map(|reason| reason.zh.as_str()), Some("门店未营业"));
    assert_eq!(today.settled, 1);
    let unknown = hand.phone.plan().skip(plan_id, "too_lazy").expect("recorded");
    assert_eq!(unknown.codes(), ["handbook_code_unknown"]);
}

#[test]
fn a_visit_that_no_plan_asked_for_is_listed_apart() {
    let hand = Hand::of("liwen", "2025-03-14T08:40");
    let started = hand.phone.visits().start(world::outlet("S0110"), None).expect("recorded");
    assert!(!started.done().expect("accepted").is_planned);
    let today = hand.phone.plan().today().expect("read");
    assert_eq!(today.calls.len(), 8);
    assert_eq!(today.unplanned.iter().map(|call| call.outlet_code.as_str()).collect::<Vec<_>>(), ["S0110"]);
}

#[test]
fn a_clock_that_runs_a_day_ahead_does_not_move_the_plan() {
    let hand = Hand::of("liwen", "2025-03-14T08:40");
    let anchor = hand.phone.anchor_at(world::at("2025-03-13T08:00"));
    hand.phone.set_anchor(anchor);
    assert_eq!(hand.phone.plan().today().expect("read").date, date("2025-03-13"));
}
