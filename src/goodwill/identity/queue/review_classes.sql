-- one side with its social touches, the first of them, and what it is by itself: 0 new, 1 known, 2 a customer
WITH acts AS (
    SELECT a.side, sum(t.touches) AS touches, min(t.first_at) AS first_at
    FROM review_actors AS a
    JOIN review_touches AS t ON t.actor = a.actor
    GROUP BY a.side
),
recorded AS (
    SELECT id AS node FROM people UNION SELECT person FROM leads UNION SELECT id FROM accounts UNION SELECT account FROM leads
),
known AS (
    SELECT DISTINCT s.side FROM review_sides AS s JOIN recorded AS r ON r.node = s.node
),
results AS (
    SELECT side, max(CASE WHEN what = 'customer' OR outcome = 'won' THEN 2 ELSE 1 END) AS class
    FROM review_results
    GROUP BY side
)
SELECT s.side, coalesce(a.touches, 0) AS touches, a.first_at,
    greatest(coalesce(r.class, 0), CASE WHEN k.side IS NULL THEN 0 ELSE 1 END) AS class
FROM (SELECT DISTINCT side FROM review_sides) AS s
LEFT JOIN acts AS a ON a.side = s.side
LEFT JOIN known AS k ON k.side = s.side
LEFT JOIN results AS r ON r.side = s.side
ORDER BY s.side
