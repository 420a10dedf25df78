-- one node that stands for a company somewhere in the exports
-- Domains of mail providers and of platforms that host others have no key and are no companies.
WITH hosts AS (
    SELECT d.raw, d.domain
    FROM mail_keys AS m
    JOIN domain_keys AS d ON d.raw = m.domain
    WHERE m.is_node
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
    UNION SELECT 'company:' || lower(trim(p.company)) FROM people AS p JOIN company_keys AS k ON k.raw = p.company
    UNION SELECT 'domain:' || raw FROM hosts
    UNION SELECT 'domain:' || domain FROM hosts
    UNION SELECT value FROM identifiers WHERE regexp_matches(value, '^[^:]*/(account|company):')
    UNION SELECT person FROM opportunity_contacts WHERE regexp_matches(person, '^[^:]*/(account|company):')
)
SELECT node
FROM seen
WHERE node IS NOT NULL
  AND node NOT IN (SELECT node FROM setting_own WHERE kind = 'free_mail')
ORDER BY node
