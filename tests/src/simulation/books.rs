//! A look into the server's books, from outside the server.

use std::path::Path;

use anyhow::Context;
use rusqlite::{Connection, OpenFlags};

use super::{oracle, scopes::Scopes};

/// A look into the server's database, and the money as of the last look.
#[derive(Default)]
pub(super) struct Books {
    connection: Option<Connection>,
    heads: Vec<(String, u64)>,
    /// Who may see what.
    pub(super) scopes: Scopes,
}

impl Books {
    /// Lets the file go.
    pub(super) fn close(&mut self) {
        self.connection = None;
    }

    pub(super) fn connection(&mut self, folder: &Path) -> anyhow::Result<&Connection> {
        if self.connection.is_none() {
            let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            let connection = Connection::open_with_flags(folder.join("storewalk.sqlite"), flags)?;
            connection.set_prepared_statement_cache_capacity(256);
            self.connection = Some(connection);
        }
        self.connection.as_ref().context("it was just opened")
    }

    /// Looks at the scopes, and at the money whenever a dealer's rows have moved.
    pub(super) fn look(&mut self, folder: &Path) -> anyhow::Result<Vec<String>> {
        let scopes = self.scopes.clone();
        scopes.look(self.connection(folder)?)?;
        let heads: Vec<(String, u64)> = {
            let connection = self.connection(folder)?;
            let sql = "SELECT bucket, head FROM bucket_heads WHERE bucket >= 'dealer:' AND bucket < 'dealer;'";
            let mut statement = connection.prepare_cached(sql)?;
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect::<Result<_, _>>()?
        };
        if heads == self.heads {
            return Ok(Vec::new());
        }
        self.heads = heads;
        oracle::within_credit(self.connection(folder)?)
    }
}
