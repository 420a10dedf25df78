"""The outbox of a Mastodon archive (ActivityPub): posts, replies and boosts of one account."""

from __future__ import annotations

from goodwill.exports import Locale, Relation, Sheet, literal, quoted
from goodwill.registry import Layout, Source
from goodwill.sources.cells import moment, shown, sql, text
from goodwill.sources.measures import published

#: An account's address: https://host/users/name, https://host/@name, and the same with a post's path behind it.
ACCOUNT = r"^https?://([^/]+)/(?:users/|@)([^/?#]+)"
PUBLIC = "https://www.w3.org/ns/activitystreams#Public"


def _activities(sheet: Sheet, _: Locale) -> tuple[Relation, ...]:
    kind, actor = shown(sheet, "type"), _account(shown(sheet, "actor"))
    answered, shared = _part(sheet, "$.inReplyTo"), _shared(sheet)
    is_share = f"{kind} = 'Announce'"
    target = f"COALESCE({_account(shared)}, {_account(answered)}, {_account(_part(sheet, '$.tag[0].href'))})"
    return published(
        "mastodon",
        cells={
            "id": sql(f"CASE WHEN {is_share} THEN {shown(sheet, 'id')} ELSE {_part(sheet, '$.id')} END"),
            "object": sql(f"CASE WHEN {is_share} THEN {shared} ELSE {_part(sheet, '$.id')} END"),
            "at": moment(sheet, "published"),
            "author": sql(actor),
            "kind": sql(
                f"CASE WHEN {is_share} THEN 'share' WHEN NOT {_is_public(sheet)} THEN 'message'"
                f" WHEN {answered} IS NOT NULL THEN 'reply' ELSE 'post' END"
            ),
            "title": sql(_part(sheet, "$.summary")),
            "body": sql(_words(_part(sheet, "$.content"))),
            "url": sql(f"COALESCE({shared}, {_part(sheet, '$.url')})"),
            "in_reply_to": sql(answered),
            "conversation": sql(f"COALESCE({_part(sheet, '$.conversation')}, {_part(sheet, '$.context')})"),
            "language": sql(f"{_object(sheet, 'json_keys({}, ' + literal('$.contentMap') + ')')}[1]"),
            # going on with one's own thread is no conversation with anybody
            "target_actor": sql(f"NULLIF({target}, {actor})"),
        },
        verb=text(sheet, "type"),
        where=f"{kind} IN ('Create', 'Announce')",
    )


def _object(sheet: Sheet, expression: str) -> str:
    """SQL over the activity's object where that is a document and not only an address."""
    column = quoted(sheet.column("object") or "object")
    return f"CASE WHEN {column} LIKE '{{%' AND json_valid({column}) THEN {expression.format(column)} END"


def _part(sheet: Sheet, path: str) -> str:
    return f"NULLIF({_object(sheet, f'json_extract_string({{}}, {literal(path)})')}, '')"


def _shared(sheet: Sheet) -> str:
    """SQL: the address of the post that a boost passes on."""
    column = quoted(sheet.column("object") or "object")
    return f"CASE WHEN {shown(sheet, 'type')} = 'Announce' THEN trim({column}, ' \"') END"


def _account(address: str) -> str:
    """SQL: an account's or a post's address as the node of its account."""
    host, name = (f"regexp_extract({address}, {literal(ACCOUNT)}, {group})" for group in (1, 2))
    node = f"lower('mastodon:' || {name} || '@' || {host})"
    return f"CASE WHEN regexp_matches({address}, {literal(ACCOUNT)}) THEN {node} END"


def _is_public(sheet: Sheet) -> str:
    """SQL: could anybody read it? Posts to named people only are messages."""
    receivers = f"COALESCE({shown(sheet, 'to')}, '') || COALESCE({shown(sheet, 'cc')}, '')"
    return f"(contains({receivers}, '{PUBLIC}') OR contains({receivers}, '/followers'))"


def _words(html: str) -> str:
    """SQL: the text of a piece of HTML, paragraphs on lines of their own."""
    lines = rf"regexp_replace({html}, '<br ?/?>|</p>\s*<p[^>]*>', chr(10), 'gi')"
    bare = f"regexp_replace({lines}, '<[^>]*>', '', 'g')"
    for entity, meant in (
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", '"'),
        ("&#39;", "''"),
        ("&nbsp;", " "),
        ("&amp;", "&"),
    ):
        bare = f"replace({bare}, '{entity}', '{meant}')"
    return f"trim({bare})"


SOURCE = Source(
    name="mastodon_outbox",
    title="Mastodon archive: outbox.json",
    layouts=(
        Layout("activities", ("id", "type", "actor", "published", "object"), _activities, ("to", "cc", "signature")),
    ),
    answers="what we said on Mastodon, to whom, in which thread, and what we passed on",
    how_to_get="Mastodon, Preferences, Import and export, Request your archive; take outbox.json from it.",
    caveats="Ours only; likes and answers by others are not in it. Of several people addressed, the author of the post "
    "answered counts, otherwise the first named. Posts to named people only are kept as messages.",
    evidence="An excerpt of a real outbox with names replaced.",
)
