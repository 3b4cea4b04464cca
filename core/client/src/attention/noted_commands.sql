-- Commands of which something was said that a person may have to know.
SELECT
    command_id,
    kind,
    schema,
    command,
    captured_at,
    verdict,
    local_problem
FROM outbox
WHERE
    -- What a supervisor has settled is told by the refusal's own row.
    command_id NOT IN (SELECT refusals.command_id FROM refusals WHERE refusals.outcome IS NOT NULL)
    AND (
        (verdict IS NOT NULL AND json_extract(verdict, '$.result') <> 'applied')
        OR (state = 'pending' AND local_problem IS NOT NULL)
    )
ORDER BY seq
