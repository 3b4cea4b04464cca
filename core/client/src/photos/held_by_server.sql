SELECT
    photo_files.photo_id,
    photo_files.original_path,
    photo_files.size_bytes
FROM photo_files
INNER JOIN photos ON photos.id = photo_files.photo_id
WHERE
    photo_files.original_path IS NOT NULL
    AND photos.received_at IS NOT NULL
    AND photos.sha256 = photo_files.original_sha256
