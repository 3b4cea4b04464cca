-- Photos that open retakes show, each with the verdict that names it as the reference; without one it is the photo that is
-- to be taken anew. Those that this phone took are here already.
SELECT
    needed.photo_id,
    needed.verdict_id,
    needed.owner_id,
    task_pictures.path,
    coalesce(task_pictures.attempts, 0) AS attempts,
    coalesce(task_pictures.next_attempt_at, 0) AS next_attempt_at
FROM (
    SELECT
        photos.id AS photo_id,
        NULL AS verdict_id,
        tasks.owner_id
    FROM tasks
    INNER JOIN photos ON photos.id = tasks.photo_id
    WHERE tasks.status = 'open' AND tasks.kind = 'photo_retake'
    UNION ALL
    SELECT
        verdicts.reference_photo_id,
        verdicts.id,
        tasks.owner_id
    FROM tasks
    INNER JOIN photos ON photos.id = tasks.photo_id
    INNER JOIN verdicts ON verdicts.id = photos.verdict_id
    WHERE tasks.status = 'open' AND tasks.kind = 'photo_retake' AND verdicts.reference_photo_id IS NOT NULL
) AS needed
LEFT JOIN task_pictures ON task_pictures.photo_id = needed.photo_id
WHERE needed.photo_id NOT IN (SELECT photo_files.photo_id FROM photo_files)
ORDER BY needed.photo_id, needed.verdict_id
