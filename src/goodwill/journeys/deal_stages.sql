-- one deal entering one stage for the first time, with the stage's place in the company's funnel; won and lost are no stages
WITH moves AS (
    SELECT d.id, lower(trim(c.stage)) AS stage, c."at", d.outcome, h.until_at
    FROM deals AS d
    JOIN deal_history AS h ON h.id = d.id
    JOIN stage_changes AS c ON c.object_kind = d.unit AND c.object_id = d.id
    -- a decision without an hour is midnight: what happened on its day still belongs to the deal
    WHERE c."at" < $end AND CAST(c."at" AS DATE) <= CAST(h.until_at AS DATE)
),
entries AS (
    SELECT m.id, m.stage, m.outcome, m.until_at, min(m."at") AS entered_at
    FROM moves AS m
    LEFT JOIN setting_stages AS s ON s.stage = m.stage
    WHERE s.stage IS NULL
    GROUP BY m.id, m.stage, m.outcome, m.until_at
),
-- of two stages that comes first which was first for more of the deals that saw both; a deal may skip stages
pairs AS (
    SELECT a.stage, b.stage AS other,
        CASE WHEN count(*) FILTER (WHERE b.entered_at < a.entered_at) > count(*) FILTER (WHERE b.entered_at > a.entered_at)
            THEN 1 ELSE 0 END AS is_after
    FROM entries AS a
    JOIN entries AS b ON b.id = a.id
    GROUP BY a.stage, b.stage
),
standings AS (
    SELECT stage, sum(is_after) AS stages_before
    FROM pairs
    GROUP BY stage
),
places AS (
    SELECT stage, row_number() OVER (ORDER BY stages_before, stage) AS place
    FROM standings
),
-- of moves at one moment the one further down the funnel is the later; a stage without a place ended the deal
leaving AS (
    SELECT e.id, e.stage, min(m."at") AS next_at
    FROM entries AS e
    JOIN places AS p ON p.stage = e.stage
    JOIN moves AS m ON m.id = e.id AND m.stage <> e.stage
    LEFT JOIN places AS n ON n.stage = m.stage
    WHERE m."at" > e.entered_at OR (m."at" = e.entered_at AND (n.place IS NULL OR n.place > p.place))
    GROUP BY e.id, e.stage
)
SELECT e.id, e.stage, e.entered_at,
    CASE
        WHEN e.outcome = 'open' OR l.next_at < e.until_at THEN l.next_at
        ELSE greatest(e.entered_at, e.until_at)
    END AS left_at,
    p.place
FROM entries AS e
JOIN places AS p ON p.stage = e.stage
LEFT JOIN leaving AS l ON l.id = e.id AND l.stage = e.stage
ORDER BY e.id, p.place
