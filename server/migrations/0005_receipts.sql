-- Receipts, lives of the database, copied devices, and what a phone had seen when it captured a command.

-- What receipts are signed with; one row.
CREATE TABLE receipt_signer (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    seed BLOB NOT NULL CHECK (length(seed) = 32) -- Ed25519
) STRICT;

-- Device numbers that may be in use though this database, put back from a backup, knows no such device; one row.
CREATE TABLE device_number_floor (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    given INTEGER NOT NULL -- a new device gets a higher number than this
) STRICT;

-- Devices that found out that they are copies of another one.
CREATE TABLE device_copies (
    device_id BLOB PRIMARY KEY CHECK (length(device_id) = 16),
    copied_from BLOB NOT NULL CHECK (length(copied_from) = 16),
    copied_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

ALTER TABLE commands ADD COLUMN seen TEXT; -- JSON: bucket -> position at capture; NULL when the phone said none
