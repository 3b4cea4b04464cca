-- Keys of this installation and of the person on it. One row; none before they are needed.
CREATE TABLE keys (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    parcel_seed BLOB NOT NULL CHECK (length(parcel_seed) = 32), -- secret: signs parcels
    courier_key TEXT, -- JSON CourierKey: what parcels are sealed to; NULL until a server has said
    parking_key BLOB CHECK (length(parking_key) = 32) -- secret: this file is parked under it; NULL until a server said
) STRICT;
