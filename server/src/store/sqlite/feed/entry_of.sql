SELECT entry.position, entry.tbl, entry.row_id, entry.version, entry.is_removed
FROM bucket_heads AS head
JOIN bucket_entries AS entry ON entry.bucket_id = head.id
WHERE head.bucket = :bucket
  AND entry.tbl = :tbl
  AND entry.row_id = :row_id
