-- How the erasing of deleted bytes stands, and which photos were begun to be looked at.
-- Instants are milliseconds since 1970 UTC; ids are 16 bytes.

-- When nothing was left to do; NULL: the bytes may still be there.
ALTER TABLE photo_removals ADD COLUMN erased_at INTEGER;
-- 1: another photo has the same bytes, they stay for it and go with it.
ALTER TABLE photo_removals ADD COLUMN is_shared INTEGER NOT NULL DEFAULT 0 CHECK (is_shared IN (0, 1));
-- When erasing them last failed; 0: never.
ALTER TABLE photo_removals ADD COLUMN tried_at INTEGER NOT NULL DEFAULT 0;

-- The release before did both at once.
UPDATE photo_removals
SET
    erased_at = removed_at,
    is_shared = EXISTS (SELECT 1 FROM photo_files WHERE photo_files.sha256 = photo_removals.sha256)
WHERE is_erased = 1;

-- Serves unerased: what failed goes to the end of the line.
DROP INDEX photo_removals_unerased;
CREATE INDEX photo_removals_unerased ON photo_removals (tried_at, removed_at) WHERE is_erased = 0;

-- Serves note_gone and note_shared.
CREATE INDEX photo_removals_by_bytes ON photo_removals (sha256);

-- Photos that the upkeep began to look at and that have no print since.
CREATE TABLE photo_look_tries (
    photo_id BLOB PRIMARY KEY CHECK (length(photo_id) = 16),
    tried_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
