-- one venue in one week: what we published, what came back from people, and how often it was shown
WITH items_once AS (
    SELECT venue, id, "at", is_own, in_reply_to
    FROM items
    QUALIFY row_number() OVER (PARTITION BY venue, id ORDER BY source_file, source_row) = 1
),
figures_once AS (
    SELECT venue, metric, audience, segment, period_type, period_start, value
    FROM exposures
    QUALIFY row_number() OVER (
        PARTITION BY venue, item, native_metric, audience, period_type, period_start, segment
        ORDER BY source_file, source_row
    ) = 1
),
published AS (
    SELECT venue, CAST(date_trunc('week', "at") AS DATE) AS week,
        count(*) FILTER (WHERE in_reply_to IS NULL) AS posts, count(*) FILTER (WHERE in_reply_to IS NOT NULL) AS replies
    FROM items_once
    WHERE is_own AND "at" < $end
    GROUP BY 1, 2
),
returned AS (
    SELECT venue, CAST(date_trunc('week', "at") AS DATE) AS week,
        count(*) FILTER (WHERE verb = 'Create') AS comments_in,
        count(*) FILTER (WHERE verb = 'Like') AS reactions_in,
        count(*) FILTER (WHERE verb = 'Announce') AS shares_in,
        count(*) AS touches_in, count(DISTINCT person) AS people_in
    FROM timeline
    WHERE is_social AND direction = 'inbound'
    GROUP BY 1, 2
),
-- daily figures and lifetime figures describe the same events twice and are never added
shown AS (
    SELECT venue, CAST(date_trunc('week', period_start) AS DATE) AS week,
        sum(value) FILTER (WHERE period_type = 'day' AND metric = 'impressions') AS impressions_daily,
        sum(value) FILTER (WHERE period_type = 'lifetime' AND metric = 'impressions') AS impressions_lifetime,
        sum(value) FILTER (WHERE period_type = 'day' AND metric IN ('reactions', 'comments', 'shares')) AS actions_daily,
        sum(value) FILTER (WHERE period_type = 'lifetime' AND metric IN ('reactions', 'comments', 'shares')) AS actions_lifetime
    FROM figures_once
    WHERE audience = 'total' AND segment IS NULL AND period_start IS NOT NULL AND period_start < $end
    GROUP BY 1, 2
),
weeks AS (
    SELECT venue, week FROM published
    UNION SELECT venue, week FROM returned
    UNION SELECT venue, week FROM shown
)
SELECT w.venue, w.week, coalesce(p.posts, 0) AS posts, coalesce(p.replies, 0) AS replies,
    coalesce(r.comments_in, 0) AS comments_in, coalesce(r.reactions_in, 0) AS reactions_in,
    coalesce(r.shares_in, 0) AS shares_in, coalesce(r.touches_in, 0) AS touches_in, coalesce(r.people_in, 0) AS people_in,
    coalesce(s.impressions_daily, s.impressions_lifetime, 0) AS impressions,
    coalesce(s.actions_daily, s.actions_lifetime, 0) AS actions
FROM weeks AS w
LEFT JOIN published AS p ON p.venue = w.venue AND p.week = w.week
LEFT JOIN returned AS r ON r.venue = w.venue AND r.week = w.week
LEFT JOIN shown AS s ON s.venue = w.venue AND s.week = w.week
ORDER BY w.venue, w.week
