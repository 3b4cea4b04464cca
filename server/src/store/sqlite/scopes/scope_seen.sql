SELECT buckets
FROM scope_versions
WHERE user_id = :user_id
-- The latest version not above the position; where there is none, the first one.
ORDER BY
    coalesce(position <= :position, 0) DESC,
    CASE WHEN position <= :position THEN -version ELSE version END
LIMIT 1
