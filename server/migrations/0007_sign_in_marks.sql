-- The last sign-in of each device, by the mark its installation minted for it: a copy of the installation does not know it.

CREATE TABLE sign_in_marks (
    device_id BLOB PRIMARY KEY CHECK (length(device_id) = 16),
    mark BLOB NOT NULL CHECK (length(mark) = 16)
) STRICT, WITHOUT ROWID;
