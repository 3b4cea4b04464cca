-- Everything a photo replaces, back to the first, and everything that replaced those; each photo once.
WITH RECURSIVE
    linked (id) AS (
        SELECT :photo
        UNION
        SELECT photos.replaces FROM photos JOIN linked ON photos.id = linked.id WHERE photos.replaces IS NOT NULL
        UNION
        SELECT photos.replaced_by FROM photos JOIN linked ON photos.id = linked.id WHERE photos.replaced_by IS NOT NULL
    )
SELECT id FROM linked LIMIT 64
