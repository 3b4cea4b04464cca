SELECT DISTINCT refusals.subject
FROM refusals
INNER JOIN uploads ON uploads.photo_id = refusals.subject
WHERE
    refusals.kind = 'photo.attach'
    AND json_extract(refusals.outcome, '$.how') = 'set_aside'
    -- A photo that has a row after all came by another command.
    AND NOT EXISTS (SELECT 1 FROM photos WHERE photos.id = refusals.subject)
