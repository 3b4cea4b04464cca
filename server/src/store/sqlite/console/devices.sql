-- Devices never heard of come last: they have nothing to lose yet.
SELECT id, user_id, number, name, platform, app_version, enrolled_at, last_seen_at, is_revoked, health
FROM devices
WHERE :region IS NULL
    OR user_id IN (SELECT user_id FROM accounts WHERE region_code = :region)
    OR user_id IN (
        SELECT account_scopes.user_id
        FROM account_scopes
        JOIN territories ON territories.id = account_scopes.scope_id
        WHERE account_scopes.kind = 'territory' AND territories.region_code = :region
    )
ORDER BY last_seen_at IS NULL, last_seen_at, number
LIMIT 1000
