//! Who may see what: now, and at every moment of the run, as the server's own books have it after each commit.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use rusqlite::Connection;
use storewalk_domain::{
    ids::{DealerId, TerritoryId, UserId},
    sync::Bucket,
};
use uuid::Uuid;

/// Buckets somebody may read.
pub type Scope = BTreeSet<Bucket>;

/// The scopes of everybody over time. Clones share them.
#[derive(Clone, Default)]
pub struct Scopes(Arc<Mutex<Known>>);

#[derive(Default)]
struct Known {
    histories: BTreeMap<String, Vec<Scope>>,
    /// Where each outlet was at the last look.
    outlets: BTreeMap<Uuid, Bucket>,
    /// Buckets that an outlet has left, with everything that was done there.
    left: Scope,
}

/// A moment in the history of one person's scope.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Moment(usize);

impl Scopes {
    /// Looks into the server's books after a commit.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn look(&self, server: &Connection) -> anyhow::Result<()> {
        let (found, outlets) = (read(server)?, read_outlets(server)?);
        let mut known = self.state();
        for (login, scope) in found {
            let history = known.histories.entry(login).or_default();
            if history.last() != Some(&scope) {
                history.push(scope);
            }
        }
        known.move_outlets(outlets);
        Ok(())
    }

    /// What somebody may see now.
    pub fn now(&self, login: &str) -> Scope {
        self.state().of(login).last().cloned().unwrap_or_default()
    }

    /// This moment in somebody's history.
    pub fn moment(&self, login: &str) -> Moment {
        Moment(self.state().of(login).len().saturating_sub(1))
    }

    /// Everything somebody could see at any time since a moment.
    pub fn since(&self, login: &str, moment: Moment) -> Scope {
        self.state().of(login).iter().skip(moment.0).flatten().cloned().collect()
    }

    /// Whether somebody's scope has ever changed, or an outlet has gone out of it: either takes rows from them.
    pub fn has_moved(&self, login: &str) -> bool {
        let state = self.state();
        let history = state.of(login);
        history.len() > 1 || history.iter().flatten().any(|bucket| state.left.contains(bucket))
    }

    fn state(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn of(&self, login: &str) -> &[Scope] {
        self.histories.get(login).map(Vec::as_slice).unwrap_or_default()
    }

    fn move_outlets(&mut self, outlets: BTreeMap<Uuid, Bucket>) {
        let before = std::mem::replace(&mut self.outlets, outlets);
        self.left.extend(before.into_iter().filter(|(id, was)| self.outlets.get(id) != Some(was)).map(|(_, was)| was));
    }
}

fn read_outlets(server: &Connection) -> anyhow::Result<BTreeMap<Uuid, Bucket>> {
    let mut statement = server.prepare_cached("SELECT id, territory_id FROM outlets")?;
    let rows = statement.query_map([], |row| {
        let [id, territory]: [[u8; 16]; 2] = [row.get(0)?, row.get(1)?];
        Ok((Uuid::from_bytes(id), Bucket::Territory(TerritoryId(Uuid::from_bytes(territory)))))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Told from the accounts alone: the server's own reckoning is what is being tested.
fn read(server: &Connection) -> anyhow::Result<BTreeMap<String, Scope>> {
    let sql = "SELECT account.login, account.role, account.user_id, theirs.kind, theirs.scope_id
               FROM accounts AS account LEFT JOIN account_scopes AS theirs ON theirs.user_id = account.user_id";
    let mut statement = server.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    let mut scopes: BTreeMap<String, Scope> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let (login, role): (String, String) = (row.get(0)?, row.get(1)?);
        let scope = scopes.entry(login).or_insert_with(|| BTreeSet::from([Bucket::Org]));
        scope.insert(Bucket::User(UserId(Uuid::from_bytes(row.get(2)?))));
        let Some(id) = row.get::<_, Option<[u8; 16]>>(4)?.map(Uuid::from_bytes) else { continue };
        match (row.get::<_, String>(3)?.as_str(), role.as_str()) {
            ("territory", "rep") => drop(scope.insert(Bucket::Territory(TerritoryId(id)))),
            ("dealer", "rep" | "dealer") => drop(scope.insert(Bucket::Dealer(DealerId(id)))),
            _ => {}
        }
    }
    Ok(scopes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_to_be_seen_for_a_moment_counts_for_whoever_asked_before_it_went() {
        let scopes = Scopes::default();
        let theirs = |buckets: &[Bucket]| buckets.iter().cloned().collect::<Scope>();
        let dealer = Bucket::Dealer(DealerId(Uuid::from_u128(1)));
        let steps = [theirs(&[Bucket::Org]), theirs(&[Bucket::Org, dealer.clone()]), theirs(&[Bucket::Org])];
        scopes.state().histories.insert("liwen".to_owned(), steps[..1].to_vec());
        let before = scopes.moment("liwen");
        scopes.state().histories.insert("liwen".to_owned(), steps.to_vec());
        assert!(scopes.since("liwen", before).contains(&dealer));
        assert!(!scopes.since("liwen", scopes.moment("liwen")).contains(&dealer));
        assert!(!scopes.now("liwen").contains(&dealer) && scopes.has_moved("liwen"));
    }

    #[test]
    fn an_outlet_that_goes_takes_rows_from_whoever_had_it_and_from_nobody_else() {
        let scopes = Scopes::default();
        let [mine, theirs] = [1, 2].map(|id| Bucket::Territory(TerritoryId(Uuid::from_u128(id))));
        for (login, bucket) in [("liwen", &mine), ("wangqiang", &theirs)] {
            scopes.state().histories.insert(login.to_owned(), vec![BTreeSet::from([bucket.clone()])]);
        }
        let at = |bucket: &Bucket| BTreeMap::from([(Uuid::from_u128(7), bucket.clone())]);
        scopes.state().move_outlets(at(&mine));
        scopes.state().move_outlets(at(&mine));
        assert!(!scopes.has_moved("liwen"));
        scopes.state().move_outlets(at(&theirs));
        assert!(scopes.has_moved("liwen") && !scopes.has_moved("wangqiang"));
    }
}
