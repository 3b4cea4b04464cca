SELECT entry.position, entry.tbl, entry.row_id, entry.version, entry.is_removed
FROM bucket_heads AS head
JOIN bucket_entries AS entry ON entry.bucket_id = head.id
WHERE head.bucket = :bucket
  AND entry.position > :position
  -- A reader that begins at 0 holds nothing that could be removed.
  AND (:position > 0 OR entry.is_removed = 0)
ORDER BY entry.position
LIMIT :limit
