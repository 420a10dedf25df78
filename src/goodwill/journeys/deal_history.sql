-- one deal with what was known of its company before it opened, and its social touches before, while and after it was open
WITH windows AS (
    SELECT id, account, opened_at, coalesce(decided_at, $end) AS until_at,
        opened_at - to_days(CAST($history_days AS INTEGER)) AS history_from,
        opened_at - to_days(28) AS recent_from,
        opened_at - to_days(CAST($washout_days AS INTEGER)) AS washout_from,
        coalesce(decided_at, $end) + to_days(56) AS after_until
    FROM deals
    WHERE opened_at IS NOT NULL AND NOT is_impossible AND (outcome = 'open' OR decided_at IS NOT NULL)
),
-- a day on which a window begins or ends is taken apart into its moments, so that every edge is exact
edges AS (
    SELECT id, account, CAST(history_from AS DATE) AS day FROM windows
    UNION SELECT id, account, CAST(recent_from AS DATE) FROM windows
    UNION SELECT id, account, CAST(washout_from AS DATE) FROM windows
    UNION SELECT id, account, CAST(opened_at AS DATE) FROM windows
    UNION SELECT id, account, CAST(until_at AS DATE) FROM windows
    UNION SELECT id, account, CAST(after_until AS DATE) FROM windows
),
touches AS (
    SELECT w.id, d.kind, d.touches, d.first_at, d.last_at
    FROM windows AS w
    JOIN account_days AS d ON d.account = w.account
    LEFT JOIN edges AS e ON e.id = w.id AND e.day = d.day
    WHERE e.id IS NULL
    UNION ALL
    SELECT e.id, t.touch_kind, 1, t."at", t."at"
    FROM edges AS e
    JOIN timeline AS t ON t.account = e.account AND CAST(t."at" AS DATE) = e.day
    WHERE t.touch_kind IS NOT NULL
),
touched AS (
    SELECT w.id,
        sum(d.touches) FILTER (WHERE d.kind = 'engagement' AND d.first_at >= w.history_from AND d.last_at < w.opened_at) AS engagement,
        sum(d.touches) FILTER (WHERE d.kind = 'engagement' AND d.first_at >= w.recent_from AND d.last_at < w.opened_at) AS engagement_recent,
        sum(d.touches) FILTER (WHERE d.kind = 'social' AND d.first_at >= w.history_from AND d.last_at < w.opened_at) AS social_before,
        sum(d.touches) FILTER (WHERE d.kind = 'service' AND d.first_at >= w.history_from AND d.last_at < w.opened_at) AS service_before,
        count(*) FILTER (WHERE d.kind = 'social' AND d.first_at >= w.washout_from AND d.last_at < w.opened_at) > 0 AS in_washout,
        min(d.first_at) FILTER (WHERE d.kind = 'social' AND d.first_at >= w.opened_at AND d.first_at < w.until_at) AS first_social_at,
        min(d.first_at) FILTER (WHERE d.kind = 'social' AND d.first_at >= w.opened_at) AS next_social_at,
        count(*) FILTER (WHERE d.kind = 'social' AND d.first_at >= w.until_at AND d.first_at < w.after_until) > 0 AS social_after
    FROM windows AS w
    JOIN touches AS d ON d.id = w.id
    GROUP BY w.id
),
earlier AS (
    SELECT w.id, count(*) AS deals_before, count(*) FILTER (WHERE e.outcome = 'won') AS wins_before
    FROM windows AS w
    JOIN deals AS e ON e.account = w.account AND e.decided_at <= w.opened_at AND e.id <> w.id
    GROUP BY w.id
)
SELECT w.id, w.account, w.opened_at, w.until_at,
    coalesce(t.engagement, 0) AS engagement, coalesce(t.engagement_recent, 0) AS engagement_recent,
    coalesce(t.social_before, 0) AS social_before, coalesce(t.service_before, 0) AS service_before,
    coalesce(t.in_washout, FALSE) AS in_washout, t.first_social_at, t.next_social_at, coalesce(t.social_after, FALSE) AS social_after,
    coalesce(e.deals_before, 0) AS deals_before, coalesce(e.wins_before, 0) AS wins_before
FROM windows AS w
LEFT JOIN touched AS t ON t.id = w.id
LEFT JOIN earlier AS e ON e.id = w.id
ORDER BY w.id
