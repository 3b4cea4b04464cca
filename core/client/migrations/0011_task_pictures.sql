-- Small pictures that open retakes need and that this phone did not take: the photo to be taken anew, and the one that shows
-- how it should look.
CREATE TABLE task_pictures (
    photo_id BLOB PRIMARY KEY CHECK (length(photo_id) = 16),
    path TEXT, -- NULL: not here yet
    attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    next_attempt_at INTEGER NOT NULL DEFAULT 0 -- device clock
) STRICT;
