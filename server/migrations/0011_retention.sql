-- How long the bytes of photos are kept, what was deleted by which policy, and who saw which photo.
-- Instants are milliseconds since 1970 UTC; ids are 16 bytes.

-- Every version of the policy that was ever decided; none is changed or deleted.
CREATE TABLE retention_policies (
    version INTEGER PRIMARY KEY,
    body TEXT NOT NULL -- JSON
) STRICT;

-- Legal holds, lifted ones included.
CREATE TABLE photo_holds (
    id INTEGER PRIMARY KEY,
    photo_id BLOB NOT NULL CHECK (length(photo_id) = 16),
    set_by BLOB NOT NULL CHECK (length(set_by) = 16),
    set_at INTEGER NOT NULL,
    reason TEXT NOT NULL,
    lifted_by BLOB CHECK (length(lifted_by) = 16), -- NULL: it binds
    lifted_at INTEGER,
    lift_reason TEXT
) STRICT;

-- Serves holds; at most one binds a photo.
CREATE INDEX photo_holds_of_photo ON photo_holds (photo_id, id);
CREATE UNIQUE INDEX photo_holds_binding ON photo_holds (photo_id) WHERE lifted_by IS NULL;

-- What is left of bytes that were deleted.
CREATE TABLE photo_removals (
    photo_id BLOB NOT NULL CHECK (length(photo_id) = 16),
    variant TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    removed_at INTEGER NOT NULL,
    class TEXT NOT NULL,
    policy_version INTEGER NOT NULL,
    is_erased INTEGER NOT NULL CHECK (is_erased IN (0, 1)), -- 0: the bytes may still lie in the folder
    PRIMARY KEY (photo_id, variant)
) STRICT, WITHOUT ROWID;

-- Serves unerased.
CREATE INDEX photo_removals_unerased ON photo_removals (removed_at) WHERE is_erased = 0;

-- Serve the sweep and the question whether bytes are still needed.
CREATE INDEX photo_files_by_age ON photo_files (received_at, photo_id);
CREATE INDEX photo_files_by_bytes ON photo_files (sha256);

-- Who was shown the original of a photo.
CREATE TABLE photo_views (
    id INTEGER PRIMARY KEY,
    photo_id BLOB NOT NULL CHECK (length(photo_id) = 16),
    user_id BLOB NOT NULL CHECK (length(user_id) = 16),
    kind TEXT NOT NULL, -- 'page': on the console; 'file': the file itself
    at INTEGER NOT NULL
) STRICT;

-- Serves views and the question whether the same was noted just now.
CREATE INDEX photo_views_of_photo ON photo_views (photo_id, user_id, kind, at);
