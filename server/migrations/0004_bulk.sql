-- What a bucket holds in short, when removals were found, and rows in bulk.
-- Instants are milliseconds since 1970 UTC; ids are 16 bytes; hashes are 32 bytes; checksums are 64 bits.

-- The schema the checksums were computed under; another one means: compute them anew.
ALTER TABLE server_facts ADD COLUMN summed_schema INTEGER NOT NULL DEFAULT 0;

-- The sum of row_hash over the rows in the bucket, modulo 2^64.
ALTER TABLE bucket_heads ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;

-- The row's checksum at that version; NULL: removed.
ALTER TABLE bucket_entries ADD COLUMN row_hash INTEGER;

-- When a removal was first found by the upkeep, never before it happened; NULL: not removed, or not yet found.
ALTER TABLE bucket_entries ADD COLUMN removed_at INTEGER;

-- Serves forget_removals.
CREATE INDEX bucket_entries_by_removal ON bucket_entries (removed_at) WHERE is_removed = 1;

-- The segments that together are a bucket at a position.
CREATE TABLE segment_manifests (
    id INTEGER PRIMARY KEY,
    bucket TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    as_of INTEGER NOT NULL, -- the position the rows were read at
    built_at INTEGER NOT NULL,
    replaced_at INTEGER -- NULL: the bucket's present one
) STRICT;

CREATE UNIQUE INDEX segment_manifests_present ON segment_manifests (bucket) WHERE replaced_at IS NULL;

-- Serves segment_in.
CREATE INDEX segment_manifests_by_bucket ON segment_manifests (bucket);

CREATE TABLE segments (
    manifest_id INTEGER NOT NULL REFERENCES segment_manifests (id) ON DELETE CASCADE,
    place INTEGER NOT NULL, -- from 0, in order of table and id
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    bytes INTEGER NOT NULL,
    unpacked_bytes INTEGER NOT NULL,
    row_count INTEGER NOT NULL,
    last_tbl TEXT NOT NULL, -- the last row it holds
    last_row_id BLOB NOT NULL CHECK (length(last_row_id) = 16),
    PRIMARY KEY (manifest_id, place)
) STRICT, WITHOUT ROWID;
