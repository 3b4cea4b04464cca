-- When the next file is due; the same files as in next_upload.sql.
SELECT MIN(uploads.next_attempt_at)
FROM uploads
LEFT JOIN photos ON photos.id = uploads.photo_id
WHERE
    (
        uploads.state <> 'done'
        OR (uploads.variant = 'original' AND photos.id IS NOT NULL AND photos.received_at IS NULL)
    )
    AND NOT EXISTS (
        SELECT 1
        FROM outbox_rows
        WHERE outbox_rows.tbl = 'photos' AND outbox_rows.row_id = uploads.photo_id
    )
