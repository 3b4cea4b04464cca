-- Open tasks and, among them, retakes by outlet.
SELECT
    outlet_id,
    COUNT(*) AS open_tasks,
    SUM(kind = 'photo_retake') AS retakes
FROM tasks
WHERE status = 'open'
GROUP BY outlet_id
