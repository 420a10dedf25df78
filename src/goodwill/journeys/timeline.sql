-- one interaction with the person and the company behind it, each counted once; touch_kind says how it counts as one
WITH once AS (
    SELECT id, "at", verb, actor, account, object, target_actor, in_reply_to, conversation, lower(trim(venue)) AS venue,
        channel_group, direction, campaign, team, source_file, source_row
    FROM interactions
    WHERE "at" < $end
    QUALIFY row_number() OVER (
        PARTITION BY lower(trim(venue)), verb, "at", actor, object, id ORDER BY source_file, source_row
    ) = 1
),
known AS (
    SELECT o.id, o."at", o.verb, o.actor, r.person, coalesce(a.account, pa.account) AS account, o.object,
        o.target_actor, o.in_reply_to, o.conversation, o.venue, o.channel_group,
        CASE WHEN s.person IS NOT NULL AND o.direction = 'inbound' THEN 'outbound' ELSE o.direction END AS direction,
        coalesce(o.channel_group IN ('organic_social', 'paid_social'), FALSE) AS is_social,
        s.person IS NOT NULL AS is_staff,
        b.person IS NOT NULL AS is_bot,
        o.campaign, o.team, o.source_file, o.source_row
    FROM once AS o
    LEFT JOIN resolved AS r ON r.node = o.actor
    LEFT JOIN resolved_accounts AS a ON a.node = o.account
    LEFT JOIN person_account_spans AS pa ON pa.person = r.person
        AND CAST(o."at" AS DATE) >= coalesce(pa.date_start, DATE '0001-01-01')
        AND CAST(o."at" AS DATE) <= coalesce(pa.date_end, DATE '9999-12-31')
    LEFT JOIN staff AS s ON s.person = r.person
    LEFT JOIN bots AS b ON b.person = r.person
)
SELECT id, "at", verb, actor, person, account, object, target_actor, in_reply_to, conversation, venue, channel_group,
    direction, is_social, is_staff, is_bot,
    -- what was merely sent to somebody, what a program did, and what we did ourselves, is no touch
    CASE
        WHEN direction <> 'inbound' OR verb = 'Send' OR is_bot THEN NULL
        WHEN is_social THEN 'social'
        WHEN channel_group = 'service' THEN 'service'
        ELSE 'engagement'
    END AS touch_kind,
    campaign, team, source_file, source_row
FROM known
ORDER BY "at", source_file, source_row, id, verb
