SELECT min(received_at) AS received_at, photo_id
FROM photo_files
WHERE received_at < :before
GROUP BY photo_id
HAVING (min(received_at), photo_id) > (:after_at, :after_id)
ORDER BY min(received_at), photo_id
LIMIT :limit
