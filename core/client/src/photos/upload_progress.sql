-- How far the bytes of a photo have come. A finished file counts whole, whatever offset was noted last.
SELECT
    COALESCE(SUM(CASE state WHEN 'done' THEN size_bytes ELSE offset END), 0) AS sent_bytes,
    COALESCE(SUM(size_bytes), 0) AS total_bytes,
    COALESCE(MAX(state = 'refused'), 0) AS is_refused
FROM uploads
WHERE photo_id = :photo
