-- one inbound social touch, with what its person was to us the instant before it
-- Records made at or after the touch do not count, nor do those without a date: a touch by somebody whom only an undated
-- record may have known before is marked. The classes are tried in the order of the CASE below.
WITH touches AS (
    SELECT id, "at", verb, venue, campaign, actor, person, account, is_staff, source_file, source_row
    FROM timeline
    -- what a program did is no touch; here it is shown as nobody's
    WHERE touch_kind = 'social' OR (is_bot AND is_social AND direction = 'inbound' AND verb <> 'Send')
    UNION ALL
    -- what our own people do is turned outbound in the timeline; here it counts as what the export says it is
    SELECT t.id, t."at", t.verb, t.venue, t.campaign, t.actor, t.person, t.account, t.is_staff, t.source_file, t.source_row
    FROM timeline AS t
    WHERE t.is_staff AND t.is_social AND t.verb <> 'Send' AND EXISTS (
        SELECT 1 FROM interactions AS i
        WHERE i.source_file = t.source_file AND i.source_row = t.source_row AND i."at" = t."at" AND i.verb = t.verb
          AND i.actor = t.actor AND i.direction = 'inbound'
    )
),
moments AS (
    SELECT DISTINCT person, account, "at" FROM touches
),
known_people AS (
    SELECT person, min(known_at) AS known_at, sum(undated) > 0 AS has_undated FROM person_known_since GROUP BY person
),
-- who acted under something by which anybody could be recognised: an address, a number or a name
telling AS (
    SELECT DISTINCT t.person
    FROM touches AS t
    WHERE t.actor LIKE 'email:%@%' OR t.actor LIKE 'phone:%'
    UNION
    SELECT DISTINCT t.person
    FROM touches AS t
    JOIN people AS p ON p.id = t.actor
    WHERE trim(coalesce(p.name, '')) <> '' OR trim(coalesce(p.email, '')) <> '' OR trim(coalesce(p.phone, '')) <> ''
    UNION
    SELECT DISTINCT t.person
    FROM touches AS t
    JOIN identifiers AS i ON i.record = t.actor
    WHERE i.kind IN ('email', 'phone') AND i.is_verified
),
-- an opening or a decision without an hour counts from the end of its day
deals_open AS (
    SELECT id, account, has_account,
        CASE
            WHEN opened_at = CAST(CAST(opened_at AS DATE) AS TIMESTAMP) THEN opened_at + INTERVAL 1 DAY - INTERVAL 1 SECOND
            ELSE opened_at
        END AS from_at,
        CASE
            WHEN decided_at = CAST(CAST(decided_at AS DATE) AS TIMESTAMP) THEN decided_at + INTERVAL 1 DAY - INTERVAL 1 SECOND
            ELSE decided_at
        END AS until_at
    FROM deals
    WHERE unit = 'opportunity' AND opened_at IS NOT NULL AND NOT is_impossible
      AND (outcome = 'open' OR decided_at IS NOT NULL)
),
contacts_open AS (
    SELECT DISTINCT m.person, m."at"
    FROM moments AS m
    JOIN resolved AS r ON r.person = m.person
    JOIN opportunity_contacts AS c ON c.person = r.node
    JOIN deals_open AS d ON d.id = c.opportunity AND d.from_at < m."at" AND (d.until_at IS NULL OR d.until_at >= m."at")
),
accounts_open AS (
    SELECT DISTINCT m.account, m."at"
    FROM moments AS m
    JOIN deals_open AS d ON d.account = m.account AND d.has_account AND d.from_at < m."at"
        AND (d.until_at IS NULL OR d.until_at >= m."at")
),
bought AS (
    SELECT m.person, m.account, m."at",
        count(*) FILTER (WHERE s.until_on IS NULL OR s.until_on >= CAST(m."at" AS DATE)) > 0 AS is_customer
    FROM moments AS m
    JOIN customer_spans AS s ON s.party = coalesce(m.account, m.person) AND s.from_on < CAST(m."at" AS DATE)
    GROUP BY m.person, m.account, m."at"
),
-- programs, and addresses that a whole desk reads
nobodys AS (
    SELECT DISTINCT t.actor
    FROM touches AS t
    LEFT JOIN bots AS b ON b.person = t.person
    LEFT JOIN shared_inboxes AS s ON s.node = t.actor
    WHERE b.person IS NOT NULL OR s.node IS NOT NULL
),
seen AS (
    SELECT t.id, t."at", t.verb, t.venue, t.campaign, t.actor, t.person, t.account, t.is_staff, t.source_file, t.source_row,
        k.known_at, coalesce(k.known_at < t."at", FALSE) AS is_known, coalesce(k.has_undated, FALSE) AS has_undated,
        k.person IS NOT NULL AS has_record, e.person IS NOT NULL AS is_recognisable,
        coalesce(a.known_at < t."at", FALSE) AS is_account_known, pa.account IS NOT NULL AS is_partner,
        c.person IS NOT NULL AS is_contact, o.account IS NOT NULL AS has_deal,
        n.actor IS NOT NULL AS is_nobodys, b."at" IS NOT NULL AS has_bought, coalesce(b.is_customer, FALSE) AS is_customer
    FROM touches AS t
    LEFT JOIN known_people AS k ON k.person = t.person
    LEFT JOIN telling AS e ON e.person = t.person
    LEFT JOIN account_known_since AS a ON a.account = t.account
    LEFT JOIN partner_accounts AS pa ON pa.account = t.account
    LEFT JOIN contacts_open AS c ON c.person = t.person AND c."at" = t."at"
    LEFT JOIN accounts_open AS o ON o.account = t.account AND o."at" = t."at"
    LEFT JOIN nobodys AS n ON n.actor = t.actor
    LEFT JOIN bought AS b ON b.person IS NOT DISTINCT FROM t.person AND b.account IS NOT DISTINCT FROM t.account
        AND b."at" = t."at"
)
SELECT id, "at", verb, venue, campaign, actor, person, account,
    CASE
        WHEN is_nobodys AND NOT is_staff THEN 'unresolved'
        WHEN is_staff THEN 'employee'
        WHEN is_partner THEN 'partner_or_rival'
        WHEN is_known AND is_customer THEN 'customer'
        WHEN is_known AND has_bought THEN 'ex_customer'
        WHEN is_known AND is_contact THEN 'open_opportunity'
        WHEN is_known THEN 'known_lead'
        WHEN person IS NULL OR NOT (is_recognisable OR has_record) THEN 'unresolved'
        WHEN is_account_known THEN 'new_person_known_account'
        ELSE 'new_person_new_account'
    END AS class,
    CASE
        WHEN account IS NULL THEN NULL
        WHEN is_customer THEN 'customer'
        WHEN has_bought THEN 'ex_customer'
        WHEN has_deal THEN 'open_opportunity'
        WHEN is_account_known THEN 'known'
        ELSE 'new'
    END AS account_was,
    known_at, has_undated AND NOT is_known AS is_undated, is_recognisable,
    person IS NOT NULL AND row_number() OVER (
        PARTITION BY person ORDER BY "at", source_file, source_row, venue, verb, id, actor
    ) = 1 AS is_first,
    source_file, source_row
FROM seen
ORDER BY "at", source_file, source_row, venue, verb, id, actor
