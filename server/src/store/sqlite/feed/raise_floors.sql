UPDATE bucket_heads
SET floor = max(floor, forgotten.position)
FROM (
    SELECT bucket_id, max(position) AS position
    FROM bucket_entries
    WHERE is_removed = 1 AND removed_at < :until
    GROUP BY bucket_id
) AS forgotten
WHERE bucket_heads.id = forgotten.bucket_id
