SELECT
    currency,
    count(*) AS count,
    sum(minor >> 32) AS high,
    sum(minor & 4294967295) AS low
FROM accepted_amounts
WHERE dealer_id = :key
GROUP BY currency
