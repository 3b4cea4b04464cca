INSERT INTO accounts (user_id, login, password_hash, code, name, role, region_code, is_disabled)
VALUES (:user_id, :login, :password_hash, :code, :name, :role, :region_code, :is_disabled)
ON CONFLICT (user_id) DO UPDATE
SET login = excluded.login, password_hash = excluded.password_hash, code = excluded.code, name = excluded.name,
    role = excluded.role, region_code = excluded.region_code, is_disabled = excluded.is_disabled
