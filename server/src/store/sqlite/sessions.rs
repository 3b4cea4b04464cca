//! Sessions and tokens in SQL.

use rusqlite::params;
use storewalk_domain::{
    ids::{DeviceId, UserId},
    time::Timestamp,
};
use storewalk_sqlite::id_blob;
use uuid::Uuid;

use super::{SqliteTxn, values::id};
use crate::store::{
    AccessRecord, ConsoleSessionRecord, RefreshRecord, SessionRecord, SessionsRead, SessionsWrite, StoreError,
    TokenHash,
};

impl SessionsRead for SqliteTxn<'_> {
    fn token_key(&self) -> Result<[u8; 32], StoreError> {
        let sql = "SELECT token_key FROM server_facts WHERE id = 1";
        self.query(sql, [], |row| row.get(0))?.ok_or(StoreError::Stopped)
    }

    fn session(&self, session: Uuid) -> Result<Option<SessionRecord>, StoreError> {
        let sql = "SELECT id, user_id, device_id, began_at, revoked_at FROM sessions WHERE id = ?";
        self.query(sql, [session.as_bytes()], |row| {
            Ok(SessionRecord {
                id: id(row, "id")?,
                user_id: UserId(id(row, "user_id")?),
                device_id: DeviceId(id(row, "device_id")?),
                began_at: Timestamp(row.get("began_at")?),
                revoked_at: row.get::<_, Option<i64>>("revoked_at")?.map(Timestamp),
            })
        })
    }

    fn access(&self, hash: &TokenHash) -> Result<Option<AccessRecord>, StoreError> {
        let sql = "SELECT hash, session_id, expires_at, is_used FROM access_tokens WHERE hash = ?";
        self.query(sql, [hash], |row| {
            Ok(AccessRecord {
                hash: row.get("hash")?,
                session_id: id(row, "session_id")?,
                expires_at: Timestamp(row.get("expires_at")?),
                is_used: row.get("is_used")?,
            })
        })
    }

    fn refresh(&self, hash: &TokenHash) -> Result<Option<RefreshRecord>, StoreError> {
        let sql = "SELECT hash, session_id, expires_at, access_hash, spent_nonce FROM refresh_tokens WHERE hash = ?";
        self.query(sql, [hash], |row| {
            Ok(RefreshRecord {
                hash: row.get("hash")?,
                session_id: id(row, "session_id")?,
                expires_at: Timestamp(row.get("expires_at")?),
                access_hash: row.get("access_hash")?,
                spent_nonce: row.get("spent_nonce")?,
            })
        })
    }

    fn console_session(&self, hash: &TokenHash) -> Result<Option<ConsoleSessionRecord>, StoreError> {
        let sql = "SELECT hash, user_id, expires_at FROM console_sessions WHERE hash = ?";
        self.query(sql, [hash], |row| {
            Ok(ConsoleSessionRecord {
                hash: row.get("hash")?,
                user_id: UserId(id(row, "user_id")?),
                expires_at: Timestamp(row.get("expires_at")?),
            })
        })
    }
}

impl SessionsWrite for SqliteTxn<'_> {
    fn put_session(&mut self, session: &SessionRecord) -> Result<(), StoreError> {
        let sql = "INSERT INTO sessions (id, user_id, device_id, began_at, revoked_at) VALUES (?, ?, ?, ?, ?)";
        let params = params![
            session.id.as_bytes(),
            id_blob(session.user_id.row()),
            id_blob(session.device_id.row()),
            session.began_at.0,
            session.revoked_at.map(|at| at.0),
        ];
        self.execute(sql, params)?;
        Ok(())
    }

    fn revoke_session(&mut self, id: Uuid, at: Timestamp) -> Result<(), StoreError> {
        let sql = "UPDATE sessions SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL";
        self.execute(sql, params![at.0, id.as_bytes()])?;
        Ok(())
    }

    fn revoke_device_sessions(&mut self, device: DeviceId, at: Timestamp) -> Result<(), StoreError> {
        let sql = "UPDATE sessions SET revoked_at = ? WHERE device_id = ? AND revoked_at IS NULL";
        self.execute(sql, params![at.0, id_blob(device.row())])?;
        Ok(())
    }

    fn put_access(&mut self, access: &AccessRecord) -> Result<(), StoreError> {
        let sql = "INSERT INTO access_tokens (hash, session_id, expires_at, is_used) VALUES (?, ?, ?, ?) \
                   ON CONFLICT (hash) DO UPDATE SET is_used = excluded.is_used";
        self.execute(sql, params![access.hash, access.session_id.as_bytes(), access.expires_at.0, access.is_used])?;
        Ok(())
    }

    fn put_refresh(&mut self, refresh: &RefreshRecord) -> Result<(), StoreError> {
        let sql = "INSERT INTO refresh_tokens (hash, session_id, expires_at, access_hash, spent_nonce) \
                   VALUES (?, ?, ?, ?, ?) ON CONFLICT (hash) DO UPDATE SET spent_nonce = excluded.spent_nonce";
        let params = params![
            refresh.hash,
            refresh.session_id.as_bytes(),
            refresh.expires_at.0,
            refresh.access_hash,
            refresh.spent_nonce,
        ];
        self.execute(sql, params)?;
        Ok(())
    }

    fn put_console_session(&mut self, session: &ConsoleSessionRecord) -> Result<(), StoreError> {
        let sql = "INSERT INTO console_sessions (hash, user_id, expires_at) VALUES (?, ?, ?) \
                   ON CONFLICT (hash) DO UPDATE SET expires_at = excluded.expires_at";
        self.execute(sql, params![session.hash, id_blob(session.user_id.row()), session.expires_at.0])?;
        Ok(())
    }

    fn end_console_session(&mut self, hash: &TokenHash) -> Result<(), StoreError> {
        self.execute("DELETE FROM console_sessions WHERE hash = ?", [hash])?;
        Ok(())
    }

    fn forget_ended_tokens(&mut self, before: Timestamp) -> Result<(), StoreError> {
        self.execute("DELETE FROM access_tokens WHERE expires_at < ?", [before.0])?;
        self.execute("DELETE FROM refresh_tokens WHERE expires_at < ?", [before.0])?;
        self.execute("DELETE FROM console_sessions WHERE expires_at < ?", [before.0])?;
        Ok(())
    }
}
