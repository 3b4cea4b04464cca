INSERT INTO uploads (photo_id, variant, user_id, size_bytes, sha256, begun_at)
VALUES (:photo_id, :variant, :user_id, :size_bytes, :sha256, :begun_at)
ON CONFLICT (photo_id, variant) DO UPDATE
SET user_id = excluded.user_id, size_bytes = excluded.size_bytes, sha256 = excluded.sha256,
    begun_at = excluded.begun_at
