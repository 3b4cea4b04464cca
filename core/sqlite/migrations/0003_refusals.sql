-- What a refused command was about, and what a supervisor made of it.
ALTER TABLE refusals ADD COLUMN subject BLOB; -- the row it would have made; NULL: unknown
ALTER TABLE refusals ADD COLUMN outcome TEXT; -- JSON; NULL while nobody has decided
