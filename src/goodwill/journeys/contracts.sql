-- one subscription with its company, its first day, and the day on which it ended if that was before the last that counts
-- One that its company follows with another of the same product, begun within 28 days of the end, was not lost but
-- renewed or changed: billing systems write each term as a row of its own.
WITH once AS (
    SELECT id, account, person, started_at, ended_at, mrr, currency, product, source_file, source_row
    FROM subscriptions
    QUALIFY row_number() OVER (PARTITION BY id ORDER BY source_file DESC, source_row DESC) = 1
),
dated AS (
    SELECT o.id, coalesce(a.account, pa.account) AS account, CAST(o.started_at AS DATE) AS started_on,
        CASE WHEN o.ended_at < $end THEN CAST(o.ended_at AS DATE) END AS ended_on,
        o.mrr, o.currency, o.product, o.source_file, o.source_row
    FROM once AS o
    LEFT JOIN resolved_accounts AS a ON a.node = o.account
    LEFT JOIN resolved AS r ON r.node = o.person
    LEFT JOIN person_accounts AS pa ON pa.person = r.person
    WHERE o.started_at < $end
),
beginnings AS (
    SELECT DISTINCT account, coalesce(product, '') AS product, started_on FROM dated
),
renewals AS (
    SELECT DISTINCT d.id
    FROM dated AS d
    JOIN beginnings AS b ON b.account = d.account AND b.product = coalesce(d.product, '')
        AND b.started_on > d.started_on AND b.started_on BETWEEN d.ended_on - 28 AND d.ended_on + 28
)
SELECT d.id, coalesce(d.account, 'subscription:' || d.id) AS account, d.account IS NOT NULL AS has_account,
    d.started_on, d.ended_on, n.id IS NOT NULL AS is_renewed,
    -- no contract of today began before 1971: 1900 and 1970 are how systems write a date that they do not know
    coalesce(d.ended_on < d.started_on, FALSE) OR d.started_on < CAST('1971-01-01' AS DATE) AS is_impossible,
    d.mrr, d.currency, d.product, d.source_file, d.source_row
FROM dated AS d
LEFT JOIN renewals AS n ON n.id = d.id
ORDER BY d.id
