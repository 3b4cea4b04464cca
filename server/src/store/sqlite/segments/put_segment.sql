INSERT INTO segments (manifest_id, place, hash, bytes, unpacked_bytes, row_count, last_tbl, last_row_id)
VALUES (:manifest_id, :place, :hash, :bytes, :unpacked_bytes, :row_count, :last_tbl, :last_row_id)
