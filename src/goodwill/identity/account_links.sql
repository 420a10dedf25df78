-- one pair of nodes that an exact key says are the same company, with the rule that says so
WITH named AS (
    SELECT a.id, 'company:' || lower(trim(a.name)) AS node, k.name AS plain, d.domain, c.country
    FROM accounts AS a
    LEFT JOIN company_keys AS k ON k.raw = a.name
    LEFT JOIN domain_keys AS d ON d.raw = a.domain
    LEFT JOIN country_keys AS c ON c.raw = a.country
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
    WHERE domain IS NOT NULL
),
-- mail.acme.co.uk is acme.co.uk; a text with a path is no node, and www. is in no address
by_registration AS (
    SELECT 'domain:' || raw AS node_a, 'domain:' || domain AS node_b, 'registered domain' AS rule, 1.0 AS score
    FROM domain_keys
    WHERE raw <> domain AND NOT regexp_matches(raw, '[/:@ ]|^www[.]')
),
-- a name is a key only while no two companies with different domains bear it
unambiguous AS (
    SELECT node FROM named GROUP BY node HAVING count(DISTINCT domain) <= 1
),
by_name AS (
    SELECT id AS node_a, node AS node_b, 'name' AS rule, 0.9 AS score
    FROM named
    WHERE plain IS NOT NULL AND node IN (SELECT node FROM unambiguous)
),
-- without its legal form a name is a key only while domains and countries do not tell two companies apart
contested AS (
    SELECT plain
    FROM named
    WHERE plain IS NOT NULL
    GROUP BY plain
    HAVING count(DISTINCT domain) > 1 OR count(DISTINCT country) > 1
),
by_form AS (
    SELECT 'company:' || lower(trim(k.raw)) AS node_a, 'company:' || k.name AS node_b, 'legal form' AS rule,
        0.9 AS score
    FROM company_keys AS k
    LEFT JOIN contested AS c ON c.plain = k.name
    WHERE c.plain IS NULL
),
pages AS (
    SELECT i.record, coalesce(h.node, i.value) AS page
    FROM identifiers AS i
    LEFT JOIN handle_keys AS h ON h.raw = i.value
    WHERE i.is_verified AND i.kind = 'handle' AND regexp_matches(i.record, '^[^:]*/(account|company):')
),
-- a page that more than five records name is a parent's or a platform's
owned AS (
    SELECT page, min(record) AS first_record FROM pages GROUP BY page HAVING count(DISTINCT record) <= 5
),
by_page AS (
    SELECT p.record AS node_a, o.first_record AS node_b, 'profile link' AS rule, 1.0 AS score
    FROM pages AS p
    JOIN owned AS o ON o.page = p.page
),
together AS (
    SELECT node_a, node_b, rule, score FROM by_key
    UNION ALL SELECT node_a, node_b, rule, score FROM by_domain
    UNION ALL SELECT node_a, node_b, rule, score FROM by_registration
    UNION ALL SELECT node_a, node_b, rule, score FROM by_name
    UNION ALL SELECT node_a, node_b, rule, score FROM by_form
    UNION ALL SELECT node_a, node_b, rule, score FROM by_page
)
SELECT node_a, node_b, rule, max(score) AS score
FROM together
WHERE node_a <> node_b
GROUP BY node_a, node_b, rule
ORDER BY node_a, node_b, rule
