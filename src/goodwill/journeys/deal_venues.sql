-- one deal whose company was first touched on social while the deal was open, and one venue by which it was touched until its end
WITH opened AS (
    SELECT id, account, opened_at, until_at, first_social_at
    FROM deal_history
    -- after touches shortly before the opening no touch is a first one; the comparison of sales leaves such deals out too
    WHERE first_social_at IS NOT NULL AND NOT in_washout
),
touched AS (
    SELECT o.id, o.first_social_at, t.venue, min(t."at") AS first_at, count(*) AS touches
    FROM opened AS o
    JOIN timeline AS t ON t.account = o.account AND t."at" >= o.opened_at AND t."at" < o.until_at
    WHERE t.touch_kind = 'social' AND t.venue IS NOT NULL
    GROUP BY o.id, o.first_social_at, t.venue
)
SELECT t.id, t.venue, t.first_social_at, t.first_at, t.touches, count(*) OVER (PARTITION BY t.id) AS venues,
    d.outcome, d.source_file, d.source_row
FROM touched AS t
JOIN deals AS d ON d.id = t.id
ORDER BY t.id, t.venue
