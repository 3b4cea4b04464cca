//! Lives in SQL.

use rusqlite::params;
use storewalk_domain::{ids::DeviceId, time::Timestamp};
use storewalk_sqlite::id_blob;
use uuid::Uuid;

use super::{
    SqliteTxn,
    values::{count, id, to_sql},
};
use crate::store::{Evidence, LivesRead, LivesWrite, StoreError};

impl LivesRead for SqliteTxn<'_> {
    fn receipt_seed(&self) -> Result<[u8; 32], StoreError> {
        self.query("SELECT seed FROM receipt_signer", [], |row| row.get(0))?.ok_or(StoreError::Stopped)
    }

    fn evidence(&self) -> Result<Evidence, StoreError> {
        let sql = "SELECT epoch, (SELECT coalesce(sum(head), 0) FROM bucket_heads) AS positions, \
                   (SELECT coalesce(max(number), 0) FROM devices) AS device_number FROM server_facts";
        let read = |row: &rusqlite::Row<'_>| {
            Ok(Evidence {
                epoch: count(row, "epoch")?,
                positions: count(row, "positions")?,
                device_number: row.get("device_number")?,
            })
        };
        self.query(sql, [], read)?.ok_or(StoreError::Stopped)
    }

    fn restored_at(&self) -> Result<Option<Timestamp>, StoreError> {
        let sql = "SELECT begun_at FROM lives WHERE epoch = (SELECT epoch FROM server_facts) \
                   AND EXISTS (SELECT 1 FROM lives AS others WHERE others.epoch <> lives.epoch)";
        self.query(sql, [], |row| row.get("begun_at").map(Timestamp))
    }

    fn copied_from(&self, device: DeviceId) -> Result<Option<DeviceId>, StoreError> {
        let sql = "SELECT copied_from FROM device_copies WHERE device_id = ?";
        self.query(sql, [id_blob(device.row())], |row| id(row, "copied_from").map(DeviceId))
    }

    fn sign_in_mark(&self, device: DeviceId) -> Result<Option<Uuid>, StoreError> {
        let sql = "SELECT mark FROM sign_in_marks WHERE device_id = ?";
        self.query(sql, [id_blob(device.row())], |row| id(row, "mark"))
    }

    fn is_forgotten_number(&self, number: u32) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM device_number_floor \
                   WHERE given >= ?1 AND NOT EXISTS (SELECT 1 FROM devices WHERE number = ?1)";
        Ok(number > 0 && self.query(sql, [number], |_| Ok(()))?.is_some())
    }
}

impl LivesWrite for SqliteTxn<'_> {
    fn begin_life(&mut self, epoch: u64, numbers_given: u32) -> Result<(), StoreError> {
        let epoch = to_sql(epoch)?;
        self.execute("UPDATE server_facts SET epoch = ?", [epoch])?;
        self.execute("UPDATE bucket_heads SET epoch = ?", [epoch])?;
        let sql = "INSERT INTO device_number_floor (id, given) VALUES (1, ?) \
                   ON CONFLICT (id) DO UPDATE SET given = max(given, excluded.given)";
        self.execute(sql, [numbers_given])?;
        Ok(())
    }

    fn note_life(&mut self, at: Timestamp) -> Result<(), StoreError> {
        let sql = "INSERT INTO lives (epoch, begun_at) SELECT epoch, ? FROM server_facts WHERE true \
                   ON CONFLICT (epoch) DO NOTHING";
        self.execute(sql, [at.0])?;
        Ok(())
    }

    fn put_sign_in_mark(&mut self, device: DeviceId, mark: Uuid) -> Result<(), StoreError> {
        let sql = "INSERT INTO sign_in_marks (device_id, mark) VALUES (?, ?) \
                   ON CONFLICT (device_id) DO UPDATE SET mark = excluded.mark";
        self.execute(sql, params![id_blob(device.row()), mark.as_bytes()])?;
        Ok(())
    }

    fn put_copy(
        &mut self,
        device: DeviceId,
        copied_from: DeviceId,
        last_seq: u64,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let device = id_blob(device.row());
        let sql = "INSERT INTO device_copies (device_id, copied_from, copied_at) VALUES (?, ?, ?)";
        self.execute(sql, params![device, id_blob(copied_from.row()), at.0])?;
        self.execute("UPDATE devices SET last_seq = ? WHERE id = ?", params![to_sql(last_seq)?, device])?;
        Ok(())
    }
}
