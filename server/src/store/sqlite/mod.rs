//! The store on SQLite: one writer thread with group commit, a few reader threads, WAL.

mod accounts;
mod commands;
mod console;
mod couriers;
mod covers;
mod feed;
mod lane;
mod lives;
mod prints;
mod retention;
mod reviews;
mod scopes;
mod segments;
mod sessions;
#[cfg(test)]
mod upgrade_tests;
mod uploads;
mod values;
mod writer;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    thread::JoinHandle,
};

use rusqlite::{Connection, OpenFlags};
use storewalk_domain::{
    ids::{IdSource, RowId},
    sync::{Find, Row, State, StateError, Sum, Table, Totals},
};
use storewalk_sqlite::{
    CONFLICT_TABLES, Durability, FaultKind, ORDER_SUMS, PHOTO_SEEN, REFUSAL_OUTCOMES, SCHEMA_READERS, SHELF_PRINTS,
    SYNCED_HANDOVER, SYNCED_TABLES, Schema, SqliteError, SqliteState, bring_up_to_date, configure,
};

use crate::store::{ReadJob, Store, StoreError, StoreRead, StoreTxn, WriteJob};
use feed::Rewritten;
use lane::Lane;
use tokio::sync::watch;

/// The schema, step by step. Steps are only ever added. A step that changes what is in the rows of a synced table, by a
/// default of its own or an `UPDATE`, has a line in [`REWRITTEN`]; one that takes away or renames what the release before
/// uses raises [`LEAST_STEPS`] to its own number, and comes only a release after the last use.
const STEPS: &[&str] = &[
    SYNCED_TABLES,
    include_str!("../../../migrations/0002_server.sql"),
    include_str!("../../../migrations/0003_courier.sql"),
    include_str!("../../../migrations/0004_bulk.sql"),
    CONFLICT_TABLES,
    REFUSAL_OUTCOMES,
    include_str!("../../../migrations/0005_receipts.sql"),
    SYNCED_HANDOVER,
    include_str!("../../../migrations/0006_scope_versions.sql"),
    SCHEMA_READERS,
    include_str!("../../../migrations/0007_sign_in_marks.sql"),
    include_str!("../../../migrations/0008_lives.sql"),
    ORDER_SUMS,
    PHOTO_SEEN,
    include_str!("../../../migrations/0009_upload_life.sql"),
    include_str!("../../../migrations/0010_reviews.sql"),
    include_str!("../../../migrations/0011_retention.sql"),
    SHELF_PRINTS,
    include_str!("../../../migrations/0012_photo_prints.sql"),
    include_str!("../../../migrations/0013_erasure.sql"),
    include_str!("../../../migrations/0014_photo_covers.sql"),
    include_str!("../../../migrations/0015_print_way.sql"),
    include_str!("../../../migrations/0016_waiting_photos.sql"),
    include_str!("../../../migrations/0017_views_ahead.sql"),
];

/// A release that knows at least so many steps can use a database that has them all.
const LEAST_STEPS: usize = 10;

/// Steps that changed what is in the rows of a synced table.
const REWRITTEN: &[Rewritten] = &[];

/// The schema.
const SCHEMA: Schema = Schema { steps: STEPS, least_steps: LEAST_STEPS };

/// Jobs that may wait for the writer before callers are sent away.
const WRITE_QUEUE: usize = 4_096;

/// Jobs that may wait for a reader before callers are sent away.
const READ_QUEUE: usize = 4_096;

/// Reader threads, each with a connection of its own.
const READERS: usize = 4;

/// A database file with its threads. Dropping it finishes the jobs that wait and closes the file.
pub struct SqliteStore {
    writes: Arc<Lane<WriteJob>>,
    reads: Arc<Lane<ReadJob>>,
    commits: watch::Receiver<u64>,
    threads: Vec<JoinHandle<()>>,
}

impl SqliteStore {
    /// Opens the database, makes it when there is none, and brings its schema up to date.
    ///
    /// # Errors
    /// When the file cannot be opened, is damaged or is of a newer release.
    pub fn open(path: &Path, ids: &dyn IdSource) -> Result<Self, StoreError> {
        own_only(path)?;
        let mut connection = connect(path, Durability::Full)?;
        bring_up_to_date(&mut connection, SCHEMA).map_err(store_error)?;
        mint_facts(&connection, ids)?;
        sum_after_migration(&connection, REWRITTEN)?;
        let writes = Arc::new(Lane::new(WRITE_QUEUE));
        let reads = Arc::new(Lane::new(READ_QUEUE));
        let (counter, commits) = watch::channel(0);
        let mut store = Self { writes, reads, commits, threads: Vec::new() };
        store.start("store-writer", {
            let lane = Arc::clone(&store.writes);
            move || writer::run(&connection, &lane, &counter)
        })?;
        for number in 1..=READERS {
            let reader = connect(path, Durability::Full)?;
            reader.pragma_update(None, "query_only", true).map_err(sql_error)?;
            let lane = Arc::clone(&store.reads);
            store.start(&format!("store-reader-{number}"), move || read_loop(&reader, &lane))?;
        }
        Ok(store)
    }

    fn start(&mut self, name: &str, body: impl FnOnce() + Send + 'static) -> Result<(), StoreError> {
        let thread = std::thread::Builder::new().name(name.to_owned()).spawn(body);
        self.threads.push(thread.map_err(|error| StoreError::Unavailable(Box::new(error)))?);
        Ok(())
    }
}

impl Store for SqliteStore {
    fn submit_write(&self, job: WriteJob) {
        if let Err((job, error)) = self.writes.push(job) {
            job.refuse(error);
        }
    }

    fn submit_read(&self, job: ReadJob) {
        if let Err((job, error)) = self.reads.push(job) {
            job.refuse(error);
        }
    }

    fn commits(&self) -> watch::Receiver<u64> {
        self.commits.clone()
    }
}

impl Drop for SqliteStore {
    fn drop(&mut self) {
        self.writes.close();
        self.reads.close();
        for thread in self.threads.drain(..) {
            // A job may hold the last handle; a thread cannot wait for itself.
            if thread.thread().id() != std::thread::current().id() {
                drop(thread.join());
            }
        }
    }
}

fn connect(path: &Path, durability: Durability) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(PathBuf::from(path), flags).map_err(sql_error)?;
    configure(&connection, durability).map_err(store_error)?;
    Ok(connection)
}

/// The file holds the server's secret keys: nobody but its own user may read it. The log beside it takes the same mode.
#[cfg(unix)]
fn own_only(path: &Path) -> Result<(), StoreError> {
    use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
    let fault = |error| StoreError::Unavailable(Box::new(error));
    let file = std::fs::OpenOptions::new().create(true).append(true).mode(0o600).open(path).map_err(fault)?;
    file.set_permissions(std::fs::Permissions::from_mode(0o600)).map_err(fault)
}

#[cfg(not(unix))]
fn own_only(_: &Path) -> Result<(), StoreError> {
    Ok(())
}

/// Names a life: 48 random bits of a version 7 id, distinct for every one, and exact in any JSON reader.
pub fn fresh_epoch(ids: &dyn IdSource) -> u64 {
    u64::from_be_bytes(ids.next_id().as_bytes()[8..].try_into().unwrap_or_default()) & 0xFFFF_FFFF_FFFF
}

/// Gives a new database its identity.
fn mint_facts(connection: &Connection, ids: &dyn IdSource) -> Result<(), StoreError> {
    let epoch = values::to_sql(fresh_epoch(ids))?;
    let token_key: [u8; 32] = rand::random();
    let sql = "INSERT INTO server_facts (id, epoch, token_key) VALUES (1, ?, ?) ON CONFLICT (id) DO NOTHING";
    connection.execute(sql, rusqlite::params![epoch, token_key]).map_err(sql_error)?;
    // Every 32 random bytes are an X25519 key.
    let seed: [u8; 32] = rand::random();
    let sql = "INSERT INTO courier_keys (seed, minted_at) SELECT ?, 0 WHERE NOT EXISTS (SELECT 1 FROM courier_keys)";
    connection.execute(sql, rusqlite::params![seed]).map_err(sql_error)?;
    let seed: [u8; 32] = rand::random();
    let sql = "INSERT INTO receipt_signer (id, seed) VALUES (1, ?) ON CONFLICT (id) DO NOTHING";
    connection.execute(sql, [seed]).map_err(sql_error)?;
    Ok(())
}

/// Brings the checksums up to date, whole or not at all.
fn sum_after_migration(connection: &Connection, rewritten: &[Rewritten]) -> Result<(), StoreError> {
    let transaction = connection.unchecked_transaction().map_err(sql_error)?;
    SqliteTxn(&transaction).sum_after_migration(rewritten)?;
    transaction.commit().map_err(sql_error)
}

fn read_loop(connection: &Connection, lane: &Lane<ReadJob>) {
    while let Some(job) = lane.pop() {
        // Deferred: the snapshot is taken at the first read and holds until the end.
        match connection.execute_batch("BEGIN DEFERRED") {
            Ok(()) => {
                job.run(&SqliteTxn(connection));
                // Nothing was written; a failed rollback shows itself at the next BEGIN.
                drop(connection.execute_batch("ROLLBACK"));
            }
            Err(error) => job.refuse(sql_error(error)),
        }
    }
}

/// A transaction on one connection, as jobs see it.
pub(crate) struct SqliteTxn<'c>(pub(crate) &'c Connection);

impl State for SqliteTxn<'_> {
    fn load(&self, table: Table, id: RowId) -> Result<Option<Row>, StateError> {
        SqliteState(self.0).load(table, id).map_err(own_error)
    }

    fn find(&self, question: Find) -> Result<Vec<Row>, StateError> {
        SqliteState(self.0).find(question).map_err(own_error)
    }

    fn sum(&self, of: Sum) -> Result<Totals, StateError> {
        SqliteState(self.0).sum(of).map_err(own_error)
    }
}

impl StoreRead for SqliteTxn<'_> {}

impl StoreTxn for SqliteTxn<'_> {
    fn begin_part(&mut self) -> Result<(), StoreError> {
        self.step("SAVEPOINT part")
    }

    fn keep_part(&mut self) -> Result<(), StoreError> {
        self.step("RELEASE part")
    }

    fn drop_part(&mut self) -> Result<(), StoreError> {
        // On a full or failing disk SQLite may have dropped the whole transaction by itself: then the job is over.
        if self.0.is_autocommit() {
            return Err(sql_error(writer::transaction_lost()));
        }
        self.step("ROLLBACK TO part")?;
        self.step("RELEASE part")
    }
}

impl SqliteTxn<'_> {
    /// A statement of its own kind, parsed once: there are several to every command.
    fn step(&self, sql: &str) -> Result<(), StoreError> {
        self.0.prepare_cached(sql).and_then(|mut statement| statement.execute([])).map(|_| ()).map_err(sql_error)
    }
}

fn own_error(error: StateError) -> StateError {
    match error.0.downcast::<SqliteError>() {
        Ok(error) => store_error(*error).into(),
        Err(other) => StateError(other),
    }
}

fn store_error(error: SqliteError) -> StoreError {
    match error.kind() {
        FaultKind::Full => StoreError::Full(Box::new(error)),
        FaultKind::Damaged | FaultKind::Busy | FaultKind::Unavailable | FaultKind::Newer => {
            StoreError::Unavailable(Box::new(error))
        }
        FaultKind::Other => StoreError::Unfit(Box::new(error)),
    }
}

fn sql_error(error: rusqlite::Error) -> StoreError {
    store_error(SqliteError::Sql(error))
}

/// A database in memory, for tests of what stands on the store.
#[cfg(test)]
pub(crate) fn memory() -> Memory {
    let mut connection = Connection::open_in_memory().expect("memory");
    bring_up_to_date(&mut connection, SCHEMA).expect("a schema");
    mint_facts(&connection, &crate::clock::RandomIds).expect("facts");
    Memory(connection)
}

/// A database in memory whose size can be limited.
#[cfg(test)]
pub(crate) struct Memory(Connection);

#[cfg(test)]
impl Memory {
    /// Works in a transaction and commits it if the work is `Ok`.
    pub(crate) fn in_transaction<T, E>(&self, work: impl FnOnce(&mut dyn StoreTxn) -> Result<T, E>) -> Result<T, E> {
        self.0.execute_batch("BEGIN IMMEDIATE").expect("begun");
        let result = work(&mut SqliteTxn(&self.0));
        if !self.0.is_autocommit() {
            self.0.execute_batch(if result.is_ok() { "COMMIT" } else { "ROLLBACK" }).expect("ended");
        }
        result
    }

    /// The connection underneath.
    pub(crate) fn connection(&self) -> &Connection {
        &self.0
    }

    /// Lets the database grow by about this many bytes.
    pub(crate) fn leave_room_for(&self, bytes: i64) {
        let ask = |name: &str| self.0.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).expect("a number");
        let limit = ask("page_count") + bytes / ask("page_size");
        self.0.pragma_update(None, "max_page_count", limit).expect("a limit");
    }
}
