UPDATE row_versions
SET version = version + 1
WHERE tbl = :tbl
  -- Rows that are gone stay gone as they went.
  AND row_id IN (SELECT row_id FROM bucket_entries WHERE tbl = :tbl AND is_removed = 0)
