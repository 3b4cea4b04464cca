SELECT account_scopes.user_id, account_scopes.scope_id
FROM account_scopes
JOIN accounts ON accounts.user_id = account_scopes.user_id
JOIN territories ON territories.id = account_scopes.scope_id
WHERE account_scopes.kind = 'territory'
    AND accounts.role = 'rep'
    AND NOT accounts.is_disabled
    AND (:region IS NULL OR territories.region_code = :region)
ORDER BY accounts.code, account_scopes.scope_id
