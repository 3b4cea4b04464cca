-- Bytes that the server did not want because it did not know their photo, which it knows now: by the photo's own row, or
-- because a supervisor took the photo in.
UPDATE uploads
SET state = 'pending', attempts = 0, next_attempt_at = :now
WHERE
    state = 'refused'
    AND last_error = 'not_found'
    AND (
        EXISTS (SELECT 1 FROM photos WHERE photos.id = uploads.photo_id)
        OR EXISTS (
            SELECT 1
            FROM refusals
            WHERE
                refusals.subject = uploads.photo_id
                AND json_extract(refusals.outcome, '$.how') = 'taken_in'
        )
    )
    AND NOT EXISTS (
        SELECT 1
        FROM outbox_rows
        WHERE outbox_rows.tbl = 'photos' AND outbox_rows.row_id = uploads.photo_id
    )
