//! Which rows the phone holds, and why: the buckets each came in.
//!
//! **Invariants.** A row lives while one of its buckets holds it, and dies with the last. A row a pending command has
//! touched, or rests on, stays until that command is resolved, even when every bucket has let it go; so does the outlet
//! of a visit that is under way. Between two buckets that hold
//! the same row the higher version counts. With each row its checksum is kept, and with each bucket the number of its
//! rows and the sum of theirs: [`Holding`] keeps both up, and nothing else writes memberships.

use rusqlite::{Connection, OptionalExtension, named_params};
use serde_json::{Map, Value};
use storewalk_domain::{ids::RowId, sync::Table};
use storewalk_sqlite::id_blob;
use storewalk_wire::{BucketSum, Checksum, row_checksum};
use uuid::Uuid;

use super::rows;
use crate::{ClientError, outbox};

/// One change of one row.
pub(super) struct Arrival {
    pub(super) table: String,
    pub(super) id: RowId,
    pub(super) version: u64,
    /// JSON; `None` when the row left the bucket.
    pub(super) fields: Option<String>,
}

/// One bucket while its rows are being changed.
pub(super) struct Holding<'c> {
    pub(super) connection: &'c Connection,
    pub(super) bucket_id: i64,
    pub(super) total: BucketSum,
    /// Rows set aside while the bucket starts again.
    has_aside: bool,
}

impl<'c> Holding<'c> {
    /// Takes a bucket up where its cursor says it stands.
    pub(super) fn open(connection: &'c Connection, bucket_id: i64) -> Result<Self, ClientError> {
        let total = connection
            .prepare_cached("SELECT row_count, coalesce(sum, 0) FROM cursors WHERE bucket_id = ?")?
            .query_row([bucket_id], |row| {
            Ok(BucketSum { rows: row.get(0)?, checksum: Checksum::from_bits(row.get(1)?) })
        })?;
        Ok(Self { connection, bucket_id, total, has_aside: false })
    }

    /// Makes one change.
    pub(super) fn arrive(&mut self, arrival: &Arrival) -> Result<(), ClientError> {
        let Arrival { table, id, version, fields } = arrival;
        let Some(text) = fields else { return self.leave(table, *id) };
        let fields: Map<String, Value> = serde_json::from_str(text).unwrap_or_default();
        let code = code_of(self.connection, table)?;
        if self.note(code, *id, *version, row_checksum(table, *id, *version, &fields))? {
            rows::write(self.connection, table, *id, fields, text)?;
        }
        Ok(())
    }

    /// Notes that the bucket holds a row at a version. Says whether this version is the one to show.
    pub(super) fn note(&mut self, code: i64, id: RowId, version: u64, sum: Checksum) -> Result<bool, ClientError> {
        let mut is_newest = true;
        let (mut own, mut is_aside) = (None, false);
        {
            let mut held = self.connection.prepare_cached(
                "SELECT bucket_id, version, coalesce(sum, 0) FROM memberships WHERE tbl = :tbl AND row_id = :id",
            )?;
            let mut found = held.query(named_params! { ":tbl": code, ":id": id_blob(id) })?;
            while let Some(row) = found.next()? {
                let (bucket_id, other): (i64, u64) = (row.get(0)?, row.get(1)?);
                if bucket_id == self.bucket_id {
                    own = Some(Checksum::from_bits(row.get(2)?));
                } else if bucket_id == -self.bucket_id {
                    is_aside = true;
                } else {
                    is_newest &= other <= version;
                }
            }
        }
        match own {
            Some(old) => self.total.checksum = self.total.checksum.minus(old),
            None => self.total.rows += 1,
        }
        if is_aside {
            self.remove(-self.bucket_id, code, id)?;
        }
        self.insert(code, id, version, sum)?;
        Ok(is_newest)
    }

    /// The same for a row that no bucket of the phone can hold yet.
    pub(super) fn insert(&mut self, code: i64, id: RowId, version: u64, sum: Checksum) -> Result<(), ClientError> {
        self.connection
            .prepare_cached(
                "INSERT OR REPLACE INTO memberships (tbl, row_id, bucket_id, version, sum) VALUES (?, ?, ?, ?, ?)",
            )?
            .execute((code, id_blob(id), self.bucket_id, version, sum.to_bits()))?;
        self.total.checksum = self.total.checksum.plus(sum);
        Ok(())
    }

    /// Takes a row out of the bucket.
    pub(super) fn leave(&mut self, table: &str, id: RowId) -> Result<(), ClientError> {
        let code = code_of(self.connection, table)?;
        if let Some(sum) = self.remove(self.bucket_id, code, id)? {
            self.total.rows = self.total.rows.saturating_sub(1);
            self.total.checksum = self.total.checksum.minus(sum);
        }
        self.part(code, table, id)
    }

    /// The bucket starts again: what it held is set aside until it is known what of it comes back.
    pub(super) fn set_aside(&mut self) -> Result<(), ClientError> {
        self.connection
            .execute("UPDATE memberships SET bucket_id = -bucket_id WHERE bucket_id = ?", [self.bucket_id])?;
        self.total = BucketSum::default();
        self.has_aside = true;
        Ok(())
    }

    /// Lets go what was set aside and did not come back. Says how many rows.
    pub(super) fn let_aside_go(&mut self) -> Result<u64, ClientError> {
        if !std::mem::take(&mut self.has_aside) {
            return Ok(0);
        }
        let gone = rows_of(self.connection, -self.bucket_id, |_| true)?;
        for (code, table, id) in &gone {
            self.remove(-self.bucket_id, *code, *id)?;
            self.part(*code, table, *id)?;
        }
        Ok(gone.len() as u64)
    }

    /// Lets every row of the bucket go. Says how many.
    pub(super) fn let_all_go(&mut self) -> Result<u64, ClientError> {
        let gone = rows_of(self.connection, self.bucket_id, |_| true)?;
        for (code, table, id) in &gone {
            self.remove(self.bucket_id, *code, *id)?;
            self.part(*code, table, *id)?;
        }
        self.total = BucketSum::default();
        Ok(gone.len() as u64)
    }

    /// Writes down what the bucket holds now.
    pub(super) fn close(self) -> Result<(), ClientError> {
        self.connection.execute(
            "UPDATE cursors SET row_count = :rows, sum = :sum WHERE bucket_id = :bucket",
            named_params! {
                ":rows": self.total.rows,
                ":sum": self.total.checksum.to_bits(),
                ":bucket": self.bucket_id,
            },
        )?;
        Ok(())
    }

    fn remove(&self, bucket_id: i64, code: i64, id: RowId) -> Result<Option<Checksum>, ClientError> {
        let mut statement = self.connection.prepare_cached(
            "DELETE FROM memberships WHERE tbl = ? AND row_id = ? AND bucket_id = ? RETURNING coalesce(sum, 0)",
        )?;
        let bits = statement.query_row((code, id_blob(id), bucket_id), |row| row.get(0)).optional()?;
        Ok(bits.map(Checksum::from_bits))
    }

    /// Lets a row go that this bucket no longer holds, unless another does or a pending command rests on it.
    fn part(&self, code: i64, table: &str, id: RowId) -> Result<(), ClientError> {
        if is_held(self.connection, code, id)? {
            return Ok(());
        }
        // Of an outlet it shows only at the end of the pull whether a visit there is under way.
        if table == Table::Outlets.name() || outbox::is_touched(self.connection, table, id)? {
            self.connection
                .prepare_cached("INSERT OR IGNORE INTO parted (tbl, row_id) VALUES (:tbl, :id)")?
                .execute(named_params! { ":tbl": table, ":id": id_blob(id) })?;
            return Ok(());
        }
        rows::erase(self.connection, table, id)
    }
}

/// Those rows of a bucket that are asked for: table, its name, row.
pub(super) fn rows_of(
    connection: &Connection,
    bucket_id: i64,
    is_asked: impl Fn(RowId) -> bool,
) -> Result<Vec<(i64, String, RowId)>, ClientError> {
    let mut statement = connection.prepare_cached(
        "SELECT held.tbl, row_tables.name, held.row_id
         FROM memberships AS held
         JOIN row_tables ON row_tables.code = held.tbl
         WHERE held.bucket_id = ?",
    )?;
    let mut found = statement.query([bucket_id])?;
    let mut rows = Vec::new();
    while let Some(row) = found.next()? {
        let id = RowId(Uuid::from_bytes(row.get(2)?));
        if is_asked(id) {
            rows.push((row.get(0)?, row.get(1)?, id));
        }
    }
    Ok(rows)
}

/// Lets the rows go that left every bucket and that no pending command rests on any more. Says how many.
pub(super) fn let_parted_go(connection: &Connection) -> Result<u64, ClientError> {
    connection.execute(
        "DELETE FROM parted WHERE EXISTS (
             SELECT 1 FROM memberships AS held
             WHERE held.tbl = (SELECT code FROM row_tables WHERE name = parted.tbl) AND held.row_id = parted.row_id)",
        [],
    )?;
    let free: Vec<(String, RowId)> = {
        let mut statement = connection.prepare_cached(
            "SELECT tbl, row_id FROM parted WHERE NOT EXISTS (
                 SELECT 1 FROM outbox_rows AS touched
                 WHERE touched.tbl = parted.tbl AND touched.row_id = parted.row_id)
             AND NOT (parted.tbl = 'outlets' AND EXISTS (
                 SELECT 1 FROM visits WHERE visits.outlet_id = parted.row_id AND visits.status = 'in_progress'))",
        )?;
        statement.query_map([], rows::key_of)?.collect::<Result<_, _>>()?
    };
    for (table, id) in &free {
        rows::erase(connection, table, *id)?;
        connection.execute(
            "DELETE FROM parted WHERE tbl = :tbl AND row_id = :id",
            named_params! { ":tbl": table, ":id": id_blob(*id) },
        )?;
    }
    Ok(free.len() as u64)
}

/// The number of a table, given now if it has none.
pub(super) fn code_of(connection: &Connection, table: &str) -> Result<i64, ClientError> {
    let known = connection
        .prepare_cached("SELECT code FROM row_tables WHERE name = ?")?
        .query_row([table], |row| row.get(0))
        .optional()?;
    if let Some(code) = known {
        return Ok(code);
    }
    let mut insert = connection.prepare_cached("INSERT INTO row_tables (name) VALUES (?) RETURNING code")?;
    Ok(insert.query_row([table], |row| row.get(0))?)
}

fn is_held(connection: &Connection, code: i64, id: RowId) -> Result<bool, ClientError> {
    let mut statement = connection.prepare_cached("SELECT 1 FROM memberships WHERE tbl = ? AND row_id = ?")?;
    Ok(statement.exists((code, id_blob(id)))?)
}
