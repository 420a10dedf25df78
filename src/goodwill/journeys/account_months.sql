-- one known company in one 28-day month of the calendar, with what it did before the month and in it
-- Months are counted back from $end, the same for all, at most 60, from the first before which interactions are known
-- for $history_days and at least for the wash-out, and from which on openings of deals are known: time in which none
-- could be seen must not count as time in which there was none. A company's first is the one after our records first
-- knew it.
-- The wash-out is as long as the history, and at least 91 days (13 weeks), which are also the recent past of the service
-- desk. Days are whole: before a month is before its first day.
WITH digits AS (
    SELECT 0 AS n UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4
    UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9
),
spans AS (
    SELECT CAST($end AS DATE) - CAST(28 * (tens.n * 10 + ones.n + 1) AS INTEGER) AS began_on
    FROM digits AS tens
    CROSS JOIN digits AS ones
    WHERE tens.n < 6
),
calendar AS (
    SELECT row_number() OVER (ORDER BY s.began_on) - 1 AS month, s.began_on
    FROM spans AS s
    JOIN watched_from AS w ON s.began_on >= w.first_day + greatest(CAST($history_days AS INTEGER), 91)
        AND s.began_on >= coalesce(w.first_opening, w.first_day)
),
months AS (
    SELECT k.account, k.known_on, c.month, c.began_on
    FROM known_accounts AS k
    JOIN calendar AS c ON c.began_on > k.known_on
),
-- what each day is to each month is the same for all companies: worked out once, it makes the millions of touches cheap
parts AS (
    SELECT d.day, c.month,
        CASE WHEN d.day >= c.began_on THEN 1 ELSE 0 END AS in_month,
        CASE WHEN d.day < c.began_on AND d.day >= c.began_on - 28 THEN 1 ELSE 0 END AS in_28_days,
        CASE WHEN d.day < c.began_on AND d.day >= c.began_on - 91 THEN 1 ELSE 0 END AS in_91_days,
        CASE WHEN d.day < c.began_on AND d.day >= c.began_on - CAST($history_days AS INTEGER) THEN 1 ELSE 0 END AS in_history
    FROM (SELECT DISTINCT day FROM account_touch_days) AS d
    JOIN calendar AS c ON d.day < c.began_on + 28
        AND (d.day >= c.began_on - CAST($history_days AS INTEGER) OR d.day >= c.began_on - 91)
),
touched AS (
    SELECT t.account, p.month,
        sum(t.social * p.in_month) AS social_within, sum(t.social * p.in_91_days) AS social_in_washout,
        sum(t.social * p.in_history) AS social_history, sum(t.engagement * p.in_history) AS engagement_history,
        sum(t.engagement * p.in_28_days) AS engagement_recent, sum(t.service * p.in_91_days) AS service_recent
    FROM account_touch_days AS t
    JOIN parts AS p ON p.day = t.day
    GROUP BY t.account, p.month
),
first_touches AS (
    SELECT account, min(day) AS touched_since FROM account_touch_days WHERE social > 0 GROUP BY account
),
deal_days AS (
    SELECT account, CAST(opened_at AS DATE) AS opened_on, CAST(decided_at AS DATE) AS decided_on
    FROM deals
    WHERE opened_at IS NOT NULL AND NOT is_impossible AND (outcome = 'open' OR decided_at IS NOT NULL)
),
dealt AS (
    SELECT m.account, m.month,
        count(*) FILTER (WHERE d.opened_on < m.began_on AND (d.decided_on IS NULL OR d.decided_on >= m.began_on)) AS open_deals,
        count(*) FILTER (WHERE d.opened_on >= m.began_on) AS opened,
        count(*) FILTER (WHERE d.decided_on < m.began_on) AS deals_before
    FROM months AS m
    JOIN deal_days AS d ON d.account = m.account AND d.opened_on < m.began_on + 28
    GROUP BY m.account, m.month
),
bought AS (
    SELECT m.account, m.month,
        count(*) FILTER (WHERE p.kind = 'win' AND p.day >= m.began_on) AS won,
        count(*) FILTER (WHERE p.kind = 'win' AND p.day < m.began_on) AS wins_before,
        count(*) FILTER (WHERE p.kind <> 'subscription' AND p.day < m.began_on) AS bought_before
    FROM months AS m
    JOIN purchases AS p ON p.account = m.account AND p.day < m.began_on + 28
    GROUP BY m.account, m.month
),
subscribed AS (
    SELECT m.account, m.month, count(*) AS running
    FROM months AS m
    JOIN contracts AS c ON c.account = m.account AND c.started_on < m.began_on
        AND (c.ended_on IS NULL OR c.ended_on >= m.began_on)
    WHERE NOT c.is_impossible
    GROUP BY m.account, m.month
)
SELECT m.account, m.month, m.began_on, m.known_on,
    coalesce(t.social_within, 0) > 0 AS is_exposed,
    coalesce(t.social_in_washout, 0) = 0 AND coalesce(t.social_history, 0) = 0 AS is_untouched,
    -- as far back as interactions are known
    coalesce(f.touched_since >= m.began_on, TRUE) AS is_never_touched,
    coalesce(d.open_deals, 0) AS open_deals, coalesce(b.bought_before, 0) + coalesce(s.running, 0) > 0 AS is_customer,
    coalesce(d.opened, 0) AS opened, coalesce(b.won, 0) AS won,
    CAST(coalesce(t.engagement_history, 0) AS BIGINT) AS engagement_history,
    CAST(coalesce(t.engagement_recent, 0) AS BIGINT) AS engagement_recent,
    CAST(coalesce(t.service_recent, 0) AS BIGINT) AS service_recent,
    CAST(coalesce(t.social_history, 0) AS BIGINT) AS social_history,
    coalesce(d.deals_before, 0) AS deals_before, coalesce(b.wins_before, 0) AS wins_before
FROM months AS m
LEFT JOIN first_touches AS f ON f.account = m.account
LEFT JOIN touched AS t ON t.account = m.account AND t.month = m.month
LEFT JOIN dealt AS d ON d.account = m.account AND d.month = m.month
LEFT JOIN bought AS b ON b.account = m.account AND b.month = m.month
LEFT JOIN subscribed AS s ON s.account = m.account AND s.month = m.month
ORDER BY m.account, m.month
