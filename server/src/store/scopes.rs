//! The versions of every person's scope, with the places they took in the person's own bucket.
//!
//! **Why.** A command says how far its phone had read `user:{id}`; the version at that place is what the phone knew to
//! be its person's. Versions are kept for ever: they are few, and proof.

use storewalk_domain::{
    ids::{DealerId, TerritoryId, UserId},
    sync::{Bucket, Scope},
};

use crate::store::StoreError;

/// Questions about scopes.
pub trait ScopesRead {
    /// The buckets of the version that a reader of the person's bucket knew at a position: the latest one not above it,
    /// or the first there is; `None` when there is none at all.
    ///
    /// # Errors
    /// When the database fails.
    fn scope_seen(&self, user: UserId, position: u64) -> Result<Option<Vec<Bucket>>, StoreError>;

    /// Every bucket that ever was in a version, sorted, each once.
    ///
    /// # Errors
    /// When the database fails.
    fn scope_ever(&self, user: UserId) -> Result<Vec<Bucket>, StoreError>;

    /// Everybody who has an account and no scope yet.
    ///
    /// # Errors
    /// When the database fails.
    fn users_without_scope(&self) -> Result<Vec<UserId>, StoreError>;
}

/// Changes to scopes. Callers go through `service::changes`, which keeps the row, its versions and the account in step.
pub trait ScopesWrite {
    /// Keeps a version, for the time being without a place.
    ///
    /// # Errors
    /// When the database fails.
    fn put_scope_version(&mut self, scope: &Scope) -> Result<(), StoreError>;

    /// Gives the versions of a person that have no place yet this one.
    ///
    /// # Errors
    /// When the database fails.
    fn place_scope_versions(&mut self, user: UserId, position: u64) -> Result<(), StoreError>;

    /// Sets what is an account's; one that is not there is passed over.
    ///
    /// # Errors
    /// When the database fails.
    fn put_account_scope(
        &mut self,
        user: UserId,
        territories: &[TerritoryId],
        dealers: &[DealerId],
    ) -> Result<(), StoreError>;
}
