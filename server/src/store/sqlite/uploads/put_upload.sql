INSERT INTO uploads (photo_id, variant, user_id, size_bytes, sha256, begun_at, touched_at, expired_at, metadata)
VALUES (:photo_id, :variant, :user_id, :size_bytes, :sha256, :begun_at, :touched_at, :expired_at, :metadata)
ON CONFLICT (photo_id, variant) DO UPDATE
SET user_id = excluded.user_id, size_bytes = excluded.size_bytes, sha256 = excluded.sha256,
    begun_at = excluded.begun_at, touched_at = excluded.touched_at, expired_at = excluded.expired_at,
    metadata = excluded.metadata
