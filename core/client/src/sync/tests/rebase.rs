//! Rebase is deterministic: the same base and the same pending commands give the same rows, on any phone, any time.

use proptest::prelude::*;
use storewalk_domain::{
    ids::TaskId,
    outlet::{FieldName, Outlet},
    sync::{CloseTask, EditOutlet, FieldChange},
};

use crate::{
    outbox,
    sync::{
        rebase_in_place,
        testing::{Bench, OUTLET, outlet, task},
    },
};

#[derive(Clone, Debug)]
enum Deed {
    Raise(u8),
    Close(u8),
    Edit(u8, u8, u8),
    Minutes(u8),
    Clock(i64),
    Reboot,
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        3 => (0_u8..6).prop_map(Deed::Raise),
        2 => (0_u8..6).prop_map(Deed::Close),
        4 => (0_u8..3, 0_u8..4, 0_u8..4).prop_map(|(field, from, to)| Deed::Edit(field, from, to)),
        2 => any::<u8>().prop_map(Deed::Minutes),
        1 => (0_i64..4_000_000_000_000).prop_map(Deed::Clock),
        1 => Just(Deed::Reboot),
    ]
}

fn act(bench: &Bench, deed: &Deed) {
    match deed {
        Deed::Raise(number) => drop(bench.phone.record(task(u128::from(*number))).expect("answered")),
        Deed::Close(number) => {
            let task_id: TaskId = task(u128::from(*number)).task_id;
            drop(bench.phone.record(CloseTask { task_id }).expect("answered"));
        }
        Deed::Edit(field, from, to) => {
            let field = [FieldName::Phone, FieldName::Contact, FieldName::OpeningHours][usize::from(*field)];
            let value = |number: u8| if number == 0 { String::new() } else { format!("v{number}") };
            let change = FieldChange { field, from: value(*from), to: value(*to) };
            drop(bench.phone.record(EditOutlet { outlet_id: OUTLET, changes: vec![change] }).expect("answered"));
        }
        Deed::Minutes(minutes) => bench.clock.pass_ms(i64::from(*minutes) * 60_000),
        Deed::Clock(ms) => bench.clock.set_wall(*ms),
        Deed::Reboot => bench.clock.reboot(),
    }
}

async fn run(deeds: Vec<Deed>, moved: bool) {
    let bench = Bench::in_step().await;
    for deed in &deeds {
        act(&bench, deed);
    }
    let rebase = |bench: &Bench| {
        bench.phone.write(|transaction| rebase_in_place(transaction)).expect("rebased");
        bench.rows()
    };
    let once = rebase(&bench);
    assert_eq!(rebase(&bench), once, "a second run changes nothing");

    // Another phone with the same base takes over the same commands, at another time of its own clock.
    let other = Bench::in_step().await;
    if moved {
        other.clock.set_wall(1);
        other.clock.reboot();
    }
    let pending = bench.phone.read(|connection| {
        outbox::pending_after(connection, 0, 1_000)?.iter().map(outbox::Stored::read).collect::<Result<Vec<_>, _>>()
    });
    let take_over = other.phone.write(|transaction| {
        for command in pending.expect("read") {
            outbox::insert_recovered(transaction, &command)?;
        }
        rebase_in_place(transaction)
    });
    take_over.expect("taken over");
    assert_eq!(other.rows(), once, "another phone shows the same");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn the_same_base_and_the_same_commands_give_the_same_rows(
        deeds in prop::collection::vec(deed(), 1..16), moved: bool,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(run(deeds, moved));
    }
}

#[tokio::test]
async fn a_correction_made_offline_runs_again_on_what_the_office_changed() {
    let bench = Bench::in_step().await;
    let edit = |field, from: &str, to: &str| EditOutlet {
        outlet_id: OUTLET,
        changes: vec![FieldChange { field, from: from.into(), to: to.into() }],
    };
    bench.phone.record(edit(FieldName::Contact, "", "店员小周")).expect("recorded");
    bench.server.put(Outlet { opening_hours: Some("9:00-21:00".into()), ..outlet(OUTLET.0.as_u128()) });
    bench.phone.sync().await.expect("synced");
    let profile = bench.phone.outlets().profile(OUTLET).expect("there");
    let value = |field| profile.fields.iter().find(|view| view.field == field).expect("a field").value.clone();
    assert_eq!((value(FieldName::Contact), value(FieldName::OpeningHours)), ("店员小周".into(), "9:00-21:00".into()));
    assert_eq!(bench.rows(), bench.server.visible());
}
