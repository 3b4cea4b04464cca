INSERT INTO photo_files (photo_id, variant, sha256, size_bytes, media_type, received_at)
VALUES (:photo_id, :variant, :sha256, :size_bytes, :media_type, :received_at)
ON CONFLICT (photo_id, variant) DO UPDATE
SET sha256 = excluded.sha256, size_bytes = excluded.size_bytes, media_type = excluded.media_type,
    received_at = excluded.received_at
