//! Accounts and devices.

use storewalk_domain::{
    ids::{DealerId, DeviceId, TerritoryId},
    outlet::{Role, Territory},
    time::Timestamp,
};
use storewalk_wire::DeviceHealth;

use super::{Case, account, device, id, read, territory, write};
use crate::store::{Account, Device, Store, StoreError, StoreRead};

pub(super) const CASES: &[Case] = &[
    an_account_is_found_by_identity_and_by_name,
    a_changed_scope_replaces_the_old_one,
    a_supervisor_works_in_the_territories_of_the_region_as_they_are,
    a_login_name_is_one_persons,
    devices_are_numbered_from_one,
    what_a_device_says_about_itself_is_kept,
];

fn an_account_is_found_by_identity_and_by_name(store: &(dyn Store + 'static)) {
    let known = Account { region_code: Some("jiangcheng".into()), dealers: vec![DealerId(id(7))], ..account(1) };
    write(store, {
        let known = known.clone();
        move |txn| txn.put_account(&known)
    });
    let user = known.user_id;
    let found = read(store, move |snapshot| Ok((snapshot.account(user)?, snapshot.account_by_login("user1")?)));
    assert_eq!(found, (Some(known.clone()), Some(known)));
    assert_eq!(read(store, |snapshot| snapshot.account_by_login("USER1")), None);
}

fn a_changed_scope_replaces_the_old_one(store: &(dyn Store + 'static)) {
    let moved = Account { territories: vec![TerritoryId(id(101)), TerritoryId(id(102))], ..account(1) };
    let found = write(store, {
        let moved = moved.clone();
        move |txn| {
            txn.put_account(&account(1))?;
            txn.put_account(&moved)?;
            txn.account(moved.user_id)
        }
    });
    assert_eq!(found, Some(moved));
}

fn a_supervisor_works_in_the_territories_of_the_region_as_they_are(store: &(dyn Store + 'static)) {
    let supervisor = Account { role: Role::Supervisor, region_code: Some("jiangcheng".into()), ..account(1) };
    let user = supervisor.user_id;
    let elsewhere = Territory { region_code: "elsewhere".into(), ..territory(7, "far") };
    write(store, move |txn| {
        txn.put_account(&supervisor)?;
        txn.put_account(&Account { role: Role::Supervisor, ..account(2) })?;
        for territory in [territory(5, "north"), elsewhere] {
            txn.put_row(&territory.into())?;
        }
        Ok(())
    });
    let territories = move |snapshot: &dyn StoreRead| Ok(snapshot.account(user)?.map(|account| account.territories));
    assert_eq!(read(store, territories), Some(vec![TerritoryId(id(5))]));
    write(store, |txn| txn.put_row(&territory(6, "south").into()));
    assert_eq!(read(store, territories), Some(vec![TerritoryId(id(5)), TerritoryId(id(6))]));
    let nowhere = read(store, |snapshot| snapshot.account(account(2).user_id));
    assert_eq!(nowhere.map(|account| account.territories), Some(Vec::new()), "without a region there is none");
}

fn a_login_name_is_one_persons(store: &(dyn Store + 'static)) {
    let taken: Result<(), StoreError> = store.write_blocking(|txn| {
        txn.put_account(&account(1))?;
        txn.put_account(&Account { login: "user1".into(), ..account(2) })
    });
    assert!(matches!(taken, Err(StoreError::Unfit(_))), "{taken:?}");
}

fn devices_are_numbered_from_one(store: &(dyn Store + 'static)) {
    let numbers = write(store, |txn| {
        let owner = account(1);
        txn.put_account(&owner)?;
        let first = txn.next_device_number()?;
        txn.put_device(&device(first, &owner))?;
        Ok((first, txn.next_device_number()?))
    });
    assert_eq!(numbers, (1, 2));
}

fn what_a_device_says_about_itself_is_kept(store: &(dyn Store + 'static)) {
    let owner = account(1);
    let phone = Device { is_revoked: true, ..device(1, &owner) };
    let health = DeviceHealth { unsent_commands: 3, last_error: Some("offline".into()), ..DeviceHealth::default() };
    let found = write(store, {
        let (phone, health) = (phone.clone(), health.clone());
        move |txn| {
            txn.put_account(&owner)?;
            txn.put_device(&phone)?;
            txn.put_device_health(phone.id, Timestamp(9), &health)?;
            Ok((txn.device(phone.id)?, txn.device(DeviceId(id(4)))?))
        }
    });
    assert_eq!(found, (Some(Device { last_seen_at: Some(Timestamp(9)), health: Some(health), ..phone }), None));
}
