-- one deal, or one customer, that belongs to a side
WITH named AS (
    SELECT s.side, p.account AS node FROM review_sides AS s JOIN people AS p ON p.id = s.node
    UNION
    SELECT s.side, 'company:' || lower(trim(p.company)) FROM review_sides AS s JOIN people AS p ON p.id = s.node
    UNION
    SELECT side, 'domain:' || split_part(node, '@', 2) FROM review_sides WHERE node LIKE 'email:%@%'
    UNION
    SELECT side, node FROM review_sides WHERE side LIKE 'account whole:%'
),
tied AS (
    SELECT n.side, a.account FROM named AS n JOIN resolved_accounts AS a ON a.node = n.node
    UNION
    SELECT s.side, d.account
    FROM review_sides AS s
    JOIN opportunity_contacts AS c ON c.person = s.node
    JOIN deals AS d ON d.unit = 'opportunity' AND d.id = c.opportunity
),
-- what a record names by itself: a person, or a company that exact keys alone hold together
own_nodes AS (
    SELECT side, node FROM review_sides WHERE side NOT LIKE 'account whole:%'
),
own AS (
    SELECT t.side, d.unit, d.id FROM tied AS t JOIN deals AS d ON d.account = t.account
    UNION
    SELECT n.side, 'opportunity', o.id FROM own_nodes AS n JOIN opportunities AS o ON o.account = n.node
    UNION
    SELECT n.side, 'lead', l.id FROM own_nodes AS n JOIN leads AS l ON l.person = n.node
    UNION
    SELECT n.side, 'lead', l.id FROM own_nodes AS n JOIN leads AS l ON l.account = n.node
),
subscribed AS (
    SELECT t.side, c.id FROM tied AS t JOIN contracts AS c ON c.account = t.account
    UNION
    SELECT n.side, b.id FROM own_nodes AS n JOIN subscriptions AS b ON b.account = n.node
    UNION
    SELECT n.side, b.id FROM own_nodes AS n JOIN subscriptions AS b ON b.person = n.node
)
SELECT o.side, 'deal' AS what, d.unit || ':' || d.id AS id, d.account, d.outcome, d.decided_at AS ended_at,
    CASE WHEN d.outcome = 'won' AND NOT isnan(d.amount) THEN greatest(d.amount, 0) ELSE 0 END AS won,
    d.amount, coalesce(d.currency, $currency) AS currency
FROM own AS o
JOIN deals AS d ON d.unit = o.unit AND d.id = o.id
UNION ALL
SELECT s.side, 'customer', c.account, c.account, NULL,
    CASE WHEN count(*) = count(c.ended_on) THEN CAST(max(c.ended_on) AS TIMESTAMP) END, 0, NULL, NULL
FROM subscribed AS s
JOIN contracts AS c ON c.id = s.id AND NOT c.is_impossible
GROUP BY s.side, c.account
ORDER BY side, what, id
