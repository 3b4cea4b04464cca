UPDATE uploads
SET
    state = :state,
    attempts = :attempts,
    last_error = :error,
    next_attempt_at = :next,
    is_untold = 0,
    offset = CASE :state WHEN 'done' THEN size_bytes ELSE offset END
WHERE photo_id = :photo AND variant = :variant
