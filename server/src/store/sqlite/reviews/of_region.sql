(:region IS NULL OR photo_id IN (
    SELECT photos.id FROM photos JOIN territories ON territories.id = photos.territory_id
    WHERE territories.region_code = :region))
