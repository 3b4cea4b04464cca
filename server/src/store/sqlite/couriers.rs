//! Parcels in SQL.

use rusqlite::{Row, named_params, params};
use storewalk_domain::{
    ids::{DeviceId, UserId},
    time::Timestamp,
};
use storewalk_sqlite::id_blob;

use super::{
    SqliteTxn, sql_error,
    values::{count, id, parsed},
};
use crate::store::{CouriersRead, CouriersWrite, KeptParcel, KeptReason, KeptSum, ParcelHash, StoreError};

impl CouriersRead for SqliteTxn<'_> {
    fn courier_seeds(&self) -> Result<Vec<[u8; 32]>, StoreError> {
        let sql = "SELECT seed FROM courier_keys ORDER BY minted_at DESC, seed";
        let mut statement = self.0.prepare_cached(sql).map_err(sql_error)?;
        let found = statement.query_map([], |row| row.get(0));
        found.and_then(Iterator::collect).map_err(sql_error)
    }

    fn parcel_keys(&self, device: DeviceId) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT public_key FROM parcel_keys WHERE device_id = ? ORDER BY enrolled_at DESC, public_key";
        let mut statement = self.0.prepare_cached(sql).map_err(sql_error)?;
        let found = statement.query_map([id_blob(device.row())], |row| row.get(0));
        found.and_then(Iterator::collect).map_err(sql_error)
    }

    fn kept_sum(&self, device: DeviceId) -> Result<KeptSum, StoreError> {
        let sql = "SELECT count(*) AS parcels, coalesce(sum(length(file)), 0) AS bytes FROM kept_parcels \
                   WHERE device_id = ?";
        let read = |row: &Row<'_>| Ok(KeptSum { parcels: count(row, "parcels")?, bytes: count(row, "bytes")? });
        Ok(self.query(sql, [id_blob(device.row())], read)?.unwrap_or_default())
    }

    fn kept_parcels_of(&self, device: DeviceId) -> Result<Vec<KeptParcel>, StoreError> {
        let sql = "SELECT hash, device_id, user_id, carried_by, reason, number, items, arrived_at, \
                   x'' AS file FROM kept_parcels WHERE device_id = ? ORDER BY number, arrived_at, hash";
        let mut statement = self.0.prepare_cached(sql).map_err(sql_error)?;
        let found = statement.query_map([id_blob(device.row())], read_parcel);
        found.and_then(Iterator::collect).map_err(sql_error)
    }

    fn kept_parcel(&self, hash: &ParcelHash) -> Result<Option<KeptParcel>, StoreError> {
        let sql = "SELECT hash, device_id, user_id, carried_by, reason, number, items, arrived_at, file \
                   FROM kept_parcels WHERE hash = ?";
        self.query(sql, [hash], read_parcel)
    }

    fn kept_parcels(&self, region: Option<&str>) -> Result<Vec<KeptParcel>, StoreError> {
        let mut statement = self.0.prepare_cached(include_str!("couriers/kept_parcels.sql")).map_err(sql_error)?;
        let found = statement.query_map(named_params! { ":region": region }, read_parcel);
        found.and_then(Iterator::collect).map_err(sql_error)
    }
}

fn read_parcel(row: &Row<'_>) -> rusqlite::Result<KeptParcel> {
    Ok(KeptParcel {
        hash: row.get("hash")?,
        device_id: DeviceId(id(row, "device_id")?),
        user_id: UserId(id(row, "user_id")?),
        carried_by: UserId(id(row, "carried_by")?),
        reason: parsed(row, "reason", KeptReason::from_name)?,
        number: row.get("number")?,
        items: row.get("items")?,
        arrived_at: Timestamp(row.get("arrived_at")?),
        file: row.get("file")?,
    })
}

impl CouriersWrite for SqliteTxn<'_> {
    fn put_parcel_key(&mut self, device: DeviceId, public_key: &str, at: Timestamp) -> Result<(), StoreError> {
        let sql = "INSERT INTO parcel_keys (device_id, public_key, enrolled_at) VALUES (?, ?, ?) \
                   ON CONFLICT DO NOTHING";
        self.execute(sql, params![id_blob(device.row()), public_key, at.0])?;
        Ok(())
    }

    fn keep_parcel(&mut self, parcel: &KeptParcel) -> Result<(), StoreError> {
        let params = named_params! {
            ":hash": parcel.hash,
            ":device_id": id_blob(parcel.device_id.row()),
            ":user_id": id_blob(parcel.user_id.row()),
            ":carried_by": id_blob(parcel.carried_by.row()),
            ":reason": parcel.reason.as_str(),
            ":number": parcel.number,
            ":items": parcel.items,
            ":arrived_at": parcel.arrived_at.0,
            ":file": parcel.file,
        };
        self.execute(include_str!("couriers/keep_parcel.sql"), params)?;
        Ok(())
    }

    fn drop_parcel(&mut self, hash: &ParcelHash) -> Result<(), StoreError> {
        self.execute("DELETE FROM kept_parcels WHERE hash = ?", [hash])?;
        Ok(())
    }
}
