-- one company that is a partner, a rival or a vendor of ours, by the settings or by what its record says of it
-- Neither says since when: it holds for the whole time.
WITH said AS (
    SELECT a.account, CASE o.kind WHEN 'rival' THEN 'rival' ELSE 'partner' END AS is_a
    FROM resolved_accounts AS a
    JOIN setting_own AS o ON o.node = a.node
    WHERE o.kind IN ('partner', 'rival')
    UNION ALL
    SELECT a.account,
        CASE
            WHEN regexp_matches(lower(s.lifecycle), 'competitor|rival') THEN 'rival'
            WHEN regexp_matches(lower(s.lifecycle), 'vendor|supplier') THEN 'vendor'
            ELSE 'partner'
        END
    FROM accounts AS s
    JOIN resolved_accounts AS a ON a.node = s.id
    WHERE regexp_matches(lower(s.lifecycle), 'partner|reseller|distributor|competitor|rival|vendor|supplier')
)
SELECT account, min(is_a) AS is_a
FROM said
GROUP BY account
ORDER BY account
