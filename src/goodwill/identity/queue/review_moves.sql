-- one deal or customer that counts as touched by social only if an uncertain pair is one
WITH both_ways AS (
    SELECT kind, node_a, node_b, side_a AS giver, side_b AS taker FROM review_pairs
    UNION ALL
    SELECT kind, node_a, node_b, side_b, side_a FROM review_pairs
),
reached AS (
    SELECT b.kind, b.node_a, b.node_b, b.giver, r.what, r.id, r.account, r.outcome, r.ended_at, r.won, r.amount, r.currency
    FROM both_ways AS b
    JOIN review_classes AS c ON c.side = b.giver
    JOIN review_results AS r ON r.side = b.taker AND c.first_at < coalesce(r.ended_at, CAST('9999-12-31' AS TIMESTAMP))
    WHERE NOT EXISTS (
        SELECT 1 FROM review_results AS g WHERE g.side = b.giver AND g.what = r.what AND g.id = r.id
    )
),
touched_by_others AS (
    SELECT DISTINCT r.giver, r.what, r.id
    FROM (SELECT DISTINCT giver, what, id, account, ended_at FROM reached) AS r
    JOIN review_touches AS t ON t.account = r.account
        AND t.first_at < coalesce(r.ended_at, CAST('9999-12-31' AS TIMESTAMP))
    LEFT JOIN review_actors AS a ON a.side = r.giver AND a.actor = t.actor
    WHERE a.actor IS NULL
)
SELECT r.kind, r.node_a, r.node_b, r.what, r.id, r.outcome, r.won, r.amount, r.currency
FROM reached AS r
LEFT JOIN touched_by_others AS o ON o.giver = r.giver AND o.what = r.what AND o.id = r.id
WHERE o.id IS NULL
ORDER BY r.kind, r.node_a, r.node_b, r.what, r.id
