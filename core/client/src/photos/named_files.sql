-- Files that rows name. An original that was freed is named no more, though its upload is remembered.
SELECT thumbnail_path AS name
FROM photo_files
UNION ALL
SELECT original_path
FROM photo_files
WHERE original_path IS NOT NULL
UNION ALL
SELECT stamped_path
FROM photo_files
WHERE stamped_path IS NOT NULL
UNION ALL
SELECT path
FROM task_pictures
WHERE path IS NOT NULL
UNION ALL
SELECT path
FROM uploads
WHERE
    variant = 'thumbnail'
    OR photo_id NOT IN (SELECT photo_files.photo_id FROM photo_files WHERE photo_files.original_path IS NULL)
