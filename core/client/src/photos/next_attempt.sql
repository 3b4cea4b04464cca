-- When the next file is due; the same files as in next_upload.sql.
SELECT MIN(uploads.next_attempt_at)
FROM uploads
LEFT JOIN photos ON photos.id = uploads.photo_id
WHERE
    (
        uploads.state <> 'done'
        OR (
            photos.id IS NOT NULL
            AND photos.received_at IS NULL
            -- A server that has forgotten the original has forgotten the thumbnail too.
            AND EXISTS (
                SELECT 1
                FROM uploads AS originals
                WHERE
                    originals.photo_id = uploads.photo_id
                    AND originals.variant = 'original'
                    AND originals.state = 'done'
            )
        )
        -- The server's receipt for it is wanted.
        OR (
            uploads.variant = 'original'
            AND uploads.photo_id IN (SELECT receipts_wanted.item FROM receipts_wanted WHERE receipts_wanted.kind = 'photo')
        )
    )
    AND NOT EXISTS (
        SELECT 1
        FROM outbox_rows
        WHERE outbox_rows.tbl = 'photos' AND outbox_rows.row_id = uploads.photo_id
    )
