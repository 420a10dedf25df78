-- one first day of the interactions known (of social touches, where their export begins later), and those of openings and endings; no row without interactions
-- Of interactions, typing errors long before the others do not count, by the rule of last_day.py: at most a quarter
-- before 99.9% of all, and three years before 99%. Of the others, one in a hundred may lie earlier.
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
interactions AS (
    SELECT min(r.day) AS first_day
    FROM running AS r
    CROSS JOIN bulk AS b
    WHERE r.day >= b.usual_from - 92 AND (r.events < 20 OR r.day >= b.most_from - 1095)
),
social AS (
    SELECT day, row_number() OVER (ORDER BY day, account) AS so_far, count(*) OVER () AS n
    FROM account_days
    WHERE kind = 'social'
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
first_social AS (
    SELECT min(day) AS day, max(n) AS n FROM social WHERE so_far > floor(0.01 * n)
),
first_openings AS (
    SELECT min(day) AS day, max(n) AS n FROM openings WHERE so_far > floor(0.01 * n)
),
first_endings AS (
    SELECT min(day) AS day, max(n) AS n FROM endings WHERE so_far > floor(0.01 * n)
),
social_days AS (
    SELECT s.day, s.n, greatest(0, date_diff('day', i.first_day, s.day)) AS days_before,
        greatest(1, date_diff('day', s.day, CAST($end AS DATE))) AS days_since
    FROM first_social AS s
    CROSS JOIN interactions AS i
),
opening_days AS (
    SELECT o.day, o.n, greatest(0, date_diff('day', i.first_day, o.day)) AS days_before,
        greatest(1, date_diff('day', o.day, CAST($end AS DATE))) AS days_since
    FROM first_openings AS o
    CROSS JOIN interactions AS i
),
ending_days AS (
    SELECT e.day, e.n,
        coalesce(sum(date_diff('day', c.started_on, e.day)) FILTER (WHERE c.started_on < e.day), 0) AS days_before,
        greatest(1, sum(date_diff('day', greatest(c.started_on, e.day), coalesce(c.ended_on, CAST($end AS DATE))))) AS days_since
    FROM contracts AS c
    JOIN first_endings AS e ON c.ended_on IS NULL OR c.ended_on >= e.day
    WHERE NOT c.is_impossible
    GROUP BY e.day, e.n
),
-- the chance that all n of them come so late, if they were as frequent before, is (days_since / all days) ^ n: below one
-- in a thousand the export begins there; fewer than ten do not say how frequent they are
social_from AS (
    SELECT max(day) FILTER (WHERE n >= 10 AND n * (ln(days_before + days_since) - ln(days_since)) > ln(1000)) AS first_touch
    FROM social_days
),
openings_from AS (
    SELECT max(day) FILTER (WHERE n >= 10 AND n * (ln(days_before + days_since) - ln(days_since)) > ln(1000)) AS first_opening
    FROM opening_days
),
endings_from AS (
    SELECT max(day) FILTER (WHERE n >= 10 AND n * (ln(days_before + days_since) - ln(days_since)) > ln(1000)) AS first_ending
    FROM ending_days
)
SELECT greatest(i.first_day, coalesce(s.first_touch, i.first_day)) AS first_day, o.first_opening, e.first_ending
FROM interactions AS i
CROSS JOIN social_from AS s
CROSS JOIN openings_from AS o
CROSS JOIN endings_from AS e
WHERE i.first_day IS NOT NULL
ORDER BY first_day
