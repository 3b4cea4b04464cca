//! Which dealers a rep serves, as a supervisor or an administrator decides it.
//!
//! **Invariants.** Only reps are given dealers here, and only by whoever watches their region. The rep's scope document
//! keeps who decided it, when and why; the account and the buckets follow it in the same transaction. The same wish
//! again changes nothing.

use storewalk_domain::{
    dealer::Dealer,
    ids::{DealerId, UserId},
    outlet::Role,
    sync::{Row, Scope, ScopeGrant, StateExt},
};
use storewalk_wire::ErrorCode;

use super::changes::Moves;
use crate::{
    error::ApiError,
    state::AppState,
    store::{StoreError, StoreTxn},
};

/// Longest reason, in characters.
pub const LONGEST_REASON: usize = 500;

/// What is to become of a dealer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wish {
    /// The rep serves it from now on.
    Give,
    /// The rep no longer serves it.
    Take,
}

/// A change of what a rep serves.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Change {
    /// Whose.
    pub person: UserId,
    /// Which dealer.
    pub dealer: DealerId,
    /// What.
    pub wish: Wish,
    /// Why.
    pub reason: String,
}

/// Makes a change. `region` is what the one who decides watches; `None` is everything. Says whether anything changed.
///
/// # Errors
/// When the one who decides may not, the person is no rep of the region, there is no such dealer, the reason is missing,
/// or the store fails.
pub async fn change(state: &AppState, by: UserId, region: Option<String>, change: Change) -> Result<bool, ApiError> {
    let now = state.now();
    state
        .store
        .write(move |txn| {
            let decider = txn.account(by)?.filter(|account| !account.is_disabled);
            let decider = decider.filter(|account| matches!(account.role, Role::Supervisor | Role::Admin));
            decider.ok_or(ErrorCode::NotPermitted)?;
            let reason: String = change.reason.trim().chars().take(LONGEST_REASON).collect();
            if reason.is_empty() {
                return Err(ApiError::new(ErrorCode::RequestMalformed).at("reason"));
            }
            let scope = rep_of(txn, change.person, region.as_deref())?;
            let dealer: Option<Dealer> = txn.get(change.dealer.row()).map_err(StoreError::from)?;
            dealer.ok_or_else(|| ApiError::new(ErrorCode::NotFound).at("dealer"))?;
            let mut dealers = scope.dealers.clone();
            dealers.retain(|dealer| *dealer != change.dealer);
            if change.wish == Wish::Give {
                dealers.push(change.dealer);
            }
            let grant = ScopeGrant {
                role: scope.role,
                region_code: scope.region_code.clone(),
                territories: scope.territories.clone(),
                dealers,
            };
            let next = Scope::following(Some(&scope), scope.user_id, grant, now, Some(by), &reason);
            let Some(next) = next else { return Ok(false) };
            let mut moves = Moves::default();
            moves.put(txn, &Row::from(next))?;
            moves.publish(txn)?;
            Ok(true)
        })
        .await
}

/// The scope of a rep whom somebody who watches a region may decide about. A rep elsewhere is as good as none.
fn rep_of(txn: &mut dyn StoreTxn, person: UserId, region: Option<&str>) -> Result<Scope, ApiError> {
    let scope: Option<Scope> = txn.get(person.row()).map_err(StoreError::from)?;
    let scope = scope.filter(|scope| scope.role == Role::Rep);
    let scope = scope.filter(|scope| region.is_none_or(|region| scope.region_code.as_deref() == Some(region)));
    scope.ok_or_else(|| ApiError::new(ErrorCode::NotFound).at("person"))
}
