//! Whatever changes hands while phones are offline: what was captured at an outlet the phone showed is taken in, once,
//! and every phone ends with exactly what is its person's.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use storewalk_domain::{
    ids::RowId,
    sync::{Bucket, Command, ReassignOutlet, ReassignTerritory, Table, buckets_of},
};
use storewalk_server::store::StoreError;
use storewalk_wire::{CommandVerdict, Envelope, SyncResponse};
use uuid::Uuid;

use crate::{
    fixture::{self, fresh, start_visit},
    phone::Phone,
    world::World,
};

/// One thing that happens.
#[derive(Clone, Copy, Debug)]
enum Event {
    /// A rep visits an outlet, if the phone shows it.
    Visit { rep: usize, outlet: u128 },
    /// A rep's phone meets the server.
    Sync { rep: usize },
    /// An outlet goes to a territory.
    Move { outlet: u128, territory: u128 },
    /// A territory goes to a rep.
    Give { territory: u128, rep: u128 },
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => (0..2_usize, 1..=2_u128).prop_map(|(rep, outlet)| Event::Visit { rep, outlet }),
        2 => (0..2_usize).prop_map(|rep| Event::Sync { rep }),
        3 => (1..=2_u128, 1..=2_u128).prop_map(|(outlet, territory)| Event::Move { outlet, territory }),
        2 => (1..=2_u128, 1..=2_u128).prop_map(|(territory, rep)| Event::Give { territory, rep }),
    ]
}

/// A phone with what it holds, and why.
struct Replica {
    phone: Phone,
    held: BTreeMap<(String, RowId), BTreeSet<Bucket>>,
    unsent: Vec<Envelope>,
}

impl Replica {
    async fn of(world: &World, login: &str) -> Self {
        let mut replica = Self { phone: Phone::of(world, login).await, held: BTreeMap::new(), unsent: Vec::new() };
        replica.sync(world).await;
        replica
    }

    fn shows(&self, outlet: u128) -> bool {
        self.held.contains_key(&("outlets".to_owned(), fixture::outlet(outlet).row()))
    }

    fn visit(&mut self, visit: Uuid, outlet: u128) {
        let seen = self.phone.cursors.iter().map(|cursor| (cursor.bucket.clone(), cursor.position)).collect();
        let envelope = Envelope { seen, ..self.phone.envelope(&start_visit(visit, outlet)) };
        self.unsent.push(envelope);
    }

    async fn sync(&mut self, world: &World) {
        let unsent = std::mem::take(&mut self.unsent);
        let response = self.phone.sync(world, unsent).await;
        for result in &response.results {
            assert_eq!(result.verdict, CommandVerdict::Applied, "captured at an outlet the phone showed");
        }
        self.take_in(&response);
    }

    fn take_in(&mut self, response: &SyncResponse) {
        assert!(response.is_complete, "the field is small");
        for gone in &response.gone {
            self.let_go(&gone.bucket);
        }
        for delta in &response.buckets {
            if delta.is_restart {
                self.let_go(&delta.bucket);
            }
            for entry in &delta.entries {
                let buckets = self.held.entry((entry.table.clone(), entry.id)).or_default();
                if entry.row.is_some() {
                    buckets.insert(delta.bucket.clone());
                } else {
                    buckets.remove(&delta.bucket);
                }
            }
        }
        self.held.retain(|_, buckets| !buckets.is_empty());
    }

    fn let_go(&mut self, bucket: &Bucket) {
        for buckets in self.held.values_mut() {
            buckets.remove(bucket);
        }
        self.held.retain(|_, buckets| !buckets.is_empty());
    }
}

async fn decide(boss: &mut Phone, world: &World, command: Command) {
    match boss.command(world, command).await {
        CommandVerdict::Applied => {}
        CommandVerdict::Refused { problems } => assert_eq!(problems[0].code.as_str(), "handover_needless"),
        other => panic!("{other:?}"),
    }
}

/// Everything of a person's buckets on the server.
async fn theirs(world: &World, rep: u128) -> BTreeMap<(String, RowId), BTreeSet<Bucket>> {
    let user = fixture::rep(rep);
    let read = world.state.store.read::<_, StoreError>(move |snapshot| {
        let scope = snapshot.account(user)?.expect("an account").buckets();
        let mut rows = BTreeMap::new();
        for table in Table::ALL {
            for row in snapshot.rows_of(*table)? {
                let buckets: BTreeSet<Bucket> =
                    buckets_of(&row).into_iter().filter(|bucket| scope.contains(bucket)).collect();
                if !buckets.is_empty() {
                    rows.insert((table.name().to_owned(), row.id()), buckets);
                }
            }
        }
        Ok(rows)
    });
    read.await.expect("a read")
}

async fn play(events: &[Event]) {
    let world = World::new().await;
    let mut boss = Phone::of(&world, "boss").await;
    let mut reps = [Replica::of(&world, "rep1").await, Replica::of(&world, "rep2").await];
    let mut captured: Vec<Uuid> = Vec::new();
    for event in events {
        match *event {
            Event::Visit { rep, outlet } if reps[rep].shows(outlet) => {
                captured.push(fresh());
                reps[rep].visit(captured[captured.len() - 1], outlet);
            }
            Event::Visit { .. } => {}
            Event::Sync { rep } => reps[rep].sync(&world).await,
            Event::Move { outlet, territory } => {
                let (outlet_id, territory_id) = (fixture::outlet(outlet), fixture::territory(territory));
                let args = ReassignOutlet { outlet_id, territory_id, reason: "borders".into() };
                decide(&mut boss, &world, args.into()).await;
            }
            Event::Give { territory, rep } => {
                let (territory_id, to_user_id) = (fixture::territory(territory), fixture::rep(rep));
                let args = ReassignTerritory { territory_id, from_user_id: None, to_user_id, reason: "leave".into() };
                decide(&mut boss, &world, args.into()).await;
            }
        }
    }
    // Twice, because what one hands in may be the other's.
    for _ in 0..2 {
        for rep in &mut reps {
            rep.sync(&world).await;
        }
    }
    let visits = world.state.store.read::<_, StoreError>(|snapshot| snapshot.rows_of(Table::Visits)).await;
    let mut landed: Vec<Uuid> = visits.expect("a read").iter().map(|row| row.id().0).collect();
    landed.sort_unstable();
    captured.sort_unstable();
    assert_eq!(landed, captured, "every visit landed, each once");
    for (rep, number) in reps.iter().zip(1..) {
        assert_eq!(rep.held, theirs(&world, number).await, "rep {number} holds what is theirs and nothing else");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn nothing_captured_is_lost_and_no_row_is_left_over(events in prop::collection::vec(event(), 1..24)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(play(&events));
    }
}
