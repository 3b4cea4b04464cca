-- The file that is due first: thumbnails before originals, of each kind recent ones before older ones.
SELECT
    photo_id,
    variant,
    size_bytes,
    sha256,
    path,
    attempts,
    last_error
FROM waiting_uploads
WHERE
    (next_attempt_at <= :now OR next_attempt_at > :horizon)
    -- On a network that is paid for by volume recent originals wait.
    AND (variant = 'thumbnail' OR COALESCE(taken_at, 0) <= :taken_after)
ORDER BY variant = 'original', COALESCE(taken_at, 0) < :today, taken_at, photo_id
LIMIT 1
