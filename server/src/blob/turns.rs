//! Whose turn it is at an upload. A phone notices a dead line long before the server does: a request that asks where the
//! upload stands tells the one that still holds it to stop, and goes on from what it left. One that brings bytes without
//! having asked takes over only from a holder that has fallen silent; a holder whose bytes still come is left alone.
//!
//! **Invariant.** Requests have their turns in the order in which they came to the server: one that is still being asked who
//! sent it, while its bytes wait, is not passed by the next one, which would be told of none of them.

use std::{
    collections::{BTreeSet, HashMap},
    pin::pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    task::Poll,
    time::Duration,
};

use storewalk_domain::ids::PhotoId;
use storewalk_wire::Variant;
use tokio::{
    sync::{Mutex as AsyncMutex, OwnedMutexGuard, watch},
    task::unconstrained,
    time::timeout,
};

type Key = (PhotoId, Variant);

/// How long a holder may be silent before somebody who brings bytes takes over.
const SILENCE: Duration = Duration::from_millis(300);

/// One upload's door. Whoever comes has a number, higher than all who came before.
struct Door {
    holder: Arc<AsyncMutex<()>>,
    /// The number of whoever had the turn last.
    holding: AtomicU64,
    /// Holders with a number below this one are asked to stop.
    stop_below: watch::Sender<u64>,
    /// Counts the signs of life of whoever holds it.
    beats: AtomicU64,
    /// The next number at the door.
    next: AtomicU64,
    /// Who came and does not stand in line yet.
    arrived: watch::Sender<BTreeSet<u64>>,
}

impl Door {
    fn new() -> Self {
        let (holder, stop_below, arrived) = (Arc::default(), watch::Sender::new(0), watch::Sender::default());
        let [holding, beats, next] = std::array::from_fn(|_| AtomicU64::new(0));
        Self { holder, holding, stop_below, beats, next, arrived }
    }

    fn take_number(&self) -> u64 {
        self.next.fetch_add(1, Ordering::AcqRel)
    }

    fn ask_to_stop_below(&self, number: u64) {
        self.stop_below.send_modify(|below| *below = number.max(*below));
    }
}

/// The doors of all uploads that somebody is at.
#[derive(Default)]
pub struct Turns(Mutex<HashMap<Key, Arc<Door>>>);

impl Turns {
    /// Notes that somebody has come to an upload. That asks nobody to stop: it is for requests of which is not known yet
    /// whether they may.
    pub fn arrive(&self, photo: PhotoId, variant: Variant) -> Arrival {
        let door = self.door((photo, variant));
        let number = door.take_number();
        door.arrived.send_modify(|arrived| {
            arrived.insert(number);
        });
        Arrival { door, number }
    }

    /// Comes to an upload and takes the turn.
    pub async fn take(&self, photo: PhotoId, variant: Variant) -> Turn {
        self.arrive(photo, variant).take().await
    }

    /// The turn, if nobody is at the upload.
    pub fn take_if_free(&self, photo: PhotoId, variant: Variant) -> Option<Turn> {
        let door = self.door((photo, variant));
        let guard = Arc::clone(&door.holder).try_lock_owned().ok()?;
        let number = door.take_number();
        Some(Turn::of(door, number, guard))
    }

    fn door(&self, key: Key) -> Arc<Door> {
        let mut doors = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        doors.retain(|_, door| Arc::strong_count(door) > 1);
        Arc::clone(doors.entry(key).or_insert_with(|| Arc::new(Door::new())))
    }
}

/// A place in line; given up when dropped.
pub struct Arrival {
    door: Arc<Door>,
    number: u64,
}

impl Arrival {
    /// Asks whoever holds the upload or came before to stop, and waits until they have.
    pub async fn take(self) -> Turn {
        self.comes_next().await;
        let (door, number) = (Arc::clone(&self.door), self.number);
        door.ask_to_stop_below(number);
        let mut entering = pin!(Arc::clone(&door.holder).lock_owned());
        let entered = futures::poll!(pin!(unconstrained(entering.as_mut())));
        // Whoever came later may ask now: they stand behind.
        drop(self);
        let guard = match entered {
            Poll::Ready(guard) => guard,
            Poll::Pending => entering.await,
        };
        Turn::of(door, number, guard)
    }

    /// Waits for whoever holds the upload, and asks them to stop once they are silent; `None` when their bytes still
    /// come.
    pub async fn take_from_silent(self) -> Option<Turn> {
        self.take_after(SILENCE).await
    }

    async fn take_after(self, silence: Duration) -> Option<Turn> {
        self.comes_next().await;
        let (door, number) = (Arc::clone(&self.door), self.number);
        let mut entering = pin!(Arc::clone(&door.holder).lock_owned());
        let entered = futures::poll!(pin!(unconstrained(entering.as_mut())));
        drop(self);
        if let Poll::Ready(guard) = entered {
            return Some(Turn::of(door, number, guard));
        }
        loop {
            let (beats, holder) = (door.beats.load(Ordering::Acquire), door.holding.load(Ordering::Acquire));
            if let Ok(guard) = timeout(silence, entering.as_mut()).await {
                return Some(Turn::of(door, number, guard));
            }
            if door.beats.load(Ordering::Acquire) != beats {
                return None;
            }
            // Only them: somebody else who stood before may have it next, and is given as long.
            door.ask_to_stop_below(holder + 1);
        }
    }

    /// Waits until all who came before have asked for their turn or gone.
    async fn comes_next(&self) {
        let mut arrived = self.door.arrived.subscribe();
        // The sender lives in the door that we hold.
        drop(arrived.wait_for(|arrived| arrived.first().is_none_or(|first| *first >= self.number)).await);
    }
}

impl Drop for Arrival {
    fn drop(&mut self) {
        self.door.arrived.send_modify(|arrived| {
            arrived.remove(&self.number);
        });
    }
}

/// The right to touch an upload; ends when dropped.
pub struct Turn {
    number: u64,
    _guard: OwnedMutexGuard<()>,
    door: Arc<Door>,
}

impl Turn {
    fn of(door: Arc<Door>, number: u64, guard: OwnedMutexGuard<()>) -> Self {
        door.holding.store(number, Ordering::Release);
        Self { number, _guard: guard, door }
    }

    /// Resolves when somebody else wants the upload.
    pub async fn is_called_for(&mut self) {
        // The sender lives in the door that we hold.
        drop(self.door.stop_below.subscribe().wait_for(|below| *below > self.number).await);
    }

    /// Whether somebody else wants the upload.
    pub fn has_been_called_for(&self) -> bool {
        *self.door.stop_below.borrow() > self.number
    }

    /// Gives a sign of life.
    pub fn beat(&self) {
        self.door.beats.fetch_add(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[tokio::test]
    async fn the_one_who_comes_last_gets_the_turn() {
        let turns = Arc::new(Turns::default());
        let photo = PhotoId(Uuid::from_u128(1));
        let mut first = turns.take(photo, Variant::Original).await;
        let second = tokio::spawn({
            let turns = Arc::clone(&turns);
            async move { turns.take(photo, Variant::Original).await }
        });
        first.is_called_for().await;
        assert!(!second.is_finished());
        drop(first);
        second.await.expect("took over");
        drop(turns.take(photo, Variant::Thumbnail).await);
        assert!(turns.0.lock().expect("lock").len() <= 2);
    }

    #[tokio::test]
    async fn one_who_brings_bytes_takes_over_from_the_silent() {
        let turns = Arc::new(Turns::default());
        let photo = PhotoId(Uuid::from_u128(1));
        let mut dead = turns.take(photo, Variant::Original).await;
        let waiting = tokio::spawn({
            let turns = Arc::clone(&turns);
            async move { turns.arrive(photo, Variant::Original).take_after(Duration::ZERO).await.is_some() }
        });
        dead.is_called_for().await;
        drop(dead);
        assert!(waiting.await.expect("no panic"), "took over");
    }

    #[tokio::test]
    async fn a_holder_whose_bytes_still_come_is_left_alone() {
        let turns = Turns::default();
        let photo = PhotoId(Uuid::from_u128(1));
        let living = turns.take(photo, Variant::Original).await;
        {
            let mut asking =
                std::pin::pin!(turns.arrive(photo, Variant::Original).take_after(Duration::from_millis(5)));
            assert!(futures::poll!(&mut asking).is_pending());
            living.beat();
            assert!(asking.await.is_none(), "left alone");
        }
        assert!(!living.has_been_called_for());
        assert!(turns.take_if_free(photo, Variant::Original).is_none());
        drop(living);
        assert!(turns.take_if_free(photo, Variant::Original).is_some());
    }

    #[tokio::test]
    async fn nobody_passes_one_who_came_before_and_is_still_asked_who_they_are() {
        let turns = Turns::default();
        let photo = PhotoId(Uuid::from_u128(1));
        let unknown = turns.arrive(photo, Variant::Original);
        let stranger = turns.arrive(photo, Variant::Original);
        let mut next = pin!(turns.take(photo, Variant::Original));
        assert!(futures::poll!(&mut next).is_pending());
        let mut first = unknown.take_from_silent().await.expect("nobody is there");
        assert!(futures::poll!(&mut next).is_pending(), "the stranger came before, too");
        assert!(!first.has_been_called_for(), "who has not had a turn in line calls nobody");
        drop(stranger);
        assert!(futures::poll!(&mut next).is_pending(), "the first one holds it");
        first.is_called_for().await;
        drop(first);
        drop(next.await);
        assert!(turns.take_if_free(photo, Variant::Original).is_some());
    }

    #[tokio::test]
    async fn a_call_that_came_while_one_waited_for_the_turn_is_heard_once_they_have_it() {
        let turns = Turns::default();
        let photo = PhotoId(Uuid::from_u128(1));
        let holder = turns.take(photo, Variant::Original).await;
        let mut waiting = pin!(turns.arrive(photo, Variant::Original).take_from_silent());
        assert!(futures::poll!(&mut waiting).is_pending());
        let mut last = pin!(turns.take(photo, Variant::Original));
        assert!(futures::poll!(&mut last).is_pending());
        drop(holder);
        let second = waiting.await.expect("the holder is gone");
        assert!(second.has_been_called_for());
        drop(second);
        last.await;
    }

    #[tokio::test]
    async fn one_who_waits_behind_another_asks_whoever_is_silent_in_turn() {
        let turns = Turns::default();
        let photo = PhotoId(Uuid::from_u128(1));
        let mut dead = turns.take(photo, Variant::Original).await;
        let mut next = pin!(turns.arrive(photo, Variant::Original).take_after(Duration::from_millis(1)));
        assert!(futures::poll!(&mut next).is_pending());
        let mut last = pin!(turns.arrive(photo, Variant::Original).take_after(Duration::from_millis(1)));
        assert!(futures::poll!(&mut last).is_pending());
        tokio::select! {
            _ = &mut last => panic!("somebody has it"),
            () = dead.is_called_for() => drop(dead),
        }
        let mut dead_too = next.await.expect("the first one is gone");
        assert!(!dead_too.has_been_called_for(), "what was asked of the first one was not asked of the second");
        tokio::select! {
            _ = &mut last => panic!("somebody has it"),
            () = dead_too.is_called_for() => drop(dead_too),
        }
        assert!(last.await.is_some());
    }
}
