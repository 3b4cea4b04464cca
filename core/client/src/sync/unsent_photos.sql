SELECT COUNT(DISTINCT uploads.photo_id)
FROM uploads
LEFT JOIN photos ON photos.id = uploads.photo_id
WHERE
    (
        uploads.state <> 'done'
        OR (uploads.variant = 'original' AND photos.id IS NOT NULL AND photos.received_at IS NULL)
    )
    -- The server does not know the photo, and no command is on its way to tell it: the command was refused.
    AND NOT (
        uploads.state = 'refused'
        AND uploads.last_error = 'not_found'
        AND photos.id IS NULL
        AND NOT EXISTS (
            SELECT 1
            FROM outbox_rows
            WHERE outbox_rows.tbl = 'photos' AND outbox_rows.row_id = uploads.photo_id
        )
    )
