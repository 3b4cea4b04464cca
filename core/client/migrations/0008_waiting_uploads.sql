-- Files whose bytes have still to be offered to the server, once it knows their photo.

CREATE VIEW waiting_uploads AS
SELECT
    uploads.photo_id,
    uploads.variant,
    uploads.sha256,
    uploads.size_bytes,
    uploads.path,
    uploads.attempts,
    uploads.next_attempt_at,
    uploads.last_error,
    photos.taken_at
FROM uploads
-- A photo whose row is gone (its outlet moved on, its command was refused) is still offered: nothing is ever passive.
LEFT JOIN photos ON photos.id = uploads.photo_id
WHERE
    (
        uploads.state <> 'done'
        -- Answered with success, but no pull has confirmed it: asked about again.
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
            AND uploads.photo_id IN (
                SELECT receipts_wanted.item FROM receipts_wanted WHERE receipts_wanted.kind = 'photo'
            )
        )
    )
    -- The server must know the photo before it takes its bytes.
    AND NOT EXISTS (
        SELECT 1
        FROM outbox_rows
        WHERE outbox_rows.tbl = 'photos' AND outbox_rows.row_id = uploads.photo_id
    );
