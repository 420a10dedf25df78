-- one stretch of time in which one person belonged to one company, as far as dates tell; a person's never overlap
-- People change jobs. Where no date tells two companies apart, a person has one stretch without beginning or end, at the
-- company that person_accounts names. Before the first sign of any company the first one counts, unless an employment
-- says when it began. A day is a whole day; date_end is the last one.
WITH employed AS (
    SELECT r.person, a.account, e.date_start, e.date_end
    FROM employments AS e
    JOIN resolved AS r ON r.node = e.person
    JOIN resolved_accounts AS a ON a.node = e.account
),
recorded AS (
    SELECT r.person, a.account, min(CAST(p.created_at AS DATE)) AS date_start
    FROM people AS p
    JOIN resolved AS r ON r.node = p.id
    JOIN resolved_accounts AS a ON a.node = p.account
    GROUP BY r.person, a.account
),
-- an address in a record that names a company says no more than the record
explained AS (
    SELECT DISTINCT r.person, m.email
    FROM people AS p
    JOIN resolved AS r ON r.node = p.id
    JOIN mail_keys AS m ON m.raw = p.email
    WHERE p.account IS NOT NULL
),
addresses AS (
    SELECT r.person, r.node, a.account
    FROM resolved AS r
    JOIN mail_keys AS m ON r.node = 'email:' || m.raw
    JOIN domain_keys AS d ON d.raw = m.domain
    JOIN resolved_accounts AS a ON a.node = 'domain:' || d.domain
    LEFT JOIN explained AS x ON x.person = r.person AND x.email = m.email
    WHERE NOT m.is_role AND x.person IS NULL
),
named AS (
    SELECT person, account FROM employed
    UNION SELECT person, account FROM recorded
    UNION SELECT person, account FROM addresses
),
-- only for those who are tied to several companies, or whose employment is dated, is there anything to tell apart
changing AS (
    SELECT person FROM named GROUP BY person HAVING count(*) > 1
    UNION SELECT person FROM employed WHERE date_start IS NOT NULL OR date_end IS NOT NULL
),
sightings AS (
    SELECT a.person, a.account, min(CAST(i."at" AS DATE)) AS first_on, max(CAST(i."at" AS DATE)) AS last_on
    FROM addresses AS a
    JOIN changing AS c ON c.person = a.person
    JOIN interactions AS i ON i.actor = a.node
    WHERE i."at" < $end
    GROUP BY a.person, a.account
),
followed AS (
    SELECT person, last_on, lead(first_on) OVER (PARTITION BY person ORDER BY first_on, account) AS next_on
    FROM sightings
),
-- two addresses in use side by side are no change of jobs; newsletters follow an old address for about a month
side_by_side AS (
    SELECT DISTINCT person FROM followed WHERE last_on > next_on + 31
),
others AS (
    SELECT person, account, date_start, 'record' AS rule, 2 AS rank FROM recorded
    UNION ALL
    SELECT s.person, s.account, s.first_on, 'domain', 3
    FROM sightings AS s
    LEFT JOIN side_by_side AS b ON b.person = s.person
    WHERE b.person IS NULL
),
-- where an employment is dated, its dates count and not those of other signs of the same company
signs AS (
    SELECT e.person, e.account, coalesce(e.date_start, DATE '0001-01-01') AS date_start, e.date_end,
        'employment' AS rule, 1 AS rank, e.date_start IS NOT NULL OR e.date_end IS NOT NULL AS is_dated
    FROM employed AS e
    JOIN changing AS c ON c.person = e.person
    UNION ALL
    SELECT o.person, o.account, o.date_start, NULL, o.rule, o.rank, TRUE
    FROM others AS o
    JOIN changing AS c ON c.person = o.person
    LEFT JOIN employed AS e ON e.person = o.person AND e.account = o.account
        AND (e.date_start IS NOT NULL OR e.date_end IS NOT NULL)
    WHERE e.person IS NULL AND o.date_start IS NOT NULL
),
dated AS (
    SELECT person FROM signs GROUP BY person HAVING bool_or(is_dated)
),
turns AS (
    SELECT person, DATE '0001-01-01' AS day FROM dated
    UNION SELECT s.person, s.date_start FROM signs AS s JOIN dated AS d ON d.person = s.person
    UNION SELECT s.person, s.date_end + 1 FROM signs AS s JOIN dated AS d ON d.person = s.person
        WHERE s.date_end IS NOT NULL
),
between_turns AS (
    SELECT person, day, lead(day) OVER (PARTITION BY person ORDER BY day) AS until FROM turns
),
-- an employment that covers the days, else the latest news, else the first news that is still to come
chosen AS (
    SELECT b.person, b.day, b.until, s.account, s.rule
    FROM between_turns AS b
    JOIN signs AS s ON s.person = b.person
        AND (s.rule <> 'employment' OR (s.date_start <= b.day AND (s.date_end IS NULL OR s.date_end >= b.day)))
    QUALIFY row_number() OVER (
        PARTITION BY b.person, b.day
        ORDER BY s.date_start <= b.day DESC, s.rule = 'employment' DESC,
            CASE WHEN s.date_start <= b.day THEN s.date_start END DESC NULLS LAST, s.date_start, s.rank, s.account,
            s.date_end NULLS LAST
    ) = 1
),
marked AS (
    SELECT person, day, until, account, rule,
        lag(account) OVER (PARTITION BY person ORDER BY day) IS DISTINCT FROM account
            OR lag(until) OVER (PARTITION BY person ORDER BY day) IS DISTINCT FROM day AS is_new
    FROM chosen
),
numbered AS (
    SELECT person, day, until, account, rule,
        sum(CASE WHEN is_new THEN 1 ELSE 0 END) OVER (
            PARTITION BY person ORDER BY day ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS stretch
    FROM marked
),
stretches AS (
    SELECT person, min(account) AS account, nullif(min(day), DATE '0001-01-01') AS date_start,
        CASE WHEN count(*) = count(until) THEN max(until) - 1 END AS date_end, arg_min(rule, day) AS rule
    FROM numbered
    GROUP BY person, stretch
),
undated AS (
    SELECT p.person, p.account, CAST(NULL AS DATE) AS date_start, CAST(NULL AS DATE) AS date_end, p.rule
    FROM person_accounts AS p
    LEFT JOIN dated AS d ON d.person = p.person
    WHERE d.person IS NULL
)
SELECT person, account, date_start, date_end, rule FROM stretches
UNION ALL SELECT person, account, date_start, date_end, rule FROM undated
ORDER BY person, date_start NULLS FIRST
