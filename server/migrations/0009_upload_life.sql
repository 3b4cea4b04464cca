-- Uploads end by themselves when nobody goes on with them, and say so for a while.

ALTER TABLE uploads ADD COLUMN touched_at INTEGER NOT NULL DEFAULT 0; -- when somebody last went on with it, to the hour

ALTER TABLE uploads ADD COLUMN expired_at INTEGER; -- when it was given up; NULL while it may go on

ALTER TABLE uploads ADD COLUMN metadata TEXT NOT NULL DEFAULT ''; -- what its creation said of it, word for word

UPDATE uploads SET touched_at = begun_at;

-- Serves: uploads that nobody goes on with, and those that ended long ago.
CREATE INDEX uploads_by_touch ON uploads (touched_at);

-- Serves: whether bytes of a hash belong to any photo.
CREATE INDEX photo_files_by_hash ON photo_files (sha256);
