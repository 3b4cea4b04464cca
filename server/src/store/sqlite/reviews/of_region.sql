(:region IS NULL OR EXISTS (
    SELECT 1 FROM photos JOIN territories ON territories.id = photos.territory_id
    WHERE photos.id = second_looks.photo_id AND territories.region_code = :region))
