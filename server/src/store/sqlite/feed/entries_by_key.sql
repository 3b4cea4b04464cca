SELECT entry.position, entry.tbl, entry.row_id, entry.version, entry.is_removed
FROM bucket_heads AS head
JOIN bucket_entries AS entry ON entry.bucket_id = head.id
WHERE head.bucket = :bucket
  AND (entry.tbl, entry.row_id) > (:tbl, :row_id)
  AND entry.is_removed = 0
ORDER BY entry.tbl, entry.row_id
LIMIT :limit
