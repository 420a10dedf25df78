-- one deal in one week of its life, from that of its opening to that of its decision, with what was known before the week
-- A touch that is on no record is no proof of being untouched: watched_days tells for how long before its opening a deal
-- would have been seen to be touched. A deal is followed for two years: hardly one is decided later, and one that nobody
-- closes would fill the table.
WITH lives AS (
    SELECT d.id, d.unit, d.account, d.outcome, d.amount, h.opened_at, h.until_at, h.in_washout, h.first_social_at,
        CAST(h.opened_at AS DATE) AS opening_day,
        date_diff('day', CAST(h.opened_at AS DATE), CAST(h.until_at AS DATE)) // 7 AS full_weeks
    FROM deals AS d
    JOIN deal_history AS h ON h.id = d.id
),
digits AS (
    SELECT digit FROM (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9), (10)) AS d(digit)
),
numbers AS (
    SELECT 10 * tens.digit + ones.digit AS week
    FROM digits AS tens
    CROSS JOIN digits AS ones
    WHERE ones.digit < 10 AND 10 * tens.digit + ones.digit < 104
),
-- social touches are on record from the first one; what lies more than a quarter before 99 of 100 is a typing error
social_days AS (
    SELECT day, sum(sum(touches)) OVER (ORDER BY day ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS so_far,
        sum(sum(touches)) OVER () AS touches
    FROM account_days
    WHERE kind = 'social'
    GROUP BY day
),
record AS (
    SELECT min(s.day) AS first_day
    FROM social_days AS s
    CROSS JOIN (SELECT min(day) AS day FROM social_days WHERE so_far >= 0.01 * touches) AS usual
    WHERE s.day >= usual.day - 92
),
-- the week of the decision counts, cut short by it; of an open deal only weeks that were seen to their end
weeks AS (
    SELECT l.id, l.account, n.week, l.opening_day + 7 * n.week AS day, l.in_washout, l.first_social_at,
        date_diff('day', r.first_day, l.opening_day) AS watched_days,
        CASE WHEN n.week < l.full_weeks THEN 0 WHEN l.outcome = 'won' THEN 1 ELSE 2 END AS event, l.amount
    FROM lives AS l
    JOIN numbers AS n ON n.week < l.full_weeks OR (n.week = l.full_weeks AND l.outcome <> 'open')
    CROSS JOIN record AS r
),
-- a count over a window: every touch is added on its day and taken away when the window has passed it; the sum of all
-- changes up to the day before is what was known when the day began, so that no day leaks
touches AS (
    SELECT d.account, d.day, d.kind, d.touches
    FROM account_days AS d
    WHERE d.account IN (SELECT account FROM lives)
),
changes AS (
    SELECT account, day, 1 AS is_asked, 0 AS engagement_history, 0 AS engagement_recent, 0 AS service_recent, 0 AS social_history FROM weeks
    UNION ALL SELECT account, day, 0, touches, touches, 0, 0 FROM touches WHERE kind = 'engagement'
    UNION ALL SELECT account, day + CAST($history_days AS INTEGER), 0, -touches, 0, 0, 0 FROM touches WHERE kind = 'engagement'
    UNION ALL SELECT account, day + 28, 0, 0, -touches, 0, 0 FROM touches WHERE kind = 'engagement'
    UNION ALL SELECT account, day, 0, 0, 0, touches, 0 FROM touches WHERE kind = 'service'
    UNION ALL SELECT account, day + 91, 0, 0, 0, -touches, 0 FROM touches WHERE kind = 'service'
    UNION ALL SELECT account, day, 0, 0, 0, 0, touches FROM touches WHERE kind = 'social'
    UNION ALL SELECT account, day + CAST($history_days AS INTEGER), 0, 0, 0, 0, -touches FROM touches WHERE kind = 'social'
),
daily AS (
    SELECT account, day, max(is_asked) AS is_asked, sum(engagement_history) AS engagement_history,
        sum(engagement_recent) AS engagement_recent, sum(service_recent) AS service_recent, sum(social_history) AS social_history
    FROM changes
    GROUP BY account, day
),
running AS (
    SELECT account, day, is_asked,
        sum(engagement_history) OVER earlier AS engagement_history, sum(engagement_recent) OVER earlier AS engagement_recent,
        sum(service_recent) OVER earlier AS service_recent, sum(social_history) OVER earlier AS social_history
    FROM daily
    WINDOW earlier AS (PARTITION BY account ORDER BY day ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
),
known AS (
    SELECT account, day, coalesce(engagement_history, 0) AS engagement_history, coalesce(engagement_recent, 0) AS engagement_recent,
        coalesce(service_recent, 0) AS service_recent, coalesce(social_history, 0) AS social_history
    FROM running
    WHERE is_asked = 1
),
-- the first touch is known to the second; a later day is within the deal unless it begins after the decision
exposed AS (
    SELECT id, date_diff('day', opening_day, CAST(first_social_at AS DATE)) // 7 AS week
    FROM lives
    WHERE first_social_at IS NOT NULL
    UNION
    SELECT l.id, date_diff('day', l.opening_day, s.day) // 7
    FROM lives AS l
    JOIN account_days AS s ON s.account = l.account AND s.day > l.opening_day AND s.first_at < l.until_at
    WHERE s.kind = 'social'
),
-- of moves at one moment the one further down the funnel is the later; what has no place there ends a deal
moves AS (
    SELECT l.id, lower(trim(c.stage)) AS stage, c."at", coalesce(p.place, 1000000) AS place,
        -- the stage in which a deal was opened counts from week 0, any other from the week that begins after its day
        CASE WHEN c."at" <= l.opened_at THEN 0 ELSE date_diff('day', l.opening_day, CAST(c."at" AS DATE)) // 7 + 1 END AS from_week
    FROM lives AS l
    JOIN stage_changes AS c ON c.object_kind = l.unit AND c.object_id = l.id
    LEFT JOIN (SELECT DISTINCT stage, place FROM deal_stages) AS p ON p.stage = lower(trim(c.stage))
    WHERE c."at" < l.until_at
),
-- a move into the stage where the deal already is begins nothing
followed AS (
    SELECT id, stage, "at", place, from_week, lag(stage) OVER (PARTITION BY id ORDER BY "at", place, stage) AS stage_before
    FROM moves
),
stages AS (
    SELECT id, stage, "at", from_week, lead(from_week) OVER (PARTITION BY id ORDER BY "at", place, stage) AS until_week
    FROM followed
    WHERE stage_before IS NULL OR stage_before <> stage
)
SELECT w.id, w.account, w.week, w.day AS begins_on, x.week IS NOT NULL AS is_exposed,
    NOT w.in_washout AND (w.first_social_at IS NULL OR CAST(w.first_social_at AS DATE) >= w.day) AS is_untouched,
    w.watched_days, w.event, CASE WHEN w.event = 1 THEN w.amount ELSE 0 END AS amount,
    CAST(k.engagement_history AS BIGINT) AS engagement_history, CAST(k.engagement_recent AS BIGINT) AS engagement_recent,
    CAST(k.service_recent AS BIGINT) AS service_recent, CAST(k.social_history AS BIGINT) AS social_history,
    s.stage, date_diff('day', CAST(s."at" AS DATE), w.day) // 7 AS weeks_in_stage
FROM weeks AS w
JOIN known AS k ON k.account = w.account AND k.day = w.day
LEFT JOIN exposed AS x ON x.id = w.id AND x.week = w.week
LEFT JOIN stages AS s ON s.id = w.id AND s.from_week <= w.week AND (s.until_week IS NULL OR w.week < s.until_week)
ORDER BY w.id, w.week
