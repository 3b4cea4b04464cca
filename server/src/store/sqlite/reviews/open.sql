second_by IS NULL AND first_by <> :by AND NOT EXISTS (
    SELECT 1 FROM verdict_sights AS sights
    WHERE sights.verdict_id = second_looks.verdict_id AND sights.user_id = :by)
