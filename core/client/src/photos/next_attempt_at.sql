-- When the next file is due. A recent original on a network that is paid for by volume waits until it is old enough.
SELECT
    MIN(
        CASE
            WHEN variant = 'original' AND COALESCE(taken_at, 0) > :taken_after
                THEN MAX(next_attempt_at, :now + taken_at - :taken_after)
            ELSE next_attempt_at
        END
    )
FROM waiting_uploads
