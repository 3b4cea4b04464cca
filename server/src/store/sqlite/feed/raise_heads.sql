UPDATE bucket_heads
SET head = newest.position
FROM (SELECT bucket_id, max(position) AS position FROM bucket_entries GROUP BY bucket_id) AS newest
WHERE bucket_heads.id = newest.bucket_id AND bucket_heads.head < newest.position
