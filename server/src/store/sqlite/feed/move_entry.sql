INSERT INTO bucket_entries (bucket_id, tbl, row_id, position, version, is_removed, row_hash)
VALUES (:bucket_id, :tbl, :row_id, :position, :version, :is_removed, :row_hash)
ON CONFLICT (bucket_id, tbl, row_id) DO UPDATE
SET position = excluded.position,
    version = excluded.version,
    is_removed = excluded.is_removed,
    row_hash = excluded.row_hash,
    removed_at = NULL
