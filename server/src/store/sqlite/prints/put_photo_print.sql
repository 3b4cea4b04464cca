INSERT INTO photo_prints (photo_id, outlet_id, taken_on, sha256, short, pdq, quality, way)
VALUES (:photo, :outlet, :taken_on, :sha256, :short, :pdq, :quality, :way)
ON CONFLICT (photo_id) DO NOTHING
