INSERT INTO second_looks
    (verdict_id, photo_id, first_by, first_decision, drawn_at, second_by, second_decision, reason, note, looked_at)
VALUES
    (:verdict_id, :photo_id, :first_by, :first_decision, :drawn_at, :second_by, :second_decision, :reason, :note,
     :looked_at)
ON CONFLICT (verdict_id) DO UPDATE
SET second_by = excluded.second_by, second_decision = excluded.second_decision, reason = excluded.reason,
    note = excluded.note, looked_at = excluded.looked_at
