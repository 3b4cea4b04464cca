-- Who may read what, as a document with versions; and the handover of outlets from one rep to another.

CREATE TABLE scopes (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    user_id BLOB NOT NULL,
    version INTEGER NOT NULL,
    role TEXT NOT NULL,
    region_code TEXT, -- NULL: belongs to no region
    territories TEXT NOT NULL, -- JSON
    dealers TEXT NOT NULL, -- JSON
    since INTEGER NOT NULL,
    history TEXT NOT NULL, -- JSON
    extra TEXT
) STRICT;

CREATE TABLE handovers (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    outlet_id BLOB, -- NULL: a whole territory
    outlet_code TEXT NOT NULL,
    name TEXT NOT NULL,
    from_territory BLOB NOT NULL,
    to_territory BLOB NOT NULL,
    regions TEXT NOT NULL, -- JSON
    from_reps TEXT NOT NULL, -- JSON
    to_reps TEXT NOT NULL, -- JSON
    decided_by BLOB, -- NULL: by another road than a command
    decided_at INTEGER NOT NULL,
    reason TEXT NOT NULL,
    works TEXT NOT NULL, -- JSON
    extra TEXT
) STRICT;

-- The handovers of an outlet and of its territory.
CREATE INDEX handovers_of_outlet ON handovers (outlet_id, to_territory);

-- How work stands that was made after a handover; NULL as a rule.
ALTER TABLE visits ADD COLUMN handover TEXT; -- JSON
ALTER TABLE orders ADD COLUMN handover TEXT; -- JSON

-- The former rep who has still to finish the visit; NULL as a rule.
ALTER TABLE answers ADD COLUMN guest_id BLOB;
ALTER TABLE photos ADD COLUMN guest_id BLOB;
