-- one pair of nodes that an exact key says are the same company, with the rule that says so
WITH named AS (
    SELECT id, 'company:' || lower(trim(name)) AS node,
        regexp_replace(lower(trim(domain)), '^(https?://)?(www\.)?([^/]+).*$', '\3') AS domain
    FROM accounts
),
by_key AS (
    SELECT record AS node_a, value AS node_b, kind AS rule, 1.0 AS score
    FROM identifiers
    WHERE is_verified
      AND regexp_matches(record, '^(domain:|company:|[^:]*/(account|company):)')
      AND regexp_matches(value, '^(domain:|company:|[^:]*/(account|company):)')
),
by_domain AS (
    SELECT id AS node_a, 'domain:' || domain AS node_b, 'domain' AS rule, 1.0 AS score
    FROM named
    WHERE domain <> ''
),
-- a name is a key only while no two companies with different domains bear it
unambiguous AS (
    SELECT node FROM named GROUP BY node HAVING count(DISTINCT domain) <= 1
),
by_name AS (
    SELECT id AS node_a, node AS node_b, 'name' AS rule, 0.9 AS score
    FROM named
    WHERE node <> 'company:' AND node IN (SELECT node FROM unambiguous)
),
together AS (
    SELECT node_a, node_b, rule, score FROM by_key
    UNION ALL SELECT node_a, node_b, rule, score FROM by_domain
    UNION ALL SELECT node_a, node_b, rule, score FROM by_name
)
SELECT node_a, node_b, rule, max(score) AS score
FROM together
WHERE node_a <> node_b
GROUP BY node_a, node_b, rule
ORDER BY node_a, node_b, rule
