"""What records of a CRM have in common: identifiers they carry, names, domains, stages and footers."""

from __future__ import annotations

from goodwill.exports import Cell, Relation, Sheet, folded, literal, quoted
from goodwill.sources.cells import NOTHING, constant, shown, sql

#: Columns in which CRMs and their add-ons keep a person's or company's profiles, by venue.
PROFILES = {
    "linkedin": ("LinkedIn URL", "LinkedIn Bio", "LinkedIn Profile", "LinkedIn Profile URL", "LinkedIn Username",
                 "LinkedIn", "property_hs_linkedin_url", "property_linkedinbio", "LinkedIn Company Page",
                 "property_linkedin_company_page"),
    "x": ("Twitter Username", "Twitter Handle", "Twitter", "Twitter URL", "X Username", "X Handle", "X URL",
          "X (Twitter)", "property_twitterhandle"),
    "mastodon": ("Mastodon", "Mastodon Handle", "Mastodon Username", "Mastodon URL", "property_mastodon"),
    "facebook": ("Facebook", "Facebook URL", "Facebook Profile", "Facebook Username", "Facebook Company Page",
                 "property_facebook_url", "property_facebook_company_page"),
    "instagram": ("Instagram", "Instagram URL", "Instagram Handle", "Instagram Username", "property_instagram"),
    "youtube": ("YouTube", "YouTube URL", "YouTube Channel", "property_youtube"),
    "bluesky": ("Bluesky", "Bluesky URL", "Bluesky Handle", "property_bluesky"),
    "github": ("GitHub", "GitHub URL", "GitHub Username", "property_github"),
    "xing": ("Xing", "Xing URL", "Xing Profile", "property_xing"),
}  # fmt: skip

#: How a profile's own name is cut out of what people paste there: an address, or the bare name.
_CUTS = {
    "linkedin": r"(?:^|linkedin\.com/(?:in|pub|company|school|showcase)/)([^/?#\s@:.]+)/?(?:[?#].*)?$",
    "mastodon": r"^@?([a-z0-9_.-]+@[a-z0-9.-]+\.[a-z0-9-]+)$",
    "x": r"(?:^@?|(?:twitter|x)\.com/@?)([a-z0-9_]{1,15})/?(?:[?#].*)?$",
    "facebook": r"(?:^@?|(?:facebook|fb)\.com/(?:profile\.php\?id=)?)([a-z0-9.]+)/?(?:[?#&].*)?$",
    "instagram": r"(?:^@?|instagram\.com/@?)([a-z0-9_.]{1,30})/?(?:[?#].*)?$",
    "youtube": r"(?:^@?|youtube\.com/(?:channel/|c/|user/)?@?)([a-z0-9_.-]+)/?(?:[?#/].*)?$",
    "bluesky": r"(?:^@?|bsky\.app/profile/)([a-z0-9-]+(?:\.[a-z0-9-]+)+)/?(?:[?#].*)?$",
    "github": r"(?:^@?|github\.com/)([a-z0-9-]+)/?(?:[?#].*)?$",
    "xing": r"(?:^|xing\.com/(?:profile|companies|pages)/)([a-z0-9_.-]+)/?(?:[?#/].*)?$",
}

#: A domain, alone or inside an address; letters beyond ASCII are those of international domains.
_DOMAIN = r"^(?:[a-z]+://)?(?:www\.)?([a-z0-9\x{80}-\x{10ffff}.-]+\.[a-z0-9-]{2,})(?:[:/?#].*)?$"

#: Salesforce writes five letters' case as one sign of this row in the last three signs of an 18-sign id.
_CASE_SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"

#: The words for a decided deal, letters only, as Salesforce and HubSpot deliver them.
_WON = "('closedwon', 'closewon', 'won')"
_LOST = "('closedlost', 'closelost', 'lost')"


def same(record: Cell, kind: str, value: Cell, *, venue: str | None = None) -> Relation:
    """The record carries this identifier and the system vouches for it; rows that lack either are left out."""
    columns = {
        "record": Cell(record.value, column=record.column),
        "kind": constant(kind),
        "value": Cell(value.value, column=value.column),
        "venue": constant(venue),
        "is_verified": sql("TRUE"),
    }
    return Relation("identifiers", columns, where=f"({record.value}) IS NOT NULL AND ({value.value}) IS NOT NULL")


def email(sheet: Sheet, *columns: str) -> Cell:
    """An e-mail address as a node."""
    return sql(f"'email:' || lower({shown(sheet, *columns)})", column=sheet.column(*columns))


def emails(sheet: Sheet, record: Cell, *columns: str) -> tuple[Relation, ...]:
    """One identifier for each e-mail column that the sheet has."""
    return tuple(same(record, "email", email(sheet, c)) for c in columns if sheet.column(c))


def phones(sheet: Sheet, record: Cell, *columns: str) -> tuple[Relation, ...]:
    """Telephone numbers that state their country; the others cannot be told apart between countries."""
    found = []
    for column in filter(sheet.column, columns):
        digits = f"regexp_replace(regexp_replace({shown(sheet, column)}, '[^0-9+]', '', 'g'), '^00', '+')"
        node = rf"CASE WHEN regexp_full_match({digits}, '\+[1-9][0-9]{{6,14}}') THEN 'phone:' || {digits} END"
        found.append(same(record, "phone", sql(node, column=sheet.column(column))))
    return tuple(found)


#: How the columns of ``PROFILES`` begin, for what a layout knows.
PROFILE_COLUMNS = ("LinkedIn*", "Twitter*", "X *", "Mastodon*", "Facebook*", "Instagram*", "YouTube*", "Bluesky*",
                   "GitHub*", "Xing*")  # fmt: skip


def profiles(sheet: Sheet, record: Cell) -> tuple[Relation, ...]:
    """Profiles on social networks that the record names."""
    return tuple(
        same(record, "handle", profile(sheet, venue, column), venue=venue)
        for venue, columns in PROFILES.items()
        for column in columns
        if sheet.column(column)
    )


def profile(sheet: Sheet, venue: str, column: str) -> Cell:
    """A profile's address or name as the node that interactions would name; NULL for prose.

    ``linkedin:jane-doe``, ``x:janedoe``, ``mastodon:jane@example.social``.
    """
    said = f"lower({shown(sheet, column)})"
    if venue == "mastodon":
        said = rf"regexp_replace({said}, '^https?://([a-z0-9.-]+)/(?:@|users/)([a-z0-9_.-]+)/?$', '\2@\1')"
    return sql(f"'{venue}:' || nullif(regexp_extract({said}, {literal(_CUTS[venue])}, 1), '')", column=column)


def domain(sheet: Sheet, *columns: str) -> Cell:
    """A company's internet domain from a domain or an address: ``acme.com``; NULL where it is neither."""
    said = f"lower({shown(sheet, *columns)})"
    bare = f"regexp_extract({said}, {literal(_DOMAIN)}, 1)"
    return sql(f"nullif({bare}, '')", column=sheet.column(*columns))


def domains(sheet: Sheet, record: Cell, *columns: str) -> tuple[Relation, ...]:
    """The record's internet domain as an identifier, if the sheet has such a column."""
    if sheet.column(*columns) is None:
        return ()
    known = domain(sheet, *columns)
    return (same(record, "domain", sql(f"'domain:' || {known.value}", column=known.column)),)


def salesforce(sheet: Sheet, kind: str, *columns: str) -> Cell:
    """A Salesforce record as a node: ``salesforce/account:0015g00000XyZab``."""
    node = f"{literal(f'salesforce/{kind}:')} || {salesforce_id(shown(sheet, *columns))}"
    return sql(node, column=sheet.column(*columns))


def salesforce_id(said: str) -> str:
    """SQL for a Salesforce id in its 15-sign form.

    Reports show 15 signs, integrations and data loaders 18, of which the last three only repeat the letters'
    case; they are dropped where they do, so that both name the same record.

    References
    ----------
    Salesforce, SOAP API Developer Guide, "ID Field Type".

    Examples
    --------
    >>> import duckdb
    >>> duckdb.sql("SELECT " + salesforce_id("'0016000000QtXyZAAV'")).fetchall()[0][0]
    '0016000000QtXyZ'
    >>> duckdb.sql("SELECT " + salesforce_id("'001600000012345678'")).fetchall()[0][0]
    '001600000012345678'
    """
    signs = []
    for first in (1, 6, 11):
        bits = [f"(substr(sf_id, {first + i}, 1) BETWEEN 'A' AND 'Z')::INTEGER * {2**i}" for i in range(5)]
        signs.append(f"substr('{_CASE_SIGNS}', 1 + {' + '.join(bits)}, 1)")
    repeats = f"regexp_full_match(sf_id, '[A-Za-z0-9]{{18}}') AND substr(sf_id, 16) = {' || '.join(signs)}"
    # a list of one gives the text a name, which would otherwise be written out twenty times
    return f"[CASE WHEN {repeats} THEN substr(sf_id, 1, 15) ELSE sf_id END FOR sf_id IN [CAST({said} AS VARCHAR)]][1]"


def full_name(sheet: Sheet, first: tuple[str, ...], last: tuple[str, ...]) -> Cell:
    """First and last name joined; either may be absent."""
    return sql(f"nullif(trim(concat_ws(' ', {shown(sheet, *first)}, {shown(sheet, *last)})), '')")


def company(sheet: Sheet, *columns: str) -> Cell:
    """A company known by its name only: ``company:acme gmbh``."""
    return sql(f"'company:' || lower({shown(sheet, *columns)})", column=sheet.column(*columns))


def first_known(*cells: Cell) -> Cell:
    """The first of these that a row has."""
    known = [c for c in cells if c.column]
    return Cell(f"COALESCE({', '.join(c.value for c in known)})", column=known[0].column) if known else NOTHING


def decided(stage: str) -> str:
    """SQL: ``won`` or ``lost`` if the stage's name says so, else NULL; a pipeline's name in brackets is ignored.

    Examples
    --------
    >>> import duckdb
    >>> duckdb.sql("SELECT " + decided("'Closed Won (Sales Pipeline)'")).fetchall()[0][0]
    'won'
    """
    letters = rf"regexp_replace(regexp_replace(lower({stage}), ' *\(.*\)$', ''), '[^a-z]', '', 'g')"
    return f"CASE WHEN {letters} IN {_WON} THEN 'won' WHEN {letters} IN {_LOST} THEN 'lost' END"


def deal_type(sheet: Sheet, *columns: str) -> Cell:
    """New, expansion or renewal, as far as the words for the type of a deal say it."""
    said = f"lower({shown(sheet, *columns)})"
    return sql(
        f"CASE WHEN regexp_matches({said}, 'renew') THEN 'renewal'"
        f" WHEN regexp_matches({said}, 'exist|expan|upgrade|upsell|cross|add-?on') THEN 'expansion'"
        f" WHEN regexp_matches({said}, 'new') THEN 'new' END",
        column=sheet.column(*columns),
    )


def is_record(sheet: Sheet) -> str:
    """SQL: is a row more than a line of a report's footer, which fills one cell, or a total?"""
    filled = " + ".join(f"(trim(coalesce({quoted(c)}, '')) <> '')::INTEGER" for c in sheet.header if c[:2] != "__")
    total = rf"regexp_matches(lower(trim(coalesce({quoted(sheet.header[0])}, ''))), '^(grand |sub)?totals?\b')"
    return f"({filled}) >= 2 AND NOT {total}"


def columns_like(sheet: Sheet, beginning: str) -> tuple[str, ...]:
    """The sheet's columns that begin so, whatever the case."""
    return tuple(c for c in sheet.header if folded(c).startswith(folded(beginning)))
