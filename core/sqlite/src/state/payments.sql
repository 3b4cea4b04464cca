SELECT
    json_extract(amount, '$.currency') AS currency,
    count(*) AS count,
    sum(json_extract(amount, '$.minor') >> 32) AS high,
    sum(json_extract(amount, '$.minor') & 4294967295) AS low
FROM payments
WHERE dealer_id = :key
GROUP BY json_extract(amount, '$.currency')
