-- The latest instant the phone was sure of: nothing is captured before it, even after a reboot without network.
ALTER TABLE sync_state ADD COLUMN trusted_floor INTEGER; -- NULL before the first meeting with the server
