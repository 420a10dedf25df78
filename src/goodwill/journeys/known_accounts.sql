-- one company that our records know, ours aside, with the day on which they first did, if that can be told
-- A company that is seen only in interactions, as the domain behind an address, is nobody's prospect yet.
WITH records AS (
    SELECT a.account, s.created_at AS "at"
    FROM accounts AS s
    JOIN resolved_accounts AS a ON a.node = s.id
    UNION ALL
    SELECT pa.account, p.created_at
    FROM people AS p
    JOIN resolved AS r ON r.node = p.id
    JOIN person_accounts AS pa ON pa.person = r.person
    UNION ALL
    SELECT coalesce(a.account, pa.account), l.created_at
    FROM leads AS l
    LEFT JOIN resolved_accounts AS a ON a.node = l.account
    LEFT JOIN resolved AS r ON r.node = l.person
    LEFT JOIN person_accounts AS pa ON pa.person = r.person
    UNION ALL
    SELECT account, opened_at FROM deals WHERE has_account
    UNION ALL
    SELECT account, CAST(started_on AS TIMESTAMP) FROM contracts WHERE has_account AND NOT is_impossible
),
first_records AS (
    SELECT account, CAST(min("at") AS DATE) AS known_on FROM records WHERE account IS NOT NULL GROUP BY account
),
first_traces AS (
    SELECT account, min(day) AS traced_on FROM account_touch_days GROUP BY account
),
ours AS (
    SELECT a.account
    FROM resolved_accounts AS a
    JOIN setting_own AS o ON o.node = a.node AND o.kind = 'domain'
    UNION
    SELECT pa.account
    FROM person_accounts AS pa
    LEFT JOIN staff AS s ON s.person = pa.person
    GROUP BY pa.account
    HAVING count(*) = count(s.person)
)
SELECT f.account, coalesce(f.known_on, t.traced_on) AS known_on, f.known_on IS NOT NULL AS is_dated
FROM first_records AS f
LEFT JOIN first_traces AS t ON t.account = f.account
LEFT JOIN ours AS o ON o.account = f.account
WHERE o.account IS NULL
ORDER BY f.account
