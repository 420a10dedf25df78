-- one person who is one of ours, by e-mail domain, handle or record
WITH ours AS (
    SELECT r.person
    FROM resolved AS r
    JOIN setting_own AS o ON o.node = r.node AND o.kind = 'handle'
    UNION
    SELECT r.person
    FROM resolved AS r
    JOIN setting_own AS o ON o.node = 'domain:' || split_part(r.node, '@', 2) AND o.kind = 'domain'
    WHERE r.node LIKE 'email:%@%'
    UNION
    SELECT r.person
    FROM people AS p
    JOIN resolved AS r ON r.node = p.id
    WHERE p.is_employee
)
SELECT person FROM ours ORDER BY person
