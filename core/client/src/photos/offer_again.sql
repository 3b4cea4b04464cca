-- Bytes that were delivered and that the server may have forgotten since, as long as the phone has them.
UPDATE uploads
SET state = 'pending', attempts = 0, last_error = NULL, next_attempt_at = :now
WHERE
    state = 'done'
    -- What the server says of a photo whose row is here comes with that row.
    AND (:even_known OR NOT EXISTS (SELECT 1 FROM photos WHERE photos.id = uploads.photo_id))
    AND EXISTS (
        SELECT 1
        FROM photo_files
        WHERE photo_files.photo_id = uploads.photo_id AND photo_files.original_path IS NOT NULL
    )
