//! What can still be read: from the mirror, and from the damaged file itself.
//!
//! **Invariant.** Reading a damaged file never fails the recovery; whatever cannot be read is simply not there.

use std::{collections::BTreeMap, path::Path};

use rusqlite::{Connection, OpenFlags, named_params, types::Value as SqlValue};
use storewalk_domain::ids::DeviceId;

use crate::{
    ClientError,
    outbox::{self, MirrorHead, MirrorLine, Pending, Stored},
    session,
    vault::{Vault, open_any},
};

const SESSION_COLUMNS: &str = "user, actor, policies, access_token, access_expires_at, refresh_token, \
                               refresh_expires_at, refresh_nonce, needs_sign_in";

/// What a person wrote that is not in the outbox. Parents before children.
const LOCAL_TABLES: &[&str] = &[
    "order_drafts",
    "order_draft_lines",
    "attention_dismissed",
    "receipt_keys",
    "receipts",
    "receipt_items",
    "receipts_wanted",
    "sign_in_marks",
];

/// The remains of an outbox and of the installation it belongs to.
#[derive(Debug, Default)]
pub(super) struct Salvage {
    head: Option<MirrorHead>,
    commands: BTreeMap<u64, Pending>,
    session: Option<Vec<SqlValue>>,
    /// Rows of tables that only the phone has: table, columns, values.
    local: Vec<(&'static str, Vec<String>, Vec<SqlValue>)>,
}

impl Salvage {
    /// Reads the mirror; an absent or unreadable one gives nothing.
    pub(super) fn from_mirror(path: &Path, vault: &Vault) -> Self {
        let mut salvage = Self::default();
        for line in outbox::read_lines(path, vault) {
            match line {
                MirrorLine::Head(head) => salvage.merge_head(head),
                MirrorLine::Command { device_id, envelope, actor, next_order } => {
                    // A line is a head of its own as far as it goes: the first line may be the one that is damaged.
                    salvage.merge_head(MirrorHead {
                        device_id,
                        owner_login: None,
                        device_number: 0,
                        last_seq: envelope.seq,
                        acked_seq: 0,
                        next_order,
                    });
                    if salvage.device_id() == Some(device_id) {
                        salvage.add(Pending { envelope: *envelope, actor });
                    }
                }
            }
        }
        salvage
    }

    /// Reads what it can from a damaged file that was moved aside.
    pub(super) fn add_file(&mut self, path: &Path, vault: &Vault) {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let Ok(connection) = open_any(path, flags, vault) else { return };
        let Ok(device) = session::device(&connection) else { return };
        if self.device_id().is_some_and(|id| id != device.id) {
            // The mirror's lines carry checksums, the file's rows do not; and another installation has a file and a
            // mirror of its own: the identity in this file is what is damaged.
            return;
        }
        self.merge_head(outbox::head_of(&device));
        // From both ends: damage in the middle hides only what lies behind it.
        for order in ["ASC", "DESC"] {
            outbox::scan_pending(&connection, order, |stored: Stored| {
                if let Ok(pending) = stored.read() {
                    self.add(pending);
                }
            });
        }
        self.session = read_session(&connection);
        self.local = LOCAL_TABLES.iter().flat_map(|table| read_table(&connection, table)).collect();
    }

    /// Whose remains these are.
    pub(super) fn device_id(&self) -> Option<DeviceId> {
        self.head.as_ref().map(|head| head.device_id)
    }

    /// The commands, in order.
    pub(super) fn commands(&self) -> impl Iterator<Item = &Pending> {
        self.commands.values()
    }

    /// Gives a new database the old installation's numbers. Everything found may have been sent, and the server may
    /// know more than was found: it is asked first.
    pub(super) fn restore_device(&self, connection: &Connection) -> Result<(), ClientError> {
        let Some(head) = &self.head else { return Ok(()) };
        connection.execute(
            "UPDATE device SET owner_login = :login, device_number = :number, last_seq = max(last_seq, :last),
                               acked_seq = :acked, sent_seq = max(last_seq, :last), must_ask = 1,
                               next_order = max(next_order, :order)",
            named_params! {
                ":login": head.owner_login,
                ":number": head.device_number,
                ":last": head.last_seq,
                ":acked": head.acked_seq,
                ":order": head.next_order,
            },
        )?;
        Ok(())
    }

    /// Brings the counters of a sound but outdated database up to what the mirror knows.
    pub(super) fn raise_counters(&self, connection: &Connection) -> Result<(), ClientError> {
        let order = self.head.as_ref().map_or(1, |head| head.next_order);
        connection
            .execute("UPDATE device SET sent_seq = last_seq, must_ask = 1, next_order = max(next_order, ?)", [order])?;
        Ok(())
    }

    /// Puts the session back, if it could be read.
    pub(super) fn restore_session(&self, connection: &Connection) -> Result<(), ClientError> {
        let Some(values) = &self.session else { return Ok(()) };
        let marks = vec!["?"; values.len()].join(", ");
        connection.execute(
            &format!("INSERT INTO session (one, {SESSION_COLUMNS}) VALUES (1, {marks})"),
            rusqlite::params_from_iter(values),
        )?;
        Ok(())
    }

    /// Puts drafts back, as far as they could be read; one that no longer fits is left out.
    pub(super) fn restore_local(&self, connection: &Connection) {
        for (table, columns, values) in &self.local {
            let marks = vec!["?"; values.len()].join(", ");
            let sql = format!("INSERT INTO {table} ({}) VALUES ({marks})", columns.join(", "));
            if let Err(error) = connection.execute(&sql, rusqlite::params_from_iter(values)) {
                tracing::warn!(table, %error, "a salvaged row was left out");
            }
        }
    }

    fn add(&mut self, pending: Pending) {
        self.commands.entry(pending.envelope.seq).or_insert(pending);
    }

    fn merge_head(&mut self, other: MirrorHead) {
        match &mut self.head {
            None => self.head = Some(other),
            Some(head) if head.device_id == other.device_id => {
                head.device_number = head.device_number.max(other.device_number);
                head.last_seq = head.last_seq.max(other.last_seq);
                head.acked_seq = head.acked_seq.max(other.acked_seq);
                head.next_order = head.next_order.max(other.next_order);
                head.owner_login = other.owner_login.or(head.owner_login.take());
            }
            Some(_) => {}
        }
    }
}

fn read_session(connection: &Connection) -> Option<Vec<SqlValue>> {
    // Reading the session as the core does proves that it is whole.
    session::session(connection).ok()??;
    let sql = format!("SELECT {SESSION_COLUMNS} FROM session");
    connection.query_row(&sql, [], |row| (0..9).map(|index| row.get(index)).collect()).ok()
}

fn read_table(connection: &Connection, table: &'static str) -> Vec<(&'static str, Vec<String>, Vec<SqlValue>)> {
    let Ok(mut statement) = connection.prepare(&format!("SELECT * FROM {table}")) else { return Vec::new() };
    let columns: Vec<String> = statement.column_names().into_iter().map(str::to_owned).collect();
    let read = |row: &rusqlite::Row<'_>| (0..columns.len()).map(|index| row.get(index)).collect::<Result<Vec<_>, _>>();
    let Ok(rows) = statement.query_map([], read) else { return Vec::new() };
    rows.map_while(Result::ok).map(|values| (table, columns.clone(), values)).collect()
}
