-- one venue in one week: what we published, what came back from people, and how often it was shown
WITH items_once AS (
    SELECT lower(trim(venue)) AS venue, id, "at", is_own, in_reply_to
    FROM items
    QUALIFY row_number() OVER (PARTITION BY lower(trim(venue)), id ORDER BY source_file, source_row) = 1
),
-- of one figure given twice the larger counts: it was exported later, when more had been counted
figures_once AS (
    SELECT lower(trim(venue)) AS venue, item, metric, audience, segment, period_type, period_start, value
    FROM exposures
    QUALIFY row_number() OVER (
        PARTITION BY lower(trim(venue)), item, native_metric, audience, period_type, period_start, segment
        ORDER BY value DESC, source_file, source_row
    ) = 1
),
-- some networks give a total, some only its organic and its paid part: those two are added, never all three;
-- the figure of a whole page holds those of its posts, and is never added to them
figures_whole AS (
    SELECT venue, item, metric, audience, period_type, period_start, value,
        max(CASE WHEN audience = 'total' THEN 1 ELSE 0 END)
            OVER (PARTITION BY venue, metric, period_type, item IS NULL) AS has_total,
        max(CASE WHEN item IS NULL THEN 1 ELSE 0 END) OVER (PARTITION BY venue, metric, period_type) AS has_page
    FROM figures_once
    WHERE segment IS NULL AND period_start IS NOT NULL AND period_start < $end
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
    FROM figures_whole
    WHERE (audience = 'total' OR has_total = 0) AND (item IS NULL OR has_page = 0)
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
