//! The server's half of the protocol, small enough to be read at once, with the faults of a network.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::{Mutex, MutexGuard},
};

use serde_json::Value;
use storewalk_domain::{
    ids::{CommandId, DeviceId, RowId},
    problem::{Problem, ProblemCode},
    sync::{
        Actor, Bucket, Change, Context, Decision, Host, MemoryState, Policies, Row, State, buckets_of, decide,
        read_command,
    },
    time::Timestamp,
};
use storewalk_wire::{
    ApiError, CommandResult, CommandVerdict, Cursor, Envelope, ErrorCode, GoneBucket, HealRequest, ProtocolWindow,
    ReceiptKey, SessionGrant, SyncRequest, SyncResponse, UserInfo,
};

use super::{
    fault::{Fault, SegmentFault, refused},
    log::{Log, Offer},
    phone::rep,
};

#[derive(Default)]
pub(super) struct World {
    rows: MemoryState,
    versions: BTreeMap<RowId, u64>,
    logs: BTreeMap<Bucket, Log>,
    pub(super) scope: BTreeSet<Bucket>,
    last_seq: u64,
    results: BTreeMap<u64, CommandResult>,
    pub(super) page_rows: usize,
    pub(super) faults: VecDeque<Fault>,
    pub(super) refresh_faults: VecDeque<Fault>,
    /// Rows per segment; `None`: no segments.
    segment_rows: Option<usize>,
    pub(super) segment_faults: VecDeque<SegmentFault>,
    pub(super) segments: BTreeMap<String, Vec<u8>>,
    /// Asked for: hash and offset.
    pub(super) segment_requests: Vec<(String, u64)>,
    pub(super) heal_requests: Vec<HealRequest>,
    /// Answers of healing are of no help.
    pub(super) heals_badly: bool,
    /// How often it was asked whether anything has changed.
    pub(super) standings_asked: usize,
    /// A server of before that question.
    pub(super) knows_no_standings: bool,
    /// Changes at the office when the next request to heal arrives.
    pub(super) at_heal: Option<Row>,
    /// How much later it is on the server than at the start.
    later_ms: i64,
    pub(super) device: Option<DeviceId>,
    /// What receipts are signed with; `None` for a server that gives none.
    pub(super) seed: Option<[u8; 32]>,
    /// Receipts are signed with something else than they say.
    pub(super) bends_receipts: bool,
    pub(super) generation: u32,
    /// What the server says it serves; `None` for one that does not say.
    pub(super) protocols: Option<ProtocolWindow>,
    /// Life of logs that begin now.
    epoch: u64,
    pub(super) last_exchange: Option<(String, String)>,
    pub(super) requests: Vec<SyncRequest>,
    pub(super) nonces: Vec<String>,
}

/// The server.
pub(crate) struct FakeServer {
    world: Mutex<World>,
}

impl FakeServer {
    /// A server whose logs begin in this life.
    pub(crate) fn of_epoch(epoch: u64) -> Self {
        Self { world: Mutex::new(World { epoch, page_rows: 1_000, ..World::default() }) }
    }

    pub(super) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().expect("no test panics while it serves")
    }

    /// The next calls of `sync` go like this.
    pub(crate) fn script(&self, faults: impl IntoIterator<Item = Fault>) {
        self.world().faults = faults.into_iter().collect();
    }

    /// The next exchanges of the refresh token go like this.
    pub(crate) fn script_refresh(&self, faults: impl IntoIterator<Item = Fault>) {
        self.world().refresh_faults = faults.into_iter().collect();
    }

    /// A bucket that starts from nothing comes in segments of so many rows.
    pub(crate) fn set_segment_rows(&self, rows: usize) {
        self.world().segment_rows = Some(rows);
    }

    /// The next calls for segments go like this.
    pub(crate) fn script_segments(&self, faults: impl IntoIterator<Item = SegmentFault>) {
        self.world().segment_faults = faults.into_iter().collect();
    }

    /// The segments asked for so far: hash and offset.
    pub(crate) fn segment_requests(&self) -> Vec<(String, u64)> {
        self.world().segment_requests.clone()
    }

    /// The requests to heal so far.
    pub(crate) fn heal_requests(&self) -> Vec<HealRequest> {
        self.world().heal_requests.clone()
    }

    /// The office changes a row just before the next request to heal arrives.
    pub(crate) fn put_at_heal(&self, row: impl Into<Row>) {
        self.world().at_heal = Some(row.into());
    }

    /// How often the phone asked whether anything had changed.
    pub(crate) fn standings_asked(&self) -> usize {
        self.world().standings_asked
    }

    /// The server is set back to a release that does not know that question.
    pub(crate) fn forget_standings(&self) {
        self.world().knows_no_standings = true;
    }

    /// From now on the server says that it serves these protocols.
    pub(crate) fn set_protocols(&self, min: u32, max: u32) {
        self.world().protocols = Some(ProtocolWindow { min, max });
    }

    /// Time passes on the server.
    pub(crate) fn pass_ms(&self, ms: i64) {
        self.world().later_ms += ms;
    }

    /// From now on the server's sums fit nothing, as after a fault in reckoning them.
    pub(crate) fn reckon_wrongly(&self) {
        self.world().heals_badly = true;
    }

    /// At most so many rows per page.
    pub(crate) fn set_page_rows(&self, rows: usize) {
        self.world().page_rows = rows;
    }

    /// A row as the office changed it.
    pub(crate) fn put(&self, row: impl Into<Row>) {
        self.world().change(&Change::put(row));
    }

    /// A row as the office removed it.
    pub(crate) fn remove(&self, row: &Row) {
        self.world().change(&Change::Remove { table: row.table(), id: row.id() });
    }

    /// An entry of any shape in a bucket's log.
    pub(crate) fn put_raw(&self, bucket: &Bucket, table: &str, id: RowId, row: Option<Value>) {
        let mut world = self.world();
        let version = world.next_version(id);
        world.log(bucket).put(table, id, version, row);
    }

    /// Gives the person a bucket.
    pub(crate) fn grant(&self, bucket: Bucket) {
        self.world().scope.insert(bucket);
    }

    /// Takes a bucket from the person.
    pub(crate) fn revoke(&self, bucket: &Bucket) {
        self.world().scope.remove(bucket);
    }

    /// The server comes back from a backup taken before everything but these rows.
    pub(crate) fn restore_from(&self, rows: impl IntoIterator<Item = Row>) {
        let mut world = self.world();
        (world.last_seq, world.results, world.rows) = (0, BTreeMap::new(), MemoryState::default());
        world.epoch += 1;
        world.logs.clear();
        for row in rows {
            world.change(&Change::put(row));
        }
    }

    /// The same installation has sent commands that this phone knows nothing of (a restored backup of the phone).
    pub(crate) fn be_ahead_by(&self, commands: u64) {
        let mut world = self.world();
        for _ in 0..commands {
            world.last_seq += 1;
            let seq = world.last_seq;
            let command_id = CommandId(uuid::Uuid::from_u128(u128::from(seq) | 0xFFFF << 100));
            let verdict = CommandVerdict::Applied;
            world.results.insert(seq, CommandResult { seq, command_id, verdict, is_duplicate: false });
        }
    }

    /// What the server holds of a row.
    pub(crate) fn row(&self, table: storewalk_domain::sync::Table, id: RowId) -> Option<Row> {
        self.world().rows.load(table, id).expect("memory")
    }

    /// The fields of every row in the person's scope.
    pub(crate) fn visible(&self) -> BTreeMap<(String, RowId), Value> {
        let world = self.world();
        let live = world.scope.iter().filter_map(|bucket| world.logs.get(bucket)).flat_map(Log::live);
        live.map(|entry| ((entry.table.clone(), entry.id), entry.row.clone().unwrap_or_default())).collect()
    }

    /// The last number worked through.
    pub(crate) fn last_seq(&self) -> u64 {
        self.world().last_seq
    }

    /// The ids of the commands worked through, in order.
    pub(crate) fn worked_through(&self) -> Vec<CommandId> {
        self.world().results.values().map(|result| result.command_id).collect()
    }

    /// The sync requests that arrived.
    pub(crate) fn requests(&self) -> Vec<SyncRequest> {
        self.world().requests.clone()
    }

    /// The nonces of the exchanges that arrived.
    pub(crate) fn nonces(&self) -> Vec<String> {
        self.world().nonces.clone()
    }

    /// Every access token given so far has run out.
    pub(crate) fn expire_access(&self) {
        self.world().generation += 1;
    }
}

impl World {
    pub(super) fn log(&mut self, bucket: &Bucket) -> &mut Log {
        let epoch = self.epoch;
        self.logs.entry(bucket.clone()).or_insert_with(|| Log::of_epoch(epoch))
    }

    fn next_version(&mut self, id: RowId) -> u64 {
        let version = self.versions.entry(id).or_default();
        *version += 1;
        *version
    }

    pub(super) fn change(&mut self, change: &Change) {
        let (table, id, row) = match change {
            Change::Put(row) => (row.table(), row.id(), Some((**row).clone())),
            Change::Remove { table, id } => (*table, *id, None),
        };
        let before = self.rows.load(table, id).expect("memory").map_or_else(Vec::new, |row| buckets_of(&row));
        let after = row.as_ref().map_or_else(Vec::new, buckets_of);
        let version = self.next_version(id);
        for bucket in before.into_iter().filter(|bucket| !after.contains(bucket)) {
            self.log(&bucket).put(table.name(), id, version, None);
        }
        for bucket in after {
            let fields = row.as_ref().map(|row| row.to_json().expect("json"));
            self.log(&bucket).put(table.name(), id, version, fields);
        }
        self.rows.apply(std::slice::from_ref(change));
    }

    fn work_through(&mut self, envelope: &Envelope) -> Result<Option<CommandResult>, ApiError> {
        let Envelope { seq, command_id, .. } = *envelope;
        if let Some(stored) = self.results.get(&seq) {
            if stored.command_id != command_id {
                return Err(refused(ErrorCode::SequenceReused));
            }
            return Ok(Some(CommandResult { is_duplicate: true, ..stored.clone() }));
        }
        if seq != self.last_seq + 1 {
            return Ok(None);
        }
        let verdict = self.run(envelope);
        let result = CommandResult { seq, command_id, verdict, is_duplicate: false };
        self.results.insert(seq, result.clone());
        self.last_seq = seq;
        Ok(Some(result))
    }

    fn run(&mut self, envelope: &Envelope) -> CommandVerdict {
        let Ok(command) = read_command(&envelope.command, envelope.schema) else {
            return CommandVerdict::Refused { problems: vec![Problem::new(ProblemCode::CommandUnknown)] };
        };
        let context = Context {
            command_id: envelope.command_id,
            actor: rep(),
            captured_at: envelope.captured.trusted_on_arrival(now()),
            span: envelope.captured.span_on_arrival(now()),
            device_at: envelope.captured.device_at,
            device_number: Some(3),
            host: Host::Server { arrived_at: now() },
            policies: Policies::default(),
        };
        match decide(&self.rows, &command, &context).expect("memory") {
            Decision::Refused(problems) => CommandVerdict::Refused { problems },
            Decision::Accepted(effects) => {
                effects.changes.iter().for_each(|change| self.change(change));
                CommandVerdict::Applied
            }
        }
    }

    pub(super) fn serve(&mut self, request: &SyncRequest, fault: Fault) -> Result<SyncResponse, ApiError> {
        let mut results = Vec::new();
        let commands = if fault == Fault::TryLater { &[] } else { request.commands.as_slice() };
        for envelope in commands {
            match self.work_through(envelope)? {
                Some(result) => results.push(result),
                None => break,
            }
        }
        let mut room = self.page_rows;
        let (mut buckets, mut is_complete) = (Vec::new(), true);
        for bucket in &self.scope.clone() {
            let cursor: Option<&Cursor> = request.cursors.iter().find(|cursor| cursor.bucket == *bucket);
            let can = |name: &str| request.capabilities.iter().any(|known| known == name);
            let segment_rows = self.segment_rows.filter(|_| can("segments"));
            let offer = Offer { has_sums: can("checksums"), segment_rows, limit: room };
            let mut files = std::mem::take(&mut self.segments);
            let (delta, is_all) = self.log(bucket).since(bucket, cursor, offer, &mut files);
            self.segments = files;
            is_complete &= is_all;
            if let Some(mut delta) = delta {
                if let Some(sum) = delta.sum.as_mut().filter(|_| self.heals_badly) {
                    sum.rows += 1;
                }
                room -= delta.entries.len();
                buckets.push(delta);
            }
        }
        let gone = request.cursors.iter().map(|cursor| &cursor.bucket).filter(|bucket| !self.scope.contains(bucket));
        let server_at = now().plus_ms(self.later_ms);
        let receipt = self.receipt(server_at, &request.commands, &results);
        Ok(SyncResponse {
            server_at,
            results,
            acked_seq: self.last_seq,
            actor: rep(),
            policies: Policies::default(),
            buckets,
            gone: gone.map(|bucket| GoneBucket { bucket: bucket.clone() }).collect(),
            is_complete,
            receipt,
            standing: is_complete.then(|| self.standing()),
            protocols: self.protocols,
            withheld: None,
        })
    }

    /// The name of everything a complete answer rests on.
    pub(super) fn standing(&self) -> String {
        let heads = self.scope.iter().map(|bucket| (bucket.to_string(), self.logs.get(bucket).map(Log::head)));
        format!("{:?} {} {}", heads.collect::<Vec<_>>(), self.last_seq, self.epoch)
    }

    pub(super) fn grant(&self, actor: Actor) -> SessionGrant {
        SessionGrant {
            access_token: format!("access-{}", self.generation),
            access_expires_at: now().plus_ms(600_000),
            refresh_token: format!("refresh-{}", self.generation),
            refresh_expires_at: now().plus_ms(86_400_000),
            device_number: 3,
            user: UserInfo { id: actor.user_id, code: "L01".into(), name: "李雯".into(), role: actor.role },
            actor,
            server_at: now(),
            courier_key: None,
            parking_key: None,
            receipt_key: self.seed.map(|seed| ReceiptKey::of_seed(&seed)),
            protocols: self.protocols,
        }
    }
}

pub(super) fn now() -> Timestamp {
    Timestamp::parse("2025-03-14T09:00:00+08:00").expect("a time")
}
