INSERT INTO dead_letters (command_id, user_id, device_id, envelope, would_create, refused_at)
VALUES (:command_id, :user_id, :device_id, :envelope, :would_create, :refused_at)
