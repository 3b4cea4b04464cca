-- What the accepted orders of a dealer come to, without reading the orders: kept up by the triggers below, part of no
-- row that travels. An index on the JSON itself would read the old text of a row that is being mended.

CREATE TABLE accepted_amounts (
    order_id BLOB PRIMARY KEY CHECK (length(order_id) = 16),
    dealer_id BLOB NOT NULL,
    currency TEXT, -- ISO 4217; NULL when `priced` does not say
    minor INTEGER -- minor units; NULL when `priced` does not say
) STRICT, WITHOUT ROWID;

-- Serves: their sum.
CREATE INDEX accepted_amounts_of_dealer ON accepted_amounts (dealer_id, currency, minor);

CREATE TRIGGER orders_amount_of_new AFTER INSERT ON orders WHEN new.status = 'accepted'
BEGIN
    INSERT OR REPLACE INTO accepted_amounts (order_id, dealer_id, currency, minor)
    VALUES (
        new.id,
        new.dealer_id,
        json_extract(new.priced, '$.payable.currency'),
        json_extract(new.priced, '$.payable.minor')
    );
END;

CREATE TRIGGER orders_amount_of_changed AFTER UPDATE ON orders
BEGIN
    DELETE FROM accepted_amounts WHERE order_id = old.id;
    INSERT OR REPLACE INTO accepted_amounts (order_id, dealer_id, currency, minor)
    SELECT
        new.id,
        new.dealer_id,
        json_extract(new.priced, '$.payable.currency'),
        json_extract(new.priced, '$.payable.minor')
    WHERE new.status = 'accepted';
END;

CREATE TRIGGER orders_amount_of_gone AFTER DELETE ON orders
BEGIN
    DELETE FROM accepted_amounts WHERE order_id = old.id;
END;

INSERT INTO accepted_amounts (order_id, dealer_id, currency, minor)
SELECT
    id,
    dealer_id,
    json_extract(priced, '$.payable.currency'),
    json_extract(priced, '$.payable.minor')
FROM orders
WHERE status = 'accepted' AND json_valid(priced);
