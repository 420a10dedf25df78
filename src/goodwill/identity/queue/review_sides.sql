-- one node of one side of an uncertain pair
WITH sides AS (
    SELECT side_a AS side FROM review_pairs UNION SELECT side_b FROM review_pairs
),
nodes AS (
    SELECT 'person whole:' || person AS side, node FROM resolved
    UNION SELECT 'person exact:' || CAST(exact AS VARCHAR), node FROM person_records
    UNION SELECT 'account whole:' || account, node FROM resolved_accounts
    UNION SELECT 'account exact:' || CAST(exact AS VARCHAR), node FROM account_records
)
SELECT n.side, split_part(n.side, ' ', 1) AS kind, n.node
FROM nodes AS n
JOIN sides AS s ON s.side = n.side
ORDER BY n.side, n.node
