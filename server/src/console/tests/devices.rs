//! What the devices page tells of receipts, copies and restored databases, and the page "needs attention" of late work.

use storewalk_domain::{
    ids::{DeviceId, HandoverId},
    outlet::{CreditRule, Handover, LateWork, Standing, WorkKind},
    time::{DAY_MS, HOUR_MS},
};
use storewalk_wire::DeviceHealth;

use crate::{
    admin,
    console::{fixtures::*, html},
    store::{Device, StoreError, StoreTxn},
};

async fn write(bench: &Bench, work: impl FnOnce(&mut dyn StoreTxn) -> Result<(), StoreError> + Send + 'static) {
    bench.state.store.write(work).await.expect("written");
}

async fn sound(bench: &mut Bench, address: &str) -> String {
    for language in ["zh-Hans", "en"] {
        bench.read_in(language);
        assert_eq!(html::faults(&bench.get(address).await.body), Vec::<String>::new(), "{language}");
    }
    bench.get(address).await.body
}

#[tokio::test]
async fn a_device_tells_of_missing_receipts_and_of_the_one_it_was_copied_from() {
    let mut bench = Bench::signed_in().await;
    let copy = DeviceId(uuid::Uuid::from_u128(0xC0));
    write(&bench, move |txn| {
        let original = txn.device(DEVICE)?.expect("enrolled");
        txn.put_device(&Device { id: copy, number: 77, ..original })?;
        txn.put_copy(copy, DEVICE, 0, at("09:00"))?;
        let health = DeviceHealth { receipt_problems: 2, is_receipt_key_new: true, ..DeviceHealth::default() };
        txn.put_device_health(copy, at("10:00"), &health)
    })
    .await;
    let page = sound(&mut bench, "/console/devices").await;
    for text in ["2 receipts missing or not valid", "confirm the server&#39;s new key", "Copy of device no."] {
        assert!(page.contains(text), "{text} in {page}");
    }
}

#[tokio::test]
async fn after_a_restore_the_page_names_the_phones_that_have_not_synced_since() {
    let mut bench = Bench::signed_in().await;
    assert!(!sound(&mut bench, "/console/devices").await.contains("put back from a backup"));
    let restored = at("10:20");
    write(&bench, move |txn| {
        let known = txn.device(DEVICE)?.expect("enrolled");
        txn.put_device(&Device { is_revoked: false, ..known })?;
        txn.begin_life(4_711, 0)?;
        txn.note_life(restored)
    })
    .await;
    let page = sound(&mut bench, "/console/devices").await;
    for text in ["put back from a backup", "not synced since the restore", "has not synced since: ask its owner"] {
        assert!(page.contains(text), "{text} in {page}");
    }
    write(&bench, move |txn| txn.put_device_health(DEVICE, restored.plus_ms(60_000), &DeviceHealth::default())).await;
    let page = sound(&mut bench, "/console/devices").await;
    assert!(page.contains("Every phone has synced since") && !page.contains("not synced since the restore"), "{page}");
}

#[tokio::test]
async fn late_work_after_a_handover_needs_no_search_for_a_week() {
    let mut bench = Bench::signed_in().await;
    assert!(sound(&mut bench, "/console/attention").await.contains("No late work"));
    let work = |id: u128, title: &str, arrived_at| LateWork {
        kind: WorkKind::Order,
        id: uuid::Uuid::from_u128(id),
        title: title.into(),
        standing: Standing::BeforeNotice,
        by: REP,
        done_at: at("09:00"),
        arrived_at,
        credited_to: REP,
        rule: CreditRule::Maker,
    };
    let note = Handover {
        id: HandoverId(uuid::Uuid::from_u128(0x61)),
        outlet_id: Some(OUTLET),
        outlet_code: "S0101".into(),
        name: "幸福路手机城".into(),
        from_territory: HOME,
        to_territory: NEXT_DOOR,
        regions: vec![REGION.into()],
        from_reps: vec![REP],
        to_reps: Vec::new(),
        decided_by: Some(SUPERVISOR),
        decided_at: at("08:00"),
        reason: "new borders".into(),
        works: vec![
            work(1, "OLD-1", at("09:00").plus_ms(-8 * DAY_MS)),
            work(2, "NEW-2", at("10:30").plus_ms(-HOUR_MS)),
        ],
    };
    let elsewhere = Handover {
        id: HandoverId(uuid::Uuid::from_u128(0x62)),
        regions: vec!["haicheng".into()],
        works: vec![work(3, "FOREIGN-3", at("10:00"))],
        ..note.clone()
    };
    admin::load_rows(&bench.state, vec![note.into(), elsewhere.into()]).await.expect("loaded");
    let page = sound(&mut bench, "/console/attention").await;
    for text in ["NEW-2", "before notice; counts for", "幸福路手机城 S0101"] {
        assert!(page.contains(text), "{text} in {page}");
    }
    assert!(!page.contains("OLD-1") && !page.contains("FOREIGN-3"), "{page}");
}
