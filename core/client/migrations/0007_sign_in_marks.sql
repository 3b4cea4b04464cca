-- The sign-ins of this installation, by marks minted here: a server that has met another one knows of a copy.

CREATE TABLE sign_in_marks (
    place INTEGER PRIMARY KEY, -- rises
    mark BLOB NOT NULL UNIQUE CHECK (length(mark) = 16),
    is_answered INTEGER NOT NULL CHECK (is_answered IN (0, 1)) -- 0: the sign-in it is for has not succeeded yet
) STRICT;
