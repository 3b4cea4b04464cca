-- Serves the count of photos that wait for a verdict, which every page of the console shows. The two columns behind the
-- first let the index answer alone.
CREATE INDEX photos_waiting ON photos (territory_id, status, replaced_by) WHERE status = 'received' AND replaced_by IS NULL;
