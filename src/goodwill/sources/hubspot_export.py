"""HubSpot's own export of contacts, companies and deals: a table of the columns the user chose to see."""

from __future__ import annotations

import re

from goodwill.exports import Cell, Locale, Relation, Sheet
from goodwill.registry import Layout, Source
from goodwill.sources import records
from goodwill.sources.cells import NOTHING, constant, moment, node, number, shown, sql, text, truth
from goodwill.sources.channels import hubspot_channel
from goodwill.sources.consent import WISHES, wishes
from goodwill.sources.dates import order_of
from goodwill.sources.figures import decimal_of

CONTACT_ID = ("Record ID", "Contact ID", "Record ID - Contact")
COMPANY_ID = ("Record ID", "Company ID", "Record ID - Company")
DEAL_ID = ("Record ID", "Deal ID", "Record ID - Deal")
ORIGIN = ("Original Source", "Original Traffic Source", "Original Source Type", "Deal Source", "Lead Source")
LEAD_DATE = ("Became a Lead Date", "Became a lead date", "Date entered 'Lead (Lifecycle Stage Pipeline)'")
OWNED_BY = ("Contact owner", "Company owner", "Deal owner", "Owner")
MERGED = ("Merged record IDs", "Merged Record IDs", "All vids for a contact", "Merged vids")

#: Columns that say since when a contact is more than a lead.
LIFECYCLE = {
    "marketing qualified": "Became a Marketing Qualified Lead Date",
    "sales qualified": "Became a Sales Qualified Lead Date",
    "opportunity": "Became an Opportunity Date",
    "customer": "Became a Customer Date",
}

#: Date entered "Closed Won (Sales Pipeline)"
_ENTERED = re.compile(r"""^\s*date entered ["“']?(.+?)["”']?\s*$""", re.IGNORECASE)

#: Jane Doe (jane@acme.com); several are parted by semicolons.
_ADDRESS_IN_BRACKETS = r"\(([^()@\s]+@[^()@\s]+)\)"


def contacts(sheet: Sheet, locale: Locale) -> tuple[Relation, ...]:
    """People, their identifiers, and the leads among them."""
    record = node(sheet, "hubspot/contact", *CONTACT_ID)
    person = {
        "id": record,
        "name": records.full_name(sheet, ("First Name",), ("Last Name",)),
        "email": text(sheet, "Email"),
        "phone": text(sheet, "Phone Number", "Mobile Phone Number"),
        "title": text(sheet, "Job Title"),
        "account": _company(sheet),
        "company": text(sheet, "Associated Company", "Company Name"),
        "created_at": _moment(sheet, locale, "Create Date"),
        "owner": text(sheet, *OWNED_BY),
        "lifecycle": text(sheet, "Lifecycle Stage"),
        "source": text(sheet, *ORIGIN),
        "channel_group": _channel(sheet),
        "country": text(sheet, "Country/Region", "Country", "IP Country"),
        **wishes(sheet),
    }
    return (
        Relation("people", person),
        *records.emails(sheet, record, "Email", "Work email"),
        *records.phones(sheet, record, "Phone Number", "Mobile Phone Number"),
        *records.profiles(sheet, record),
        *_merged(sheet, record, "contact"),
        *_salesforce(sheet, record, "contact", "lead"),
        *_leads(sheet, locale, record),
    )


def _leads(sheet: Sheet, locale: Locale, record: Cell) -> tuple[Relation, ...]:
    found = []
    if sheet.column(*LEAD_DATE):
        lead = {
            "id": text(sheet, *CONTACT_ID),
            "created_at": _moment(sheet, locale, *LEAD_DATE),
            "person": record,
            "account": _company(sheet),
            "source": text(sheet, *ORIGIN),
            "channel_group": _channel(sheet),
            "landing_page": text(sheet, "First Page Seen"),
            "owner": text(sheet, *OWNED_BY),
            "status": text(sheet, "Lead Status", "Lifecycle Stage"),
        }
        found.append(Relation("leads", lead, where=f"{shown(sheet, *LEAD_DATE)} IS NOT NULL"))
    for stage, column in LIFECYCLE.items():
        if sheet.column(column):
            at = _moment(sheet, locale, column)
            found.append(_move("lead", text(sheet, *CONTACT_ID), at, constant(stage)))
    return tuple(found)


def companies(sheet: Sheet, locale: Locale) -> tuple[Relation, ...]:
    """Accounts with their domains."""
    record = node(sheet, "hubspot/company", *COMPANY_ID)
    account = {
        "id": record,
        "name": text(sheet, "Company name", "Name"),
        "domain": records.domain(sheet, *DOMAIN),
        "industry": text(sheet, "Industry"),
        "employees": number(sheet, "Number of Employees"),
        "country": text(sheet, "Country/Region", "Country"),
        "created_at": _moment(sheet, locale, "Create Date"),
        "owner": text(sheet, *OWNED_BY),
        "lifecycle": text(sheet, "Lifecycle Stage"),
    }
    return (
        Relation("accounts", account),
        *records.domains(sheet, record, *DOMAIN),
        *records.profiles(sheet, record),
        *_merged(sheet, record, "company"),
        *_salesforce(sheet, record, "account"),
    )


DOMAIN = ("Company Domain Name", "Website URL")


def deals(sheet: Sheet, locale: Locale) -> tuple[Relation, ...]:
    """Opportunities, who takes part in them, and when they entered each stage whose date was exported."""
    deal = {
        "id": text(sheet, *DEAL_ID),
        "name": text(sheet, "Deal Name"),
        "account": _company(sheet),
        "owner": text(sheet, *OWNED_BY),
        "created_at": _moment(sheet, locale, "Create Date"),
        "closed_at": _moment(sheet, locale, "Close Date"),
        "stage": text(sheet, "Deal Stage"),
        "outcome": _outcome(sheet),
        "amount": number(sheet, "Amount", decimal=decimal_of(sheet, "Amount")),
        "currency": sql(f"COALESCE({shown(sheet, 'Currency')}, {constant(locale.currency).value})"),
        "type": records.deal_type(sheet, "Deal Type"),
        "source": text(sheet, *ORIGIN),
        "channel_group": _channel(sheet),
        "loss_reason": text(sheet, "Closed Lost Reason"),
    }
    return (Relation("opportunities", deal), *_parts(sheet), *_stages(sheet, locale))


def _parts(sheet: Sheet) -> tuple[Relation, ...]:
    """The deal's contacts, by their ids where exported, else by the addresses in brackets behind their names."""
    ids, names = shown(sheet, *CONTACT_IDS), shown(sheet, "Associated Contact")
    if ids != "NULL":
        person, where = f"'hubspot/contact:' || trim(unnest(string_split({ids}, ';')))", f"{ids} IS NOT NULL"
    elif names != "NULL":
        found = f"regexp_extract_all(lower({names}), '{_ADDRESS_IN_BRACKETS}', 1)"
        person, where = f"'email:' || unnest({found})", f"COALESCE(len({found}), 0) > 0"
    else:
        return ()
    part = {"opportunity": text(sheet, *DEAL_ID), "person": sql(person)}
    return (Relation("opportunity_contacts", part, where=where),)


CONTACT_IDS = ("Associated Contact IDs", "Associated Contact ID")


def _stages(sheet: Sheet, locale: Locale) -> tuple[Relation, ...]:
    found = []
    for column in sheet.header:
        entered = _ENTERED.match(column)
        if entered and "lifecycle" not in column.casefold():
            label = "'" + entered[1].replace("'", "''") + "'"
            stage = rf"COALESCE({records.decided(label)}, regexp_replace({label}, ' *\([^()]*\)$', ''))"
            found.append(_move("opportunity", text(sheet, *DEAL_ID), _moment(sheet, locale, column), sql(stage)))
    return tuple(found)


def _move(kind: str, record: Cell, at: Cell, stage: Cell) -> Relation:
    columns = {"object_kind": constant(kind), "object_id": record, "at": at, "stage": stage}
    return Relation("stage_changes", columns, where=f"({at.raw}) IS NOT NULL")


def _outcome(sheet: Sheet) -> Cell:
    won = truth(sheet, "Is Closed Won", "Is closed won").value
    lost = truth(sheet, "Is closed lost").value
    closed = truth(sheet, "Is Deal Closed?", "Is Closed (numeric)", "Is closed").value
    return sql(
        f"CASE WHEN {won} THEN 'won' WHEN {lost} THEN 'lost' WHEN NOT {closed} THEN 'open'"
        f" WHEN {closed} AND NOT {won} THEN 'lost' ELSE {records.decided(shown(sheet, 'Deal Stage'))} END"
    )


def _company(sheet: Sheet) -> Cell:
    ids = shown(sheet, "Primary Associated Company ID", "Associated Company IDs (Primary)", "Associated Company ID")
    several = f"split_part({shown(sheet, 'Associated Company IDs')}, ';', 1)"
    known = f"COALESCE({ids}, {several})"
    name = records.company(sheet, "Associated Company", "Associated Company (Primary)", "Company Name")
    return sql(f"COALESCE('hubspot/company:' || trim({known}), {name.value})")


def _merged(sheet: Sheet, record: Cell, kind: str) -> tuple[Relation, ...]:
    if sheet.column(*MERGED) is None:
        return ()
    said = shown(sheet, *MERGED)
    other = sql(f"'hubspot/{kind}:' || trim(unnest(string_split({said}, ';')))")
    columns = records.same(record, "crm_id", other).columns
    return (Relation("identifiers", columns, where=f"{said} IS NOT NULL"),)


def _salesforce(sheet: Sheet, record: Cell, *kinds: str) -> tuple[Relation, ...]:
    columns = ((kind, f"Salesforce {kind.title()} ID") for kind in kinds)
    return tuple(
        records.same(record, "crm_id", records.salesforce(sheet, kind, column))
        for kind, column in columns
        if sheet.column(column)
    )


def _channel(sheet: Sheet) -> Cell:
    return sql(hubspot_channel(shown(sheet, *ORIGIN)), column=sheet.column(*ORIGIN))


def _moment(sheet: Sheet, locale: Locale, *columns: str) -> Cell:
    if sheet.column(*columns) is None:
        return NOTHING
    return moment(sheet, *columns, formats=order_of(sheet, *columns), zone=locale.time_zone)


_COMMON = (
    *ORIGIN, *OWNED_BY, *MERGED, "Original Source*", "Create Date", "Associated *", "Primary Associated *",
    "Salesforce *",
    "Date entered *", "Date exited *", "Last *", "Lifecycle Stage", "Phone Number", "Country/Region", "Country", "City",
    *records.PROFILE_COLUMNS, "Record ID - *",
)  # fmt: skip
_CONTACT = (
    *_COMMON, "Became *", "First Name", "Mobile Phone Number", "Work email", "Job Title", "Company Name", "IP Country",
    "Lead Status", "First Page Seen", "Marketing contact status", *WISHES,
)  # fmt: skip
_COMPANY = (*_COMMON, "Company name", "Website URL", "Industry", "Number of Employees", "Annual Revenue")
_DEAL = (*_COMMON, "Deal Stage", "Pipeline", "Close Date", "Amount*", "Currency", "Deal Type", "Is *", "Closed *")

SOURCE = Source(
    name="hubspot_export",
    title="HubSpot export of contacts, companies or deals",
    layouts=(
        Layout("contacts", ("Record ID", "Email"), contacts, knows=_CONTACT),
        Layout("contacts by name", ("Record ID", "First Name", "Last Name"), contacts, knows=_CONTACT),
        Layout("contacts, older", ("Contact ID", "Email", "Contact owner"), contacts, knows=_CONTACT),
        Layout("companies", ("Record ID", "Company Domain Name"), companies, knows=_COMPANY),
        Layout("companies by owner", ("Record ID", "Company name", "Company owner"), companies, knows=_COMPANY),
        Layout("companies, older", ("Company ID", "Name", "Company Domain Name"), companies, knows=_COMPANY),
        Layout("deals", ("Record ID", "Deal Name"), deals, knows=_DEAL),
        Layout("deals, older", ("Deal ID", "Deal Name"), deals, knows=_DEAL),
    ),
    answers="who is in the CRM since when and from which source, and which deals were open when, won or lost",
    how_to_get=(
        "CRM > Contacts, Companies or Deals > Export, file format CSV, all properties and all associations. For "
        "deals include the properties named Date entered, for contacts those named Became."
    ),
    caveats=(
        "A deal's outcome is read from its stage if that is called won or lost, or from Is Closed Won; renamed "
        "stages are declared under [stages] in goodwill.toml. Original Source is the first visit HubSpot saw, not "
        "what convinced anybody. An Associated Company without its ID is known by name only. Times are in the time "
        "zone of the account, taken to be the workspace's."
    ),
    evidence="HubSpot knowledge base, \"Export your records\"",
)  # fmt: skip
