-- Every version of a person's scope, with the place it took in the person's own bucket.

CREATE TABLE scope_versions (
    user_id BLOB NOT NULL CHECK (length(user_id) = 16),
    version INTEGER NOT NULL,
    buckets TEXT NOT NULL, -- JSON: what the person may read
    position INTEGER, -- in user:{user_id}; NULL until the job that made it takes its positions
    PRIMARY KEY (user_id, version)
) STRICT, WITHOUT ROWID;

-- Serves: everything about an outlet, when it moves.
CREATE INDEX answers_of_outlet ON answers (outlet_id);
CREATE INDEX photos_of_outlet ON photos (outlet_id);
CREATE INDEX verdicts_of_outlet ON verdicts (outlet_id);
CREATE INDEX tasks_of_territory ON tasks (territory_id, status);
