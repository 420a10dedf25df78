-- one actor whose touches are those of a side: a person's own nodes, or whoever is tied to a company
WITH touched AS (
    SELECT DISTINCT coalesce(actor, account) AS actor, person, account FROM timeline WHERE touch_kind = 'social'
),
-- which company nodes the records of a person name
named AS (
    SELECT r.person, p.account AS node FROM people AS p JOIN resolved AS r ON r.node = p.id
    UNION SELECT r.person, 'company:' || lower(trim(p.company)) FROM people AS p JOIN resolved AS r ON r.node = p.id
    UNION SELECT person, 'domain:' || split_part(node, '@', 2) FROM resolved WHERE node LIKE 'email:%@%'
)
SELECT side, node AS actor FROM review_sides WHERE kind = 'person'
UNION
SELECT s.side, t.actor
FROM review_sides AS s
JOIN resolved_accounts AS a ON a.node = s.node
JOIN touched AS t ON t.account = a.account
WHERE s.side LIKE 'account whole:%'
UNION
SELECT s.side, t.actor
FROM review_sides AS s
JOIN named AS n ON n.node = s.node
JOIN touched AS t ON t.person = n.person
WHERE s.side LIKE 'account exact:%'
ORDER BY side, actor
