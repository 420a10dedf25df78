-- one thing that happened with one person or company: a touch, a word of ours to them, or what was offered, sold and ended
WITH sold AS (
    SELECT opened_at, decided_at, outcome, amount, currency, source_file, source_row
    FROM deals
    WHERE account IN (SELECT unnest($accounts))
),
held AS (
    SELECT started_on, ended_on, mrr, currency, source_file, source_row
    FROM contracts
    WHERE account IN (SELECT unnest($accounts)) AND NOT is_impossible
),
others AS (
    SELECT opened_at AS "at", 'deals' AS place, 'deal opened' AS what, amount, currency, source_file, source_row FROM sold
    UNION ALL
    SELECT decided_at, 'deals', 'deal ' || outcome, amount, currency, source_file, source_row
    FROM sold
    WHERE outcome <> 'open' AND decided_at IS NOT NULL
    UNION ALL
    SELECT CAST(started_on AS TIMESTAMP), 'billing', 'subscription began', mrr, currency, source_file, source_row FROM held
    UNION ALL
    SELECT CAST(ended_on AS TIMESTAMP), 'billing', 'subscription ended', mrr, currency, source_file, source_row
    FROM held
    WHERE ended_on IS NOT NULL
    UNION ALL
    SELECT created_at, 'crm', 'became a lead', NULL, NULL, source_file, source_row
    FROM directory_leads
)
SELECT "at", place, what, direction, campaign, person, is_social, is_touch, CAST(NULL AS DOUBLE) AS amount,
    CAST(NULL AS VARCHAR) AS currency, source_file, source_row
FROM directory_touches
UNION ALL
SELECT "at", place, what, NULL, NULL, NULL, FALSE, FALSE, amount, currency, source_file, source_row
FROM others
WHERE "at" < $end
ORDER BY "at" DESC, source_file, source_row, place, what
