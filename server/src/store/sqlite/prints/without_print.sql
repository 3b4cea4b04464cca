-- Their bytes came before this server looked at photos, or it looked in an older way, or it stopped while it did, or they
-- could not be read.
SELECT photo_files.photo_id
FROM photo_files
LEFT JOIN photo_look_tries ON photo_look_tries.photo_id = photo_files.photo_id
WHERE
    photo_files.variant = 'original'
    AND coalesce(photo_look_tries.tried_at, 0) <> :pass
    AND NOT EXISTS (
        SELECT 1 FROM photo_prints
        WHERE photo_prints.photo_id = photo_files.photo_id AND photo_prints.way = :way
    )
ORDER BY coalesce(photo_look_tries.tried_at, 0), photo_files.received_at, photo_files.photo_id
LIMIT :limit
