-- What the conflict rules keep: both clocks of a record, profile fields with their edits, duplicates, claims.
-- Additive: a release that does not know these columns keeps them in `extra`.

ALTER TABLE outlets ADD COLUMN opening_hours TEXT;
ALTER TABLE outlets ADD COLUMN contact TEXT;

ALTER TABLE visits ADD COLUMN duplicate TEXT; -- JSON; NULL while no visit to the same call from another device is known
ALTER TABLE visits ADD COLUMN remarks TEXT; -- JSON; NULL when nothing was out of the ordinary

ALTER TABLE answers ADD COLUMN late TEXT; -- why it stands beside the visit; NULL for an answer that counts

ALTER TABLE photos ADD COLUMN captured TEXT; -- JSON: both clocks

ALTER TABLE orders ADD COLUMN captured TEXT; -- JSON: both clocks
ALTER TABLE orders ADD COLUMN claim TEXT; -- JSON: price protection; NULL when prices did not fall
ALTER TABLE orders ADD COLUMN same_number_as BLOB; -- an earlier order with this number

-- Serves: whether an order number was given before.
CREATE INDEX orders_by_number ON orders (number);

-- One profile field of an outlet that was edited: the value that stood, the edits since, the decisions.
CREATE TABLE profile_fields (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    outlet_id BLOB NOT NULL,
    territory_id BLOB NOT NULL,
    region_code TEXT NOT NULL,
    field TEXT NOT NULL,
    base TEXT NOT NULL,
    shown TEXT NOT NULL,
    is_contested INTEGER NOT NULL,
    edits TEXT NOT NULL, -- JSON
    decisions TEXT NOT NULL, -- JSON
    extra TEXT
) STRICT;

-- Serves: the fields of an outlet.
CREATE INDEX profile_fields_by_outlet ON profile_fields (outlet_id);

-- Serves: what a supervisor has to decide.
CREATE INDEX profile_fields_contested ON profile_fields (territory_id) WHERE is_contested = 1;
