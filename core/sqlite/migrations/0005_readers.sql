-- Who can use this database; one row.
CREATE TABLE schema_readers (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    -- A release that knows at least so many of the host's steps can use the database, however many more it has.
    least_steps INTEGER NOT NULL
) STRICT;
