-- one person that is a program, by name or by a rhythm that no human keeps, with the rule that says so
WITH named AS (
    SELECT r.person, 'name of a program' AS rule, 1 AS rank
    FROM resolved AS r
    WHERE regexp_matches(r.node, '^email:(bot|robot|mailer-?daemon|daemon|bounces?|notifications?|notify|notifier|alerts?|automated|automation|autoreply|auto-?reply|no-?reply|do-?not-?reply|crawler|spider|monitoring|cron|root|system|[^@]*[_-]bot|[^@]*[._-](robot|daemon|noreply|no-reply)|(bot|noreply|no-reply|bounces?)[._+-][^@]*)@')
       -- a handle that calls itself a bot; Talbot, Abbot and Jan Bot are people
       OR regexp_matches(lower(r.node), '^[a-z]+:@?([^@]*_bot[0-9]*|[^@]*[._-]robot[0-9]*|bot_[^@]*|[^@]*\[bot\]|googlebot|gptbot|bingbot|dependabot|renovate|rssbot|feedbot|newsbot|ifttt|zapier|buffer|hootsuite)(@[^@]*)?$')
       OR r.node LIKE '%@botsin.space'
),
-- what systems call the actors that act for nobody, and accounts that are named like an offer with a number
titled AS (
    SELECT r.person, 'name of a program' AS rule, 1 AS rank
    FROM people AS p
    JOIN resolved AS r ON r.node = p.id
    WHERE regexp_matches(lower(trim(p.name)), '^(automated process|platform integration user|integration user|api user|system|zendesk system|zendesk|hubspot|zapier|webhook|googlebot|security user|insights integration|data\.com clean)$')
       OR regexp_matches(lower(trim(p.name)), '((^|[ ._-])(robot|crawler)|(news|chat|feed|rss|slack|help|support|alert|status|weather) ?bot)[ ._-]*[0-9]*$')
       OR regexp_matches(lower(trim(p.name)), '(deals|offers|crypto|follow ?back|giveaway|airdrop|promo)[^0-9]*[0-9]{3,}$')
),
-- files that tell only the minute or the day put many acts on one moment: those say nothing about rhythm
acts AS (
    SELECT DISTINCT r.person, i."at", i.verb, i.object, i.campaign, lower(trim(i.venue)) AS venue
    FROM interactions AS i
    JOIN resolved AS r ON r.node = i.actor
    WHERE i.direction = 'inbound' AND i."at" < $end AND date_trunc('minute', i."at") <> i."at"
),
-- one act a second for a whole minute is more than anybody reads; twice may be a hand held on a key, three times not
minutes AS (
    SELECT person, date_trunc('minute', "at") AS minute
    FROM acts
    GROUP BY person, date_trunc('minute', "at")
    HAVING count(*) > 60 AND count(DISTINCT "at") >= 20
),
hurried AS (
    SELECT person, 'more than 60 acts a minute' AS rule, 2 AS rank FROM minutes GROUP BY person HAVING count(*) >= 3
),
-- people sleep: acts in 22 of the 24 hours of a day, on three days
days AS (
    SELECT person, date_trunc('day', "at") AS day
    FROM acts
    GROUP BY person, date_trunc('day', "at")
    HAVING count(DISTINCT date_trunc('hour', "at")) >= 22
),
sleepless AS (
    SELECT person, 'awake around the clock' AS rule, 3 AS rank FROM days GROUP BY person HAVING count(*) >= 3
),
-- mail filters follow every link as a message arrives; whoever owns the mailbox is a person if they do anything else
sent AS (
    SELECT DISTINCT r.person, i."at", coalesce(i.campaign, i.object) AS message
    FROM interactions AS i
    JOIN resolved AS r ON r.node = i.target_actor
    WHERE i.verb = 'Send' AND i."at" < $end AND date_trunc('minute', i."at") <> i."at"
),
clicks AS (
    SELECT person, "at", coalesce(campaign, object) AS message FROM acts WHERE verb = 'gw:Click' AND venue = 'email'
),
instant AS (
    SELECT DISTINCT c.person, c."at", c.message
    FROM clicks AS c
    JOIN sent AS s ON s.person = c.person AND s.message = c.message
    WHERE c."at" >= s."at" AND c."at" <= s."at" + INTERVAL 1 SECOND
),
clicked AS (
    SELECT person, count(*) AS clicks FROM clicks GROUP BY person
),
in_an_instant AS (
    SELECT person, count(*) AS clicks FROM instant GROUP BY person
),
human AS (
    SELECT DISTINCT r.person
    FROM interactions AS i
    JOIN resolved AS r ON r.node = i.actor
    WHERE i.verb IN ('Create', 'Join', 'gw:FormSubmit', 'gw:MeetingBooked', 'gw:TicketOpened', 'gw:Call', 'gw:Purchase')
      AND i."at" < $end
),
-- five clicks are no accident, and four in five leave room for the few that a person makes
filters AS (
    SELECT n.person, 'clicks within a second of delivery' AS rule, 4 AS rank
    FROM in_an_instant AS n
    JOIN clicked AS c ON c.person = n.person
    LEFT JOIN human AS h ON h.person = n.person
    WHERE n.clicks >= 5 AND n.clicks >= 0.8 * c.clicks AND h.person IS NULL
),
together AS (
    SELECT person, rule, rank FROM named
    UNION SELECT person, rule, rank FROM titled
    UNION SELECT person, rule, rank FROM hurried
    UNION SELECT person, rule, rank FROM sleepless
    UNION SELECT person, rule, rank FROM filters
)
SELECT person, rule
FROM together
QUALIFY row_number() OVER (PARTITION BY person ORDER BY rank) = 1
ORDER BY person
