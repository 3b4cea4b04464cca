//! Commands, their answers, and the refused ones.

use std::collections::BTreeMap;

use serde_json::json;
use storewalk_domain::{
    ids::{CommandId, RowId, UserId},
    problem::{Problem, ProblemCode},
    sync::Bucket,
    time::Timestamp,
};
use storewalk_wire::CommandVerdict;

use super::{Case, account, device, id, read, write};
use crate::store::{DeadLetter, Store, StoreError, StoredCommand};

pub(super) const CASES: &[Case] = &[
    an_answer_is_found_by_number_and_by_identity,
    the_same_command_may_have_numbers_of_two_devices,
    a_number_is_given_once,
    a_refused_command_is_kept_whole,
];

fn stored(number: u128, user: UserId) -> StoredCommand {
    let problem = Problem::new(ProblemCode::NotFound).at("visit_id").with("name", "𠮷");
    StoredCommand {
        command_id: CommandId(id(number)),
        user_id: user,
        kind: "visit.start".into(),
        body_hash: [7; 32],
        verdict: CommandVerdict::Refused { problems: vec![problem] },
        arrived_at: Timestamp(12),
        seen: BTreeMap::from([(Bucket::Org, 4), (Bucket::Audit("jiangcheng".into()), 9)]),
    }
}

fn an_answer_is_found_by_number_and_by_identity(store: &(dyn Store + 'static)) {
    let owner = account(1);
    let (user, phone) = (owner.user_id, device(1, &owner).id);
    let command = stored(5, user);
    let found = write(store, {
        let command = command.clone();
        move |txn| {
            txn.put_account(&owner)?;
            txn.put_device(&device(1, &owner))?;
            assert_eq!(txn.last_seq(phone)?, 0);
            txn.put_command(&command)?;
            txn.put_device_seq(phone, 1, user, command.command_id)?;
            Ok((txn.command_at(phone, 1)?, txn.command_of(user, command.command_id)?, txn.last_seq(phone)?))
        }
    });
    assert_eq!(found, (Some(command.clone()), Some(command), 1));
    let absent = read(store, move |snapshot| {
        Ok((
            snapshot.command_at(phone, 2)?,
            snapshot.command_at(phone, u64::MAX)?,
            snapshot.command_of(UserId(id(9)), CommandId(id(5)))?,
        ))
    });
    assert_eq!(absent, (None, None, None));
    let from = read(store, move |snapshot| {
        Ok([(user, 5), (user, 6), (UserId(id(9)), 5)]
            .map(|(who, command)| snapshot.device_of(who, CommandId(id(command))).expect("read")))
    });
    assert_eq!(from, [Some(phone), None, None], "from a phone, at the console, somebody else's");
    let taken = read(store, move |snapshot| {
        let command = CommandId(id(5));
        Ok((snapshot.is_command_of_another(user, command)?, snapshot.is_command_of_another(UserId(id(9)), command)?))
    });
    assert_eq!(taken, (false, true));
}

fn the_same_command_may_have_numbers_of_two_devices(store: &(dyn Store + 'static)) {
    let owner = account(1);
    let (first, second) = (device(1, &owner), device(2, &owner));
    let numbers = write(store, move |txn| {
        let command = stored(5, owner.user_id);
        txn.put_account(&owner)?;
        for phone in [&first, &second] {
            txn.put_device(phone)?;
        }
        txn.put_command(&command)?;
        txn.put_device_seq(first.id, 1, owner.user_id, command.command_id)?;
        txn.put_device_seq(second.id, 1, owner.user_id, command.command_id)?;
        Ok((txn.command_at(first.id, 1)?, txn.command_at(second.id, 1)?))
    });
    assert_eq!(numbers.0, numbers.1);
    assert!(numbers.0.is_some());
}

fn a_number_is_given_once(store: &(dyn Store + 'static)) {
    let owner = account(1);
    let again: Result<(), StoreError> = store.write_blocking(move |txn| {
        let phone = device(1, &owner);
        txn.put_account(&owner)?;
        txn.put_device(&phone)?;
        txn.put_device_seq(phone.id, 1, owner.user_id, CommandId(id(5)))?;
        txn.put_device_seq(phone.id, 1, owner.user_id, CommandId(id(6)))
    });
    assert!(matches!(again, Err(StoreError::Unfit(_))), "{again:?}");
}

fn a_refused_command_is_kept_whole(store: &(dyn Store + 'static)) {
    let owner = account(1);
    let letter = DeadLetter {
        command_id: CommandId(id(5)),
        user_id: owner.user_id,
        device_id: device(1, &owner).id,
        envelope: json!({ "seq": 1, "command": { "kind": "from.the.future", "args": [1.5, "字"] } }),
        would_create: Some(RowId(id(50))),
        refused_at: Timestamp(3),
    };
    let user = owner.user_id;
    write(store, {
        let letter = letter.clone();
        move |txn| txn.put_dead_letter(&letter)
    });
    assert_eq!(read(store, move |snapshot| snapshot.dead_letter(user, CommandId(id(5)))), Some(letter));
    let makers = read(store, move |snapshot| {
        Ok([
            snapshot.refused_maker_of(user, &[RowId(id(49)), RowId(id(50))])?,
            snapshot.refused_maker_of(UserId(id(9)), &[RowId(id(50))])?,
            snapshot.refused_maker_of(user, &[])?,
        ])
    });
    assert_eq!(makers, [Some(CommandId(id(5))), None, None]);
}
