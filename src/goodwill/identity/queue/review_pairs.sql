-- one uncertain pair of people or of companies, each once, with the two sides that a decision would join or part
-- A side is a whole person (or company) where the pair is apart now, else what exact keys alone hold together.
WITH people_together AS (
    SELECT 'person' AS kind, p.node_a, p.node_b, p.probability, a.person = b.person AS is_joined,
        a.person AS whole_a, b.person AS whole_b, ra.exact AS exact_a, rb.exact AS exact_b
    FROM person_pairs AS p
    JOIN resolved AS a ON a.node = p.node_a
    JOIN resolved AS b ON b.node = p.node_b
    LEFT JOIN person_records AS ra ON ra.node = p.node_a
    LEFT JOIN person_records AS rb ON rb.node = p.node_b
),
companies_together AS (
    SELECT 'account' AS kind, p.node_a, p.node_b, p.probability, a.account = b.account AS is_joined,
        a.account AS whole_a, b.account AS whole_b, ra.exact AS exact_a, rb.exact AS exact_b
    FROM account_pairs AS p
    JOIN resolved_accounts AS a ON a.node = p.node_a
    JOIN resolved_accounts AS b ON b.node = p.node_b
    LEFT JOIN account_records AS ra ON ra.node = p.node_a
    LEFT JOIN account_records AS rb ON rb.node = p.node_b
),
sided AS (
    SELECT kind, node_a, node_b, probability, is_joined,
        CASE WHEN is_joined THEN 'exact:' || coalesce(CAST(exact_a AS VARCHAR), node_a) ELSE 'whole:' || whole_a END AS side_a,
        CASE WHEN is_joined THEN 'exact:' || coalesce(CAST(exact_b AS VARCHAR), node_b) ELSE 'whole:' || whole_b END AS side_b
    FROM (SELECT * FROM people_together UNION ALL SELECT * FROM companies_together)
),
-- several pairs of records may speak for one pair of people: the best of them does
best AS (
    SELECT *
    FROM sided
    WHERE side_a <> side_b
    QUALIFY row_number() OVER (
        PARTITION BY kind, least(side_a, side_b), greatest(side_a, side_b) ORDER BY probability DESC, node_a, node_b
    ) = 1
)
SELECT kind, node_a, node_b, probability, is_joined, kind || ' ' || side_a AS side_a, kind || ' ' || side_b AS side_b
FROM best
WHERE probability * (1 - probability) >= $doubt
ORDER BY kind, node_a, node_b
