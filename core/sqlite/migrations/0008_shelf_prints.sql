-- What photos looked like, by outlet and day, for phones to compare new ones with; and the signals on photos.

CREATE TABLE shelf_prints (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    outlet_id BLOB NOT NULL,
    outlet_code TEXT NOT NULL,
    outlet_name TEXT NOT NULL,
    taken_on TEXT NOT NULL,
    territories TEXT NOT NULL, -- JSON
    prints TEXT NOT NULL, -- JSON
    extra TEXT
) STRICT;

-- What is too old to be compared with.
CREATE INDEX shelf_prints_by_day ON shelf_prints (taken_on);

ALTER TABLE photos ADD COLUMN signals TEXT; -- JSON; NULL: none
