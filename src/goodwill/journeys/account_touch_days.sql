-- one company on one day: how often it engaged, how often on social, and what it asked of the service desk
-- A request is often exported twice, as a ticket and as a touch: one id at one moment is one request.
WITH ticket_contacts AS (
    SELECT split_part(oc.opportunity, '/ticket:', 2) AS ticket, min(coalesce(a.account, pa.account)) AS account
    FROM opportunity_contacts AS oc
    LEFT JOIN resolved_accounts AS a ON a.node = oc.person
    LEFT JOIN resolved AS r ON r.node = oc.person
    LEFT JOIN person_accounts AS pa ON pa.person = r.person
    WHERE oc.opportunity LIKE '%/ticket:%'
    GROUP BY 1
),
tickets_known AS (
    SELECT coalesce(a.account, pa.account, tc.account) AS account, t.id, t.created_at AS "at"
    FROM tickets AS t
    LEFT JOIN resolved_accounts AS a ON a.node = t.account
    LEFT JOIN resolved AS r ON r.node = t.requester
    LEFT JOIN person_accounts AS pa ON pa.person = r.person
    LEFT JOIN ticket_contacts AS tc ON tc.ticket = t.id
    LEFT JOIN staff AS s ON s.person = r.person
    WHERE t.created_at < $end AND s.person IS NULL
),
requests AS (
    SELECT account, id, "at" FROM timeline WHERE touch_kind = 'service'
    UNION
    SELECT account, id, "at" FROM tickets_known
),
counted AS (
    SELECT account, day, kind, touches FROM account_days WHERE kind <> 'service'
    UNION ALL
    SELECT account, CAST("at" AS DATE) AS day, 'service' AS kind, 1 AS touches FROM requests WHERE account IS NOT NULL
)
SELECT account, day,
    CAST(coalesce(sum(touches) FILTER (WHERE kind = 'engagement'), 0) AS BIGINT) AS engagement,
    CAST(coalesce(sum(touches) FILTER (WHERE kind = 'social'), 0) AS BIGINT) AS social,
    CAST(coalesce(sum(touches) FILTER (WHERE kind = 'service'), 0) AS BIGINT) AS service
FROM counted
GROUP BY account, day
ORDER BY account, day
