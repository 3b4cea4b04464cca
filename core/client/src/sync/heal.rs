//! Finding and mending what differs between a bucket on the phone and on the server.
//!
//! **States of a bucket.** Sound → doubtful (its checksum is not the server's, or a look at the rows found damage) →
//! healed range by range → sound. What healing does not mend is read anew, at most once a day; what even that does not
//! mend is left for a day, shown in the status and told to the server.
//!
//! **Invariants.** Doubt never holds a publish back and healing never touches the outbox: rows change in one
//! transaction, the server's versions put back before and the pending commands run again after. The number of requests
//! in a run is bounded.

use rusqlite::{Connection, OptionalExtension, Transaction, named_params};
use serde_json::{Map, Value};
use storewalk_domain::{
    ids::RowId,
    sync::Policies,
    time::{DAY_MS, Timestamp},
};
use storewalk_wire::{BucketSum, Checksum, Entry, HealRequest, HealResponse, RANGES, RangeSum, range_of};
use uuid::Uuid;

use super::{
    membership::{self, Arrival, Holding},
    rebase, shadow, stage,
};
use crate::{ClientError, Phone, session};

/// Most answers that claim to be the rest of what differs, for one bucket in one run.
const MOST_ROUNDS: usize = 3;

/// Most requests for one bucket in one run: every range in an answer of its own.
const MOST_REQUESTS: usize = RANGES + MOST_ROUNDS;

/// The code of a bucket that stays different; see `text.rs`.
const DIFFERS: &str = "bucket_differs";

/// How healing a bucket went.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Outcome {
    /// Phone and server agree.
    Well,
    /// The server is elsewhere: pull, then ask again.
    PullFirst,
    /// They still differ.
    Differs,
}

struct Doubtful {
    bucket_id: i64,
    bucket: String,
    epoch: u64,
    position: u64,
    may_start_again: bool,
}

impl Phone {
    /// Heals what is in doubt. Says whether a pull must follow before all is well. Trouble with the network leaves the
    /// doubt for the next run: what was published stands.
    pub(super) async fn heal(&self, rows_healed: &mut u64) -> Result<bool, ClientError> {
        let now = self.now().trusted();
        let mut must_pull = false;
        for doubtful in self.read(|connection| doubtful(connection, now))? {
            match self.heal_bucket(&doubtful, rows_healed).await {
                Ok(Outcome::Well) => {
                    self.write(|transaction| set_doubt(transaction, doubtful.bucket_id, false))?;
                }
                Ok(Outcome::PullFirst) => must_pull = true,
                Ok(Outcome::Differs) => must_pull |= self.give_up(&doubtful, now)?,
                Err(ClientError::Refused(body)) => {
                    tracing::warn!(bucket = doubtful.bucket, code = body.code.as_str(), "healing was refused");
                    must_pull |= self.give_up(&doubtful, now)?;
                }
                Err(error @ (ClientError::Storage { .. } | ClientError::Closed | ClientError::Internal(_))) => {
                    return Err(error);
                }
                Err(error) => {
                    tracing::debug!(code = error.code(), "healing waits for the next run");
                    return Ok(false);
                }
            }
        }
        Ok(must_pull)
    }

    /// Writes down that a bucket differs although everything went well.
    pub(super) fn note_doubt(&self) -> Result<(), ClientError> {
        if let Some(code) = self.read(standing_trouble)? {
            self.write(|transaction| {
                transaction.execute("UPDATE sync_state SET last_error = ?", [code])?;
                Ok(())
            })?;
        }
        Ok(())
    }

    async fn heal_bucket(&self, doubtful: &Doubtful, rows_healed: &mut u64) -> Result<Outcome, ClientError> {
        let mut rounds = 0;
        for _ in 0..MOST_REQUESTS {
            let request = HealRequest {
                bucket: stage::parse(&doubtful.bucket)?,
                epoch: doubtful.epoch,
                position: doubtful.position,
                ranges: self.write(|transaction| recount(transaction, doubtful.bucket_id))?,
            };
            let answer = self
                .authorized(|api, token| {
                    let request = request.clone();
                    async move { api.heal(&token, &request).await }
                })
                .await?;
            if (answer.epoch, answer.position) != (doubtful.epoch, doubtful.position) {
                return Ok(Outcome::PullFirst);
            }
            if answer.ranges.is_empty() {
                return Ok(if answer.is_complete { Outcome::Well } else { Outcome::Differs });
            }
            *rows_healed += self.write(|transaction| mend(transaction, doubtful.bucket_id, &answer))?;
            rounds += usize::from(answer.is_complete);
            if rounds == MOST_ROUNDS {
                break;
            }
        }
        Ok(Outcome::Differs)
    }

    /// Healing did not help. Says whether the bucket is to be read anew now.
    fn give_up(&self, doubtful: &Doubtful, now: Timestamp) -> Result<bool, ClientError> {
        tracing::warn!(bucket = doubtful.bucket, again = doubtful.may_start_again, "a bucket differs after healing");
        // Epoch 0 is the life of no log: a cursor that the server will call useless.
        let sql = if doubtful.may_start_again {
            "UPDATE cursors SET epoch = 0, started_again_at = :now WHERE bucket_id = :bucket"
        } else {
            "UPDATE cursors SET healed_at = :now WHERE bucket_id = :bucket"
        };
        self.write(|transaction| {
            transaction.execute(sql, named_params! { ":now": now.0, ":bucket": doubtful.bucket_id })?;
            forget_standing(transaction)
        })?;
        Ok(doubtful.may_start_again)
    }
}

/// Notes whether a bucket is in doubt.
pub(super) fn set_doubt(connection: &Connection, bucket_id: i64, is_doubtful: bool) -> Result<(), ClientError> {
    if is_doubtful {
        tracing::warn!(bucket_id, "a bucket is not what the server says it is");
        forget_standing(connection)?;
    }
    connection.execute(
        "UPDATE cursors SET is_doubtful = :doubt, healed_at = iif(:doubt, healed_at, NULL) WHERE bucket_id = :bucket",
        named_params! { ":doubt": is_doubtful, ":bucket": bucket_id },
    )?;
    Ok(())
}

/// What the server called the phone's state does not hold any more.
pub(super) fn forget_standing(connection: &Connection) -> Result<(), ClientError> {
    connection.execute("UPDATE sync_state SET standing = NULL WHERE standing IS NOT NULL", [])?;
    Ok(())
}

/// The code to show while a bucket differs and nothing more is done about it today.
fn standing_trouble(connection: &Connection) -> Result<Option<&'static str>, ClientError> {
    let mut statement =
        connection.prepare_cached("SELECT 1 FROM cursors WHERE is_doubtful AND healed_at IS NOT NULL")?;
    Ok(statement.exists([])?.then_some(DIFFERS))
}

fn doubtful(connection: &Connection, now: Timestamp) -> Result<Vec<Doubtful>, ClientError> {
    let mut statement = connection.prepare_cached(
        "SELECT bucket_id, bucket, epoch, position, started_again_at, healed_at FROM cursors WHERE is_doubtful",
    )?;
    // A day that lies ahead comes of a clock that was wrong.
    let is_today = |at: Option<i64>| at.is_some_and(|at| (0..DAY_MS).contains(&now.0.saturating_sub(at)));
    let mut found = statement.query([])?;
    let mut doubtful = Vec::new();
    while let Some(row) = found.next()? {
        if !is_today(row.get(5)?) {
            doubtful.push(Doubtful {
                bucket_id: row.get(0)?,
                bucket: row.get(1)?,
                epoch: row.get(2)?,
                position: row.get(3)?,
                may_start_again: !is_today(row.get(4)?),
            });
        }
    }
    Ok(doubtful)
}

/// What a bucket holds, range by range, from its memberships; sets what is kept of the whole right as well.
pub(super) fn recount(connection: &Connection, bucket_id: i64) -> Result<Vec<RangeSum>, ClientError> {
    let mut ranges = vec![RangeSum::default(); RANGES];
    let mut total = BucketSum::default();
    let mut statement =
        connection.prepare_cached("SELECT row_id, coalesce(sum, 0) FROM memberships WHERE bucket_id = ?")?;
    let mut found = statement.query([bucket_id])?;
    while let Some(row) = found.next()? {
        let (id, sum) = (RowId(Uuid::from_bytes(row.get(0)?)), Checksum::from_bits(row.get(1)?));
        let range = &mut ranges[usize::from(range_of(id))];
        *range = RangeSum { rows: range.rows + 1, checksum: range.checksum.plus(sum) };
        total = BucketSum { rows: total.rows + 1, checksum: total.checksum.plus(sum) };
    }
    connection.execute(
        "UPDATE cursors SET row_count = :rows, sum = :sum WHERE bucket_id = :bucket",
        named_params! { ":rows": total.rows, ":sum": total.checksum.to_bits(), ":bucket": bucket_id },
    )?;
    Ok(ranges)
}

/// Makes the ranges of an answer what the server says they are. Says how many rows came or went.
fn mend(transaction: &Transaction<'_>, bucket_id: i64, answer: &HealResponse) -> Result<u64, ClientError> {
    shadow::put_back(transaction)?;
    let mut holding = Holding::open(transaction, bucket_id)?;
    let is_asked = |id: RowId| answer.ranges.contains(&range_of(id));
    let mut changed = 0;
    for (_, table, id) in membership::rows_of(transaction, bucket_id, is_asked)? {
        if !answer.entries.iter().any(|entry| entry.id == id && entry.table == table) {
            holding.leave(&table, id)?;
            changed += 1;
        }
    }
    for entry in answer.entries.iter().filter(|entry| is_asked(entry.id)) {
        changed += u64::from(take(&mut holding, entry)?);
    }
    holding.close()?;
    membership::let_parted_go(transaction)?;
    let policies = session::session(transaction)?.map_or_else(Policies::default, |session| session.policies);
    rebase::rerun(transaction, &policies)?;
    Ok(changed)
}

/// Takes one row of an answer in, unless the phone has it as it is.
fn take(holding: &mut Holding<'_>, entry: &Entry) -> Result<bool, ClientError> {
    let Some(Value::Object(fields)) = &entry.row else { return Ok(false) };
    if is_same(holding, entry, fields)? {
        return Ok(false);
    }
    holding.arrive(&Arrival {
        table: entry.table.clone(),
        id: entry.id,
        version: entry.version,
        fields: Some(Value::Object(fields.clone()).to_string()),
    })?;
    Ok(true)
}

fn is_same(holding: &Holding<'_>, entry: &Entry, fields: &Map<String, Value>) -> Result<bool, ClientError> {
    let code = membership::code_of(holding.connection, &entry.table)?;
    let held: Option<(u64, Option<i64>)> = holding
        .connection
        .prepare_cached("SELECT version, sum FROM memberships WHERE tbl = ? AND row_id = ? AND bucket_id = ?")?
        .query_row((code, storewalk_sqlite::id_blob(entry.id), holding.bucket_id), |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let sum = storewalk_wire::row_checksum(&entry.table, entry.id, entry.version, fields);
    Ok(held == Some((entry.version, Some(sum.to_bits()))))
}
