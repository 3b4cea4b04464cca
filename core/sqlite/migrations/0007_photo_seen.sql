-- What phones saw in photos when they were taken.
ALTER TABLE photos ADD COLUMN seen TEXT; -- JSON; NULL in photos of older releases
