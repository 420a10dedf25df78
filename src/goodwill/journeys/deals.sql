-- one opportunity, or one lead where the company records no opportunities, with its start, its end and its outcome
WITH decisions AS (
    SELECT c.object_kind, c.object_id, s.outcome, max(c."at") AS "at"
    FROM stage_changes AS c
    JOIN setting_stages AS s ON s.stage = lower(trim(c.stage))
    WHERE c."at" < $end
    GROUP BY c.object_kind, c.object_id, s.outcome
),
said AS (
    SELECT o.id, coalesce(s.outcome, o.outcome) AS outcome
    FROM opportunities AS o
    LEFT JOIN setting_stages AS s ON s.stage = lower(trim(o.stage))
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
    SELECT id, account, owner, created_at, closed_at, amount, currency, type, channel_group, segment, product,
        source_file, source_row
    FROM opportunities
    QUALIFY row_number() OVER (PARTITION BY id ORDER BY source_file DESC, source_row DESC) = 1
),
said_once AS (
    SELECT id, max(outcome) AS outcome FROM said GROUP BY id
),
from_opportunities AS (
    SELECT 'opportunity' AS unit, o.id, coalesce(ra.account, c.account) AS known_account, o.owner,
        o.created_at AS opened_at, coalesce(s.outcome, w.outcome, 'open') AS outcome,
        coalesce(w."at", o.closed_at) AS decided_at,
        o.amount, o.currency, o.type, o.channel_group, o.segment, o.product, CAST(NULL AS VARCHAR) AS landing_page,
        o.source_file, o.source_row
    FROM opportunities_once AS o
    JOIN said_once AS s ON s.id = o.id
    LEFT JOIN decisions AS w ON w.object_kind = 'opportunity' AND w.object_id = o.id AND w.outcome = s.outcome
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
    WHERE object_kind = 'lead'
    QUALIFY row_number() OVER (PARTITION BY object_id ORDER BY "at" DESC, outcome DESC) = 1
),
from_leads AS (
    SELECT 'lead' AS unit, l.id, coalesce(ra.account, pa.account) AS known_account, l.owner, l.created_at AS opened_at,
        coalesce(w.outcome, 'open') AS outcome, w."at" AS decided_at,
        CAST(NULL AS DOUBLE) AS amount, CAST(NULL AS VARCHAR) AS currency, CAST(NULL AS VARCHAR) AS type,
        l.channel_group, l.segment, CAST(NULL AS VARCHAR) AS product, l.landing_page, l.source_file, l.source_row
    FROM leads_once AS l
    LEFT JOIN lead_ends AS w ON w.object_id = l.id
    LEFT JOIN resolved_accounts AS ra ON ra.node = l.account
    LEFT JOIN resolved AS r ON r.node = l.person
    LEFT JOIN person_accounts AS pa ON pa.person = r.person
    WHERE NOT EXISTS (SELECT 1 FROM opportunities)
),
together AS (
    SELECT * FROM from_opportunities
    UNION ALL
    SELECT * FROM from_leads
),
-- what was decided after the last day that counts was still open on it
as_seen AS (
    SELECT *, outcome IN ('won', 'lost') AND decided_at >= $end AS is_later FROM together
)
SELECT t.unit, t.id, coalesce(t.known_account, t.unit || ':' || t.id) AS account, t.known_account IS NOT NULL AS has_account, t.owner,
    t.opened_at,
    CASE WHEN t.is_later THEN 'open' ELSE t.outcome END AS outcome,
    CASE WHEN t.is_later OR t.outcome = 'open' THEN NULL ELSE t.decided_at END AS decided_at,
    coalesce(CAST(t.decided_at AS DATE) < CAST(t.opened_at AS DATE) AND t.outcome <> 'open', FALSE) AS is_impossible,
    t.amount, t.currency, t.type, t.channel_group, coalesce(t.segment, f.industry) AS segment, f.employees, t.product,
    t.landing_page, t.source_file, t.source_row
FROM as_seen AS t
LEFT JOIN account_facts AS f ON f.account = t.known_account
WHERE t.opened_at IS NULL OR t.opened_at < $end
ORDER BY t.unit, t.id
