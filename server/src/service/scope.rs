//! What a person may read, written as a document with versions in one transaction with everything it entails.

use storewalk_domain::{
    ids::UserId,
    sync::{Row, Scope, ScopeGrant, StateExt},
    time::Timestamp,
};

use super::changes::Moves;
use crate::store::{Account, StoreError, StoreTxn};

/// Brings the scope of an account's person up to date with the account; the same again changes nothing.
///
/// # Errors
/// When the store fails.
pub(crate) fn follow_account(
    txn: &mut dyn StoreTxn,
    moves: &mut Moves,
    account: &Account,
    at: Timestamp,
) -> Result<(), StoreError> {
    let before: Option<Scope> = txn.get(account.user_id.row())?;
    let grant = ScopeGrant {
        role: account.role,
        region_code: account.region_code.clone(),
        territories: account.territories.clone(),
        dealers: account.dealers.clone(),
    };
    match Scope::following(before.as_ref(), account.user_id, grant, at, None, "") {
        Some(scope) => moves.put(txn, &Row::from(scope)),
        None => Ok(()),
    }
}

/// Gives everybody a first version who has an account of an earlier release.
///
/// # Errors
/// When the store fails.
pub(crate) fn begin_scopes(txn: &mut dyn StoreTxn, at: Timestamp) -> Result<(), StoreError> {
    let mut moves = Moves::default();
    let users: Vec<UserId> = txn.users_without_scope()?;
    for user in users {
        if let Some(account) = txn.account(user)? {
            follow_account(txn, &mut moves, &account, at)?;
        }
    }
    moves.publish(txn)
}
