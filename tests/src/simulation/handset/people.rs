//! Several people on one phone: whoever is not on it lies parked, with all they captured.

use std::{
    collections::BTreeSet,
    sync::{Arc, atomic::AtomicBool},
};

use rusqlite::Connection;
use storewalk_domain::ids::CommandId;

use super::{Captured, Handset};
use crate::{
    simulation::{observer::Observer, reckoning::ROUND_MS, sight::Sight},
    world::{self, Account},
};

/// Somebody who has a part in a phone, as they left it.
pub struct Person {
    account: Account,
    observer: Arc<Observer>,
    ledger: Vec<Captured>,
    known: BTreeSet<CommandId>,
    sight: Sight,
    is_renumbered: bool,
    is_whole: Arc<AtomicBool>,
    is_spoilt: bool,
}

impl Person {
    /// Somebody who was never on this phone.
    pub fn new(account: Account, observer: Arc<Observer>) -> Self {
        Self {
            account,
            observer,
            ledger: Vec::new(),
            known: BTreeSet::new(),
            sight: Sight::default(),
            is_renumbered: false,
            is_whole: Arc::new(AtomicBool::new(true)),
            is_spoilt: false,
        }
    }
}

impl Handset {
    /// Whether somebody of this login name has a part in the phone and is not on it.
    pub fn is_parked(&self, login: &str) -> bool {
        self.parked.iter().any(|person| person.account.login == login)
    }

    /// How many people are parked.
    pub fn parked(&self) -> usize {
        self.parked.len()
    }

    /// What everybody captured who has a part in the phone.
    pub fn captured_by_all(&self) -> impl Iterator<Item = &Captured> {
        self.ledger.iter().chain(self.parked.iter().flat_map(|person| &person.ledger))
    }

    /// Adds somebody who may take the phone.
    pub fn add_person(&mut self, person: Person) {
        self.parked.push(person);
    }

    /// The person at a place among those who are not on it takes the phone. Says whether that came to pass; the line
    /// may be dead.
    ///
    /// # Errors
    /// When the phone's files cannot be read.
    pub fn change_hands(&mut self, place: usize) -> anyhow::Result<bool> {
        self.drop_tasks();
        let login = self.parked[place].account.login;
        let (phone, name, trace) = (self.phone().clone(), self.name.clone(), self.trace.clone());
        self.spawn(async move {
            match phone.sign_in(login, world::PASSWORD).await {
                Ok(_) => trace.note(&name, &format!("{login} has taken the phone")),
                Err(error) => trace.note(&name, &format!("{login} could not take the phone: {}", error.code())),
            }
        });
        self.executor.run_out(&self.tasks(), ROUND_MS);
        self.drop_tasks();
        let folder = self.folder.clone();
        if let Some(open) = self.open.as_mut() {
            // The file under the name may be another one by now.
            open.reader = Connection::open(folder.join("storewalk.sqlite"))?;
            open.reader.set_prepared_statement_cache_capacity(256);
        }
        let is_theirs = self.phone().session()?.is_some_and(|session| session.user.id == world::user(login));
        if is_theirs {
            let mut person = self.parked.remove(place);
            self.swap(&mut person);
            self.parked.push(person);
        }
        Ok(is_theirs)
    }

    fn swap(&mut self, person: &mut Person) {
        use std::mem::swap;
        swap(&mut self.account, &mut person.account);
        swap(&mut self.observer, &mut person.observer);
        swap(&mut self.ledger, &mut person.ledger);
        swap(&mut self.known, &mut person.known);
        swap(&mut self.is_renumbered, &mut person.is_renumbered);
        swap(&mut self.is_whole, &mut person.is_whole);
        swap(&mut self.is_spoilt, &mut person.is_spoilt);
        self.link.sight(|sight| swap(sight, &mut person.sight));
        self.link.set_observer(Arc::clone(&self.observer));
    }
}
