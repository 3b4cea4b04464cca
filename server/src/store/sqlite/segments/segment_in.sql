SELECT segment.hash, segment.bytes, segment.unpacked_bytes, segment.row_count
FROM segment_manifests AS manifest
JOIN segments AS segment ON segment.manifest_id = manifest.id
WHERE manifest.bucket = :bucket AND segment.hash = :hash
LIMIT 1
