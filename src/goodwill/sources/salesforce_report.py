"""Salesforce reports: opportunities, their stage history and contact roles, and leads; the columns are the user's."""

from __future__ import annotations

from goodwill.exports import Cell, Locale, Relation, Sheet
from goodwill.registry import Layout, Source
from goodwill.sources import records
from goodwill.sources.cells import NOTHING, constant, moment, number, shown, sql, text, truth
from goodwill.sources.channels import named_channel
from goodwill.sources.consent import WISHES, wishes
from goodwill.sources.dates import order_of
from goodwill.sources.figures import decimal_of

OPPORTUNITY_ID = ("Opportunity ID", "Opportunity: Opportunity ID", "18 Digit Opportunity ID", "Opportunity ID (18)")
NAME = ("Opportunity Name", "Opportunity: Opportunity Name")
ACCOUNT_ID = ("Account ID", "Account: Account ID", "Account Name: Account ID", "Company Account ID")
ACCOUNT = ("Account Name", "Account Name: Account Name", "Account: Account Name", "Company / Account", "Company")
CREATED = ("Created Date", "Create Date", "Created Date/Time")
CLOSED = ("Close Date", "Close Date (2)")
MOVED = ("Last Modified", "Last Modified Date", "Stage Change Date", "Edit Date", "Change Date")
LEAD_ID = ("Lead ID", "Lead: Lead ID", "18 Digit Lead ID")
CONTACT_ID = ("Contact ID", "Contact: Contact ID", "Contact: ID")
MAIL = ("Email", "Contact: Email", "Email Address")
DOMAIN = ("Website", "Account: Website", "Account Website", "Email Domain")


def opportunities(sheet: Sheet, locale: Locale) -> tuple[Relation, ...]:
    """Opportunities, and the accounts they are with."""
    source = shown(sheet, "Lead Source", "Opportunity Source")
    opportunity = {
        "id": _opportunity(sheet),
        "name": text(sheet, *NAME),
        "account": _account(sheet),
        "owner": text(sheet, "Opportunity Owner", "Owner", "Opportunity Owner: Full Name"),
        "created_at": _moment(sheet, locale, *CREATED),
        "closed_at": _moment(sheet, locale, *CLOSED),
        "stage": text(sheet, "Stage"),
        "outcome": _outcome(sheet),
        "amount": number(sheet, "Amount", decimal=decimal_of(sheet, "Amount")),
        "currency": sql(f"COALESCE({shown(sheet, *CURRENCY)}, {constant(locale.currency).value})"),
        "type": records.deal_type(sheet, "Type", "Opportunity Type", "Opportunity Record Type"),
        "source": sql(source, column=sheet.column("Lead Source", "Opportunity Source")),
        "channel_group": sql(named_channel(source)),
        "segment": text(sheet, "Segment", "Market Segment", "Account Segment"),
        "product": text(sheet, "Product Name", "Product", "Product Family"),
        "loss_reason": text(sheet, "Loss Reason", "Closed Lost Reason", "Lost Reason", "Reason Lost"),
    }
    return (Relation("opportunities", opportunity, where=_is_opportunity(sheet)), *_accounts(sheet))


CURRENCY = ("Amount Currency", "Opportunity Currency", "Currency")


def _accounts(sheet: Sheet) -> tuple[Relation, ...]:
    record = _account(sheet)
    account = {
        "id": record,
        "name": text(sheet, *ACCOUNT),
        "domain": records.domain(sheet, *DOMAIN),
        "industry": text(sheet, "Industry", "Account: Industry"),
        "employees": number(sheet, "Employees", "No. of Employees", "Account: Employees"),
        "country": text(sheet, "Billing Country", "Account: Billing Country", "Country"),
        "owner": text(sheet, "Account Owner"),
    }
    where = f"{_is_opportunity(sheet)} AND ({record.value}) IS NOT NULL"
    named = (Relation(r.table, r.columns, f"{where} AND {r.where}") for r in records.domains(sheet, record, *DOMAIN))
    return (Relation("accounts", account, where=where), *named)


def stage_history(sheet: Sheet, locale: Locale) -> tuple[Relation, ...]:
    """Moves from stage to stage; lines of the history in which the stage stayed the same are left out."""
    before, after = shown(sheet, "From Stage", "Old Value"), shown(sheet, "To Stage", "New Value", "Stage")
    move = {
        "object_kind": constant("opportunity"),
        "object_id": _opportunity(sheet),
        "at": _moment(sheet, locale, *MOVED),
        "stage": sql(f"COALESCE({records.decided(after)}, {after})"),
        "from_stage": sql(f"COALESCE({records.decided(before)}, {before})"),
        "by": text(sheet, "Last Modified By", "Edited By", "Changed By"),
    }
    field = shown(sheet, "Field / Event")
    is_stage = f"({field} IS NULL OR lower({field}) = 'stage')"
    where = f"{records.is_record(sheet)} AND {is_stage} AND {before} IS DISTINCT FROM {after}"
    return (Relation("stage_changes", move, where=where),)


def contact_roles(sheet: Sheet, _: Locale) -> tuple[Relation, ...]:
    """Who takes part in which opportunity, in which role."""
    person = records.first_known(records.salesforce(sheet, "contact", *CONTACT_ID), records.email(sheet, *MAIL))
    part = {"opportunity": _opportunity(sheet), "person": person, "role": text(sheet, "Contact Role", "Role")}
    where = records.is_record(sheet)
    people = _person(sheet, person) | {"title": text(sheet, "Title", "Contact: Title")}
    known = f"{where} AND ({person.value}) IS NOT NULL"
    return (
        Relation("opportunity_contacts", part, where=where),
        Relation("people", people, where=known),
        *_carried(sheet, person, known),
    )


def leads(sheet: Sheet, locale: Locale) -> tuple[Relation, ...]:
    """Leads, the people behind them, and the day on which they were converted."""
    record = records.first_known(records.salesforce(sheet, "lead", *LEAD_ID), records.email(sheet, *MAIL))
    lead_id = sql(f"COALESCE({records.salesforce_id(shown(sheet, *LEAD_ID))}, lower({shown(sheet, *MAIL)}))")
    source = shown(sheet, "Lead Source")
    created, owner = _moment(sheet, locale, *CREATED), text(sheet, "Lead Owner")
    origin = {"source": text(sheet, "Lead Source"), "channel_group": sql(named_channel(source)), "owner": owner}
    lead = {
        "id": lead_id,
        "created_at": created,
        "person": record,
        "account": _account(sheet),
        "campaign": text(sheet, "Campaign Name", "Campaign", "Primary Campaign Source"),
        "segment": text(sheet, "Segment", "Market Segment", "Industry"),
        "status": text(sheet, "Lead Status", "Status"),
    } | origin
    where = records.is_record(sheet)
    known = f"{where} AND ({record.value}) IS NOT NULL"
    person = _person(sheet, record) | origin | {"created_at": created, "title": text(sheet, "Title")}
    return (
        Relation("leads", lead, where=where),
        Relation("people", person, where=known),
        *_carried(sheet, record, known),
        *_conversions(sheet, locale, lead_id),
    )


def _conversions(sheet: Sheet, locale: Locale, lead_id: Cell) -> tuple[Relation, ...]:
    at = _moment(sheet, locale, "Converted Date")
    if at is NOTHING:
        return ()
    move = {"object_kind": constant("lead"), "object_id": lead_id, "at": at, "stage": constant("converted")}
    return (Relation("stage_changes", move, where=f"{records.is_record(sheet)} AND {at.raw} IS NOT NULL"),)


def _person(sheet: Sheet, record: Cell) -> dict[str, Cell]:
    first, last = ("First Name", "Contact: First Name"), ("Last Name", "Contact: Last Name")
    joined, whole = records.full_name(sheet, first, last), shown(sheet, "Full Name", "Contact: Full Name", "Name")
    return {
        "id": record,
        "name": sql(f"COALESCE({joined.value}, {whole})"),
        "email": text(sheet, *MAIL),
        "phone": text(sheet, "Phone", "Contact: Phone", "Mobile"),
        "account": _account(sheet),
        "company": text(sheet, *ACCOUNT),
        "country": text(sheet, "Country", "Mailing Country"),
        **wishes(sheet),
    }


def _carried(sheet: Sheet, record: Cell, where: str) -> tuple[Relation, ...]:
    """What the record is known by besides: addresses, telephone, profiles, and the contact a lead was converted to."""
    carried = [
        *records.emails(sheet, record, *MAIL),
        *records.phones(sheet, record, "Phone", "Contact: Phone", "Mobile"),
        *records.profiles(sheet, record),
    ]
    if sheet.column("Converted Contact ID"):
        carried.append(records.same(record, "crm_id", records.salesforce(sheet, "contact", "Converted Contact ID")))
    return tuple(Relation(r.table, r.columns, f"{where} AND {r.where}") for r in carried)


def _opportunity(sheet: Sheet) -> Cell:
    """The system's id; where the report lacks it, the name and the account's name."""
    if sheet.column(*OPPORTUNITY_ID):
        return sql(records.salesforce_id(shown(sheet, *OPPORTUNITY_ID)), column=sheet.column(*OPPORTUNITY_ID))
    return sql(f"{shown(sheet, *NAME)} || COALESCE(' @ ' || {shown(sheet, *ACCOUNT)}, '')", column=sheet.column(*NAME))


def _account(sheet: Sheet) -> Cell:
    by_id = records.salesforce(sheet, "account", *ACCOUNT_ID, "Converted Account ID")
    return records.first_known(by_id, records.company(sheet, *ACCOUNT))


def _outcome(sheet: Sheet) -> Cell:
    stage, won, closed = shown(sheet, "Stage"), truth(sheet, "Won").value, truth(sheet, "Closed").value
    return sql(
        f"CASE WHEN {won} THEN 'won' WHEN {closed} AND NOT {won} THEN 'lost'"
        f" WHEN {stage} IS NOT NULL THEN COALESCE({records.decided(stage)}, 'open') END"
    )


def _is_opportunity(sheet: Sheet) -> str:
    """SQL: not a line of the footer ("Generated By: ...") nor a total, which lack name, id and creation date."""
    named = " OR ".join(f"{shown(sheet, *c)} IS NOT NULL" for c in (NAME, OPPORTUNITY_ID, CREATED))
    return f"{records.is_record(sheet)} AND ({named})"


def _moment(sheet: Sheet, locale: Locale, *columns: str) -> Cell:
    if sheet.column(*columns) is None:
        return NOTHING
    # all dates of one report are written alike, so each of them helps to tell the order
    formats = order_of(sheet, *CREATED, *CLOSED, *MOVED, "Converted Date")
    return moment(sheet, *columns, formats=formats, zone=locale.time_zone)


_ACCOUNT = (*ACCOUNT, *ACCOUNT_ID, *DOMAIN, "Industry", "Employees", "Billing *", "Account*", "Segment")
_DEAL = (
    *OPPORTUNITY_ID, *NAME, *_ACCOUNT, *CREATED, *CLOSED, *CURRENCY, "Opportunity *", "Owner Role", "Amount*", "Type",
    "Lead Source", "Won", "Closed", "Age", "Fiscal Period", "Next Step", "Probability (%)", "Expected Revenue*",
    "Product*", "Loss Reason", "Closed Lost Reason", "Primary Campaign Source",
)  # fmt: skip
_MOVE = (*_DEAL, *MOVED, "From Stage", "Stage", "Last Modified By", "Edited By", "Stage Duration")
_PERSON = (*MAIL, "First Name", "Last Name", "Full Name", "Title", "Phone", "Mobile", "Contact: *", "Country",
           "Mailing *", *records.PROFILE_COLUMNS, *WISHES)  # fmt: skip
_PART = (*_DEAL, *_PERSON, *CONTACT_ID, "Contact Role", "Role", "Primary", "Is Primary", "Stage")
_LEAD = (
    *_ACCOUNT, *_PERSON, *CREATED, *LEAD_ID, "Lead *", "Rating", "Street", "City", "State/Province", "Converted*",
    "Campaign*", "Unread By Owner", "Last Activity",
)  # fmt: skip

SOURCE = Source(
    name="salesforce_report",
    title="Salesforce reports (opportunities, stage history, contact roles, leads)",
    layouts=(
        Layout("opportunities", ("Opportunity Name", "Stage"), opportunities, knows=_DEAL),
        Layout("opportunities by id", ("Opportunity ID", "Stage"), opportunities, knows=_DEAL),
        Layout("opportunity history", ("From Stage", "To Stage", "Opportunity Name"), stage_history, knows=_MOVE),
        Layout("opportunity history by id", ("From Stage", "To Stage", "Opportunity ID"), stage_history, knows=_MOVE),
        Layout("opportunity field history", ("Field / Event", "Old Value", "New Value", "Opportunity Name"),
               stage_history, knows=_MOVE),
        Layout("contact roles", ("Opportunity Name", "Contact Role", "Email"), contact_roles, knows=_PART),
        Layout("contact roles, by contact", ("Opportunity Name", "Contact ID", "Role"), contact_roles, knows=_PART),
        Layout("contact roles, by id", ("Opportunity ID", "Contact ID", "Contact Role"), contact_roles, knows=_PART),
        Layout("contact roles, with addresses", ("Opportunity Name", "Role", "Email"), contact_roles, knows=_PART),
        Layout("leads by id", ("Lead ID", "Lead Status"), leads, knows=_LEAD),
        Layout("leads by owner", ("Lead Owner", "Email"), leads, knows=_LEAD),
        Layout("leads by company", ("Company / Account", "Email", "Lead Status"), leads, knows=_LEAD),
    ),
    answers="which opportunities were open when, won or lost, with whom, from which source, and how leads became them",
    how_to_get=(
        "Reports > New report > Opportunities (also Opportunity History, Opportunities with Contact Roles, Leads) > "
        "add Opportunity ID, Account ID, Created Date, Close Date, Amount, Stage, Lead Source > Export > Details "
        "Only, CSV, UTF-8."
    ),
    caveats=(
        "Without Opportunity ID an opportunity is known by its name and account, and a rename makes a second one. "
        "The order of day and month is decided for the whole report from its dates; dates that fit both are read "
        "month first. Report times are in the time zone of the user. Lead Source is what somebody chose from a list. "
        "Stages other than Closed Won and Closed Lost count as open unless the columns Won and Closed are in the "
        "report."
    ),
    evidence="Salesforce Help, \"Export a Report\" and \"Opportunity History\"; layouts of public examples",
)  # fmt: skip
