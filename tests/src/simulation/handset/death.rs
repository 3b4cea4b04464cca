//! How a phone's process ends: in order, killed, or killed in the middle of writing; and how it is opened again.

use std::sync::atomic::Ordering;

use storewalk_client::{ClientError, Phone, Recovery};

use super::Handset;
use crate::simulation::{
    disk::{Harm, Kept},
    rng::Rng,
    sight::Sight,
};

/// The files that a kill leaves as they are.
const FILES: [&str; 2] = ["storewalk.sqlite", "outbox.mirror"];

/// How a sync ended that was to be killed.
#[derive(Debug)]
pub enum SyncEnd {
    /// It was killed in the middle of its writing; what the next opening brought back.
    Killed(Option<Recovery>),
    /// It wrote less often than that and lived.
    Lived,
}

impl Handset {
    /// Lets the next deed end in the middle of its writing.
    pub fn die_next(&mut self, rng: Rng) {
        self.dies_next = Some(rng);
    }

    /// Does something, and is killed before anybody hears whether it was done.
    pub(super) fn act_and_die(
        &mut self,
        what: &str,
        act: impl FnOnce(&Phone) -> Result<Vec<String>, ClientError>,
        mut rng: Rng,
    ) -> anyhow::Result<()> {
        self.drop_tasks();
        let before = Kept::of(&self.folder, &FILES)?;
        let outcome = act(self.phone());
        let mut kept = Kept::of(&self.folder, &FILES)?;
        self.open = None;
        let lost = kept.tear(&before, &mut rng);
        kept.put_back()?;
        let recovery = self.open()?;
        let fresh = self.take_in()?;
        let is_done = outcome.is_ok_and(|refused| refused.is_empty());
        let what = format!("{what} ({is_done}): killed in the middle, {lost:?} bytes lost, {fresh} taken in");
        self.trace.note(&self.name, &format!("{what}, {recovery:?}"));
        Ok(())
    }

    /// Syncs, and is killed in the middle of the writing that ends its turn for the given time. Says what was brought
    /// back.
    ///
    /// # Errors
    /// When the core cannot be opened again.
    pub fn sync_and_die(&mut self, times: u64, rng: &mut Rng) -> anyhow::Result<SyncEnd> {
        self.drop_tasks();
        let (sight, was_whole) = (self.link.sight(|sight| sight.clone()), self.is_whole.load(Ordering::SeqCst));
        self.start_sync();
        let Some(task) = self.tasks.last().copied() else { return Ok(SyncEnd::Lived) };
        let folder = self.folder.clone();
        let probe = Box::new(move || Kept::of(&folder, &FILES).ok());
        let Some((before, mut after)) = self.executor.run_until_written(task, times, probe, 300_000) else {
            return Ok(SyncEnd::Lived);
        };
        self.drop_tasks();
        self.open = None;
        let lost = after.tear(&before, rng);
        after.put_back()?;
        // What it said it had published may be lost with the end of its writing.
        self.link.sight(|latest| latest.doubt(sight));
        self.is_whole.store(was_whole, Ordering::SeqCst);
        self.trace.note(&self.name, &format!("killed while it synced, {lost:?} bytes lost"));
        self.open().map(SyncEnd::Killed)
    }

    /// Ends as by `kill -9` in the middle of whatever runs, and opens again; its files may take harm meanwhile.
    ///
    /// # Errors
    /// When the core cannot be opened again.
    pub fn kill(&mut self, harm: Harm, rng: &mut Rng) -> anyhow::Result<Option<Recovery>> {
        self.drop_tasks();
        let mut kept = Kept::of(&self.folder, &FILES)?;
        self.open = None;
        kept.harm(harm, rng);
        kept.put_back()?;
        if !matches!(harm, Harm::None | Harm::MirrorCut(_)) {
            self.expect_new_numbers();
            self.is_whole.store(false, Ordering::SeqCst);
            self.link.sight(Sight::doubt_all);
            // A bit in a row is seen by a look at the rows, which the core takes once a week.
            self.is_spoilt = true;
        }
        self.open()
    }

    /// From now on its numbers may be given anew, and the server may be asked with a number it knows.
    pub fn expect_new_numbers(&mut self) {
        self.is_renumbered = true;
        self.observer.expect_doubt();
    }

    /// Closes in order, and opens again.
    ///
    /// # Errors
    /// When the core cannot be opened again.
    pub fn restart(&mut self) -> anyhow::Result<Option<Recovery>> {
        self.drop_tasks();
        if let Some(open) = self.open.take() {
            drop(open.reader);
            open.phone.shutdown();
        }
        self.open()
    }
}
