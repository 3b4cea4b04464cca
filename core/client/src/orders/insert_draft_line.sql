INSERT INTO order_draft_lines (draft_id, position, product_id, price_list_id, quantity)
SELECT
    :draft,
    COALESCE(MAX(position), 0) + 1,
    :product,
    :list,
    :quantity
FROM order_draft_lines
WHERE draft_id = :draft
