INSERT INTO commands (command_id, user_id, kind, body_hash, verdict, arrived_at, seen)
VALUES (:command_id, :user_id, :kind, :body_hash, :verdict, :arrived_at, :seen)
