//! Scopes in SQL.

use std::collections::BTreeSet;

use rusqlite::{named_params, params};
use storewalk_domain::{
    ids::{DealerId, TerritoryId, UserId},
    sync::{Bucket, Scope},
};
use storewalk_sqlite::id_blob;

use super::{
    SqliteTxn, sql_error,
    values::{id, json, parsed, to_sql},
};
use crate::store::{ScopesRead, ScopesWrite, StoreError};

impl ScopesRead for SqliteTxn<'_> {
    fn scope_seen(&self, user: UserId, position: u64) -> Result<Option<Vec<Bucket>>, StoreError> {
        // A position that no log reaches is above every version.
        let position = to_sql(position).unwrap_or(i64::MAX);
        let params = named_params! { ":user_id": id_blob(user.row()), ":position": position };
        self.query(include_str!("scopes/scope_seen.sql"), params, buckets)
    }

    fn scope_ever(&self, user: UserId) -> Result<Vec<Bucket>, StoreError> {
        let sql = "SELECT buckets FROM scope_versions WHERE user_id = ? ORDER BY version";
        let mut statement = self.0.prepare_cached(sql).map_err(sql_error)?;
        let found = statement.query_map([id_blob(user.row())], buckets).map_err(sql_error)?;
        let mut ever = BTreeSet::new();
        for version in found {
            ever.extend(version.map_err(sql_error)?);
        }
        Ok(ever.into_iter().collect())
    }

    fn users_without_scope(&self) -> Result<Vec<UserId>, StoreError> {
        let sql = "SELECT user_id FROM accounts WHERE user_id NOT IN (SELECT id FROM scopes) ORDER BY user_id";
        let mut statement = self.0.prepare_cached(sql).map_err(sql_error)?;
        let found = statement.query_map([], |row| id(row, "user_id").map(UserId));
        found.and_then(Iterator::collect).map_err(sql_error)
    }
}

fn buckets(row: &rusqlite::Row<'_>) -> rusqlite::Result<Vec<Bucket>> {
    parsed(row, "buckets", |text| serde_json::from_str(text).ok())
}

impl ScopesWrite for SqliteTxn<'_> {
    fn put_scope_version(&mut self, scope: &Scope) -> Result<(), StoreError> {
        let sql = "INSERT OR REPLACE INTO scope_versions (user_id, version, buckets) VALUES (?, ?, ?)";
        let user = id_blob(scope.user_id.row());
        self.execute(sql, params![user, to_sql(scope.version)?, json(&scope.buckets())?])?;
        Ok(())
    }

    fn place_scope_versions(&mut self, user: UserId, position: u64) -> Result<(), StoreError> {
        let sql = "UPDATE scope_versions SET position = ? WHERE user_id = ? AND position IS NULL";
        self.execute(sql, params![to_sql(position)?, id_blob(user.row())])?;
        Ok(())
    }

    fn put_account_scope(
        &mut self,
        user: UserId,
        territories: &[TerritoryId],
        dealers: &[DealerId],
    ) -> Result<(), StoreError> {
        let known = "SELECT 1 FROM accounts WHERE user_id = ?";
        if self.query(known, [id_blob(user.row())], |_| Ok(()))?.is_none() {
            return Ok(());
        }
        self.execute("DELETE FROM account_scopes WHERE user_id = ?", [id_blob(user.row())])?;
        for territory in territories {
            self.put_scope(user, "territory", territory.0)?;
        }
        for dealer in dealers {
            self.put_scope(user, "dealer", dealer.0)?;
        }
        Ok(())
    }
}
