-- Files that no server was ever told of: their first bytes may travel with the announcement.
ALTER TABLE uploads ADD COLUMN is_untold INTEGER NOT NULL DEFAULT 0 CHECK (is_untold IN (0, 1));
