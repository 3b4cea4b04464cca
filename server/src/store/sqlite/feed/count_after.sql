SELECT count(*)
FROM (
    SELECT 1
    FROM bucket_heads AS head
    JOIN bucket_entries AS entry ON entry.bucket_id = head.id
    WHERE head.bucket = :bucket AND entry.position > :position
    LIMIT :limit
)
