-- one person: what their records call them, their company, where and when they were met, and what they are to us
WITH seen AS (
    SELECT person, rowid AS place, touch_kind IS NOT NULL AS is_touch FROM timeline WHERE person IS NOT NULL
    UNION ALL
    -- what was sent to them, or said to them
    SELECT r.person, t.rowid, FALSE
    FROM timeline AS t
    JOIN resolved AS r ON r.node = t.target_actor
    WHERE t.person IS NULL OR t.person <> r.person
),
met AS (
    SELECT s.person, count(*) FILTER (s.is_touch) AS touches,
        min(t."at") FILTER (s.is_touch) AS first_at, max(t."at") FILTER (s.is_touch) AS last_at,
        list_sort(list(DISTINCT coalesce(t.venue, t.channel_group, 'other'))) AS venues,
        list(s.place ORDER BY s.place) AS places
    FROM seen AS s
    JOIN timeline AS t ON t.rowid = s.place
    GROUP BY s.person
),
cards AS (
    -- as they are written; several rows of one card are one
    SELECT id, min(name) AS name, min(email) AS email, min(company) AS company FROM people GROUP BY id
),
called AS (
    SELECT r.person, list(r.node ORDER BY r.node) AS nodes,
        max_by(q.name, (length(q.name), q.name)) AS name, min(lower(q.email)) AS email, min(q.company) AS company,
        lower(string_agg(concat_ws(' ', r.node, q.name, q.email), ' ' ORDER BY r.node)) AS called_so
    FROM resolved AS r
    LEFT JOIN cards AS q ON q.id = r.node
    GROUP BY r.person
),
-- where the records and the links of a person stand in their tables
cards_at AS (
    SELECT r.person, list(p.rowid ORDER BY p.rowid) AS records
    FROM person_records AS p
    JOIN resolved AS r ON r.node = p.node
    GROUP BY r.person
),
links_at AS (
    SELECT r.person, list(l.rowid ORDER BY l.rowid) AS links
    FROM person_links AS l
    JOIN resolved AS r ON r.node = l.node_a
    GROUP BY r.person
),
companies AS (
    SELECT person, list(account ORDER BY account) AS accounts FROM person_accounts GROUP BY person
),
customers AS (
    SELECT party, max(coalesce(until_on, DATE '9999-12-31')) AS until_on
    FROM customer_spans
    WHERE from_on <= $today
    GROUP BY party
),
buyers AS (
    SELECT person, max(until_on) AS until_on
    FROM (
        SELECT pa.person, c.until_on FROM customers AS c JOIN person_accounts AS pa ON pa.account = c.party
        UNION ALL SELECT party, until_on FROM customers
    )
    GROUP BY person
)
SELECT c.person, c.name, c.email, c.company, c.called_so, c.nodes, coalesce(a.accounts, []) AS accounts,
    coalesce(m.touches, 0) AS touches, m.first_at, m.last_at, coalesce(m.venues, []) AS venues,
    coalesce(m.places, []) AS places, coalesce(k.records, []) AS records, coalesce(l.links, []) AS links,
    CASE
        WHEN c.person IN (SELECT person FROM staff) THEN 'staff'
        WHEN c.person IN (SELECT person FROM bots) THEN 'program'
        WHEN b.until_on >= $today THEN 'customer'
        WHEN b.until_on IS NOT NULL THEN 'former customer'
        WHEN c.person IN (SELECT person FROM person_known_since) THEN 'prospect'
        ELSE 'unknown'
    END AS kind
FROM called AS c
LEFT JOIN met AS m ON m.person = c.person
LEFT JOIN companies AS a ON a.person = c.person
LEFT JOIN cards_at AS k ON k.person = c.person
LEFT JOIN links_at AS l ON l.person = c.person
LEFT JOIN buyers AS b ON b.person = c.person
ORDER BY touches DESC, c.person
