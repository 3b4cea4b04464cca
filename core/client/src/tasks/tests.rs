//! Tasks of 李雯.

use storewalk_domain::time::BusinessDate;

use crate::plan::{testing::Hand, world};

fn date(text: &str) -> BusinessDate {
    BusinessDate::parse(text).expect("valid")
}

#[test]
fn tasks_come_in_the_order_they_are_due_and_are_overdue_from_the_day_after() {
    let mut hand = Hand::of("liwen", "2025-03-14T08:40");
    let outlet = world::outlet("S0103");
    hand.phone.tasks().raise(outlet, None, "换新海报", date("2025-03-13")).expect("recorded").done().expect("raised");
    hand.phone.tasks().raise(outlet, None, "补价格签", date("2025-03-20")).expect("recorded").done().expect("raised");
    hand.kill();
    let mine = hand.phone.tasks().mine().expect("read");
    let shown: Vec<_> = mine.iter().map(|task| (task.detail.zh.as_str(), task.is_overdue)).collect();
    assert_eq!(shown, [("换新海报", true), ("门头灯箱不亮，已约广告公司维修", false), ("补价格签", false)]);
    assert_eq!((mine[0].outlet_code.as_str(), mine[0].outlet_name.as_str()), ("S0103", "东湖家电"));
}

#[test]
fn a_task_is_closed_by_word_once() {
    let hand = Hand::of("liwen", "2025-03-14T08:40");
    let light_box = hand.phone.tasks().mine().expect("read")[0].id;
    hand.phone.tasks().close(light_box).expect("recorded").done().expect("closed");
    assert!(hand.phone.tasks().mine().expect("read").is_empty());
    assert_eq!(hand.phone.tasks().close(light_box).expect("recorded").codes(), ["task_closed"]);
}

#[test]
fn an_empty_note_or_a_foreign_outlet_raises_no_task() {
    let hand = Hand::of("liwen", "2025-03-14T08:40");
    let due = date("2025-03-20");
    let blank = hand.phone.tasks().raise(world::outlet("S0103"), None, "  ", due).expect("recorded");
    assert_eq!(blank.codes(), ["text_invalid"]);
    assert!(hand.phone.tasks().raise(world::outlet("S0107"), None, "看一看", due).expect("recorded").done().is_none());
}
