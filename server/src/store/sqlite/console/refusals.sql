WHERE :region IS NULL
    OR user_id IN (SELECT user_id FROM accounts WHERE region_code = :region)
    OR user_id IN (
        SELECT account_scopes.user_id
        FROM account_scopes
        JOIN territories ON territories.id = account_scopes.scope_id
        WHERE account_scopes.kind = 'territory' AND territories.region_code = :region
    )
ORDER BY refused_at DESC, id
LIMIT 300
