SELECT
    photo_files.photo_id,
    photo_files.original_path,
    photo_files.size_bytes
FROM photo_files
INNER JOIN photos ON photos.id = photo_files.photo_id
WHERE
    photo_files.original_path IS NOT NULL
    -- Some days of grace: a server restored from yesterday's backup still finds the picture here.
    AND photos.received_at <= :before
    AND photos.sha256 = photo_files.original_sha256
