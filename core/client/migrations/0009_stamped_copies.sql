-- The copy of a photo that people look at: upright, of a handy size, with outlet, rep, time and place on it.
ALTER TABLE photo_files ADD COLUMN stamped_path TEXT; -- NULL: none was made, or it went with the original
