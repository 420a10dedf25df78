-- one pair of nodes that are one mailbox or one profile written in two ways, with the rule that says so
-- The second is the key; a record that carries a profile's address is thereby joined to who acts under its name.
WITH mailboxes AS (
    SELECT 'email:' || raw AS node_a, 'email:' || email AS node_b, 'same mailbox' AS rule
    FROM mail_keys
    WHERE is_node AND NOT is_role AND raw <> email
),
profiles AS (
    SELECT raw AS node_a, node AS node_b, 'profile link' AS rule FROM handle_keys
),
together AS (
    SELECT node_a, node_b, rule FROM mailboxes
    UNION ALL SELECT node_a, node_b, rule FROM profiles
)
SELECT node_a, node_b, rule, 1.0 AS score
FROM together
ORDER BY node_a, node_b, rule
