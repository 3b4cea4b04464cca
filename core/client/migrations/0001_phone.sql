-- What only the phone keeps, beside the synced tables. Instants are milliseconds since 1970 UTC; JSON is text.

-- This installation. One row, made with the database and carried over by every recovery.
CREATE TABLE device (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    device_id BLOB NOT NULL CHECK (length(device_id) = 16),
    owner_login TEXT, -- who the outbox belongs to; NULL before the first sign-in
    device_number INTEGER NOT NULL DEFAULT 0, -- given by the server; 0 before the first sign-in
    last_seq INTEGER NOT NULL DEFAULT 0, -- last number given to a command; never goes back
    acked_seq INTEGER NOT NULL DEFAULT 0, -- last number the server says it has worked through
    sent_seq INTEGER NOT NULL DEFAULT 0, -- highest number ever put on the wire; no server knows one above it
    must_ask INTEGER NOT NULL DEFAULT 0, -- 1 after a recovery: learn acked_seq before sending anything
    next_order INTEGER NOT NULL DEFAULT 1, -- next order number of this device's block
    app_version TEXT NOT NULL
) STRICT;

-- Who is signed in. No row: nobody.
CREATE TABLE session (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    user TEXT NOT NULL, -- JSON
    actor TEXT NOT NULL, -- JSON
    policies TEXT NOT NULL, -- JSON
    access_token TEXT NOT NULL,
    access_expires_at INTEGER NOT NULL,
    refresh_token TEXT NOT NULL,
    refresh_expires_at INTEGER NOT NULL,
    refresh_nonce TEXT, -- an exchange of the refresh token that has begun; NULL when none
    needs_sign_in TEXT -- why the server refused to go on (a code); NULL while the session is good
) STRICT;

-- Commands in the order they were meant. Acknowledged ones stay for 30 days.
CREATE TABLE outbox (
    seq INTEGER PRIMARY KEY,
    command_id BLOB NOT NULL UNIQUE CHECK (length(command_id) = 16),
    kind TEXT NOT NULL,
    schema INTEGER NOT NULL,
    command TEXT NOT NULL, -- JSON {"kind", "args"}
    captured TEXT NOT NULL, -- JSON CaptureTime
    captured_at INTEGER NOT NULL, -- the best estimate in it
    seen TEXT NOT NULL, -- JSON: bucket -> position when captured
    actor TEXT NOT NULL, -- JSON: whose it is and what was theirs when captured
    state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'acked')),
    verdict TEXT, -- JSON CommandVerdict; NULL until the server has answered
    local_problem TEXT, -- JSON [Problem]: why it no longer holds on the phone's rows; it is sent all the same
    acked_at INTEGER -- NULL while pending
) STRICT;

-- Serves: what is still to be sent, and the oldest of it.
CREATE INDEX outbox_by_state ON outbox (state, seq);

-- Serves: asking again for answers that never came.
CREATE INDEX outbox_unanswered ON outbox (seq) WHERE verdict IS NULL;

-- Which rows a pending command has touched.
CREATE TABLE outbox_rows (
    tbl TEXT NOT NULL,
    row_id BLOB NOT NULL,
    seq INTEGER NOT NULL REFERENCES outbox (seq) ON DELETE CASCADE ON UPDATE CASCADE,
    PRIMARY KEY (tbl, row_id, seq)
) STRICT, WITHOUT ROWID;

-- Serves: forgetting what a command touched when it is acknowledged or run again.
CREATE INDEX outbox_rows_by_seq ON outbox_rows (seq);

-- The server's version of every row a pending command touched.
CREATE TABLE shadows (
    tbl TEXT NOT NULL,
    row_id BLOB NOT NULL,
    fields TEXT, -- JSON; NULL when the server has no such row
    PRIMARY KEY (tbl, row_id)
) STRICT, WITHOUT ROWID;

-- How far each bucket has been read and published.
CREATE TABLE cursors (
    bucket_id INTEGER PRIMARY KEY,
    bucket TEXT NOT NULL UNIQUE,
    epoch INTEGER NOT NULL,
    position INTEGER NOT NULL
) STRICT;

-- Which buckets a row came in. A row dies with its last membership.
CREATE TABLE memberships (
    tbl TEXT NOT NULL,
    row_id BLOB NOT NULL,
    bucket_id INTEGER NOT NULL REFERENCES cursors (bucket_id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (tbl, row_id, bucket_id)
) STRICT, WITHOUT ROWID;

-- Serves: letting a bucket go, or starting it again.
CREATE INDEX memberships_by_bucket ON memberships (bucket_id);

-- Rows that left every bucket while a pending command still rests on them; they go when it is resolved.
CREATE TABLE parted (
    tbl TEXT NOT NULL,
    row_id BLOB NOT NULL,
    PRIMARY KEY (tbl, row_id)
) STRICT, WITHOUT ROWID;

-- Rows this release cannot read: of tables or shapes of a newer one. Tried again after an update of the app.
CREATE TABLE unknown_rows (
    tbl TEXT NOT NULL,
    row_id BLOB NOT NULL,
    fields TEXT NOT NULL, -- JSON
    PRIMARY KEY (tbl, row_id)
) STRICT, WITHOUT ROWID;

-- Pages of a pull that is not complete; nothing of it shows before it is.
CREATE TABLE staged_buckets (
    bucket TEXT PRIMARY KEY,
    epoch INTEGER NOT NULL,
    position INTEGER NOT NULL,
    is_restart INTEGER NOT NULL,
    is_gone INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE staged_entries (
    bucket TEXT NOT NULL,
    tbl TEXT NOT NULL,
    row_id BLOB NOT NULL,
    position INTEGER NOT NULL,
    version INTEGER NOT NULL,
    fields TEXT, -- JSON; NULL when the row left the bucket
    PRIMARY KEY (bucket, tbl, row_id)
) STRICT;

-- How syncing goes. One row.
CREATE TABLE sync_state (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    failures INTEGER NOT NULL DEFAULT 0, -- in a row
    next_attempt_at INTEGER NOT NULL,
    last_error TEXT, -- code; NULL after a success
    last_success_at INTEGER, -- NULL before the first
    anchor TEXT -- JSON ServerAnchor; NULL before the first sign-in
) STRICT;

-- Where the bytes of this phone's photos lie. Paths are relative to the folder of photos.
CREATE TABLE photo_files (
    photo_id BLOB PRIMARY KEY CHECK (length(photo_id) = 16),
    original_path TEXT, -- NULL once freed: the server holds the bytes durably
    original_sha256 TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    thumbnail_path TEXT NOT NULL,
    thumbnail_sha256 TEXT NOT NULL,
    thumbnail_bytes INTEGER NOT NULL
) STRICT;

-- Photo bytes on their way to the server.
CREATE TABLE uploads (
    photo_id BLOB NOT NULL CHECK (length(photo_id) = 16),
    variant TEXT NOT NULL CHECK (variant IN ('thumbnail', 'original')),
    sha256 TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    path TEXT NOT NULL,
    offset INTEGER NOT NULL DEFAULT 0, -- bytes the server said it holds
    -- refused: the server will not have these bytes; tried again now and then, shown to a person, never deleted
    state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'refused', 'done')),
    attempts INTEGER NOT NULL DEFAULT 0, -- failures in a row
    next_attempt_at INTEGER NOT NULL,
    last_error TEXT, -- code; NULL when the last attempt went well
    PRIMARY KEY (photo_id, variant)
) STRICT, WITHOUT ROWID;

-- Serves: what is due next.
CREATE INDEX uploads_by_due ON uploads (state, next_attempt_at);

-- Orders being written; they become a command when submitted.
CREATE TABLE order_drafts (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    dealer_id BLOB NOT NULL CHECK (length(dealer_id) = 16),
    outlet_id BLOB CHECK (length(outlet_id) = 16), -- NULL when not taken in an outlet
    price_list_id BLOB CHECK (length(price_list_id) = 16), -- NULL: the list valid when it is priced
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE order_draft_lines (
    draft_id BLOB NOT NULL REFERENCES order_drafts (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    product_id BLOB NOT NULL CHECK (length(product_id) = 16),
    price_list_id BLOB CHECK (length(price_list_id) = 16), -- a list for this line alone; NULL: the order's
    quantity INTEGER NOT NULL, -- sales units
    PRIMARY KEY (draft_id, position)
) STRICT, WITHOUT ROWID;

-- Messages of the list "needs attention" that a person has read and put away.
CREATE TABLE attention_dismissed (
    id BLOB PRIMARY KEY CHECK (length(id) = 16), -- of the command, order or photo it is about
    dismissed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
