SELECT verdict_id, second_looks.photo_id, first_by, first_decision, drawn_at, second_by, second_decision,
    second_looks.reason, second_looks.note, looked_at
FROM second_looks
