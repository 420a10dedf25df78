-- one uncertain pair with what a decision on it would move, most first
WITH decided AS (
    SELECT DISTINCT least(a.side, b.side) AS one, greatest(a.side, b.side) AS other
    FROM match_decisions AS d
    JOIN review_sides AS a ON a.node = d.node_a
    JOIN review_sides AS b ON b.node = d.node_b
),
moved AS (
    SELECT kind, node_a, node_b,
        count(*) FILTER (WHERE what = 'deal') AS deals,
        count(*) FILTER (WHERE what = 'deal' AND outcome = 'won') AS deals_won,
        count(*) FILTER (WHERE what = 'deal' AND outcome = 'open') AS deals_open,
        coalesce(sum(won) FILTER (WHERE currency = $currency), 0) AS money,
        count(*) FILTER (WHERE what = 'customer') AS customers
    FROM review_moves
    GROUP BY kind, node_a, node_b
),
largest AS (
    SELECT kind, node_a, node_b, outcome, amount, currency
    FROM review_moves
    WHERE what = 'deal'
    QUALIFY row_number() OVER (
        PARTITION BY kind, node_a, node_b
        ORDER BY won DESC, CASE outcome WHEN 'won' THEN 0 WHEN 'open' THEN 1 ELSE 2 END, amount DESC NULLS LAST, id
    ) = 1
),
totals AS (
    SELECT (SELECT CAST(sum(touches) AS DOUBLE) FROM review_touches) AS touches,
        (SELECT CAST(count(*) AS DOUBLE) FROM deals) AS deals,
        (SELECT sum(greatest(amount, 0)) FROM deals
            WHERE outcome = 'won' AND NOT isnan(amount) AND coalesce(currency, $currency) = $currency) AS money,
        (SELECT CAST(count(DISTINCT account) AS DOUBLE) FROM contracts WHERE NOT is_impossible) AS customers
),
parts AS (
    SELECT p.kind, p.node_a, p.node_b, p.probability, p.is_joined, least(p.side_a, p.side_b) AS one,
        greatest(p.side_a, p.side_b) AS other,
        CASE WHEN a.class < b.class THEN a.touches WHEN b.class < a.class THEN b.touches ELSE 0 END AS touches,
        least(a.class, b.class) AS class_from, greatest(a.class, b.class) AS class_to,
        coalesce(m.deals, 0) AS deals, coalesce(m.deals_won, 0) AS deals_won, coalesce(m.deals_open, 0) AS deals_open,
        coalesce(m.money, 0) AS money, coalesce(m.customers, 0) AS customers,
        l.outcome AS largest_outcome, l.amount AS largest_amount, l.currency AS largest_currency
    FROM review_pairs AS p
    JOIN review_classes AS a ON a.side = p.side_a
    JOIN review_classes AS b ON b.side = p.side_b
    LEFT JOIN moved AS m ON m.kind = p.kind AND m.node_a = p.node_a AND m.node_b = p.node_b
    LEFT JOIN largest AS l ON l.kind = p.kind AND l.node_a = p.node_a AND l.node_b = p.node_b
),
shares AS (
    SELECT p.*, coalesce(p.touches / nullif(t.touches, 0), 0) + coalesce(p.deals / nullif(t.deals, 0), 0)
        + coalesce(p.money / nullif(t.money, 0), 0) + coalesce(p.customers / nullif(t.customers, 0), 0) AS moved,
        CAST(coalesce(t.touches, 0) > 0 AS INT) + CAST(t.deals > 0 AS INT) + CAST(coalesce(t.money, 0) > 0 AS INT)
        + CAST(t.customers > 0 AS INT) AS answers
    FROM parts AS p
    CROSS JOIN totals AS t
)
SELECT s.kind, s.node_a, s.node_b, s.probability, s.is_joined, CAST(s.touches AS BIGINT) AS touches, s.class_from,
    s.class_to, s.deals, s.deals_won, s.deals_open, CAST(s.money AS DOUBLE) AS money, s.customers, s.largest_outcome,
    s.largest_amount, s.largest_currency,
    4 * s.probability * (1 - s.probability) * s.moved / greatest(s.answers, 1) AS score
FROM shares AS s
LEFT JOIN decided AS d ON d.one = s.one AND d.other = s.other
WHERE d.one IS NULL
ORDER BY score DESC, abs(s.probability - 0.5), s.kind, s.node_a, s.node_b
LIMIT $limit
