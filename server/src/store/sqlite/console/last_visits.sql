WHERE status = 'completed'
    AND (:region IS NULL OR territory_id IN (SELECT id FROM territories WHERE region_code = :region))
    AND visited_on = (
        SELECT max(last.visited_on)
        FROM visits AS last
        WHERE last.outlet_id = visits.outlet_id AND last.status = 'completed'
    )
ORDER BY id
