SELECT
    photo_files.photo_id,
    photo_files.original_path,
    photo_files.size_bytes,
    photo_files.stamped_path,
    -- From a server that never signed anything, its word by pull is enough.
    (
        NOT EXISTS (SELECT 1 FROM receipt_keys)
        OR EXISTS (
            SELECT 1
            FROM receipt_items
            INNER JOIN receipts ON receipts.id = receipt_items.receipt_id
            INNER JOIN receipt_keys ON receipt_keys.key = receipts.key
            WHERE receipt_items.item = photo_files.photo_id AND receipt_keys.is_trusted = 1
        )
    ) AS is_receipted
FROM photo_files
INNER JOIN photos ON photos.id = photo_files.photo_id
WHERE
    photo_files.original_path IS NOT NULL
    -- Some days of grace: a server restored from yesterday's backup still finds the picture here.
    AND photos.received_at <= :before
    AND photos.sha256 = photo_files.original_sha256
