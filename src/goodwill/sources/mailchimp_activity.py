"""Mailchimp: what receivers did with campaigns, who is on the list, and the campaigns themselves."""

from __future__ import annotations

from goodwill.exports import Cell, Locale, Relation, Sheet, literal
from goodwill.registry import Layout, Source
from goodwill.sources import records
from goodwill.sources.cells import NOTHING, constant, moment, shown, sql, text
from goodwill.sources.consent import subscription
from goodwill.sources.dates import order_of

MAIL = ("email_address", "Email Address", "Email")
WHEN = ("timestamp", "Timestamp", "Time", "Date")
CAMPAIGN = ("campaign_id", "Campaign ID", "Campaign", "campaign_title", "Campaign Title")

#: What an action is called in the API, in connectors and in exports, and what it means. Bounces reached nobody.
VERBS = {
    "Send": ("sent", "send", "delivered"),
    "Read": ("open", "opened", "opens"),
    "gw:Click": ("click", "clicked", "clicks"),
    "Leave": ("unsub", "unsubscribe", "unsubscribed"),
    "Flag": ("abuse", "spam", "complaint", "abuse complaint"),
    "Announce": ("forward", "forwarded"),
}


def activity(sheet: Sheet, locale: Locale) -> tuple[Relation, ...]:
    """One action of one receiver; a delivery is ours, aimed at the receiver."""
    said = f"lower({shown(sheet, 'action', 'Activity')})"
    cases = " ".join(
        f"WHEN {said} IN ({', '.join(map(literal, words))}) THEN {literal(verb)}" for verb, words in VERBS.items()
    )
    known = ", ".join(literal(word) for words in VERBS.values() for word in words)
    return (_interactions(sheet, locale, f"CASE {cases} END", where=f"COALESCE({said} IN ({known}), FALSE)"),)


def opens(sheet: Sheet, locale: Locale) -> tuple[Relation, ...]:
    """The account export's opens, one file per campaign; the same header with more columns is something else."""
    if len(sheet.header) > 3:
        return ()
    return (_interactions(sheet, locale, "'Read'"),)


def clicks(sheet: Sheet, locale: Locale) -> tuple[Relation, ...]:
    """The account export's clicks, one file per campaign."""
    return (_interactions(sheet, locale, "'gw:Click'"),)


def _interactions(sheet: Sheet, locale: Locale, verb: str, *, where: str = "TRUE") -> Relation:
    person, campaign = _receiver(sheet).value, _campaign(sheet)
    is_ours = f"({verb}) = 'Send'"
    event = {
        "at": moment(sheet, *WHEN, formats=order_of(sheet, *WHEN), zone=_zone(sheet, locale)),
        "verb": sql(verb),
        "actor": sql(f"CASE WHEN NOT {is_ours} THEN {person} END"),
        "target_actor": sql(f"CASE WHEN {is_ours} THEN {person} END"),
        "object": campaign,
        "venue": constant("email"),
        "channel_group": constant("email"),
        "direction": sql(f"CASE WHEN {is_ours} THEN 'outbound' ELSE 'inbound' END"),
        "campaign": campaign,
        "url": text(sheet, "url", "URL"),
    }
    return Relation("interactions", event, where=where)


def _receiver(sheet: Sheet) -> Cell:
    """The address; where only Mailchimp's own id is given, that: the MD5 of the address in lower case."""
    hashed = sql(f"'mailchimp/member:' || lower({shown(sheet, *MEMBER)})", column=sheet.column(*MEMBER))
    return records.first_known(records.email(sheet, *MAIL), hashed)


MEMBER = ("email_id", "member_id", "Email ID")


def _campaign(sheet: Sheet) -> Cell:
    """The campaign's column, else the number with which the account export begins the file's name."""
    if sheet.column(*CAMPAIGN):
        return text(sheet, *CAMPAIGN)
    name = sheet.file.replace("\\", "/").rsplit("/", 1)[-1]
    number = name.split("_", 1)[0]
    return constant(number if number.isdigit() else None)


def _zone(sheet: Sheet, locale: Locale) -> str:
    """The API speaks UTC; what the account exports is in its own time zone."""
    return "UTC" if sheet.column("email_id", "member_id", "campaign_id") else locale.time_zone


def members(sheet: Sheet, locale: Locale) -> tuple[Relation, ...]:
    """Subscribers as people, with the days on which they joined or left the list."""
    address = shown(sheet, *MAIL)
    record = sql(f"'mailchimp/member:' || md5(lower({address}))", column=sheet.column(*MAIL))
    joined = ("CONFIRM_TIME", "OPTIN_TIME")
    person = {
        "id": record,
        "name": records.full_name(sheet, ("First Name", "FNAME"), ("Last Name", "LNAME")),
        "email": text(sheet, *MAIL),
        "phone": text(sheet, "Phone Number", "PHONE"),
        "company": text(sheet, "Company", "COMPANY"),
        "created_at": _moment(sheet, locale, *joined),
        "lifecycle": constant("unsubscribed" if sheet.column("UNSUB_TIME") else "subscriber"),
        "country": text(sheet, "CC"),
        **subscription(sheet, joined, ("UNSUB_TIME",)),
    }
    moves = (("Join", joined), ("Leave", ("UNSUB_TIME",)))
    return (
        Relation("people", person),
        *records.emails(sheet, record, *MAIL),
        *records.phones(sheet, record, "Phone Number", "PHONE"),
        *records.profiles(sheet, record),
        *(_membership(sheet, locale, verb, columns) for verb, columns in moves if sheet.column(*columns)),
    )


def _membership(sheet: Sheet, locale: Locale, verb: str, columns: tuple[str, ...]) -> Relation:
    event = {
        "at": _moment(sheet, locale, *columns),
        "verb": constant(verb),
        "actor": records.email(sheet, *MAIL),
        "venue": constant("email"),
        "channel_group": constant("email"),
        "direction": constant("inbound"),
        "campaign": text(sheet, "UNSUB_CAMPAIGN_TITLE") if verb == "Leave" else NOTHING,
    }
    return Relation("interactions", event, where=f"{shown(sheet, *columns)} IS NOT NULL")


def receivers(sheet: Sheet, _: Locale) -> tuple[Relation, ...]:
    """Receivers of one campaign with counts of opens and clicks: people only, for counts have no time."""
    record = records.email(sheet, *MAIL)
    person = {
        "id": record,
        "name": records.full_name(sheet, ("First Name",), ("Last Name",)),
        "email": text(sheet, *MAIL),
        "company": text(sheet, "Company"),
    }
    return (Relation("people", person), *records.emails(sheet, record, *MAIL))


def campaigns(sheet: Sheet, locale: Locale) -> tuple[Relation, ...]:
    """Campaigns with the day on which they were sent."""
    campaign = {
        "id": text(sheet, "Unique Id", "Campaign ID"),
        "name": text(sheet, "Title"),
        "venue": constant("email"),
        "channel_group": constant("email"),
        "started_at": _moment(sheet, locale, "Send Date"),
    }
    return (Relation("campaigns", campaign),)


def _moment(sheet: Sheet, locale: Locale, *columns: str) -> Cell:
    formats = (*order_of(sheet, *columns), *SENT)
    return moment(sheet, *columns, formats=formats, zone=locale.time_zone)


#: "Mar 05, 2024 10:00 am", as the list of campaigns writes it.
SENT = ("%b %d, %Y %I:%M %p", "%b %d, %Y, %I:%M %p", "%b %d, %Y")

_MEMBER = (
    "First Name", "Last Name", "FNAME", "LNAME", "Phone Number", "PHONE", "Company", "COMPANY", "Address", "Birthday",
    "OPTIN_*", "CONFIRM_*", "UNSUB_*", "CLEAN_*", "LATITUDE", "LONGITUDE", "GMTOFF", "DSTOFF", "TIMEZONE", "CC",
    "REGION", "LAST_CHANGED", "LEID", "EUID", "NOTES", "TAGS", "MEMBER_RATING", *records.PROFILE_COLUMNS,
)  # fmt: skip
_ACTION = ("timestamp", "url", "ip", "type", "title", "campaign_*", "list_*", "email_id", "member_id", "bounce_type",
           "user_agent", "_fivetran_*", "First Name", "Last Name")  # fmt: skip

SOURCE = Source(
    name="mailchimp_activity",
    title="Mailchimp (activity, audience, campaigns)",
    layouts=(
        Layout("activity", ("email_address", "action", "timestamp"), activity, knows=_ACTION),
        Layout("activity, exported", ("Email Address", "Action", "Timestamp"), activity, knows=_ACTION),
        Layout("activity by e-mail id", ("email_id", "action", "timestamp"), activity, knows=_ACTION),
        Layout("activity by member", ("member_id", "action", "timestamp", "campaign_id"), activity, knows=_ACTION),
        Layout("opens of one campaign", ("Timestamp", "Email"), opens, knows=("IP",)),
        Layout("clicks of one campaign", ("Timestamp", "Email", "Url"), clicks, knows=("IP",)),
        Layout("audience", ("Email Address", "OPTIN_TIME"), members, knows=_MEMBER),
        Layout("audience by rating", ("Email Address", "MEMBER_RATING"), members, knows=_MEMBER),
        Layout("receivers of one campaign", ("Email Address", "Opens"), receivers,
               knows=("Clicks", *_MEMBER), ignores="counts of opens and clicks have no time and are no touches"),
        Layout("receivers who clicked", ("Email Address", "Clicks"), receivers,
               knows=("Opens", *_MEMBER), ignores="counts of opens and clicks have no time and are no touches"),
        Layout("campaigns", ("Title", "Subject", "Send Date", "Unique Id"), campaigns,
               knows=("List", "Send Weekday", "Total *", "Successful Deliveries", "* Bounces", "* Opens", "* Clicks",
                      "* Rate",
                      "Times *", "Unsubscribes", "Abuse Complaints", "Folder Id", "Analytics ROI", "Campaign Cost",
                      "Revenue", "Visits", "New Visits", "Pages/Visit", "Bounce Rate", "Time on Site", "Goal *",
                      "Per Visit Goal Value", "Transactions", "Ecommerce *", "Per Visit Value", "Average Value")),
    ),
    answers="whether e-mail moved people beside social media, and who asked to hear more or no more",
    how_to_get=(
        "Profile > Account > Settings > Manage my data > Export all: granular_activity holds opens and clicks with "
        "their times, the audience folders the members. Keep the names of the files: they begin with the campaign's "
        "number."
    ),
    caveats=(
        "An open may be a mail program loading pictures (Apple Mail does so for everybody): treat opens as weak. "
        "OPTIN_TIME of imported contacts is the day of the import. A report's own export of receivers counts opens "
        "and clicks without their times: it yields people, not touches. Bounces are left out. Exported times are "
        "taken to be in the workspace's time zone, those of the API in UTC."
    ),
    evidence="Mailchimp Marketing API, \"Email activity\"; its help on exporting an account; public readers of both",
)  # fmt: skip
