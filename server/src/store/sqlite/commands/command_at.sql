SELECT command.command_id, command.user_id, command.kind, command.body_hash, command.verdict, command.arrived_at, command.seen
FROM device_commands AS numbered
JOIN commands AS command ON command.command_id = numbered.command_id AND command.user_id = numbered.user_id
WHERE numbered.device_id = ? AND numbered.seq = ?
