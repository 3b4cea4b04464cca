SELECT hash, device_id, user_id, carried_by, reason, number, items, arrived_at, x'' AS file
FROM kept_parcels
WHERE :region IS NULL
    OR user_id IN (SELECT user_id FROM accounts WHERE region_code = :region)
    OR user_id IN (
        SELECT account_scopes.user_id
        FROM account_scopes
        JOIN territories ON territories.id = account_scopes.scope_id
        WHERE account_scopes.kind = 'territory' AND territories.region_code = :region
    )
ORDER BY arrived_at, hash
LIMIT 300
