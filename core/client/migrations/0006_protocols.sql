-- Which protocols the server serves.

ALTER TABLE sync_state ADD COLUMN protocols TEXT; -- JSON {"min", "max"}; NULL: it has not said
