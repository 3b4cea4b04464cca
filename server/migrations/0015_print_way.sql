-- How a print was made: 1 of the whole picture, 2 of its middle, as phones make theirs. Photos with an older one are looked
-- at anew.

ALTER TABLE photo_prints ADD COLUMN way INTEGER NOT NULL DEFAULT 1;
