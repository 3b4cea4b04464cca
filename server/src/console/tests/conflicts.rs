//! The pages on which a supervisor decides what phones could not, and both times of a record.

use axum::http::StatusCode;
use storewalk_domain::{
    checklist::{Answer, AnswerKey, AnswerValue, LateAnswer},
    ids::{AnswerId, CommandId, VisitId},
    order::{ClaimStatus, Order, PriceClaim},
    outlet::{Edit, FieldName, Outlet, ProfileField},
    sync::{Row, StateExt},
    time::Timestamp,
    trusted::{Clocks, TrustedSpan},
    visit::{Duplicate, LateForm, Remarks, Visit},
};
use uuid::Uuid;

use crate::{
    admin,
    console::{fixtures::*, html},
    store::{StoreError, StoreTxn},
};

const TWIN: VisitId = VisitId(Uuid::from_u128(0x4a));

async fn read<T: storewalk_domain::sync::Entity + Send + 'static>(bench: &Bench, id: Uuid) -> T {
    let id = storewalk_domain::ids::RowId(id);
    let found = bench.state.store.read(move |snapshot| Ok::<_, StoreError>(snapshot.get::<T>(id)?)).await;
    found.expect("read").expect("there")
}

async fn load(bench: &Bench, rows: Vec<Row>) {
    admin::load_rows(&bench.state, rows).await.expect("loaded");
}

fn span(from: Timestamp, until: Timestamp) -> TrustedSpan {
    TrustedSpan { earliest: Some(from), latest: Some(until) }
}

/// 李雯 made the fence 120 m at 08:50 and, on another phone that is 26 hours fast, 200 m at 09:02.
async fn contested_fence(bench: &Bench) {
    let edit = |id: u128, to: &str, at: Timestamp, device_at: Timestamp| Edit {
        id: CommandId(Uuid::from_u128(id)),
        from: "150".into(),
        to: to.into(),
        by: REP,
        at,
        clocks: Clocks { device_at, span: span(at.plus_ms(-1_055), at.plus_ms(1_055)) },
    };
    let field = ProfileField {
        id: ProfileField::id_of(OUTLET, FieldName::FenceM),
        outlet_id: OUTLET,
        territory_id: HOME,
        region_code: REGION.into(),
        field: FieldName::FenceM,
        base: "150".into(),
        shown: "200".into(),
        is_contested: true,
        edits: vec![
            edit(1, "120", at("08:50"), at("08:50")),
            edit(2, "200", at("09:02"), at("09:02").plus_ms(26 * 3_600_000)),
        ],
        decisions: Vec::new(),
    };
    let outlet: Outlet = read(bench, OUTLET.0).await;
    load(bench, vec![field.into(), Outlet { fence_m: 200, ..outlet }.into()]).await;
    let came = |txn: &mut dyn StoreTxn| txn.put_device_seq(DEVICE, 1, REP, CommandId(Uuid::from_u128(1)));
    bench.state.store.write(came).await.expect("sent");
}

/// How the page names the phone of the first correction, which came by sync; the second came by another road.
async fn phone_of_first_edit(bench: &Bench) -> String {
    let device = bench.state.store.read(|snapshot| snapshot.device(DEVICE)).await.expect("read").expect("enrolled");
    format!("on {}, no. {}, 2025-03-14 08:50", device.name, device.number)
}

#[tokio::test]
async fn a_contested_field_shows_both_values_with_both_times_and_is_decided_once() {
    let mut bench = Bench::signed_in().await;
    assert!(bench.get("/console/conflicts").await.body.contains("No corrections contradict each other"));
    contested_fence(&bench).await;
    for language in ["zh-Hans", "en"] {
        bench.read_in(language);
        let page = bench.get("/console/conflicts").await;
        assert_eq!(html::faults(&page.body), Vec::<String>::new(), "{language}");
    }
    let page = bench.get("/console/conflicts").await;
    let of_phone = phone_of_first_edit(&bench).await;
    for text in [
        "fence radius (m)",
        "shown for now",
        "2025-03-14 09:02 ± 1 s",
        "the phone showed 2025-03-15 11:02, which is off",
        "2025-03-14 08:50 ± 1 s",
        &of_phone,
    ] {
        assert!(page.body.contains(text), "{text} is missing: {}", page.body);
    }
    let (token, command) = (page.field("data-once", "form_token"), page.field("data-once", "command"));
    let outlet = OUTLET.to_string();
    let fields =
        [("form_token", &*token), ("command", &*command), ("outlet", &*outlet), ("field", "fence_m"), ("value", "120")];
    for _ in 0..2 {
        let done = bench.post("/console/conflicts", &fields).await;
        assert_eq!((done.status, done.location.as_str()), (StatusCode::SEE_OTHER, "/console/conflicts?done=1"));
    }
    assert_eq!(read::<Outlet>(&bench, OUTLET.0).await.fence_m, 120);
    let field: ProfileField = read(&bench, ProfileField::id_of(OUTLET, FieldName::FenceM).0).await;
    assert_eq!((field.is_contested, field.decisions.len()), (false, 1));
    let mut nonsense = fields;
    nonsense[4].1 = "zero";
    let refused = bench.post("/console/conflicts", &nonsense).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("profile_value_invalid") && refused.body.contains("/console/conflicts"));
}

#[tokio::test]
async fn a_visit_shows_its_twin_its_remarks_what_came_late_and_both_times() {
    let mut bench = Bench::signed_in().await;
    let mut visit: Visit = read(&bench, VISIT.0).await;
    let check_in = visit.check_in.as_mut().expect("arrived");
    check_in.device = Some(1);
    check_in.span = Some(span(at("08:52"), at("09:50")));
    let mut twin = Visit { id: TWIN, ..visit.clone() };
    let other = twin.check_in.as_mut().expect("arrived");
    (other.device, other.at) = (Some(2), at("09:05"));
    let marked = |of| Some(Duplicate { of, settled_by: None, settled_at: None });
    (visit.duplicate, twin.duplicate) = (marked(None), marked(Some(VISIT)));
    visit.remarks = Some(Remarks {
        late_form: Some(LateForm { version: 12, replaced_by: 13, replaced_at: at("00:00") }),
        gaps: vec!["storefront".into()],
    });
    let key = AnswerKey::once("next_step");
    let answer: Answer = read(&bench, key.answer_id(VISIT).0).await;
    let late = Answer {
        id: AnswerId(Uuid::from_u128(0xf1)),
        value: AnswerValue::Text("另一台手机记下的".into()),
        late: Some(LateAnswer::AfterClose),
        ..answer
    };
    load(&bench, vec![visit.into(), twin.into(), late.into()]).await;
    let address = format!("/console/visits/{VISIT}");
    let page = bench.get(&address).await;
    assert_eq!(html::faults(&page.body), Vec::<String>::new());
    for text in [
        "2025-03-14 08:52 (between 2025-03-14 08:52 and 2025-03-14 09:50)",
        "On checklist version 12; version 13",
        "Missing at check-out: storefront",
        "Visits to the same call",
        "device 2",
        "Answers from another device after the close",
        "另一台手机记下的",
        "80.0 % (4 of 5)",
    ] {
        assert!(page.body.contains(text), "{text} is missing");
    }
    let day = bench.get("/console/").await.body;
    assert!(day.contains("duplicate"));
    let (token, command) = (page.field("data-once", "form_token"), page.field("data-once", "command"));
    let fields = [("form_token", &*token), ("command", &*command)];
    let done = bench.post(&format!("/console/visits/{TWIN}/keep"), &fields).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    assert_eq!(read::<Visit>(&bench, VISIT.0).await.duplicate.and_then(|duplicate| duplicate.of), Some(TWIN));
    assert!(!read::<Visit>(&bench, TWIN.0).await.is_duplicate());
}

#[tokio::test]
async fn price_protection_is_offered_with_its_breakdown_and_answered() {
    let mut bench = Bench::signed_in().await;
    let order: Order = read(&bench, REPRICED_ORDER.0).await;
    let captured = order.priced_at_capture.clone().expect("another price at capture");
    let amount = captured.payable.minus(order.priced.payable).expect("one currency");
    let claim = PriceClaim {
        amount,
        priced_on_arrival: order.priced.clone(),
        status: ClaimStatus::Offered,
        decided_by: None,
        decided_at: None,
    };
    let held: Order = read(&bench, HELD_ORDER.0).await;
    let clocks = Clocks { device_at: at("11:35"), span: span(at("09:34"), at("09:36")) };
    let claimed = Order { priced: captured, claim: Some(claim), captured: Some(clocks), ..held };
    load(&bench, vec![claimed.into()]).await;
    let address = format!("/console/orders/{HELD_ORDER}");
    let page = bench.get(&address).await;
    assert_eq!(html::faults(&page.body), Vec::<String>::new());
    for text in [
        "Price protection",
        "¥588.00",
        "price protection offered",
        "At the prices of its arrival",
        "the phone showed 2025-03-14 11:35, which is off",
        "policy A",
    ] {
        assert!(page.body.contains(text), "{text} is missing");
    }
    let command = page.field("/claim", "command");
    let (token, minor) = (page.field("/claim", "form_token"), page.field("/claim", "amount"));
    let fields = [("form_token", &*token), ("command", &*command), ("amount", &*minor), ("answer", "claim")];
    let done = bench.post(&format!("{address}/claim"), &fields).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let order: Order = read(&bench, HELD_ORDER.0).await;
    assert_eq!(order.claim.map(|claim| claim.status), Some(ClaimStatus::Claimed));
    assert!(bench.get(&address).await.body.contains("price protection claimed"));
}
