(:region IS NULL OR territory_id IN (SELECT id FROM territories WHERE region_code = :region))
AND (:rep IS NULL OR rep_id = :rep)
AND (:outlet IS NULL OR outlet_id = :outlet)
AND (:zone IS NULL OR zone = :zone)
AND (:taken_from IS NULL OR taken_at >= :taken_from)
AND (:taken_until IS NULL OR taken_at < :taken_until)
AND (:own IS NULL OR id IN (SELECT photo_id FROM review_claims WHERE user_id = :own AND until_at > :desk_now))
AND (:desk IS NULL OR id NOT IN (SELECT photo_id FROM review_claims WHERE user_id <> :desk AND until_at > :desk_now))
AND (:blind IS NULL OR NOT EXISTS (
    SELECT 1 FROM second_looks
    WHERE second_looks.verdict_id = photos.verdict_id AND second_by IS NULL AND first_by <> :blind))
AND (NOT :signals OR signals IS NOT NULL)
AND (NOT :marked OR EXISTS (SELECT 1 FROM photo_covers WHERE photo_covers.photo_id = photos.id))
AND (NOT :to_mark OR (
    NOT EXISTS (SELECT 1 FROM photo_covers WHERE photo_covers.photo_id = photos.id)
    AND EXISTS (SELECT 1 FROM photo_files WHERE photo_files.photo_id = photos.id AND variant = 'original')))
