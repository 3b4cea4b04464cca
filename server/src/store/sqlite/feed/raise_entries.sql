UPDATE bucket_entries
SET position = raised.position,
    version = raised.version
FROM (
    SELECT
        entry.bucket_id,
        entry.row_id,
        head.head + row_number() OVER (PARTITION BY entry.bucket_id ORDER BY entry.position) AS position,
        row_versions.version
    FROM bucket_entries AS entry
    JOIN bucket_heads AS head ON head.id = entry.bucket_id
    JOIN row_versions ON row_versions.tbl = entry.tbl AND row_versions.row_id = entry.row_id
    WHERE entry.tbl = :tbl AND entry.is_removed = 0
) AS raised
WHERE bucket_entries.bucket_id = raised.bucket_id
  AND bucket_entries.tbl = :tbl
  AND bucket_entries.row_id = raised.row_id
