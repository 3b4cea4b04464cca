-- Parcels: queues of phones that somebody else carried in. Instants are milliseconds since 1970 UTC.

-- The keys that parcels are sealed to; secret. They lie in the database so that a restored backup still opens parcels.
CREATE TABLE courier_keys (
    seed BLOB PRIMARY KEY CHECK (length(seed) = 32),
    minted_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The keys that devices sign their parcels with; public, 64 hex digits. A device that was rebuilt has several.
CREATE TABLE parcel_keys (
    device_id BLOB NOT NULL CHECK (length(device_id) = 16),
    public_key TEXT NOT NULL,
    enrolled_at INTEGER NOT NULL,
    PRIMARY KEY (device_id, public_key)
) STRICT, WITHOUT ROWID;

-- Parcels that could be read and not be worked through yet.
CREATE TABLE kept_parcels (
    hash BLOB PRIMARY KEY CHECK (length(hash) = 32), -- BLAKE3 of the file
    device_id BLOB NOT NULL CHECK (length(device_id) = 16),
    user_id BLOB NOT NULL CHECK (length(user_id) = 16), -- whose work it is
    carried_by BLOB NOT NULL CHECK (length(carried_by) = 16), -- who brought it
    reason TEXT NOT NULL,
    number INTEGER NOT NULL, -- place in its packing
    items INTEGER NOT NULL, -- commands in it; 1 for a part of a photo
    arrived_at INTEGER NOT NULL,
    file BLOB NOT NULL
) STRICT;

-- Serves kept_parcels_of.
CREATE INDEX kept_parcels_by_device ON kept_parcels (device_id, number);
