//! The keys of this installation, and those a server gave.

use chacha20poly1305::{Key, aead::Generate};
use rusqlite::{Connection, OptionalExtension, named_params};
use storewalk_wire::{CourierKey, DeviceKey, SessionGrant};

use crate::ClientError;

/// The key this device signs its parcels with, if one was minted.
pub(crate) fn device_key(connection: &Connection) -> Result<Option<DeviceKey>, ClientError> {
    let seed: Option<[u8; 32]> =
        connection.query_row("SELECT parcel_seed FROM keys", [], |row| row.get(0)).optional()?;
    Ok(seed.map(DeviceKey::from_seed))
}

/// The public half, for the server; minted when there is none. Minting needs a connection that can write.
pub(crate) fn public_key(connection: &Connection) -> Result<String, ClientError> {
    if let Some(key) = device_key(connection)? {
        return Ok(key.public());
    }
    let seed: [u8; 32] = Key::generate().into();
    let sql = "INSERT INTO keys (one, parcel_seed) VALUES (1, ?)";
    connection.execute(sql, [seed])?;
    Ok(DeviceKey::from_seed(seed).public())
}

/// Keeps the keys of a grant; those an older server does not send stay as they were.
pub(crate) fn keep_grant(connection: &Connection, grant: &SessionGrant) -> Result<(), ClientError> {
    public_key(connection)?;
    let courier = grant.courier_key.as_ref().map(serde_json::to_string).transpose()?;
    connection.execute(
        "UPDATE keys SET courier_key = coalesce(:courier, courier_key), parking_key = coalesce(:parking, parking_key)",
        named_params! { ":courier": courier, ":parking": grant.parking_key.as_deref().and_then(from_hex) },
    )?;
    Ok(())
}

/// What parcels are sealed to.
pub(super) fn courier_key(connection: &Connection) -> Result<Option<CourierKey>, ClientError> {
    let text: Option<Option<String>> =
        connection.query_row("SELECT courier_key FROM keys", [], |row| row.get(0)).optional()?;
    Ok(text.flatten().map(|text| serde_json::from_str(&text)).transpose()?)
}

/// What this file is parked under.
pub(crate) fn parking_key(connection: &Connection) -> Result<Option<[u8; 32]>, ClientError> {
    let key: Option<Option<[u8; 32]>> =
        connection.query_row("SELECT parking_key FROM keys", [], |row| row.get(0)).optional()?;
    Ok(key.flatten())
}

/// 32 bytes of 64 hex digits.
pub(crate) fn from_hex(text: &str) -> Option<[u8; 32]> {
    let digits: Vec<u8> = text.chars().map(|letter| letter.to_digit(16)?.try_into().ok()).collect::<Option<_>>()?;
    let bytes: Vec<u8> = digits.chunks(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect();
    if digits.len() == 64 { bytes.try_into().ok() } else { None }
}
