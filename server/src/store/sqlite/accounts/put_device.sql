INSERT INTO devices (
    id, user_id, number, name, platform, app_version, enrolled_at, last_seen_at, is_revoked, health
)
VALUES (
    :id, :user_id, :number, :name, :platform, :app_version, :enrolled_at, :last_seen_at, :is_revoked, :health
)
ON CONFLICT (id) DO UPDATE
SET user_id = excluded.user_id, number = excluded.number, name = excluded.name, platform = excluded.platform,
    app_version = excluded.app_version, enrolled_at = excluded.enrolled_at, last_seen_at = excluded.last_seen_at,
    is_revoked = excluded.is_revoked, health = excluded.health
