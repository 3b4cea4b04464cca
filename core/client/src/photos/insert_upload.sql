INSERT INTO uploads (photo_id, variant, sha256, size_bytes, path, next_attempt_at, is_untold)
VALUES (:photo, :variant, :sha256, :size, :path, :now, :untold)
