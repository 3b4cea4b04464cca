//! The session's and the device's rows.

use rusqlite::{Connection, OptionalExtension, named_params};
use storewalk_domain::{
    ids::{DeviceId, RowId},
    sync::{Actor, Policies},
    time::Timestamp,
};
use storewalk_sqlite::id_blob;
use storewalk_wire::{SessionGrant, UserInfo};
use uuid::Uuid;

use crate::{ClientError, courier, sync};

/// This installation.
#[derive(Clone, Debug)]
pub(crate) struct Device {
    pub(crate) id: DeviceId,
    pub(crate) owner_login: Option<String>,
    pub(crate) number: u32,
    pub(crate) last_seq: u64,
    pub(crate) acked_seq: u64,
    pub(crate) must_ask: bool,
    pub(crate) next_order: u32,
}

/// The signed-in person with their tokens.
#[derive(Clone)]
pub(crate) struct Session {
    pub(crate) user: UserInfo,
    pub(crate) actor: Actor,
    pub(crate) policies: Policies,
    pub(crate) access_token: String,
    pub(crate) refresh_token: String,
    pub(crate) refresh_nonce: Option<String>,
    pub(crate) needs_sign_in: Option<String>,
}

/// Reads this installation.
pub(crate) fn device(connection: &Connection) -> Result<Device, ClientError> {
    let mut statement = connection.prepare_cached(
        "SELECT device_id, owner_login, device_number, last_seq, acked_seq, must_ask, next_order FROM device",
    )?;
    let device = statement.query_row([], |row| {
        Ok(Device {
            id: DeviceId(Uuid::from_bytes(row.get(0)?)),
            owner_login: row.get(1)?,
            number: row.get(2)?,
            last_seq: row.get(3)?,
            acked_seq: row.get(4)?,
            must_ask: row.get(5)?,
            next_order: row.get(6)?,
        })
    })?;
    Ok(device)
}

/// The highest number ever put on the wire.
pub(crate) fn sent_seq(connection: &Connection) -> Result<u64, ClientError> {
    Ok(connection.query_row("SELECT sent_seq FROM device", [], |row| row.get(0))?)
}

/// The identity this copy asks for: the one it asked for before, or a new one, which is kept first.
pub(super) fn copy_id(connection: &Connection, fresh: DeviceId) -> Result<DeviceId, ClientError> {
    let sql = "UPDATE device SET copy_id = coalesce(copy_id, ?) RETURNING copy_id";
    Ok(DeviceId(Uuid::from_bytes(connection.query_row(sql, [id_blob(RowId(fresh.0))], |row| row.get(0))?)))
}

/// Reads the session, if somebody is signed in.
pub(crate) fn session(connection: &Connection) -> Result<Option<Session>, ClientError> {
    let mut statement = connection.prepare_cached(
        "SELECT user, actor, policies, access_token, refresh_token, refresh_nonce, needs_sign_in FROM session",
    )?;
    let found = statement
        .query_row([], |row| {
            let texts: [String; 3] = [row.get(0)?, row.get(1)?, row.get(2)?];
            Ok((texts, row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?))
        })
        .optional()?;
    let Some(([user, actor, policies], access_token, refresh_token, refresh_nonce, needs_sign_in)) = found else {
        return Ok(None);
    };
    let damage = |_| ClientError::damaged("session".to_owned());
    Ok(Some(Session {
        user: serde_json::from_str(&user).map_err(damage)?,
        actor: serde_json::from_str(&actor).map_err(damage)?,
        policies: serde_json::from_str(&policies).map_err(damage)?,
        access_token,
        refresh_token,
        refresh_nonce,
        needs_sign_in,
    }))
}

/// Keeps what a sign-in or a refresh gave. Policies of an earlier sync stay.
pub(crate) fn save_grant(connection: &Connection, grant: &SessionGrant) -> Result<(), ClientError> {
    connection.execute(
        "INSERT INTO session (one, user, actor, policies, access_token, access_expires_at, refresh_token,
                              refresh_expires_at, refresh_nonce, needs_sign_in)
         VALUES (1, :user, :actor, :policies, :access, :access_until, :refresh, :refresh_until, NULL, NULL)
         ON CONFLICT (one) DO UPDATE SET
             user = excluded.user, actor = excluded.actor, access_token = excluded.access_token,
             access_expires_at = excluded.access_expires_at, refresh_token = excluded.refresh_token,
             refresh_expires_at = excluded.refresh_expires_at, refresh_nonce = NULL, needs_sign_in = NULL",
        named_params! {
            ":user": serde_json::to_string(&grant.user)?,
            ":actor": serde_json::to_string(&grant.actor)?,
            ":policies": serde_json::to_string(&Policies::default())?,
            ":access": grant.access_token,
            ":access_until": grant.access_expires_at.0,
            ":refresh": grant.refresh_token,
            ":refresh_until": grant.refresh_expires_at.0,
        },
    )?;
    connection.execute("UPDATE device SET device_number = ?", [grant.device_number])?;
    sync::keep_protocols(connection, grant.protocols)?;
    courier::keep_grant(connection, grant)
}

/// Keeps what a sync said is the person's.
pub(crate) fn save_scope(connection: &Connection, actor: &Actor, policies: &Policies) -> Result<(), ClientError> {
    connection.execute(
        "UPDATE session SET actor = :actor, policies = :policies",
        named_params! {
            ":actor": serde_json::to_string(actor)?,
            ":policies": serde_json::to_string(policies)?,
        },
    )?;
    Ok(())
}

/// Keeps the nonce of an exchange that is about to begin.
pub(super) fn save_nonce(connection: &Connection, nonce: &str) -> Result<(), ClientError> {
    connection.execute("UPDATE session SET refresh_nonce = ?", [nonce])?;
    Ok(())
}

/// Notes that the server asks for the password again.
pub(crate) fn set_needs_sign_in(connection: &Connection, code: &str) -> Result<(), ClientError> {
    connection.execute("UPDATE session SET needs_sign_in = ?", [code])?;
    Ok(())
}

/// Makes the installation's row.
pub(crate) fn create_device(
    connection: &Connection,
    id: DeviceId,
    app_version: &str,
    now: Timestamp,
) -> Result<(), ClientError> {
    connection.execute(
        "INSERT INTO device (one, device_id, app_version) VALUES (1, :id, :version)",
        named_params! { ":id": id_blob(RowId(id.0)), ":version": app_version },
    )?;
    connection.execute("INSERT INTO sync_state (one, next_attempt_at) VALUES (1, ?)", [now.0])?;
    Ok(())
}
