-- The lives this database knows of: each but the first began when it was put back from a backup.

CREATE TABLE lives (
    epoch INTEGER PRIMARY KEY,
    begun_at INTEGER NOT NULL -- when a server first served it
) STRICT;
