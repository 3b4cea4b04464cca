-- Receipts of the server, and what a phone that turned out to be a copy must know.

-- Keys that receipts were signed with.
CREATE TABLE receipt_keys (
    key TEXT PRIMARY KEY, -- 64 hexadecimal digits
    met_at INTEGER NOT NULL, -- by the server's clock
    is_trusted INTEGER NOT NULL CHECK (is_trusted IN (0, 1)) -- the first ever met, or given by a sign-in
) STRICT, WITHOUT ROWID;

-- Signed texts; each may be for many items.
CREATE TABLE receipts (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL REFERENCES receipt_keys (key),
    signed_at INTEGER NOT NULL, -- by the server's clock
    signature TEXT NOT NULL, -- 128 hexadecimal digits
    text TEXT NOT NULL
) STRICT;

-- What each receipt is for.
CREATE TABLE receipt_items (
    item BLOB PRIMARY KEY CHECK (length(item) = 16), -- a command or a photo
    receipt_id INTEGER NOT NULL REFERENCES receipts (id)
) STRICT, WITHOUT ROWID;

-- Serves forgetting receipts that are for nothing any more.
CREATE INDEX receipt_items_by_receipt ON receipt_items (receipt_id);

-- Items the server has answered whose receipt is missing or does not verify. They are asked about again.
CREATE TABLE receipts_wanted (
    item BLOB PRIMARY KEY CHECK (length(item) = 16),
    kind TEXT NOT NULL CHECK (kind IN ('command', 'photo')),
    problem TEXT NOT NULL CHECK (problem IN ('missing', 'invalid')),
    ask_at INTEGER NOT NULL -- by the phone's clock
) STRICT, WITHOUT ROWID;

-- Highest number whose command was removed after its thirty days.
ALTER TABLE device ADD COLUMN pruned_seq INTEGER NOT NULL DEFAULT 0;
-- Numbers up to this one were given by the installation this one was copied from.
ALTER TABLE device ADD COLUMN copied_seq INTEGER NOT NULL DEFAULT 0;
-- The identity a copy is asking for; NULL when it is asking for none.
ALTER TABLE device ADD COLUMN copy_id BLOB;
