-- one thing that one company bought: an opportunity won, an order, or a subscription begun
WITH orders_once AS (
    SELECT id, "at", account, person, value, currency, product, source_file, source_row
    FROM orders
    WHERE "at" < $end
    QUALIFY row_number() OVER (PARTITION BY id, product ORDER BY source_file DESC, source_row DESC) = 1
),
together AS (
    -- a lead is worth its company's orders, which are here themselves, each on its own day
    SELECT 'win' AS kind, id, account, CAST(decided_at AS DATE) AS day, product,
        CASE WHEN unit = 'opportunity' THEN amount END AS value, currency, source_file, source_row
    FROM deals
    WHERE outcome = 'won' AND has_account AND decided_at IS NOT NULL AND NOT is_impossible
    UNION ALL
    SELECT 'order', o.id, coalesce(a.account, pa.account), CAST(o."at" AS DATE), o.product, o.value, o.currency,
        o.source_file, o.source_row
    FROM orders_once AS o
    LEFT JOIN resolved_accounts AS a ON a.node = o.account
    LEFT JOIN resolved AS r ON r.node = o.person
    LEFT JOIN person_accounts AS pa ON pa.person = r.person
    UNION ALL
    SELECT 'subscription', id, account, started_on, product, mrr, currency, source_file, source_row
    FROM contracts
    WHERE has_account AND NOT is_impossible
)
SELECT account, day, kind, id, lower(trim(product)) AS product, value, currency, source_file, source_row
FROM together
WHERE account IS NOT NULL
ORDER BY account, day, kind, id, source_file, source_row
