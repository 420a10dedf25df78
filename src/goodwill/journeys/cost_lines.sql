-- one amount of one kind spent on one venue in one month, with the row it came from; venue "shared" where none is named
WITH labour AS (
    SELECT e.on_date AS day, e.venue, 'labour' AS kind, e.hours,
        e.hours * coalesce(e.hourly_cost, by_team.hourly_cost, by_member.hourly_cost) AS amount, e.currency, e.source_file, e.source_row
    FROM effort AS e
    LEFT JOIN (SELECT team, max(hourly_cost) AS hourly_cost FROM setting_teams GROUP BY team) AS by_team
        ON by_team.team = lower(trim(e.team))
    LEFT JOIN (SELECT member, max(hourly_cost) AS hourly_cost FROM setting_teams WHERE member <> '' GROUP BY member) AS by_member
        ON by_member.member = lower(trim(e.person))
),
paid AS (
    SELECT period_start AS day, venue, kind, 0.0 AS hours, amount, currency, source_file, source_row
    FROM spend
),
together AS (
    SELECT day, venue, kind, hours, amount, currency, source_file, source_row FROM labour
    UNION ALL
    SELECT day, venue, kind, hours, amount, currency, source_file, source_row FROM paid
)
SELECT date_trunc('month', day) AS month, coalesce(lower(trim(venue)), 'shared') AS venue, kind, hours, amount,
    nullif(upper(trim(currency)), '') AS currency, amount IS NULL AS has_no_rate, source_file, source_row
FROM together
WHERE day < $end
ORDER BY month, venue, kind, source_file, source_row
