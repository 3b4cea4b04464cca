INSERT INTO kept_parcels (hash, device_id, user_id, carried_by, reason, number, items, arrived_at, file)
VALUES (:hash, :device_id, :user_id, :carried_by, :reason, :number, :items, :arrived_at, :file)
ON CONFLICT (hash) DO UPDATE SET reason = excluded.reason
