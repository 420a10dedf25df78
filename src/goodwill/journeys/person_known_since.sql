-- one node of one person in one kind of our own records, with the moment since which they have it, if any of them says so
-- A day without an hour counts from its end: a touch on the same day may have come first. Days before 1971 are how systems
-- write a date that they do not know. A profile on a network is no record of ours. A row about a ticket, an order, a contract
-- or a deal names somebody and is no card of theirs: it counts with its own date. A role in a deal has none, and names whom
-- the CRM has already: it leaves open since when only where no dated card of theirs says so.
WITH networks AS (
    SELECT DISTINCT lower(trim(venue)) AS venue
    FROM interactions
    WHERE channel_group IN ('organic_social', 'paid_social') AND lower(trim(venue)) NOT IN ('email', 'phone')
),
mentions AS (
    SELECT source_file, source_row FROM tickets
    UNION SELECT source_file, source_row FROM orders
    UNION SELECT source_file, source_row FROM subscriptions
    UNION SELECT source_file, source_row FROM opportunity_contacts
),
records AS (
    SELECT p.id AS node, 'contact' AS kind, p.created_at AS "at"
    FROM people AS p
    LEFT JOIN networks AS n ON n.venue = split_part(p.id, ':', 1)
    LEFT JOIN mentions AS m ON m.source_file = p.source_file AND m.source_row = p.source_row
    WHERE n.venue IS NULL AND (p.created_at IS NOT NULL OR m.source_file IS NULL)
    UNION ALL SELECT person, 'lead', created_at FROM leads
    UNION ALL SELECT requester, 'service', created_at FROM tickets
    UNION ALL SELECT person, 'order', "at" FROM orders
    UNION ALL SELECT person, 'contract', started_at FROM subscriptions
    UNION ALL SELECT person, 'role in a deal', CAST(NULL AS TIMESTAMP) FROM opportunity_contacts
    -- whom we write to, and who writes, calls or signs up, we know by then
    UNION ALL SELECT actor, 'mailing list', "at" FROM interactions WHERE channel_group = 'email'
    UNION ALL SELECT actor, 'direct contact', "at" FROM interactions
        WHERE verb IN ('gw:FormSubmit', 'gw:MeetingBooked', 'gw:TicketOpened', 'gw:Call', 'gw:Purchase')
    UNION ALL SELECT target_actor, 'direct contact', "at" FROM interactions
        WHERE direction = 'outbound' AND channel_group IN ('email', 'sales', 'service')
),
dated AS (
    SELECT node, kind, CASE WHEN "at" >= CAST('1971-01-01' AS TIMESTAMP) THEN "at" END AS "at"
    FROM records
    WHERE node IS NOT NULL AND ("at" IS NULL OR "at" < $end)
),
whole_days AS (
    SELECT node, kind,
        CASE WHEN "at" = CAST(CAST("at" AS DATE) AS TIMESTAMP) THEN "at" + INTERVAL 1 DAY - INTERVAL 1 SECOND ELSE "at" END
            AS known_at
    FROM dated
),
persons AS (
    SELECT r.person, w.node, w.kind, min(w.known_at) AS known_at, count(*) - count(w.known_at) AS undated
    FROM whole_days AS w
    JOIN resolved AS r ON r.node = w.node
    GROUP BY r.person, w.node, w.kind
),
carded AS (
    SELECT DISTINCT person FROM persons WHERE kind IN ('contact', 'lead') AND known_at IS NOT NULL
)
SELECT p.person, p.node, p.kind, p.known_at, p.undated
FROM persons AS p
LEFT JOIN carded AS c ON c.person = p.person
WHERE p.kind <> 'role in a deal' OR c.person IS NULL
ORDER BY p.person, p.node, p.kind
