-- one company's inbound interactions of one kind on one day: enough for most of every exposure and history, and small
SELECT account, CAST("at" AS DATE) AS day, touch_kind AS kind,
    count(*) AS touches, min("at") AS first_at, max("at") AS last_at
FROM timeline
WHERE touch_kind IS NOT NULL AND account IS NOT NULL
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3
