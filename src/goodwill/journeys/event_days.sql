-- one day with the number of things that happened on it, to find the last day that the data covers
WITH days AS (
    SELECT CAST("at" AS DATE) AS day FROM interactions
    UNION ALL SELECT CAST("at" AS DATE) FROM stage_changes
    UNION ALL SELECT CAST(created_at AS DATE) FROM leads
    UNION ALL SELECT CAST(created_at AS DATE) FROM opportunities
    UNION ALL SELECT CAST(o.closed_at AS DATE)
        FROM opportunities AS o
        LEFT JOIN setting_stages AS s ON s.stage = lower(trim(o.stage))
        LEFT JOIN setting_stages AS w ON w.stage = lower(trim(o.outcome))
        WHERE coalesce(s.outcome, w.outcome) IN ('won', 'lost')
    UNION ALL SELECT CAST(created_at AS DATE) FROM tickets
    UNION ALL SELECT CAST("at" AS DATE) FROM items
    UNION ALL SELECT coalesce(period_end, period_start) FROM exposures
    UNION ALL SELECT on_date FROM effort
    UNION ALL SELECT period_start FROM spend
    UNION ALL SELECT CAST("at" AS DATE) FROM orders
)
SELECT day, count(*) AS events
FROM days
WHERE day IS NOT NULL
GROUP BY day
ORDER BY day
