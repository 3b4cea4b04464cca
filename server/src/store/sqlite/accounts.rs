//! Accounts and devices in SQL.

use rusqlite::{Row, named_params, params};
use storewalk_domain::{
    ids::{DealerId, DeviceId, TerritoryId, UserId},
    outlet::Role,
    time::Timestamp,
};
use storewalk_sqlite::id_blob;
use storewalk_wire::DeviceHealth;
use uuid::Uuid;

use super::{
    SqliteTxn, sql_error,
    values::{id, json, parsed},
};
use crate::store::{Account, AccountsRead, AccountsWrite, Device, StoreError};

impl AccountsRead for SqliteTxn<'_> {
    fn account(&self, user: UserId) -> Result<Option<Account>, StoreError> {
        let sql = "SELECT user_id, login, password_hash, code, name, role, region_code, is_disabled FROM accounts \
                   WHERE user_id = ?";
        let account = self.query(sql, [id_blob(user.row())], read_account)?;
        account.map(|account| self.with_scopes(account)).transpose()
    }

    fn account_by_login(&self, login: &str) -> Result<Option<Account>, StoreError> {
        let sql = "SELECT user_id, login, password_hash, code, name, role, region_code, is_disabled FROM accounts \
                   WHERE login = ?";
        let account = self.query(sql, [login], read_account)?;
        account.map(|account| self.with_scopes(account)).transpose()
    }

    fn device(&self, device: DeviceId) -> Result<Option<Device>, StoreError> {
        let sql = "SELECT id, user_id, number, name, platform, app_version, enrolled_at, last_seen_at, is_revoked, \
                   health FROM devices WHERE id = ?";
        self.query(sql, [id_blob(device.row())], |row| {
            Ok(Device {
                id: DeviceId(id(row, "id")?),
                user_id: UserId(id(row, "user_id")?),
                number: row.get("number")?,
                name: row.get("name")?,
                platform: row.get("platform")?,
                app_version: row.get("app_version")?,
                enrolled_at: Timestamp(row.get("enrolled_at")?),
                last_seen_at: row.get::<_, Option<i64>>("last_seen_at")?.map(Timestamp),
                is_revoked: row.get("is_revoked")?,
                health: row.get::<_, Option<String>>("health")?.and_then(|text| serde_json::from_str(&text).ok()),
            })
        })
    }

    fn next_device_number(&self) -> Result<u32, StoreError> {
        let sql = "SELECT max(coalesce((SELECT max(number) FROM devices), 0), \
                   coalesce((SELECT given FROM device_number_floor), 0)) + 1";
        self.query(sql, [], |row| row.get(0))?.ok_or(StoreError::Stopped)
    }
}

fn read_account(row: &Row<'_>) -> rusqlite::Result<Account> {
    Ok(Account {
        user_id: UserId(id(row, "user_id")?),
        login: row.get("login")?,
        password_hash: row.get("password_hash")?,
        code: row.get("code")?,
        name: row.get("name")?,
        role: parsed(row, "role", Role::from_name)?,
        region_code: row.get("region_code")?,
        is_disabled: row.get("is_disabled")?,
        territories: Vec::new(),
        dealers: Vec::new(),
    })
}

impl SqliteTxn<'_> {
    fn with_scopes(&self, account: Account) -> Result<Account, StoreError> {
        let territories = match account.role {
            Role::Supervisor => self.territories_of(account.region_code.as_deref().unwrap_or_default())?,
            Role::Rep | Role::Dealer | Role::Admin => {
                self.scopes(account.user_id, "territory")?.into_iter().map(TerritoryId).collect()
            }
        };
        let dealers = self.scopes(account.user_id, "dealer")?.into_iter().map(DealerId).collect();
        Ok(Account { territories, dealers, ..account })
    }

    fn territories_of(&self, region: &str) -> Result<Vec<TerritoryId>, StoreError> {
        let sql = "SELECT id FROM territories WHERE region_code = ? ORDER BY id";
        let mut statement = self.0.prepare_cached(sql).map_err(sql_error)?;
        let found = statement.query_map([region], |row| id(row, "id").map(TerritoryId));
        found.and_then(Iterator::collect).map_err(sql_error)
    }

    fn scopes(&self, user: UserId, kind: &str) -> Result<Vec<Uuid>, StoreError> {
        let sql = "SELECT scope_id FROM account_scopes WHERE user_id = ? AND kind = ? ORDER BY scope_id";
        let mut statement = self.0.prepare_cached(sql).map_err(sql_error)?;
        let found = statement.query_map(params![id_blob(user.row()), kind], |row| id(row, "scope_id"));
        found.and_then(Iterator::collect).map_err(sql_error)
    }

    pub(super) fn put_scope(&self, user: UserId, kind: &str, scope: Uuid) -> Result<(), StoreError> {
        let sql = "INSERT INTO account_scopes (user_id, kind, scope_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING";
        self.execute(sql, params![id_blob(user.row()), kind, scope.as_bytes()])?;
        Ok(())
    }
}

impl AccountsWrite for SqliteTxn<'_> {
    fn put_account(&mut self, account: &Account) -> Result<(), StoreError> {
        let params = named_params! {
            ":user_id": id_blob(account.user_id.row()),
            ":login": account.login,
            ":password_hash": account.password_hash,
            ":code": account.code,
            ":name": account.name,
            ":role": account.role.as_str(),
            ":region_code": account.region_code,
            ":is_disabled": account.is_disabled,
        };
        self.execute(include_str!("accounts/put_account.sql"), params)?;
        self.execute("DELETE FROM account_scopes WHERE user_id = ?", [id_blob(account.user_id.row())])?;
        for territory in &account.territories {
            self.put_scope(account.user_id, "territory", territory.0)?;
        }
        for dealer in &account.dealers {
            self.put_scope(account.user_id, "dealer", dealer.0)?;
        }
        Ok(())
    }

    fn put_device(&mut self, device: &Device) -> Result<(), StoreError> {
        let params = named_params! {
            ":id": id_blob(device.id.row()),
            ":user_id": id_blob(device.user_id.row()),
            ":number": device.number,
            ":name": device.name,
            ":platform": device.platform,
            ":app_version": device.app_version,
            ":enrolled_at": device.enrolled_at.0,
            ":last_seen_at": device.last_seen_at.map(|at| at.0),
            ":is_revoked": device.is_revoked,
            ":health": device.health.as_ref().map(json).transpose()?,
        };
        self.execute(include_str!("accounts/put_device.sql"), params)?;
        Ok(())
    }

    fn put_device_health(&mut self, device: DeviceId, at: Timestamp, health: &DeviceHealth) -> Result<(), StoreError> {
        let sql = "UPDATE devices SET last_seen_at = ?, health = ? WHERE id = ?";
        self.execute(sql, params![at.0, json(health)?, id_blob(device.row())])?;
        Ok(())
    }
}
