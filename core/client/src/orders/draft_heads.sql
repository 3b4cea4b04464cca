-- Drafts with their number of lines, the one edited last at the top.
SELECT
    order_drafts.id,
    order_drafts.dealer_id,
    order_drafts.outlet_id,
    order_drafts.updated_at,
    COUNT(order_draft_lines.position) AS lines
FROM order_drafts
LEFT JOIN order_draft_lines ON order_draft_lines.draft_id = order_drafts.id
GROUP BY order_drafts.id
ORDER BY order_drafts.updated_at DESC, order_drafts.id DESC
