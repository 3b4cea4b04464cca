-- What a phone keeps to know that it holds what the server holds, and to take rows in bulk.

-- Tables by a short number. A name may be one this release does not know.
CREATE TABLE row_tables (
    code INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

INSERT INTO row_tables (name) SELECT DISTINCT tbl FROM memberships ORDER BY tbl;

ALTER TABLE memberships RENAME TO wide_memberships;

-- Which buckets a row came in. A row dies with its last membership. There is one for every row of the phone, so it has
-- no second index: what concerns a whole bucket is rare and reads the table once.
CREATE TABLE memberships (
    tbl INTEGER NOT NULL, -- row_tables.code
    row_id BLOB NOT NULL,
    -- cursors.bucket_id; below zero: what the bucket held before it started again, within one transaction only
    bucket_id INTEGER NOT NULL,
    version INTEGER NOT NULL,
    sum INTEGER, -- the bits of the row's checksum; NULL: not yet reckoned, of a phone older than checksums
    PRIMARY KEY (tbl, row_id, bucket_id)
) STRICT, WITHOUT ROWID;

INSERT INTO memberships (tbl, row_id, bucket_id, version)
SELECT row_tables.code, held.row_id, held.bucket_id, held.version
FROM wide_memberships AS held
JOIN row_tables ON row_tables.name = held.tbl;

DROP TABLE wide_memberships;

-- What the bucket holds, in short: kept up with every row that comes or goes.
ALTER TABLE cursors ADD COLUMN row_count INTEGER NOT NULL DEFAULT 0;
ALTER TABLE cursors ADD COLUMN sum INTEGER; -- bits; NULL: not yet reckoned
ALTER TABLE cursors ADD COLUMN is_doubtful INTEGER NOT NULL DEFAULT 0; -- 1: differs from what the server said
ALTER TABLE cursors ADD COLUMN healed_at INTEGER; -- when healing last did not help; NULL: never
ALTER TABLE cursors ADD COLUMN started_again_at INTEGER; -- when it was last read anew because of that; NULL: never

-- What the server says the bucket holds at its head; NULL: it did not say.
ALTER TABLE staged_buckets ADD COLUMN row_count INTEGER;
ALTER TABLE staged_buckets ADD COLUMN sum INTEGER;

-- Files of rows that come before the staged entries of their bucket.
CREATE TABLE staged_segments (
    bucket TEXT NOT NULL,
    place INTEGER NOT NULL,
    hash TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    unpacked_bytes INTEGER NOT NULL,
    row_count INTEGER NOT NULL,
    PRIMARY KEY (bucket, place)
) STRICT, WITHOUT ROWID;

ALTER TABLE sync_state ADD COLUMN scanned_at INTEGER; -- the server's time of the last look at every row; NULL: never
ALTER TABLE sync_state ADD COLUMN columns_known TEXT; -- fingerprint of the columns rows were last read with; NULL: none
-- What the server called the state that the cursors stand for; NULL: nothing that may be relied upon.
ALTER TABLE sync_state ADD COLUMN standing TEXT;
