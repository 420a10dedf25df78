-- one first day each from which interactions, openings of deals and endings of subscriptions are known; no row without interactions
-- Exports reach back to different days. Of interactions, typing errors long before the others do not count, by the rule
-- of last_day.py: at most a quarter before 99.9% of all, and three years before 99%. Of deals and subscriptions, few as
-- they are, one in a hundred may lie earlier.
WITH running AS (
    SELECT day, sum(events) OVER (ORDER BY day ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS so_far,
        sum(events) OVER () AS events
    FROM event_days
    WHERE kind = 'interactions'
),
bulk AS (
    SELECT min(day) FILTER (WHERE so_far > floor(0.001 * events)) AS usual_from,
        min(day) FILTER (WHERE so_far > greatest(1, floor(0.01 * events))) AS most_from
    FROM running
),
interactions_from AS (
    SELECT min(r.day) AS first_day
    FROM running AS r
    CROSS JOIN bulk AS b
    WHERE r.day >= b.usual_from - 92 AND (r.events < 20 OR r.day >= b.most_from - 1095)
),
openings AS (
    SELECT CAST(opened_at AS DATE) AS day, row_number() OVER (ORDER BY opened_at, id) AS so_far, count(*) OVER () AS n
    FROM deals
    WHERE opened_at IS NOT NULL
),
endings AS (
    SELECT ended_on AS day, row_number() OVER (ORDER BY ended_on, id) AS so_far, count(*) OVER () AS n
    FROM contracts
    WHERE ended_on IS NOT NULL AND NOT is_impossible
),
openings_from AS (
    SELECT min(day) AS first_opening FROM openings WHERE so_far > floor(0.01 * n)
),
endings_from AS (
    SELECT min(day) AS first_ending FROM endings WHERE so_far > floor(0.01 * n)
)
SELECT i.first_day, o.first_opening, e.first_ending
FROM interactions_from AS i
CROSS JOIN openings_from AS o
CROSS JOIN endings_from AS e
WHERE i.first_day IS NOT NULL
ORDER BY i.first_day
