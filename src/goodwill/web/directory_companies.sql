-- one company: what its records call it, how many people, touches and deals it has, and what it is to us
WITH met AS (
    SELECT account, count(*) FILTER (touch_kind IS NOT NULL) AS touches,
        min("at") FILTER (touch_kind IS NOT NULL) AS first_at, max("at") FILTER (touch_kind IS NOT NULL) AS last_at,
        list_sort(list(DISTINCT coalesce(venue, channel_group, 'other'))) AS venues, list(rowid ORDER BY rowid) AS places
    FROM timeline
    WHERE account IS NOT NULL
    GROUP BY account
),
called AS (
    SELECT r.account, list(r.node ORDER BY r.node) AS nodes, min_by(a.name, (length(a.name), a.name)) AS name,
        min(a.domain) AS domain,
        lower(string_agg(concat_ws(' ', r.node, a.name, a.domain), ' ' ORDER BY r.node)) AS called_so
    FROM resolved_accounts AS r
    LEFT JOIN accounts AS a ON a.id = r.node
    GROUP BY r.account
),
-- where the records and the links of a company stand in their tables
cards_at AS (
    SELECT r.account, list(p.rowid ORDER BY p.rowid) AS records
    FROM account_records AS p
    JOIN resolved_accounts AS r ON r.node = p.node
    GROUP BY r.account
),
links_at AS (
    SELECT r.account, list(l.rowid ORDER BY l.rowid) AS links
    FROM account_links AS l
    JOIN resolved_accounts AS r ON r.node = l.node_a
    GROUP BY r.account
),
members AS (
    SELECT account, count(DISTINCT person) AS people FROM person_accounts GROUP BY account
),
sold AS (
    SELECT account, count(*) AS deals, count(*) FILTER (outcome = 'won') AS deals_won FROM deals GROUP BY account
),
customers AS (
    SELECT party, max(coalesce(until_on, DATE '9999-12-31')) AS until_on
    FROM customer_spans
    WHERE from_on <= $today
    GROUP BY party
)
SELECT c.account,
    -- a company that no card describes is called as whoever named it wrote it
    coalesce(c.name, c.domain, substr(c.nodes[1], strpos(c.nodes[1], ':') + 1)) AS name, c.domain, c.called_so,
    c.nodes, f.industry, f.country, f.employees, coalesce(p.people, 0) AS people, coalesce(m.touches, 0) AS touches, m.first_at, m.last_at,
    coalesce(m.venues, []) AS venues, coalesce(m.places, []) AS places, coalesce(k.records, []) AS records,
    coalesce(l.links, []) AS links, coalesce(s.deals, 0) AS deals, coalesce(s.deals_won, 0) AS deals_won,
    CASE
        WHEN u.until_on >= $today THEN 'customer'
        WHEN u.until_on IS NOT NULL THEN 'former customer'
        ELSE 'prospect'
    END AS kind
FROM called AS c
LEFT JOIN met AS m ON m.account = c.account
LEFT JOIN account_facts AS f ON f.account = c.account
LEFT JOIN cards_at AS k ON k.account = c.account
LEFT JOIN links_at AS l ON l.account = c.account
LEFT JOIN members AS p ON p.account = c.account
LEFT JOIN sold AS s ON s.account = c.account
LEFT JOIN customers AS u ON u.party = c.account
ORDER BY touches DESC, c.account
