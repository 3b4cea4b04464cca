//! Parcels that wait, and the keys of devices.

use storewalk_domain::{ids::UserId, time::Timestamp};

use super::{Case, account, device, id, read, territory, write};
use crate::store::{KeptParcel, KeptReason, KeptSum, Store};

pub(super) const CASES: &[Case] = &[
    a_new_store_has_a_key_for_parcels_and_keeps_it,
    a_device_may_enrol_several_keys_and_each_once,
    a_parcel_is_kept_once_with_its_latest_reason,
    parcels_are_shown_to_the_region_of_the_person_they_are_from,
];

fn parcel(number: u8, reason: KeptReason) -> KeptParcel {
    let owner = account(1);
    KeptParcel {
        hash: [number; 32],
        device_id: device(1, &owner).id,
        user_id: owner.user_id,
        carried_by: UserId(id(2)),
        reason,
        number: number.into(),
        items: 17,
        arrived_at: Timestamp(5),
        file: vec![1, 2, number],
    }
}

fn a_new_store_has_a_key_for_parcels_and_keeps_it(store: &(dyn Store + 'static)) {
    let seeds = read(store, |snapshot| snapshot.courier_seeds());
    assert_eq!(seeds.len(), 1);
    assert_eq!(read(store, |snapshot| snapshot.courier_seeds()), seeds);
}

fn a_device_may_enrol_several_keys_and_each_once(store: &(dyn Store + 'static)) {
    let phone = device(1, &account(1)).id;
    write(store, move |txn| {
        txn.put_parcel_key(phone, "aa", Timestamp(1))?;
        txn.put_parcel_key(phone, "bb", Timestamp(2))?;
        txn.put_parcel_key(phone, "aa", Timestamp(3))
    });
    assert_eq!(read(store, move |snapshot| snapshot.parcel_keys(phone)), ["bb", "aa"]);
    let other = device(2, &account(1)).id;
    assert!(read(store, move |snapshot| snapshot.parcel_keys(other)).is_empty());
}

fn a_parcel_is_kept_once_with_its_latest_reason(store: &(dyn Store + 'static)) {
    let (first, second) = (parcel(1, KeptReason::Gap), parcel(2, KeptReason::Gap));
    let phone = first.device_id;
    write(store, {
        let (first, second) = (first.clone(), second.clone());
        move |txn| {
            txn.keep_parcel(&second)?;
            txn.keep_parcel(&first)?;
            txn.keep_parcel(&KeptParcel { reason: KeptReason::AccountBarred, arrived_at: Timestamp(9), ..first })
        }
    });
    let kept = read(store, move |snapshot| snapshot.kept_parcels_of(phone));
    let barred = KeptParcel { reason: KeptReason::AccountBarred, ..first };
    let without_file = |parcel: &KeptParcel| KeptParcel { file: Vec::new(), ..parcel.clone() };
    assert_eq!(kept, [without_file(&barred), without_file(&second)]);
    let sum = |device| read(store, move |snapshot| snapshot.kept_sum(device));
    assert_eq!(sum(phone), KeptSum { parcels: 2, bytes: 6 });
    assert_eq!(sum(device(2, &account(1)).id), KeptSum::default());
    assert_eq!(read(store, |snapshot| snapshot.kept_parcel(&[1; 32])), Some(barred));
    write(store, |txn| {
        txn.drop_parcel(&[1; 32])?;
        txn.drop_parcel(&[1; 32])
    });
    assert_eq!(read(store, move |snapshot| snapshot.kept_parcels_of(phone)), [without_file(&second)]);
}

fn parcels_are_shown_to_the_region_of_the_person_they_are_from(store: &(dyn Store + 'static)) {
    write(store, |txn| {
        txn.put_row(&territory(100, "north").into())?;
        txn.put_account(&account(1))?;
        txn.keep_parcel(&parcel(1, KeptReason::Gap))
    });
    let shown = |region: Option<&'static str>| read(store, move |snapshot| snapshot.kept_parcels(region));
    let without_file = KeptParcel { file: Vec::new(), ..parcel(1, KeptReason::Gap) };
    assert_eq!(shown(None), std::slice::from_ref(&without_file));
    assert_eq!(shown(Some("jiangcheng")), [without_file]);
    assert!(shown(Some("elsewhere")).is_empty());
}
