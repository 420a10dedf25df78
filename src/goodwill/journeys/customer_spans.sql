-- one stretch of days in which one company, or one person without a company, is a customer; until_on is absent while it lasts
-- A contract makes a customer from its first to its last day. A win or an order makes one until the next of the buyer's
-- contracts ends, and for good where no contract follows: nobody says when such a customer has gone.
WITH persons_contracts AS (
    SELECT r.person AS party, CAST(s.started_at AS DATE) AS from_on,
        CASE WHEN s.ended_at < $end THEN CAST(s.ended_at AS DATE) END AS until_on
    FROM subscriptions AS s
    JOIN resolved AS r ON r.node = s.person
    LEFT JOIN person_accounts AS pa ON pa.person = r.person
    WHERE s.account IS NULL AND pa.person IS NULL AND s.started_at < $end
),
terms AS (
    -- what is renewed within 28 days (see contracts) is not interrupted
    SELECT account AS party, started_on AS from_on, CASE WHEN is_renewed THEN ended_on + 28 ELSE ended_on END AS until_on
    FROM contracts
    WHERE has_account AND NOT is_impossible
    UNION
    SELECT party, from_on, until_on
    FROM persons_contracts
    WHERE from_on >= CAST('1971-01-01' AS DATE) AND (until_on IS NULL OR until_on >= from_on)
),
bought AS (
    SELECT account AS party, day AS from_on FROM purchases WHERE kind <> 'subscription'
    UNION
    SELECT r.person, CAST(o."at" AS DATE)
    FROM orders AS o
    JOIN resolved AS r ON r.node = o.person
    LEFT JOIN person_accounts AS pa ON pa.person = r.person
    WHERE o.account IS NULL AND pa.person IS NULL AND o."at" < $end
),
until_next_end AS (
    SELECT b.party, b.from_on, min(t.until_on) AS until_on
    FROM bought AS b
    LEFT JOIN terms AS t ON t.party = b.party AND t.until_on >= b.from_on
    GROUP BY b.party, b.from_on
)
SELECT party, from_on, until_on FROM terms
UNION
SELECT party, from_on, until_on FROM until_next_end
ORDER BY party, from_on, until_on
