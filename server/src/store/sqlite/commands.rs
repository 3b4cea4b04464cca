//! Commands in SQL.

use std::collections::BTreeMap;

use rusqlite::{Row, named_params, params};
use storewalk_domain::{
    ids::{CommandId, DeviceId, RowId, UserId},
    time::Timestamp,
};
use storewalk_sqlite::id_blob;

use super::{
    SqliteTxn,
    values::{count, id, json, parsed, to_sql},
};
use crate::store::{CommandsRead, CommandsWrite, DeadLetter, StoreError, StoredCommand};

impl CommandsRead for SqliteTxn<'_> {
    fn last_seq(&self, device: DeviceId) -> Result<u64, StoreError> {
        let sql = "SELECT last_seq FROM devices WHERE id = ?";
        Ok(self.query(sql, [id_blob(device.row())], |row| count(row, "last_seq"))?.unwrap_or_default())
    }

    fn command_at(&self, device: DeviceId, seq: u64) -> Result<Option<StoredCommand>, StoreError> {
        let Ok(seq) = to_sql(seq) else { return Ok(None) };
        self.query(include_str!("commands/command_at.sql"), params![id_blob(device.row()), seq], read_command)
    }

    fn command_of(&self, user: UserId, command: CommandId) -> Result<Option<StoredCommand>, StoreError> {
        let sql = "SELECT command_id, user_id, kind, body_hash, verdict, arrived_at, seen FROM commands \
                   WHERE command_id = ? AND user_id = ?";
        self.query(sql, [id_blob(command.row()), id_blob(user.row())], read_command)
    }

    fn device_of(&self, user: UserId, command: CommandId) -> Result<Option<DeviceId>, StoreError> {
        // Asked for a contested value now and then: not worth an index that every command would pay for.
        let sql = "SELECT numbered.device_id FROM devices AS device \
                   JOIN device_commands AS numbered ON numbered.device_id = device.id \
                   WHERE device.user_id = ? AND numbered.command_id = ? AND numbered.user_id = device.user_id \
                   ORDER BY device.number LIMIT 1";
        let params = [id_blob(user.row()), id_blob(command.row())];
        Ok(self.query(sql, params, |row| id(row, "device_id"))?.map(DeviceId))
    }

    fn is_command_of_another(&self, user: UserId, command: CommandId) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM commands WHERE command_id = ? AND user_id <> ? LIMIT 1";
        Ok(self.query(sql, [id_blob(command.row()), id_blob(user.row())], |_| Ok(()))?.is_some())
    }

    fn refused_maker_of(&self, user: UserId, rows: &[RowId]) -> Result<Option<CommandId>, StoreError> {
        let sql = "SELECT command_id FROM dead_letters WHERE would_create = ? AND user_id = ? LIMIT 1";
        for row in rows {
            let found = self.query(sql, [id_blob(*row), id_blob(user.row())], |row| id(row, "command_id"))?;
            if let Some(command) = found {
                return Ok(Some(CommandId(command)));
            }
        }
        Ok(None)
    }

    fn dead_letter(&self, user: UserId, command: CommandId) -> Result<Option<DeadLetter>, StoreError> {
        let sql = "SELECT command_id, user_id, device_id, envelope, would_create, refused_at FROM dead_letters \
                   WHERE command_id = ? AND user_id = ?";
        self.query(sql, [id_blob(command.row()), id_blob(user.row())], |row| {
            Ok(DeadLetter {
                command_id: CommandId(id(row, "command_id")?),
                user_id: UserId(id(row, "user_id")?),
                device_id: DeviceId(id(row, "device_id")?),
                envelope: parsed(row, "envelope", |text| serde_json::from_str(text).ok())?,
                would_create: row.get::<_, Option<[u8; 16]>>("would_create")?.map(|b| RowId(uuid::Uuid::from_bytes(b))),
                refused_at: Timestamp(row.get("refused_at")?),
            })
        })
    }
}

fn read_command(row: &Row<'_>) -> rusqlite::Result<StoredCommand> {
    Ok(StoredCommand {
        command_id: CommandId(id(row, "command_id")?),
        user_id: UserId(id(row, "user_id")?),
        kind: row.get("kind")?,
        body_hash: row.get("body_hash")?,
        verdict: parsed(row, "verdict", |text| serde_json::from_str(text).ok())?,
        arrived_at: Timestamp(row.get("arrived_at")?),
        seen: match row.get_ref("seen")? {
            rusqlite::types::ValueRef::Null => BTreeMap::new(),
            _ => parsed(row, "seen", |text| serde_json::from_str(text).ok())?,
        },
    })
}

impl CommandsWrite for SqliteTxn<'_> {
    fn put_command(&mut self, command: &StoredCommand) -> Result<(), StoreError> {
        let params = named_params! {
            ":command_id": id_blob(command.command_id.row()),
            ":user_id": id_blob(command.user_id.row()),
            ":kind": command.kind,
            ":body_hash": command.body_hash,
            ":verdict": json(&command.verdict)?,
            ":arrived_at": command.arrived_at.0,
            ":seen": (!command.seen.is_empty()).then(|| json(&command.seen)).transpose()?,
        };
        self.execute(include_str!("commands/put_command.sql"), params)?;
        Ok(())
    }

    fn put_device_seq(
        &mut self,
        device: DeviceId,
        seq: u64,
        user: UserId,
        command: CommandId,
    ) -> Result<(), StoreError> {
        let seq = to_sql(seq)?;
        let device = id_blob(device.row());
        let sql = "INSERT INTO device_commands (device_id, seq, command_id, user_id) VALUES (?, ?, ?, ?)";
        self.execute(sql, params![device, seq, id_blob(command.row()), id_blob(user.row())])?;
        self.execute("UPDATE devices SET last_seq = ? WHERE id = ?", params![seq, device])?;
        Ok(())
    }

    fn put_dead_letter(&mut self, letter: &DeadLetter) -> Result<(), StoreError> {
        let params = named_params! {
            ":command_id": id_blob(letter.command_id.row()),
            ":user_id": id_blob(letter.user_id.row()),
            ":device_id": id_blob(letter.device_id.row()),
            ":envelope": letter.envelope.to_string(),
            ":would_create": letter.would_create.map(id_blob),
            ":refused_at": letter.refused_at.0,
        };
        self.execute(include_str!("commands/put_dead_letter.sql"), params)?;
        Ok(())
    }
}
