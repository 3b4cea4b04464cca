//! Profiles on a phone: D11 as the rep sees it.

use storewalk_domain::{
    ids::{CommandId, UserId},
    outlet::{Edit, FieldName, Outlet, ProfileField},
    time::Timestamp,
    trusted::{Clocks, TrustedSpan},
};
use uuid::Uuid;

use super::FieldView;
use crate::{
    Attempt, Phone,
    sync::testing::{Bench, OUTLET, TERRITORY, outlet},
};

fn field(phone: &Phone, field: FieldName) -> FieldView {
    let profile = phone.outlets().profile(OUTLET).expect("there");
    profile.fields.into_iter().find(|view| view.field == field).expect("a field")
}

fn edit(phone: &Phone, values: &[(FieldName, &str)]) {
    let attempt = phone.outlets().edit(OUTLET, values).expect("recorded");
    assert!(matches!(attempt, Attempt::Done(_)), "{attempt:?}");
}

/// What the server holds after another device of the rep made the fence 200 m, three minutes after this one.
fn fence_of_the_other_device(bench: &Bench) -> [storewalk_domain::sync::Row; 2] {
    let at = bench.phone.now().trusted().plus_ms(-60_000);
    let other = Edit {
        id: CommandId(Uuid::from_u128(0xb)),
        from: "150".into(),
        to: "200".into(),
        by: UserId(Uuid::from_u128(0xa1)),
        at,
        clocks: Clocks { device_at: Timestamp(0), span: TrustedSpan::at(at) },
    };
    let row = ProfileField {
        id: ProfileField::id_of(OUTLET, FieldName::FenceM),
        outlet_id: OUTLET,
        territory_id: TERRITORY,
        region_code: "jiangcheng".into(),
        field: FieldName::FenceM,
        base: "150".into(),
        shown: "200".into(),
        is_contested: false,
        edits: vec![other],
        decisions: Vec::new(),
    };
    [row.into(), Outlet { fence_m: 200, ..outlet(OUTLET.0.as_u128()) }.into()]
}

#[tokio::test]
async fn what_does_not_meet_merges_and_what_does_is_shown_with_both_values() {
    let bench = Bench::in_step().await;
    edit(&bench.phone, &[(FieldName::OpeningHours, "9:00-21:00"), (FieldName::FenceM, "120")]);
    assert_eq!(field(&bench.phone, FieldName::FenceM).value, "120");
    // The office's server is a minute behind in this story, so the other device's correction is the earlier one.
    for row in fence_of_the_other_device(&bench) {
        bench.server.put(row);
    }
    bench.phone.sync().await.expect("synced");
    assert_eq!(field(&bench.phone, FieldName::OpeningHours).value, "9:00-21:00");
    let fence = field(&bench.phone, FieldName::FenceM);
    assert_eq!(fence.value, "120", "the later trusted time is shown");
    let contenders: Vec<_> = fence.contenders.iter().map(|one| (one.value.as_str(), one.is_shown)).collect();
    assert_eq!(contenders, [("200", false), ("120", true)]);
    assert!(fence.contenders.iter().all(|one| one.given_at.is_some() && one.device_at.is_some()));
    assert_eq!(bench.phone.outlets().contested().expect("read"), [OUTLET]);
    assert_eq!(bench.rows(), bench.server.visible());
}

#[tokio::test]
async fn a_value_the_field_cannot_take_is_refused_on_the_spot() {
    let bench = Bench::in_step().await;
    let attempt = bench.phone.outlets().edit(OUTLET, &[(FieldName::FenceM, "half a street")]).expect("answered");
    let Attempt::Refused(problems) = attempt else { panic!("refused") };
    assert_eq!(problems[0].code, "profile_value_invalid");
    assert!(problems[0].sentence.en.contains("fence radius"));
    assert_eq!(field(&bench.phone, FieldName::FenceM).value, "150");
    assert_eq!(bench.phone.status().expect("status").unsent_commands, 0);
}
