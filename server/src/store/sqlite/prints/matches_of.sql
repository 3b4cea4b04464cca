SELECT
    photo_id,
    other_id,
    bits,
    is_turned,
    is_same_bytes,
    found_at
FROM photo_matches
WHERE photo_id = :photo OR other_id = :photo
ORDER BY bits, found_at, photo_id, other_id
