-- What only the server keeps: logs per bucket, accounts, devices, sessions, commands, uploads.
-- Instants are milliseconds since 1970 UTC; ids are 16 bytes; hashes are 32 bytes.

-- Facts about this database; one row.
CREATE TABLE server_facts (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    epoch INTEGER NOT NULL, -- the life of the logs; a database that starts anew gets another
    token_key BLOB NOT NULL CHECK (length(token_key) = 32) -- derives tokens so that a lost reply can be given again
) STRICT;

-- How often each row has changed, the removal included.
CREATE TABLE row_versions (
    tbl TEXT NOT NULL,
    row_id BLOB NOT NULL CHECK (length(row_id) = 16),
    version INTEGER NOT NULL,
    PRIMARY KEY (tbl, row_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE bucket_heads (
    id INTEGER PRIMARY KEY,
    bucket TEXT NOT NULL UNIQUE,
    epoch INTEGER NOT NULL,
    head INTEGER NOT NULL, -- position of the newest entry
    floor INTEGER NOT NULL, -- removals below this were forgotten
    row_count INTEGER NOT NULL
) STRICT;

-- One entry per row and bucket, moved to the head when the row changes.
CREATE TABLE bucket_entries (
    bucket_id INTEGER NOT NULL REFERENCES bucket_heads (id),
    tbl TEXT NOT NULL,
    row_id BLOB NOT NULL CHECK (length(row_id) = 16),
    position INTEGER NOT NULL,
    version INTEGER NOT NULL,
    is_removed INTEGER NOT NULL CHECK (is_removed IN (0, 1)),
    PRIMARY KEY (bucket_id, tbl, row_id)
) STRICT, WITHOUT ROWID;

-- Serves entries_after.
CREATE UNIQUE INDEX bucket_entries_by_position ON bucket_entries (bucket_id, position);

CREATE TABLE accounts (
    user_id BLOB PRIMARY KEY CHECK (length(user_id) = 16),
    login TEXT NOT NULL UNIQUE, -- lower case
    password_hash TEXT NOT NULL, -- PHC string
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    region_code TEXT, -- NULL: watches no region
    is_disabled INTEGER NOT NULL CHECK (is_disabled IN (0, 1))
) STRICT;

-- The territories and dealers of a person.
CREATE TABLE account_scopes (
    user_id BLOB NOT NULL REFERENCES accounts (user_id),
    kind TEXT NOT NULL CHECK (kind IN ('territory', 'dealer')),
    scope_id BLOB NOT NULL CHECK (length(scope_id) = 16),
    PRIMARY KEY (user_id, kind, scope_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE devices (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    user_id BLOB NOT NULL REFERENCES accounts (user_id),
    number INTEGER NOT NULL UNIQUE,
    name TEXT NOT NULL,
    platform TEXT NOT NULL,
    app_version TEXT NOT NULL,
    enrolled_at INTEGER NOT NULL,
    last_seen_at INTEGER, -- NULL: never synced
    is_revoked INTEGER NOT NULL CHECK (is_revoked IN (0, 1)),
    last_seq INTEGER NOT NULL DEFAULT 0, -- last command number worked through
    health TEXT -- JSON; NULL: never synced
) STRICT;

-- Serves the console's list of a person's devices.
CREATE INDEX devices_by_user ON devices (user_id);

CREATE TABLE sessions (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    user_id BLOB NOT NULL REFERENCES accounts (user_id),
    device_id BLOB NOT NULL REFERENCES devices (id),
    began_at INTEGER NOT NULL,
    revoked_at INTEGER -- NULL: not ended
) STRICT;

-- Serves revoke_device_sessions.
CREATE INDEX sessions_by_device ON sessions (device_id);

CREATE TABLE access_tokens (
    hash BLOB PRIMARY KEY CHECK (length(hash) = 32),
    session_id BLOB NOT NULL REFERENCES sessions (id),
    expires_at INTEGER NOT NULL,
    is_used INTEGER NOT NULL CHECK (is_used IN (0, 1))
) STRICT, WITHOUT ROWID;

CREATE TABLE refresh_tokens (
    hash BLOB PRIMARY KEY CHECK (length(hash) = 32),
    session_id BLOB NOT NULL REFERENCES sessions (id),
    expires_at INTEGER NOT NULL,
    access_hash BLOB NOT NULL CHECK (length(access_hash) = 32), -- the access token given with it
    spent_nonce TEXT -- NULL: not yet exchanged
) STRICT, WITHOUT ROWID;

CREATE TABLE console_sessions (
    hash BLOB PRIMARY KEY CHECK (length(hash) = 32),
    user_id BLOB NOT NULL REFERENCES accounts (user_id),
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Every command worked through, with its answer.
CREATE TABLE commands (
    command_id BLOB NOT NULL CHECK (length(command_id) = 16),
    user_id BLOB NOT NULL CHECK (length(user_id) = 16),
    kind TEXT NOT NULL,
    body_hash BLOB NOT NULL CHECK (length(body_hash) = 32),
    verdict TEXT NOT NULL, -- JSON
    arrived_at INTEGER NOT NULL,
    PRIMARY KEY (command_id, user_id)
) STRICT, WITHOUT ROWID;

-- The number a device gave to a command.
CREATE TABLE device_commands (
    device_id BLOB NOT NULL CHECK (length(device_id) = 16),
    seq INTEGER NOT NULL,
    command_id BLOB NOT NULL CHECK (length(command_id) = 16),
    user_id BLOB NOT NULL CHECK (length(user_id) = 16),
    PRIMARY KEY (device_id, seq)
) STRICT, WITHOUT ROWID;

-- Refused commands, kept whole for ever.
CREATE TABLE dead_letters (
    command_id BLOB NOT NULL CHECK (length(command_id) = 16),
    user_id BLOB NOT NULL CHECK (length(user_id) = 16),
    device_id BLOB NOT NULL CHECK (length(device_id) = 16),
    envelope TEXT NOT NULL, -- JSON as it came
    would_create BLOB, -- the row it would have made; NULL: unknown
    refused_at INTEGER NOT NULL,
    PRIMARY KEY (command_id, user_id)
) STRICT, WITHOUT ROWID;

-- Serves refused_maker_of.
CREATE INDEX dead_letters_by_created ON dead_letters (would_create) WHERE would_create IS NOT NULL;

CREATE TABLE uploads (
    photo_id BLOB NOT NULL CHECK (length(photo_id) = 16),
    variant TEXT NOT NULL,
    user_id BLOB NOT NULL CHECK (length(user_id) = 16),
    size_bytes INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    begun_at INTEGER NOT NULL,
    PRIMARY KEY (photo_id, variant)
) STRICT, WITHOUT ROWID;

CREATE TABLE photo_files (
    photo_id BLOB NOT NULL CHECK (length(photo_id) = 16),
    variant TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    media_type TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    PRIMARY KEY (photo_id, variant)
) STRICT, WITHOUT ROWID;
