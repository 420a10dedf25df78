-- one subscription in one 28-day month of its life, seen as a whole, with what its company did before the month and in it
-- Left truncation: rows begin with the first month before which interactions are known for $history_days, and at least
-- for the wash-out, and from which on endings are known: an export of those who stayed so long says nothing of those who
-- left before, and time in which nobody could be seen to leave must not count as time in which nobody left.
-- At most 60 months of a subscription are followed. 91 days (13 weeks) are the wash-out, the recent past of the service
-- desk, and the time in which service may follow. Days are whole: before a month is before its first day.
WITH digits AS (
    SELECT 0 AS n UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4
    UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9
),
numbers AS (
    SELECT tens.n * 10 + ones.n AS n FROM digits AS tens CROSS JOIN digits AS ones WHERE tens.n < 6
),
watched AS (
    SELECT greatest(first_day + greatest(CAST($history_days AS INTEGER), 91), coalesce(first_ending, first_day)) AS first_day
    FROM watched_from
),
lives AS (
    SELECT c.id, c.account, c.started_on, c.ended_on, c.is_renewed, c.mrr, c.currency, c.product,
        coalesce(c.ended_on, CAST($end AS DATE)) AS until_day,
        greatest(0, (date_diff('day', c.started_on, w.first_day) + 27) // 28) AS first_month
    FROM contracts AS c
    CROSS JOIN watched AS w
    WHERE c.has_account AND NOT c.is_impossible
),
months AS (
    SELECT l.id, l.account, l.ended_on, l.is_renewed, l.mrr, l.currency, l.product, l.until_day, l.first_month + n.n AS month,
        l.started_on + CAST(28 * (l.first_month + n.n) AS INTEGER) AS began_on
    FROM lives AS l
    CROSS JOIN numbers AS n
),
-- a month that $end cuts short counts for nobody: if only those who left in it were counted, too many would leave
followed AS (
    SELECT id, account, month, began_on, ended_on, is_renewed, mrr, currency, product, until_day,
        least(began_on + 28, until_day) AS exposed_until,
        least(began_on + 28 + 91, greatest(began_on + 28, until_day)) AS served_until,
        least(began_on - CAST($history_days AS INTEGER), began_on - 91) AS touched_from
    FROM months
    WHERE began_on <= until_day AND began_on + 28 <= CAST($end AS DATE)
),
touched AS (
    SELECT m.id, m.month,
        sum(t.social) FILTER (WHERE t.day >= m.began_on AND t.day < m.exposed_until) AS social_within,
        sum(t.social) FILTER (WHERE t.day < m.began_on AND t.day >= m.began_on - 91) AS social_in_washout,
        sum(t.social) FILTER (WHERE t.day < m.began_on AND t.day >= m.began_on - CAST($history_days AS INTEGER)) AS social_history,
        sum(t.engagement) FILTER (WHERE t.day < m.began_on AND t.day >= m.began_on - CAST($history_days AS INTEGER)) AS engagement_history,
        sum(t.engagement) FILTER (WHERE t.day < m.began_on AND t.day >= m.began_on - 28) AS engagement_recent,
        sum(t.service) FILTER (WHERE t.day < m.began_on AND t.day >= m.began_on - CAST($history_days AS INTEGER)) AS service_history,
        sum(t.service) FILTER (WHERE t.day < m.began_on AND t.day >= m.began_on - 91) AS service_recent,
        sum(t.service) FILTER (WHERE t.day >= m.began_on + 28 AND t.day < m.served_until) AS service_during
    FROM followed AS m
    JOIN account_touch_days AS t ON t.account = m.account AND t.day >= m.touched_from AND t.day < m.served_until
    GROUP BY m.id, m.month
),
first_touches AS (
    SELECT account, min(day) AS touched_since FROM account_touch_days WHERE social > 0 GROUP BY account
),
first_customers AS (
    SELECT account, min(started_on) AS customer_since FROM contracts WHERE has_account AND NOT is_impossible GROUP BY account
)
SELECT m.id, m.account, m.month, m.began_on,
    coalesce(t.social_within, 0) > 0 AS is_exposed, coalesce(t.social_in_washout, 0) = 0 AS is_untouched,
    -- as far back as interactions are known
    coalesce(s.touched_since >= m.began_on, TRUE) AS is_never_touched,
    -- 1 is lost, 2 is renewed or changed under another number
    CASE WHEN m.ended_on IS NULL OR m.ended_on >= m.began_on + 28 THEN 0 WHEN m.is_renewed THEN 2 ELSE 1 END AS event,
    m.mrr, m.currency, m.product,
    date_diff('day', f.customer_since, m.began_on) // 28 AS tenure,
    CAST(coalesce(t.engagement_history, 0) AS BIGINT) AS engagement_history,
    CAST(coalesce(t.engagement_recent, 0) AS BIGINT) AS engagement_recent,
    CAST(coalesce(t.social_history, 0) AS BIGINT) AS social_history,
    CAST(coalesce(t.service_history, 0) AS BIGINT) AS service_history,
    CAST(coalesce(t.service_recent, 0) AS BIGINT) AS service_recent,
    CAST(coalesce(t.service_during, 0) AS BIGINT) AS service_during,
    date_diff('day', m.began_on + 28, m.served_until) AS service_days
FROM followed AS m
JOIN first_customers AS f ON f.account = m.account
LEFT JOIN first_touches AS s ON s.account = m.account
LEFT JOIN touched AS t ON t.id = m.id AND t.month = m.month
ORDER BY m.id, m.month
