-- one company's inbound interactions of one kind on one day: enough for every exposure and history, and small
SELECT account, CAST("at" AS DATE) AS day,
    CASE WHEN is_social THEN 'social' WHEN channel_group = 'service' THEN 'service' ELSE 'engagement' END AS kind,
    count(*) AS touches, min("at") AS first_at, max("at") AS last_at
FROM timeline
WHERE direction = 'inbound' AND account IS NOT NULL AND verb <> 'Send'
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3
