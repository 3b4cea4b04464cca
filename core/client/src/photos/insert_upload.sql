INSERT INTO uploads (photo_id, variant, sha256, size_bytes, path, next_attempt_at)
VALUES (:photo, :variant, :sha256, :size, :path, :now)
