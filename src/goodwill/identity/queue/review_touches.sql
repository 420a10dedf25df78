-- one actor at one company, or at none, with its social touches and the first of them
SELECT coalesce(actor, account) AS actor, account, count(*) AS touches, min("at") AS first_at
FROM timeline
WHERE touch_kind = 'social' AND coalesce(actor, account) IS NOT NULL
GROUP BY coalesce(actor, account), account
ORDER BY actor, account
