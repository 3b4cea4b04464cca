INSERT INTO photo_removals
    (photo_id, variant, sha256, size_bytes, received_at, removed_at, class, policy_version, is_erased)
VALUES
    (:photo_id, :variant, :sha256, :size_bytes, :received_at, :removed_at, :class, :policy_version, 0)
ON CONFLICT (photo_id, variant) DO UPDATE
SET sha256 = excluded.sha256, size_bytes = excluded.size_bytes, received_at = excluded.received_at,
    removed_at = excluded.removed_at, class = excluded.class, policy_version = excluded.policy_version, is_erased = 0,
    is_shared = 0, erased_at = NULL, tried_at = 0
