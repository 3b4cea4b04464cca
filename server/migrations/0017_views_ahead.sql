-- A file that a page of the console fetched before it was shown, if it ever was: a view that is told apart.
ALTER TABLE photo_views ADD COLUMN is_ahead INTEGER NOT NULL DEFAULT 0 CHECK (is_ahead IN (0, 1));
