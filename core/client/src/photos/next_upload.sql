-- The file that is due first: thumbnails before originals, of each kind today's before those of earlier days.
SELECT
    waiting.photo_id,
    waiting.variant,
    waiting.size_bytes,
    waiting.sha256,
    waiting.path,
    waiting.attempts,
    waiting.last_error,
    uploads.is_untold
FROM waiting_uploads AS waiting
JOIN uploads ON uploads.photo_id = waiting.photo_id AND uploads.variant = waiting.variant
WHERE
    (waiting.next_attempt_at <= :now OR waiting.next_attempt_at > :horizon)
    -- On a network that is paid for by volume recent originals wait.
    AND (waiting.variant = 'thumbnail' OR COALESCE(taken_at, 0) <= :taken_after)
ORDER BY waiting.variant = 'original', COALESCE(taken_at, 0) < :today, taken_at, waiting.photo_id
LIMIT 1
