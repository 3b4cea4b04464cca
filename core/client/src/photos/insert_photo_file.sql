INSERT INTO photo_files (
    photo_id, original_path, original_sha256, size_bytes, thumbnail_path, thumbnail_sha256, thumbnail_bytes,
    stamped_path
)
VALUES (:photo, :original, :original_sha256, :size, :thumbnail, :thumbnail_sha256, :thumbnail_size, :stamped)
