UPDATE bucket_entries
SET row_hash = :row_hash
WHERE bucket_id = (SELECT id FROM bucket_heads WHERE bucket = :bucket)
  AND tbl = :tbl
  AND row_id = :row_id
  AND row_hash IS NOT :row_hash
