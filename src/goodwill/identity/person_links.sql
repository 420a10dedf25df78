-- one pair of nodes that an exact key says are the same person, with the rule that says so
WITH pairs AS (
    SELECT DISTINCT record AS node_a, value AS node_b, kind AS rule
    FROM identifiers
    WHERE is_verified AND kind IN ('email', 'crm_id', 'handle', 'cookie')
),
-- a contact's account number says where it works, not who it is
personal AS (
    SELECT node_a, node_b, rule
    FROM pairs
    WHERE NOT regexp_matches(node_a, '^(domain:|company:|[^:]*/(account|company):)')
      AND NOT regexp_matches(node_b, '^(domain:|company:|[^:]*/(account|company):)')
      -- role addresses belong to a desk, not to a person
      AND NOT regexp_matches(node_a || ' ' || node_b, '(^| )email:(info|sales|contact|support|office|admin|hello|billing|no-?reply|marketing|team|hr|jobs|press|service|help|mail|webmaster|postmaster|accounts?|orders?|enquiries)@')
),
-- an identifier that more than five records of one system carry is shared
shared AS (
    SELECT node_b
    FROM personal
    GROUP BY node_b, split_part(node_a, ':', 1)
    HAVING count(DISTINCT node_a) > 5
)
SELECT node_a, node_b, rule, 1.0 AS score
FROM personal
WHERE node_b NOT IN (SELECT node_b FROM shared)
ORDER BY node_a, node_b, rule
