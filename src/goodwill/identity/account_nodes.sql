-- one node that stands for a company somewhere in the exports
WITH addresses AS (
    SELECT node AS address FROM person_nodes WHERE node LIKE 'email:%@%'
),
seen AS (
    SELECT id AS node FROM accounts
    UNION SELECT node_a FROM account_links
    UNION SELECT node_b FROM account_links
    UNION SELECT account FROM opportunities
    UNION SELECT account FROM leads
    UNION SELECT account FROM people
    UNION SELECT account FROM interactions
    UNION SELECT account FROM tickets
    UNION SELECT account FROM orders
    UNION SELECT account FROM subscriptions
    UNION SELECT account FROM employments
    UNION SELECT 'company:' || lower(trim(company)) FROM people WHERE trim(company) <> ''
    UNION SELECT 'domain:' || split_part(address, '@', 2) FROM addresses
    UNION SELECT value FROM identifiers WHERE regexp_matches(value, '^[^:]*/(account|company):')
    UNION SELECT person FROM opportunity_contacts WHERE regexp_matches(person, '^[^:]*/(account|company):')
)
SELECT node
FROM seen
WHERE node IS NOT NULL
  AND node NOT IN (SELECT node FROM setting_own WHERE kind = 'free_mail')
ORDER BY node
