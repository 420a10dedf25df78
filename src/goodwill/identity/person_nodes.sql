-- one node that stands for a person somewhere in the exports
WITH seen AS (
    SELECT id AS node FROM people
    UNION SELECT node_a FROM person_links
    UNION SELECT node_b FROM person_links
    UNION SELECT actor FROM interactions
    UNION SELECT person FROM leads
    UNION SELECT requester FROM tickets
    UNION SELECT person FROM opportunity_contacts
    UNION SELECT person FROM orders
    UNION SELECT person FROM subscriptions
    UNION SELECT person FROM surveys
    UNION SELECT person FROM employments
)
SELECT node
FROM seen
WHERE node IS NOT NULL AND NOT regexp_matches(node, '^(domain:|company:|[^:]*/(account|company):)')
ORDER BY node
