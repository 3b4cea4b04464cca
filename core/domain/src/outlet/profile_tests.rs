//! D11: two devices of one rep correct one profile; whatever arrives first, the same stands and the same is contested.

use proptest::prelude::*;
use uuid::Uuid;

use super::{FieldName, Outlet, ProfileField, Role, Territory};
use crate::{
    ids::{CommandId, OutletId, TerritoryId, UserId},
    problem::ProblemCode,
    sync::{
        Actor, Bucket, Change, Command, Context, Decision, EditOutlet, FieldChange, Host, MemoryState, Policies, Row,
        SettleConflict, StateExt, buckets_of, decide,
    },
    text::Localized,
    time::{Timestamp, Zone},
    trusted::TrustedSpan,
};

const S0101: OutletId = OutletId(Uuid::from_u128(0x101));
const HOME: TerritoryId = TerritoryId(Uuid::from_u128(0x7));
const LI_WEN: UserId = UserId(Uuid::from_u128(0xa1));
const ZHAO_MIN: UserId = UserId(Uuid::from_u128(0xa9));

fn outlet() -> Outlet {
    Outlet {
        id: S0101,
        code: "S0101".into(),
        name: "幸福路手机城".into(),
        class: super::OutletClass::A,
        county_id: crate::ids::CountyId(Uuid::from_u128(1)),
        territory_id: HOME,
        gln: None,
        address: String::new(),
        position: None,
        fence_m: 150,
        decision_maker: "陈经理".into(),
        phone: String::new(),
        zone: Zone::SHANGHAI,
        is_active: true,
        opening_hours: None,
        contact: None,
    }
}

fn world() -> MemoryState {
    let mut state = MemoryState::default();
    state.put(outlet());
    let name = Localized::same("T1");
    state.put(Territory { id: HOME, code: "T1".into(), name, region_code: "jiangcheng".into() });
    state
}

fn context(id: u128, minute: i64, user_id: UserId, role: Role) -> Context {
    let at = Timestamp(1_741_914_000_000 + minute * 60_000);
    Context {
        command_id: CommandId(Uuid::from_u128(id)),
        actor: Actor { user_id, role, territories: vec![HOME], dealers: Vec::new() },
        captured_at: at,
        span: TrustedSpan::at(at),
        device_at: at.plus_ms(93_600_000),
        device_number: Some(1),
        host: Host::Server { arrived_at: Timestamp(1_741_999_000_000) },
        policies: Policies::default(),
    }
}

fn edit(changes: &[(FieldName, &str, &str)]) -> Command {
    let change = |(field, from, to): &(FieldName, &str, &str)| FieldChange {
        field: *field,
        from: (*from).to_owned(),
        to: (*to).to_owned(),
    };
    EditOutlet { outlet_id: S0101, changes: changes.iter().map(change).collect() }.into()
}

fn run(state: &mut MemoryState, command: &Command, context: &Context) -> Result<(), ProblemCode> {
    match decide(state, command, context).expect("memory") {
        Decision::Accepted(effects) => {
            state.apply(&effects.changes);
            Ok(())
        }
        Decision::Refused(problems) => Err(problems[0].code),
    }
}

fn by_rep(state: &mut MemoryState, id: u128, minute: i64, changes: &[(FieldName, &str, &str)]) {
    run(state, &edit(changes), &context(id, minute, LI_WEN, Role::Rep)).expect("taken in");
}

fn settle(state: &mut MemoryState, id: u128, value: &str) -> Result<(), ProblemCode> {
    let command = SettleConflict { outlet_id: S0101, field: FieldName::FenceM, value: value.to_owned() };
    run(state, &command.into(), &context(id, 600, ZHAO_MIN, Role::Supervisor))
}

fn shop(state: &MemoryState) -> Outlet {
    state.get(S0101.row()).expect("memory").expect("there")
}

fn field(state: &MemoryState, field: FieldName) -> ProfileField {
    state.get(ProfileField::id_of(S0101, field).row()).expect("memory").expect("corrected")
}

#[test]
fn opening_hours_from_one_phone_and_a_contact_from_the_other_both_stand() {
    let mut state = world();
    by_rep(&mut state, 1, 0, &[(FieldName::OpeningHours, "", "9:00-21:00")]);
    by_rep(&mut state, 2, -5, &[(FieldName::Contact, "", "店员小周")]);
    let shop = shop(&state);
    assert_eq!(shop.opening_hours.as_deref(), Some("9:00-21:00"));
    assert_eq!(shop.contact.as_deref(), Some("店员小周"));
    assert!(state.all::<ProfileField>().iter().all(|field| !field.is_contested));
}

#[test]
fn a_fence_of_150_made_120_and_200_is_contested_and_the_later_trusted_time_is_shown() {
    let edits = [(1, 0, "120"), (2, 3, "200")];
    for order in [[0, 1], [1, 0]] {
        let mut state = world();
        for index in order {
            let (id, minute, to) = edits[index];
            by_rep(&mut state, id, minute, &[(FieldName::FenceM, "150", to)]);
        }
        assert_eq!(shop(&state).fence_m, 200);
        let field = field(&state, FieldName::FenceM);
        assert!(field.is_contested);
        let values: Vec<String> = field.contenders().into_iter().map(|(value, _)| value).collect();
        assert_eq!(values, ["120", "200"], "both are kept");
        assert_eq!(buckets_of(&Row::from(field)), [Bucket::Territory(HOME), Bucket::Audit("jiangcheng".into())]);
    }
}

#[test]
fn a_supervisor_decides_and_only_a_new_decision_undoes_it() {
    let mut state = world();
    by_rep(&mut state, 1, 0, &[(FieldName::FenceM, "150", "120")]);
    by_rep(&mut state, 2, 3, &[(FieldName::FenceM, "150", "200")]);
    settle(&mut state, 3, "120").expect("decided");
    assert_eq!((shop(&state).fence_m, field(&state, FieldName::FenceM).is_contested), (120, false));
    // A third phone that had not seen any of it: kept, contested, not shown.
    by_rep(&mut state, 4, 30, &[(FieldName::FenceM, "150", "180")]);
    let contested = field(&state, FieldName::FenceM);
    assert_eq!((shop(&state).fence_m, contested.is_contested), (120, true));
    let values: Vec<String> = contested.contenders().into_iter().map(|(value, _)| value).collect();
    assert_eq!(values, ["120", "180"]);
    settle(&mut state, 5, "180").expect("decided anew");
    let field = field(&state, FieldName::FenceM);
    assert_eq!((shop(&state).fence_m, field.is_contested, field.decisions.len()), (180, false, 2));
    assert_eq!(field.decisions[0].edits.len(), 2, "what it was decided against stays readable");
}

#[test]
fn a_correction_that_saw_the_value_follows_it_and_an_equal_one_agrees() {
    let mut state = world();
    by_rep(&mut state, 1, 0, &[(FieldName::Phone, "", "027-1")]);
    by_rep(&mut state, 2, 1, &[(FieldName::Phone, "027-1", "027-2")]);
    by_rep(&mut state, 3, 2, &[(FieldName::Phone, "027-1", "027-2")]);
    assert_eq!(shop(&state).phone, "027-2");
    assert!(!field(&state, FieldName::Phone).is_contested);
}

#[test]
fn master_data_that_was_loaded_anew_stands_above_earlier_corrections() {
    let mut state = world();
    by_rep(&mut state, 1, 0, &[(FieldName::FenceM, "150", "120")]);
    state.put(Outlet { fence_m: 300, ..shop(&state) });
    by_rep(&mut state, 2, 3, &[(FieldName::FenceM, "120", "100")]);
    let contested = field(&state, FieldName::FenceM);
    assert_eq!((shop(&state).fence_m, contested.is_contested), (300, true));
}

#[test]
fn what_a_field_cannot_take_is_refused_by_name_and_nothing_of_the_command_is_kept() {
    let mut state = world();
    let cases: [&[(FieldName, &str, &str)]; 5] = [
        &[(FieldName::Contact, "", "x"), (FieldName::Name, "幸福路手机城", "  ")],
        &[(FieldName::FenceM, "150", "0")],
        &[(FieldName::FenceM, "150", "10001")],
        &[(FieldName::Gln, "", "9521101601016")],
        &[(FieldName::Phone, "", "\u{0}")],
    ];
    for changes in cases {
        let refused = run(&mut state, &edit(changes), &context(1, 0, LI_WEN, Role::Rep));
        assert_eq!(refused, Err(ProblemCode::ProfileValueInvalid), "{changes:?}");
    }
    let twice = [(FieldName::Phone, "", "1"), (FieldName::Phone, "", "2")];
    for changes in [&twice[..], &[]] {
        let refused = run(&mut state, &edit(changes), &context(1, 0, LI_WEN, Role::Rep));
        assert_eq!(refused, Err(ProblemCode::ProfileEditEmpty));
    }
    assert_eq!(shop(&state), outlet());
    by_rep(&mut state, 1, 0, &[(FieldName::Gln, "", "9521101601015")]);
    assert_eq!(shop(&state).gln.as_deref(), Some("9521101601015"));
}

#[test]
fn a_rep_decides_no_contest_and_nobody_decides_what_was_never_corrected() {
    let mut state = world();
    assert_eq!(settle(&mut state, 1, "120"), Err(ProblemCode::NotFound));
    by_rep(&mut state, 1, 0, &[(FieldName::FenceM, "150", "120")]);
    let command = SettleConflict { outlet_id: S0101, field: FieldName::FenceM, value: "200".into() };
    let refused = run(&mut state, &command.into(), &context(2, 1, LI_WEN, Role::Rep));
    assert_eq!(refused, Err(ProblemCode::NotPermitted));
}

#[test]
fn corrections_that_agree_do_not_grow_for_ever_and_waiting_ones_are_bounded() {
    let mut state = world();
    for number in 0_i32..40 {
        let (from, to) = (150 + number, 151 + number);
        let changes = [(FieldName::FenceM, &*from.to_string(), &*to.to_string())];
        by_rep(&mut state, 100 + u128::from(number.unsigned_abs()), i64::from(number), &changes);
    }
    let long = field(&state, FieldName::FenceM);
    assert_eq!((shop(&state).fence_m, long.is_contested), (190, false));
    assert!(long.edits.len() <= 17 && long.decisions.len() <= 20, "{} {}", long.edits.len(), long.decisions.len());
    let mut refusals = 0;
    for number in 0_i32..80 {
        let command = edit(&[(FieldName::Phone, "", &format!("027-{number}"))]);
        let context = context(900 + u128::from(number.unsigned_abs()), i64::from(number), LI_WEN, Role::Rep);
        refusals += usize::from(run(&mut state, &command, &context) == Err(ProblemCode::ProfileContested));
    }
    assert_eq!((field(&state, FieldName::Phone).edits.len(), refusals), (50, 30));
}

/// Corrections of two fields among few values and few moments, so that many meet.
fn any_edits() -> impl Strategy<Value = Vec<(bool, u8, u8, i64)>> {
    prop::collection::vec((any::<bool>(), 0_u8..4, 0_u8..4, 0_i64..6), 1..8)
}

proptest! {
    #[test]
    fn any_order_of_arrival_shows_and_contests_the_same(
        edits in any_edits(),
        order in any::<prop::sample::Index>(),
        seed in any::<u64>(),
    ) {
        let value = |is_fence: bool, number: u8| if is_fence { format!("15{number}") } else { format!("v{number}") };
        let deeds: Vec<(Command, Context)> = edits.iter().zip(1..).map(|((is_fence, from, to, minute), id)| {
            let field = if *is_fence { FieldName::FenceM } else { FieldName::Contact };
            let from = if !is_fence && *from == 0 { String::new() } else { value(*is_fence, *from) };
            (edit(&[(field, &from, &value(*is_fence, *to))]), context(id, *minute, LI_WEN, Role::Rep))
        }).collect();
        let mut shuffled: Vec<usize> = (0..deeds.len()).collect();
        shuffled.rotate_left(order.index(deeds.len()));
        let mut random = seed;
        for place in (1..shuffled.len()).rev() {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            shuffled.swap(place, usize::try_from(random >> 33).expect("small") % (place + 1));
        }
        let (mut straight, mut mixed) = (world(), world());
        for (command, context) in &deeds {
            run(&mut straight, command, context).expect("taken in");
        }
        for index in shuffled {
            let (command, context) = &deeds[index];
            run(&mut mixed, command, context).expect("taken in");
        }
        prop_assert_eq!(shop(&straight), shop(&mixed));
        prop_assert_eq!(straight.all::<ProfileField>(), mixed.all::<ProfileField>());
    }

    #[test]
    fn the_same_correction_twice_is_one(edits in any_edits()) {
        let mut state = world();
        for ((is_fence, from, to, minute), id) in edits.iter().zip(1..) {
            let field = if *is_fence { FieldName::FenceM } else { FieldName::Contact };
            let command = edit(&[(field, &format!("15{from}"), &format!("15{to}"))]);
            let context = context(id, *minute, LI_WEN, Role::Rep);
            run(&mut state, &command, &context).expect("taken in");
            let once = state.clone();
            run(&mut state, &command, &context).expect("taken in");
            prop_assert_eq!(once.all::<ProfileField>(), state.all::<ProfileField>());
        }
    }
}

#[test]
fn a_correction_changes_only_the_outlet_and_its_field() {
    let state = world();
    let command = edit(&[(FieldName::Phone, "", "027-1")]);
    let decided = decide(&state, &command, &context(1, 0, LI_WEN, Role::Rep)).expect("memory");
    let Decision::Accepted(effects) = decided else { panic!("taken in") };
    let tables: Vec<&str> = effects
        .changes
        .iter()
        .map(|change| match change {
            Change::Put(row) => row.table().name(),
            Change::Remove { .. } => "removed",
        })
        .collect();
    assert_eq!(tables, ["profile_fields", "outlets"]);
}
