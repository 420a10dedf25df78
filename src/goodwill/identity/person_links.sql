-- one pair of nodes that an exact key says are the same person, with the rule that says so
WITH pairs AS (
    SELECT DISTINCT record AS node_a, value AS node_b, kind AS rule
    FROM identifiers
    WHERE is_verified AND kind IN ('email', 'crm_id', 'handle', 'cookie')
    UNION SELECT node_a, node_b, rule FROM profile_links
),
-- a contact's account number says where it works, not who it is
personal AS (
    SELECT node_a, node_b, rule
    FROM pairs
    WHERE NOT regexp_matches(node_a, '^(domain:|company:|[^:]*/(account|company):)')
      AND NOT regexp_matches(node_b, '^(domain:|company:|[^:]*/(account|company):)')
)
SELECT p.node_a, p.node_b, p.rule, 1.0 AS score
FROM personal AS p
LEFT JOIN shared_inboxes AS a ON a.node = p.node_a
LEFT JOIN shared_inboxes AS b ON b.node = p.node_b
-- what several people share belongs to a desk or a crowd, not to a person
WHERE a.node IS NULL AND b.node IS NULL
ORDER BY p.node_a, p.node_b, p.rule
