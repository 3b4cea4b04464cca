//! What the sender of a command could know of something that is no longer theirs: judged by what the phone had read.
//!
//! **The test.** A command says how far its phone had read each bucket (`seen`). The version of the person's scope at
//! the place seen in `user:{id}` says which buckets the phone knew to be its own. The phone had an outlet legitimately,
//! and had not seen it leave, when one of those territories that it had read still holds the outlet (the territory was
//! revoked later), or let it go at a place above the one seen. No clock takes part.
//!
//! **Limits.** A bucket keeps one entry per row: an outlet that came and went above the place seen counts as had; only
//! somebody who knew its id could use that, and the work is labelled and told of. Below the floor removals are
//! forgotten: there nothing can be proved, the work is refused, kept whole and can be taken in by a supervisor. A place
//! above the head is of another life of this server: it says nothing was seen of this one.

use std::collections::BTreeMap;

use storewalk_domain::{
    ids::{OutletId, RowId, TerritoryId, UserId},
    outlet::Outlet,
    sync::{Bucket, Find, Notice, Row, State, StateError, StateExt, Sum, Table, Theirs, Totals},
};

use crate::store::{StoreError, StoreTxn};

/// Who looks at a decision, and from where.
#[derive(Clone, Copy)]
pub(crate) enum Sight<'a> {
    /// Somebody at the console: they see what is.
    Desk,
    /// A phone that had read this far.
    Phone {
        /// Whose.
        user: UserId,
        /// How far.
        seen: &'a BTreeMap<Bucket, u64>,
    },
    /// A supervisor takes refused work at the outlets of these territories in, whatever its sender knew. Dealers are
    /// no supervisor's to give.
    TakenIn {
        /// Those the supervisor watches.
        territories: &'a [TerritoryId],
    },
}

/// The rows of a transaction, and what the sender could know.
pub(crate) struct Informed<'a> {
    /// The rows.
    pub(crate) txn: &'a dyn StoreTxn,
    /// Who looks.
    pub(crate) sight: Sight<'a>,
}

impl State for Informed<'_> {
    fn load(&self, table: Table, id: RowId) -> Result<Option<Row>, StateError> {
        self.txn.load(table, id)
    }

    fn find(&self, question: Find) -> Result<Vec<Row>, StateError> {
        self.txn.find(question)
    }

    fn sum(&self, of: Sum) -> Result<Totals, StateError> {
        self.txn.sum(of)
    }

    fn notice(&self, of: Theirs) -> Result<Notice, StateError> {
        match self.sight {
            Sight::Desk => Ok(Notice::Never),
            Sight::TakenIn { territories } => match of {
                Theirs::Outlet(id) => {
                    let outlet = self.txn.get::<Outlet>(id.row())?;
                    let is_watched = outlet.is_some_and(|outlet| territories.contains(&outlet.territory_id));
                    Ok(if is_watched { Notice::TakenIn } else { Notice::Never })
                }
                Theirs::Dealer(_) => Ok(Notice::Never),
            },
            Sight::Phone { user, seen } => Ok(Phone { txn: self.txn, user, seen }.notice(of)?),
        }
    }
}

/// A phone that had read so far.
struct Phone<'a> {
    txn: &'a dyn StoreTxn,
    user: UserId,
    seen: &'a BTreeMap<Bucket, u64>,
}

impl Phone<'_> {
    fn notice(&self, of: Theirs) -> Result<Notice, StoreError> {
        match of {
            Theirs::Outlet(outlet) => self.of_outlet(outlet),
            Theirs::Dealer(dealer) => {
                let bucket = Bucket::Dealer(dealer);
                if self.seen.contains_key(&bucket) && self.scope_then()?.contains(&bucket) {
                    return Ok(Notice::Unaware);
                }
                let was_theirs = self.txn.scope_ever(self.user)?.contains(&bucket);
                Ok(if was_theirs { Notice::Aware } else { Notice::Never })
            }
        }
    }

    fn of_outlet(&self, outlet: OutletId) -> Result<Notice, StoreError> {
        let mut is_beyond_proof = false;
        for bucket in self.scope_then()?.iter().filter(|bucket| matches!(bucket, Bucket::Territory(_))) {
            // A territory the phone had not read yet gave it nothing.
            let Some(seen) = self.seen_of(bucket)? else { continue };
            match self.txn.entry_of(bucket, Table::Outlets, outlet.row())? {
                Some(entry) if !entry.is_removed || entry.position > seen => return Ok(Notice::Unaware),
                Some(_) => {}
                None => is_beyond_proof |= seen < self.floor_of(bucket)?,
            }
        }
        if is_beyond_proof || self.had_ever(outlet)? { Ok(Notice::Aware) } else { Ok(Notice::Never) }
    }

    fn had_ever(&self, outlet: OutletId) -> Result<bool, StoreError> {
        for bucket in self.txn.scope_ever(self.user)? {
            let is_territory = matches!(bucket, Bucket::Territory(_));
            if is_territory && self.txn.entry_of(&bucket, Table::Outlets, outlet.row())?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The buckets the phone knew to be its person's.
    fn scope_then(&self) -> Result<Vec<Bucket>, StoreError> {
        let own = Bucket::User(self.user);
        let seen = self.seen.get(&own).copied().unwrap_or_default();
        if seen > self.head_of(&own)? {
            return self.txn.scope_ever(self.user);
        }
        let known = self.txn.scope_seen(self.user, seen)?;
        let account = || Ok(self.txn.account(self.user)?.map(|account| account.buckets()).unwrap_or_default());
        known.map_or_else(account, Ok)
    }

    /// How far the phone had read a bucket of this life of the server.
    fn seen_of(&self, bucket: &Bucket) -> Result<Option<u64>, StoreError> {
        let Some(seen) = self.seen.get(bucket).copied() else { return Ok(None) };
        let is_of_another_life = seen > self.head_of(bucket)?;
        Ok(Some(if is_of_another_life { 0 } else { seen }))
    }

    fn head_of(&self, bucket: &Bucket) -> Result<u64, StoreError> {
        Ok(self.txn.bucket_head(bucket)?.map_or(0, |head| head.head))
    }

    fn floor_of(&self, bucket: &Bucket) -> Result<u64, StoreError> {
        Ok(self.txn.bucket_head(bucket)?.map_or(0, |head| head.floor))
    }
}
