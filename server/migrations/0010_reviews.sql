-- What reviewers share at the console: claims, second looks, and who was shown which verdict. None of it travels to a phone.
-- Instants are milliseconds since 1970 UTC; ids are 16 bytes.

-- The last claim on each photo; it binds until `until_at`.
CREATE TABLE review_claims (
    photo_id BLOB PRIMARY KEY CHECK (length(photo_id) = 16),
    user_id BLOB NOT NULL CHECK (length(user_id) = 16),
    claimed_at INTEGER NOT NULL,
    until_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Serves claims and own photos of the queue.
CREATE INDEX review_claims_by_user ON review_claims (user_id, until_at);

-- Verdicts drawn for a second look, and what the second reviewer said.
CREATE TABLE second_looks (
    verdict_id BLOB PRIMARY KEY CHECK (length(verdict_id) = 16),
    photo_id BLOB NOT NULL CHECK (length(photo_id) = 16),
    first_by BLOB NOT NULL CHECK (length(first_by) = 16),
    first_decision TEXT NOT NULL,
    drawn_at INTEGER NOT NULL,
    second_by BLOB CHECK (length(second_by) = 16), -- NULL: nobody has looked
    second_decision TEXT,
    reason TEXT, -- NULL: none was needed
    note TEXT,
    looked_at INTEGER
) STRICT, WITHOUT ROWID;

-- Serves open_draws.
CREATE INDEX second_looks_open ON second_looks (drawn_at) WHERE second_by IS NULL;
CREATE INDEX second_looks_by_photo ON second_looks (photo_id);

-- Who was shown a verdict, and so cannot judge the photo blindly any more.
CREATE TABLE verdict_sights (
    verdict_id BLOB NOT NULL CHECK (length(verdict_id) = 16),
    user_id BLOB NOT NULL CHECK (length(user_id) = 16),
    seen_at INTEGER NOT NULL,
    PRIMARY KEY (verdict_id, user_id)
) STRICT, WITHOUT ROWID;

-- Serve the wall, the photo of the visit before, and photos of the same bytes.
CREATE INDEX photos_by_taken ON photos (taken_at, id);
CREATE INDEX photos_of_place ON photos (outlet_id, zone, taken_at);
CREATE INDEX photos_by_bytes ON photos (sha256);
