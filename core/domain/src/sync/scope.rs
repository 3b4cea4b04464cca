//! What a person may read, as one document with versions.
//!
//! **Purpose.** A person's buckets follow from their role, territories, dealers and region. The document that says so
//! travels in the person's own bucket like any row: it has a position there, so that a command's `seen` tells which
//! version its phone knew. The server keeps every version with its position; the document itself tells the last steps.
//!
//! **Invariants.** Versions count up by one, and only when something was granted or revoked. The rules read an
//! [`Actor`](crate::sync::Actor), never this: on the phone it is for people to read, on the server it is for the
//! causal test of a handover.

use serde::{Deserialize, Serialize};

use crate::{
    ids::{DealerId, ScopeId, TerritoryId, UserId},
    outlet::Role,
    sync::Bucket,
    time::Timestamp,
};

/// How many steps the document tells of; older ones are with the server only.
const STEPS_TOLD: usize = 32;

/// What a person may read.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Scope {
    /// Identity; the same as the person's.
    pub id: ScopeId,
    /// Who.
    pub user_id: UserId,
    /// Counted from 1.
    pub version: u64,
    /// What they may do.
    pub role: Role,
    /// The region they belong to or watch, by code.
    pub region_code: Option<String>,
    /// The territories they work in; none for a supervisor, who follows the region.
    pub territories: Vec<TerritoryId>,
    /// The dealers they act for.
    pub dealers: Vec<DealerId>,
    /// Since when this version holds.
    pub since: Timestamp,
    /// How it came about, oldest first; the last few steps.
    pub history: Vec<ScopeStep>,
}

/// What changed from one version to the next.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ScopeStep {
    /// The version it led to.
    pub version: u64,
    /// When.
    pub at: Timestamp,
    /// Buckets that came.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub granted: Vec<Bucket>,
    /// Buckets that went.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub revoked: Vec<Bucket>,
    /// Who decided it; `None` when it was set up by hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<UserId>,
    /// Why; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

/// What is to be a person's from now on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ScopeGrant {
    /// What they may do.
    pub role: Role,
    /// The region they belong to or watch.
    pub region_code: Option<String>,
    /// The territories they work in.
    pub territories: Vec<TerritoryId>,
    /// The dealers they act for.
    pub dealers: Vec<DealerId>,
}

/// Who decided a change, when and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct ScopeReason<'a> {
    pub(crate) at: Timestamp,
    pub(crate) by: Option<UserId>,
    pub(crate) reason: &'a str,
}

impl Scope {
    /// The first document of a person, or the next one; `None` when nothing differs.
    pub fn following(
        before: Option<&Self>,
        user_id: UserId,
        grant: ScopeGrant,
        at: Timestamp,
        by: Option<UserId>,
        reason: &str,
    ) -> Option<Self> {
        Self::step(before, user_id, grant, &ScopeReason { at, by, reason })
    }

    fn step(before: Option<&Self>, user_id: UserId, grant: ScopeGrant, why: &ScopeReason<'_>) -> Option<Self> {
        let territories = if grant.role == Role::Supervisor { Vec::new() } else { sorted(grant.territories) };
        let mut next = Self {
            id: ScopeId(user_id.0),
            user_id,
            version: before.map_or(1, |before| before.version + 1),
            role: grant.role,
            region_code: grant.region_code,
            territories,
            dealers: sorted(grant.dealers),
            since: why.at,
            history: before.map(|before| before.history.clone()).unwrap_or_default(),
        };
        if before.is_some_and(|before| before.is_same(&next)) {
            return None;
        }
        let (had, has) = (before.map(Self::buckets).unwrap_or_default(), next.buckets());
        next.history.push(ScopeStep {
            version: next.version,
            at: why.at,
            granted: has.iter().filter(|bucket| !had.contains(bucket)).cloned().collect(),
            revoked: had.into_iter().filter(|bucket| !has.contains(bucket)).collect(),
            by: why.by,
            reason: why.reason.to_owned(),
        });
        let too_many = next.history.len().saturating_sub(STEPS_TOLD);
        next.history.drain(..too_many);
        Some(next)
    }

    /// The same person with other territories; `None` when they are the same.
    pub(crate) fn with_territories(&self, territories: Vec<TerritoryId>, why: &ScopeReason<'_>) -> Option<Self> {
        let grant = ScopeGrant {
            role: self.role,
            region_code: self.region_code.clone(),
            territories,
            dealers: self.dealers.clone(),
        };
        Self::step(Some(self), self.user_id, grant, why)
    }

    /// The buckets of this version, most needed first.
    pub fn buckets(&self) -> Vec<Bucket> {
        scope_buckets(self.role, self.user_id, &self.territories, &self.dealers, self.region_code.as_deref())
    }

    fn is_same(&self, other: &Self) -> bool {
        self.role == other.role
            && self.region_code == other.region_code
            && self.territories == other.territories
            && self.dealers == other.dealers
    }
}

/// The buckets a person may read, most needed first.
pub fn scope_buckets(
    role: Role,
    user_id: UserId,
    territories: &[TerritoryId],
    dealers: &[DealerId],
    region: Option<&str>,
) -> Vec<Bucket> {
    let mut buckets = vec![Bucket::Org];
    if role == Role::Rep {
        buckets.extend(territories.iter().copied().map(Bucket::Territory));
    }
    if matches!(role, Role::Rep | Role::Dealer) {
        buckets.extend(dealers.iter().copied().map(Bucket::Dealer));
    }
    buckets.push(Bucket::User(user_id));
    if matches!(role, Role::Supervisor | Role::Admin) {
        buckets.extend(region.map(|region| Bucket::Audit(region.to_owned())));
    }
    buckets
}

fn sorted<T: Ord>(mut ids: Vec<T>) -> Vec<T> {
    ids.sort_unstable();
    ids.dedup();
    ids
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const REP: UserId = UserId(Uuid::from_u128(1));

    fn territory(number: u128) -> TerritoryId {
        TerritoryId(Uuid::from_u128(number))
    }

    fn grant(territories: &[u128]) -> ScopeGrant {
        ScopeGrant {
            role: Role::Rep,
            region_code: Some("jiangcheng".into()),
            territories: territories.iter().copied().map(territory).collect(),
            dealers: Vec::new(),
        }
    }

    fn next(before: Option<&Scope>, territories: &[u128], at: i64) -> Option<Scope> {
        Scope::following(before, REP, grant(territories), Timestamp(at), None, "")
    }

    #[test]
    fn every_version_says_what_came_and_what_went() {
        let first = next(None, &[2, 1], 10).expect("a first version");
        assert_eq!((first.version, first.history.len()), (1, 1));
        let second = next(Some(&first), &[2, 3], 20).expect("a second");
        let step = second.history.last().expect("told");
        assert_eq!((second.version, step.version, step.at), (2, 2, Timestamp(20)));
        assert_eq!(step.granted, [Bucket::Territory(territory(3))]);
        assert_eq!(step.revoked, [Bucket::Territory(territory(1))]);
    }

    #[test]
    fn the_same_territories_in_another_order_are_no_new_version() {
        let first = next(None, &[2, 1], 10).expect("a first version");
        assert_eq!(next(Some(&first), &[1, 2, 2], 20), None);
    }

    #[test]
    fn the_document_does_not_grow_for_ever() {
        let mut scope = next(None, &[1], 0).expect("a first version");
        for turn in 1..100 {
            scope = next(Some(&scope), &[1 + u128::from(turn % 2 == 1)], turn).expect("a change");
        }
        assert_eq!((scope.version, scope.history.len()), (100, STEPS_TOLD));
    }

    #[test]
    fn a_supervisors_document_names_no_territory() {
        let grant = ScopeGrant { role: Role::Supervisor, ..grant(&[1, 2]) };
        let scope = Scope::following(None, REP, grant, Timestamp(0), None, "").expect("a first version");
        assert_eq!(scope.buckets(), [Bucket::Org, Bucket::User(REP), Bucket::Audit("jiangcheng".into())]);
    }
}
