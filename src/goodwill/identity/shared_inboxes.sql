-- one address, telephone or other identifier that stands for no single person, with the rule that says so
WITH carried AS (
    SELECT DISTINCT record, value
    FROM identifiers
    WHERE is_verified AND kind IN ('email', 'phone', 'crm_id', 'handle', 'cookie')
    UNION
    SELECT id, 'email:' || lower(trim(email)) FROM people WHERE email LIKE '%_@_%'
),
-- a desk's name, alone or with a number, a country or a plus tag: info@, sales-uk@, support2@, but not salesman@
addresses AS (
    SELECT record AS node FROM carried WHERE record LIKE 'email:%'
    UNION SELECT value FROM carried WHERE value LIKE 'email:%'
    UNION SELECT actor FROM interactions WHERE actor LIKE 'email:%'
    UNION SELECT requester FROM tickets WHERE requester LIKE 'email:%'
),
desks AS (
    SELECT node, 'role address' AS rule, 1 AS rank
    FROM addresses
    WHERE regexp_matches(node, '^email:(info|infos|sales|contact|contacts|contactus|support|office|admin|administration|administrator|hello|hi|billing|invoices?|invoicing|no-?_?\.?reply|do-?_?\.?not-?_?\.?reply|marketing|team|hr|jobs|careers|recruiting|recruitment|press|media|pr|service|services|customerservice|customercare|help|helpdesk|mail|email|inbox|webmaster|postmaster|hostmaster|abuse|privacy|legal|security|accounts?|accounting|accountspayable|finance|orders?|bookings?|reservations?|purchasing|procurement|enquiries|enquiry|inquiries|feedback|news|newsletter|events?|partners?|reception|frontdesk|shop|store|it|kontakt|vertrieb|verkauf|einkauf|buchhaltung|rechnung|rechnungen|bewerbung|personal|presse|zentrale|sekretariat|empfang|bestellung|contacto|ventas|compras|facturacion|administracion|atencion|commercial|comptabilite|achats|accueil|amministrazione|vendite|ufficio|segreteria|commerciale|vendas|financeiro|verkoop|inkoop|administratie|biuro|sprzedaz)([._-]?[0-9]+|[._-](uk|us|usa|de|at|ch|fr|es|it|nl|be|pl|eu|emea|apac|na|latam|dach|int|global|world|europe))?([+][^@]*)?@')
),
-- the first letters of the first and the last word, in alphabetical order: Jane Smith, Smith Jane and J. Smith are alike
words AS (
    SELECT id, trim(regexp_replace(lower(name), '[^\p{L}]+', ' ', 'g')) AS said FROM people WHERE name IS NOT NULL
),
letters AS (
    SELECT id, substr(said, 1, 1) AS one, substr(regexp_extract(said, '[^ ]+$'), 1, 1) AS other
    FROM words
    WHERE said <> ''
),
initials AS (
    SELECT id, min(least(one, other) || greatest(one, other)) AS letters FROM letters GROUP BY id
),
-- a contact's account number says where it works; that many contacts carry it is as it should be
carriers AS (
    SELECT c.value AS node, split_part(c.record, ':', 1) AS system, c.record, i.letters
    FROM carried AS c
    LEFT JOIN initials AS i ON i.id = c.record
    WHERE NOT regexp_matches(c.value, '^(domain:|company:|[^:]*/(account|company):)')
      AND NOT regexp_matches(c.record, '^(domain:|company:|[^:]*/(account|company):)')
),
-- two names may be a couple or a wedding, a third is somebody else
named AS (
    SELECT node, 'several names' AS rule, 2 AS rank
    FROM carriers
    GROUP BY node
    HAVING count(DISTINCT letters) >= 3
),
-- where records have no name, more than five of one system are more than a person's own duplicates
crowded AS (
    SELECT node, 'many records' AS rule, 3 AS rank
    FROM carriers
    GROUP BY node, system
    HAVING count(DISTINCT coalesce(letters, record)) > 5
),
together AS (
    SELECT node, rule, rank FROM desks
    UNION SELECT node, rule, rank FROM named
    UNION SELECT node, rule, rank FROM crowded
)
SELECT node, rule
FROM together
QUALIFY row_number() OVER (PARTITION BY node ORDER BY rank) = 1
ORDER BY node
