-- one company with what its records say of it; the earliest known record speaks where several do
WITH said AS (
    SELECT r.account, a.industry, a.employees, a.country, a.created_at, a.source_file, a.source_row
    FROM accounts AS a
    JOIN resolved_accounts AS r ON r.node = a.id
),
industries AS (
    SELECT account, industry
    FROM said
    WHERE industry IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY account ORDER BY created_at NULLS LAST, source_file, source_row) = 1
),
sizes AS (
    SELECT account, max(employees) AS employees, min(country) AS country, min(created_at) AS known_since
    FROM said
    GROUP BY account
)
SELECT s.account, i.industry, s.employees, s.country, s.known_since
FROM sizes AS s
LEFT JOIN industries AS i ON i.account = s.account
ORDER BY s.account
