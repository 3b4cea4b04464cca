INSERT INTO photo_matches (photo_id, other_id, bits, is_turned, is_same_bytes, found_at)
VALUES (:photo, :other, :bits, :is_turned, :is_same_bytes, :found_at)
ON CONFLICT (photo_id, other_id) DO NOTHING
