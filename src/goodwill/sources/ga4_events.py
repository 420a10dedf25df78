"""Google Analytics 4, event level: the BigQuery export as a flat table, and Fivetran's event table."""

from __future__ import annotations

from goodwill.exports import Cell, Locale, Relation, Sheet
from goodwill.registry import Layout, Source
from goodwill.sources.cells import NOTHING, constant, figure, instant, shown, sql, text
from goodwill.sources.channels import channel_group

#: What an event shows its visitor doing; every other event shows at least that somebody was there.
DOES = {
    "gw:Click": ("click", "file_download", "select_content", "select_item", "select_promotion"),
    "gw:FormSubmit": ("form_submit", "generate_lead", "sign_up", "submit_lead_form", "qualify_lead"),
    "gw:Purchase": ("purchase", "in_app_purchase"),
    "Announce": ("share",),
    "Join": ("join_group",),
}
#: Where the tables keep a thing: Fivetran's name, BigQuery's name flattened, and as ``event_params`` are unnested.
NAME = ("name", "event_name")
TIME = ("timestamp", "event_timestamp")
SOURCE_COLUMNS = ("param_source", "event_param_source", "collected_traffic_source_manual_source", "source")
MEDIUM_COLUMNS = ("param_medium", "event_param_medium", "collected_traffic_source_manual_medium", "medium")
CAMPAIGN_COLUMNS = (
    "param_campaign",
    "event_param_campaign",
    "collected_traffic_source_manual_campaign_name",
    "campaign",
)
PAGE = ("param_page_location", "event_param_page_location", "page_location")
CLICK_ID = ("param_gclid", "event_param_gclid", "collected_traffic_source_gclid", "gclid")
VISIT = ("param_ga_session_number", "event_param_ga_session_number", "ga_session_number")
VALUE_USD = ("ecommerce_purchase_revenue_in_usd",)
VALUE = ("ecommerce_purchase_revenue", "purchase_revenue")
ORDER = ("ecommerce_transaction_id", "param_transaction_id", "event_param_transaction_id", "transaction_id")
ADDRESS = "^[^@ ]+@[^@ ]+[.][^@ ]+$"
_KNOWN = (
    *SOURCE_COLUMNS, *MEDIUM_COLUMNS, *CAMPAIGN_COLUMNS, *PAGE, *CLICK_ID, *VISIT, *VALUE_USD, *VALUE, *ORDER,
    "_fivetran_*", "bundle_sequence_id", "batch_*", "date", "event_date", "event_*", "device_*", "geo_*", "platform",
    "traffic_source_*", "user_*", "value_in_usd", "ecommerce_*", "param_*", "privacy_*", "stream_id", "app_info_*",
    "is_active_user", "items", "collected_traffic_source_*", "session_traffic_source_*", "publisher*",
)  # fmt: skip


def _events(sheet: Sheet, locale: Locale) -> tuple[Relation, ...]:
    name, user, visitor = shown(sheet, *NAME), shown(sheet, "user_id"), shown(sheet, "user_pseudo_id")
    page = shown(sheet, *PAGE)
    path = f"regexp_extract({page}, '^(https?://[^/?#]*)?([^?#]*)', 2)"
    did = " ".join(f"WHEN {name} IN ({_texts(events)}) THEN '{verb}'" for verb, events in DOES.items())
    visit = Relation(
        "interactions",
        {
            "id": text(sheet, "_fivetran_id"),
            "at": _at(sheet),
            # without a name nothing is known of the event, and the row is refused
            "verb": sql(f"CASE WHEN {name} IS NULL THEN NULL {did} ELSE 'View' END"),
            "actor": sql(_visitor(user, visitor)),
            "object": sql(f"CASE WHEN {path} = '' THEN '/' ELSE {path} END"),
            "conversation": NOTHING,
            "venue": constant("site"),
            "channel_group": sql(_channel(sheet)),
            "direction": constant("inbound"),
            "campaign": text(sheet, *CAMPAIGN_COLUMNS),
            "url": text(sheet, *PAGE),
        },
    )
    return (visit, *_identifiers(sheet, user, visitor), *_orders(sheet, locale))


def _at(sheet: Sheet) -> Cell:
    """BigQuery counts microseconds since 1970; Fivetran writes times in UTC."""
    raw = shown(sheet, *TIME)
    micros = f"make_timestamp(CASE WHEN regexp_matches({raw}, '^[0-9]{{15,16}}$') THEN TRY_CAST({raw} AS BIGINT) END)"
    return Cell(f"COALESCE({micros}, {instant(raw)})", raw, sheet.column(*TIME))


def _visitor(user: str, visitor: str) -> str:
    """SQL: the node of whoever came; the signed-in name is worth more than the browser's cookie."""
    return (
        f"CASE WHEN regexp_matches({user}, '{ADDRESS}') THEN 'email:' || lower({user})"
        f" WHEN {user} IS NOT NULL THEN 'ga4/user:' || {user}"
        f" WHEN {visitor} IS NOT NULL THEN 'ga4/pseudo:' || {visitor} END"
    )


def _channel(sheet: Sheet) -> str:
    """SQL: how this visit came about.

    The event's own source decides. ``traffic_source`` is how the visitor came for the very first time,
    and so speaks for the first visit only. Later visits without a source of their own stay ``site``:
    to give them the first visit's channel would credit social with every return.
    """
    origin, means = shown(sheet, *SOURCE_COLUMNS), shown(sheet, *MEDIUM_COLUMNS)
    first_origin, first_means = shown(sheet, "traffic_source_source"), shown(sheet, "traffic_source_medium")
    is_first = f"({shown(sheet, *VISIT)} = '1' OR {shown(sheet, *NAME)} IN ('first_visit', 'first_open'))"
    has_own = f"COALESCE({origin}, {means}) IS NOT NULL"
    has_first = f"COALESCE({first_origin}, {first_means}) IS NOT NULL"
    # a list of one gives the chosen pair a name: the rules look at it many times
    return f"""list_transform([CASE
        WHEN {has_own} THEN {{'origin': {origin}, 'means': {means}}}
        WHEN {shown(sheet, *CLICK_ID)} IS NOT NULL THEN {{'origin': 'google', 'means': 'cpc'}}
        WHEN {is_first} AND {has_first} THEN {{'origin': {first_origin}, 'means': {first_means}}} END],
        lambda visit: CASE WHEN visit IS NULL THEN 'site' ELSE {channel_group("visit.origin", "visit.means")} END)[1]"""


def _identifiers(sheet: Sheet, user: str, visitor: str) -> tuple[Relation, ...]:
    """Google vouches that a signed-in user and the browser are one; an address given as user id is an address."""
    common = {"record": sql(f"'ga4/user:' || {user}"), "is_verified": sql("TRUE"), "first_seen": _at(sheet)}
    cookie = {"kind": constant("cookie"), "value": sql(f"'ga4/pseudo:' || {visitor}"), "venue": constant("site")}
    address = {"kind": constant("email"), "value": sql(f"'email:' || lower({user})")}
    return (
        Relation("identifiers", common | cookie, f"{user} IS NOT NULL AND {visitor} IS NOT NULL"),
        Relation("identifiers", common | address, f"regexp_matches({user}, '{ADDRESS}')"),
    )


def _orders(sheet: Sheet, locale: Locale) -> tuple[Relation, ...]:
    is_usd = sheet.column(*VALUE_USD) is not None
    order, revenue = shown(sheet, *ORDER), shown(sheet, *(VALUE_USD if is_usd else VALUE))
    if "NULL" in (order, revenue):
        return ()
    columns = {
        "id": sql(order),
        "at": _at(sheet),
        "person": sql(_visitor(shown(sheet, "user_id"), shown(sheet, "user_pseudo_id"))),
        "value": Cell(figure(revenue), revenue),
        "currency": constant("USD") if is_usd else constant(locale.currency),
    }
    is_purchase = f"{shown(sheet, *NAME)} IN ({_texts(DOES['gw:Purchase'])})"
    return (Relation("orders", columns, f"{is_purchase} AND {order} IS NOT NULL AND {revenue} IS NOT NULL"),)


def _texts(words: tuple[str, ...]) -> str:
    return ", ".join(f"'{word}'" for word in words)


SOURCE = Source(
    name="ga4_events",
    title="Google Analytics 4, events",
    layouts=(
        Layout("fivetran", ("name", "timestamp", "user_pseudo_id"), _events, _KNOWN),
        Layout("bigquery, flat", ("event_name", "event_timestamp", "user_pseudo_id"), _events, _KNOWN),
    ),
    answers="who came to the site, by which channel, what they looked at, sent and bought",
    how_to_get="GA4, Admin, BigQuery links; then export events_* as CSV or Parquet with event_params flattened, or "
    "take Fivetran's table ga4_export.event.",
    caveats="Visitors are browsers until they sign in; those who refuse consent are missing. Only the first visit and "
    "events with a source of their own have a channel. One page view makes several events. Ids of users should not be "
    "addresses, but often are.",
    evidence="Fivetran's test table; BigQuery's published schema.",
)
