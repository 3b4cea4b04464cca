-- Their bytes came before this server looked at photos, or it stopped while it did.
SELECT photo_files.photo_id
FROM photo_files
WHERE
    photo_files.variant = 'original'
    AND NOT EXISTS (SELECT 1 FROM photo_prints WHERE photo_prints.photo_id = photo_files.photo_id)
ORDER BY photo_files.received_at, photo_files.photo_id
LIMIT ?
