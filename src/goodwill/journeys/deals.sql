-- one opportunity, or one lead where the company records no opportunities, with its start, its end and its outcome
WITH decisions AS (
    SELECT c.object_kind, c.object_id, s.outcome, c."at"
    FROM stage_changes AS c
    JOIN setting_stages AS s ON s.stage = lower(trim(c.stage))
),
-- the last time that a deal was won, and the last time that it was lost, even if only after the last day that counts
endings AS (
    SELECT object_id, outcome, max("at") AS "at"
    FROM decisions
    WHERE object_kind = 'opportunity'
    GROUP BY object_id, outcome
),
last_endings AS (
    SELECT object_id, outcome, "at"
    FROM endings
    QUALIFY row_number() OVER (PARTITION BY object_id ORDER BY "at" DESC, outcome DESC) = 1
),
contacts AS (
    SELECT oc.opportunity, min(coalesce(a.account, pa.account)) AS account
    FROM opportunity_contacts AS oc
    LEFT JOIN resolved AS r ON r.node = oc.person
    LEFT JOIN person_accounts AS pa ON pa.person = r.person
    LEFT JOIN resolved_accounts AS a ON a.node = oc.person
    GROUP BY oc.opportunity
),
opportunities_once AS (
    SELECT id, account, owner, created_at, closed_at, stage, outcome, amount, currency, type, channel_group, segment, product,
        source_file, source_row
    FROM opportunities
    QUALIFY row_number() OVER (PARTITION BY id ORDER BY source_file DESC, source_row DESC) = 1
),
-- the user's word on the stage comes first, then the system's on the outcome; a word that nobody knows is no ending
said AS (
    SELECT o.id, coalesce(s.outcome, w.outcome, CASE WHEN o.outcome IS NOT NULL THEN 'open' END) AS outcome
    FROM opportunities_once AS o
    LEFT JOIN setting_stages AS s ON s.stage = lower(trim(o.stage))
    LEFT JOIN setting_stages AS w ON w.stage = lower(trim(o.outcome))
),
from_opportunities AS (
    SELECT 'opportunity' AS unit, o.id, coalesce(ra.account, c.account) AS known_account, o.owner,
        o.created_at AS opened_at, coalesce(s.outcome, l.outcome, 'open') AS outcome,
        coalesce(w."at", CASE WHEN s.outcome IS NULL THEN l."at" END, o.closed_at) AS decided_at,
        o.amount, nullif(upper(trim(o.currency)), '') AS currency, o.type, o.channel_group, o.segment, o.product,
        CAST(NULL AS VARCHAR) AS landing_page, o.source_file, o.source_row
    FROM opportunities_once AS o
    JOIN said AS s ON s.id = o.id
    LEFT JOIN endings AS w ON w.object_id = o.id AND w.outcome = s.outcome
    LEFT JOIN last_endings AS l ON l.object_id = o.id
    LEFT JOIN resolved_accounts AS ra ON ra.node = o.account
    LEFT JOIN contacts AS c ON c.opportunity = o.id
),
leads_once AS (
    SELECT id, created_at, person, account, channel_group, landing_page, segment, owner, source_file, source_row
    FROM leads
    QUALIFY row_number() OVER (PARTITION BY id ORDER BY created_at, source_file, source_row) = 1
),
lead_ends AS (
    SELECT object_id, outcome, "at"
    FROM decisions
    WHERE object_kind = 'lead' AND "at" < $end
    QUALIFY row_number() OVER (PARTITION BY object_id ORDER BY "at" DESC, outcome DESC) = 1
),
known_leads AS (
    SELECT l.id, l.created_at, coalesce(ra.account, pa.account) AS known_account,
        coalesce(ra.account, pa.account, r.person) AS buyer, coalesce(w.outcome, 'open') AS outcome, w."at" AS decided_at,
        l.channel_group, l.landing_page, l.segment, l.owner, l.source_file, l.source_row
    FROM leads_once AS l
    LEFT JOIN lead_ends AS w ON w.object_id = l.id
    LEFT JOIN resolved_accounts AS ra ON ra.node = l.account
    LEFT JOIN resolved AS r ON r.node = l.person
    LEFT JOIN person_accounts AS pa ON pa.person = r.person
    WHERE NOT EXISTS (SELECT 1 FROM opportunities)
),
-- a lead has no price of its own: what it brought is what its company, or the person where no company is known, has
-- ordered since the day it became a lead. A lead won that ordered nothing brought nothing so far: 0. Nobody knows what one
-- brought that no record ties to a buyer, or any of them where no order names a buyer, and what is not won is worth
-- nothing yet: NULL.
orders_once AS (
    SELECT o.id, o.product, o."at", coalesce(a.account, pa.account, r.person) AS buyer,
        TRY_CAST(o.value AS DECIMAL(18, 2)) AS value, upper(trim(o.currency)) AS currency
    FROM orders AS o
    LEFT JOIN resolved_accounts AS a ON a.node = o.account
    LEFT JOIN resolved AS r ON r.node = o.person
    LEFT JOIN person_accounts AS pa ON pa.person = r.person
    WHERE o."at" < $end
    QUALIFY row_number() OVER (PARTITION BY o.id, o.product ORDER BY o.source_file DESC, o.source_row DESC) = 1
),
-- an order is the merit of one lead, the last one won that was there on its day: two leads of a company share no money
merits AS (
    SELECT l.id, o.value, o.currency
    FROM orders_once AS o
    JOIN known_leads AS l ON l.buyer = o.buyer AND CAST(l.created_at AS DATE) <= CAST(o."at" AS DATE)
    WHERE l.outcome = 'won'
    QUALIFY row_number() OVER (PARTITION BY o.id, o.product ORDER BY l.created_at DESC, l.id) = 1
),
-- currencies are not added up: of several the one of most of its orders speaks
lead_sums AS (
    SELECT id, currency, count(*) AS orders, sum(value) AS value FROM merits GROUP BY id, currency
),
lead_values AS (
    SELECT id, currency, CAST(value AS DOUBLE) AS value
    FROM lead_sums
    QUALIFY row_number() OVER (PARTITION BY id ORDER BY orders DESC, currency NULLS LAST) = 1
),
from_leads AS (
    SELECT 'lead' AS unit, l.id, l.known_account, l.owner, l.created_at AS opened_at, l.outcome, l.decided_at,
        CASE
            WHEN l.outcome = 'won' AND l.buyer IS NOT NULL AND EXISTS (SELECT 1 FROM orders_once WHERE buyer IS NOT NULL)
            THEN coalesce(v.value, 0)
        END AS amount,
        v.currency, CAST(NULL AS VARCHAR) AS type, l.channel_group, l.segment, CAST(NULL AS VARCHAR) AS product,
        l.landing_page, l.source_file, l.source_row
    FROM known_leads AS l
    LEFT JOIN lead_values AS v ON v.id = l.id
),
together AS (
    SELECT * FROM from_opportunities
    UNION ALL
    SELECT * FROM from_leads
),
-- what was decided after the last day that counts was still open on it
as_seen AS (
    SELECT *, outcome <> 'open' AND coalesce(decided_at >= $end, FALSE) AS is_later,
        -- a closing date without an hour is midnight: decided on the day of opening is not before it
        CASE WHEN CAST(decided_at AS DATE) = CAST(opened_at AS DATE) THEN greatest(decided_at, opened_at) ELSE decided_at END
            AS ended_at
    FROM together
)
SELECT t.unit, t.id, coalesce(t.known_account, t.unit || ':' || t.id) AS account, t.known_account IS NOT NULL AS has_account, t.owner,
    t.opened_at,
    CASE WHEN t.is_later THEN 'open' ELSE t.outcome END AS outcome,
    CASE WHEN t.is_later OR t.outcome = 'open' THEN NULL ELSE t.ended_at END AS decided_at,
    coalesce(t.outcome <> 'open' AND NOT t.is_later AND t.ended_at < t.opened_at, FALSE) AS is_impossible,
    t.amount, t.currency, t.type, t.channel_group, coalesce(t.segment, f.industry) AS segment, f.employees, t.product,
    t.landing_page, t.source_file, t.source_row
FROM as_seen AS t
LEFT JOIN account_facts AS f ON f.account = t.known_account
WHERE t.opened_at IS NULL OR t.opened_at < $end
ORDER BY t.unit, t.id
