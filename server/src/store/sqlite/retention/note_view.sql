INSERT INTO photo_views (photo_id, user_id, kind, is_ahead, at)
SELECT :photo_id, :user_id, :kind, :is_ahead, :at
WHERE NOT EXISTS (
    SELECT 1 FROM photo_views
    WHERE photo_id = :photo_id AND user_id = :user_id AND at > :since AND (
        kind = :kind
        OR :kind = 'file' AND kind IN ('page', 'exported')
    ) AND is_ahead <= :is_ahead)
