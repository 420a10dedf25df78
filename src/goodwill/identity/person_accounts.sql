-- one person with the company they belong to, and the strongest rule that says so
WITH recorded AS (
    SELECT r.person, a.account, 'record' AS rule, 1 AS rank
    FROM people AS p
    JOIN resolved AS r ON r.node = p.id
    JOIN resolved_accounts AS a ON a.node = p.account
),
employed AS (
    SELECT r.person, a.account, 'employment' AS rule, 2 AS rank
    FROM employments AS e
    JOIN resolved AS r ON r.node = e.person
    JOIN resolved_accounts AS a ON a.node = e.account
    WHERE e.date_end IS NULL
),
keyed AS (
    SELECT r.person, a.account, 'crm_id' AS rule, 3 AS rank
    FROM identifiers AS i
    JOIN resolved AS r ON r.node = i.record
    JOIN resolved_accounts AS a ON a.node = i.value
    WHERE i.is_verified
),
by_domain AS (
    SELECT r.person, a.account, 'domain' AS rule, 4 AS rank
    FROM resolved AS r
    JOIN mail_keys AS m ON r.node = 'email:' || m.raw
    JOIN domain_keys AS d ON d.raw = m.domain
    JOIN resolved_accounts AS a ON a.node = 'domain:' || d.domain
),
by_name AS (
    SELECT r.person, a.account, 'company name' AS rule, 5 AS rank
    FROM people AS p
    JOIN resolved AS r ON r.node = p.id
    JOIN company_keys AS k ON k.raw = p.company
    JOIN resolved_accounts AS a ON a.node = 'company:' || lower(trim(p.company))
),
together AS (
    SELECT person, account, rule, rank FROM recorded
    UNION ALL SELECT person, account, rule, rank FROM employed
    UNION ALL SELECT person, account, rule, rank FROM keyed
    UNION ALL SELECT person, account, rule, rank FROM by_domain
    UNION ALL SELECT person, account, rule, rank FROM by_name
)
SELECT person, account, rule
FROM together
QUALIFY row_number() OVER (PARTITION BY person ORDER BY rank, account, rule) = 1
ORDER BY person
