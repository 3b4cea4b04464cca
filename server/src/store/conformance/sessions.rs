//! Sessions and tokens.

use storewalk_domain::time::Timestamp;

use super::{Case, account, device, id, read, write};
use crate::store::{
    AccessRecord, ConsoleSessionRecord, RefreshRecord, SessionRecord, SessionsRead, Store, StoreError, StoreTxn,
};

pub(super) const CASES: &[Case] =
    &[tokens_are_found_by_hash, a_session_ends_once, sessions_of_a_device_end_together, ended_tokens_are_forgotten];

fn begin(txn: &mut dyn StoreTxn, number: u128) -> Result<SessionRecord, StoreError> {
    let owner = account(1);
    let phone = device(1, &owner);
    txn.put_account(&owner)?;
    txn.put_device(&phone)?;
    let session = SessionRecord {
        id: id(number),
        user_id: owner.user_id,
        device_id: phone.id,
        began_at: Timestamp(5),
        revoked_at: None,
    };
    txn.put_session(&session)?;
    Ok(session)
}

fn access(hash: u8, expires_at: i64) -> AccessRecord {
    AccessRecord { hash: [hash; 32], session_id: id(70), expires_at: Timestamp(expires_at), is_used: false }
}

fn refresh(hash: u8, expires_at: i64) -> RefreshRecord {
    RefreshRecord {
        hash: [hash; 32],
        session_id: id(70),
        expires_at: Timestamp(expires_at),
        access_hash: [1; 32],
        spent_nonce: None,
    }
}

fn tokens_are_found_by_hash(store: &(dyn Store + 'static)) {
    write(store, |txn| {
        begin(txn, 70)?;
        txn.put_access(&access(1, 10))?;
        txn.put_access(&AccessRecord { is_used: true, ..access(1, 10) })?;
        txn.put_refresh(&refresh(2, 20))?;
        txn.put_refresh(&RefreshRecord { spent_nonce: Some("once".into()), ..refresh(2, 20) })
    });
    let found = read(store, |snapshot| Ok((snapshot.access(&[1; 32])?, snapshot.refresh(&[2; 32])?)));
    assert_eq!(found.0, Some(AccessRecord { is_used: true, ..access(1, 10) }));
    assert_eq!(found.1, Some(RefreshRecord { spent_nonce: Some("once".into()), ..refresh(2, 20) }));
    let absent = read(store, |snapshot| Ok((snapshot.access(&[2; 32])?, snapshot.refresh(&[1; 32])?)));
    assert_eq!(absent, (None, None));
}

fn a_session_ends_once(store: &(dyn Store + 'static)) {
    let ended = write(store, |txn| {
        begin(txn, 70)?;
        txn.revoke_session(id(70), Timestamp(8))?;
        txn.revoke_session(id(70), Timestamp(9))?;
        txn.revoke_session(id(71), Timestamp(9))?;
        txn.session(id(70))
    });
    assert_eq!(ended.expect("there").revoked_at, Some(Timestamp(8)));
}

fn sessions_of_a_device_end_together(store: &(dyn Store + 'static)) {
    let ended = write(store, |txn| {
        let first = begin(txn, 70)?;
        begin(txn, 71)?;
        txn.revoke_device_sessions(first.device_id, Timestamp(8))?;
        Ok([txn.session(id(70))?, txn.session(id(71))?])
    });
    assert!(ended.into_iter().flatten().all(|session| session.revoked_at == Some(Timestamp(8))));
}

fn ended_tokens_are_forgotten(store: &(dyn Store + 'static)) {
    let left = write(store, |txn| {
        let session = begin(txn, 70)?;
        for (hash, expires_at) in [(1, 10), (2, 20)] {
            txn.put_access(&access(hash, expires_at))?;
            txn.put_refresh(&refresh(hash, expires_at))?;
            let expires_at = Timestamp(expires_at);
            let record = ConsoleSessionRecord { hash: [hash; 32], user_id: session.user_id, expires_at };
            txn.put_console_session(&record)?;
        }
        txn.forget_ended_tokens(Timestamp(15))?;
        let kinds = |txn: &dyn SessionsRead, hash: &[u8; 32]| {
            Ok::<_, StoreError>([
                txn.access(hash)?.is_some(),
                txn.refresh(hash)?.is_some(),
                txn.console_session(hash)?.is_some(),
            ])
        };
        let kept = kinds(txn, &[2; 32])?;
        txn.end_console_session(&[2; 32])?;
        Ok((kinds(txn, &[1; 32])?, kept, kinds(txn, &[2; 32])?))
    });
    assert_eq!(left, ([false; 3], [true; 3], [true, true, false]));
}
