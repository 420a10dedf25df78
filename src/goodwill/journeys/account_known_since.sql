-- one company that our own records know, with the moment since which they do, if any of them says so
-- A day without an hour counts from its end, as in person_known_since.
WITH records AS (
    SELECT a.account, s.created_at AS "at"
    FROM accounts AS s
    JOIN resolved_accounts AS a ON a.node = s.id
    UNION ALL
    SELECT a.account, l.created_at
    FROM leads AS l
    JOIN resolved_accounts AS a ON a.node = l.account
    UNION ALL
    SELECT account, opened_at FROM deals WHERE has_account
    UNION ALL
    SELECT account, CAST(started_on AS TIMESTAMP) FROM contracts WHERE has_account AND NOT is_impossible
),
dated AS (
    SELECT account, CASE WHEN "at" >= CAST('1971-01-01' AS TIMESTAMP) THEN "at" END AS "at"
    FROM records
    WHERE "at" IS NULL OR "at" < $end
),
whole_days AS (
    SELECT account,
        CASE WHEN "at" = CAST(CAST("at" AS DATE) AS TIMESTAMP) THEN "at" + INTERVAL 1 DAY - INTERVAL 1 SECOND ELSE "at" END
            AS known_at
    FROM dated
    UNION ALL
    SELECT pa.account, k.known_at
    FROM person_known_since AS k
    JOIN person_accounts AS pa ON pa.person = k.person
)
SELECT account, min(known_at) AS known_at, count(*) - count(known_at) AS undated
FROM whole_days
GROUP BY account
ORDER BY account
