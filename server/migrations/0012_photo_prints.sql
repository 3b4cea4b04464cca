-- What photos look like, by the bytes that are held, and which look like each other.

CREATE TABLE photo_prints (
    place INTEGER PRIMARY KEY, -- the order in which they were hashed
    photo_id BLOB NOT NULL UNIQUE CHECK (length(photo_id) = 16),
    outlet_id BLOB NOT NULL CHECK (length(outlet_id) = 16),
    taken_on TEXT NOT NULL, -- in the outlet's zone
    sha256 TEXT NOT NULL,
    short BLOB NOT NULL CHECK (length(short) = 8), -- the 64-bit hash
    pdq BLOB NOT NULL CHECK (length(pdq) = 32), -- the 256-bit hash
    quality INTEGER NOT NULL -- 0 to 100; below 50 the hashes mean nothing
) STRICT;

-- Serves: the same bytes under another name.
CREATE INDEX photo_prints_by_bytes ON photo_prints (sha256);

CREATE TABLE photo_matches (
    photo_id BLOB NOT NULL CHECK (length(photo_id) = 16), -- the one that arrived later
    other_id BLOB NOT NULL CHECK (length(other_id) = 16),
    bits INTEGER NOT NULL, -- of 256 that differ
    is_turned INTEGER NOT NULL,
    is_same_bytes INTEGER NOT NULL,
    found_at INTEGER NOT NULL,
    PRIMARY KEY (photo_id, other_id)
) STRICT, WITHOUT ROWID;

-- Serves: the matches of a photo that was there first.
CREATE INDEX photo_matches_of_other ON photo_matches (other_id);
