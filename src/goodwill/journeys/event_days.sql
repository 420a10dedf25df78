-- one day with the number of things of one kind that happened on it, to find the last day that the data covers
WITH days AS (
    SELECT 'interactions' AS kind, CAST("at" AS DATE) AS day FROM interactions
    UNION ALL SELECT 'stages', CAST("at" AS DATE) FROM stage_changes
    UNION ALL SELECT 'leads', CAST(created_at AS DATE) FROM leads
    UNION ALL SELECT 'deals', CAST(created_at AS DATE) FROM opportunities
    UNION ALL SELECT 'deals', CAST(o.closed_at AS DATE)
        FROM opportunities AS o
        LEFT JOIN setting_stages AS s ON s.stage = lower(trim(o.stage))
        LEFT JOIN setting_stages AS w ON w.stage = lower(trim(o.outcome))
        WHERE coalesce(s.outcome, w.outcome) IN ('won', 'lost')
    UNION ALL SELECT 'tickets', CAST(created_at AS DATE) FROM tickets
    UNION ALL SELECT 'items', CAST("at" AS DATE) FROM items
    UNION ALL SELECT 'exposures', coalesce(period_end, period_start) FROM exposures
    UNION ALL SELECT 'effort', on_date FROM effort
    UNION ALL SELECT 'spend', period_start FROM spend
    UNION ALL SELECT 'orders', CAST("at" AS DATE) FROM orders
)
SELECT kind, day, count(*) AS events
FROM days
WHERE day IS NOT NULL
GROUP BY kind, day
ORDER BY kind, day
