-- What people said about people in photos: which areas are to be covered in copies that are handed out.
-- Instants are milliseconds since 1970 UTC; ids are 16 bytes.

-- Every version that was ever said; none is changed or deleted.
CREATE TABLE photo_covers (
    photo_id BLOB NOT NULL CHECK (length(photo_id) = 16),
    version INTEGER NOT NULL CHECK (version > 0),
    -- JSON: [left, top, width, height] of each, in ten-thousandths of the upright picture; []: nobody can be recognised
    areas TEXT NOT NULL,
    marked_by BLOB NOT NULL CHECK (length(marked_by) = 16),
    marked_at INTEGER NOT NULL,
    PRIMARY KEY (photo_id, version)
) STRICT, WITHOUT ROWID;
