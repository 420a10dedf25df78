"""What reading the exports of both CRMs would give in a world of known identity, as parts of canonical tables."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow.compute as pc

from goodwill.worlds.direct_parts import Part, part
from goodwill.worlds.exports_crm import LOST, WON
from goodwill.worlds.identity_cells import every_row, known, named, phones, profiles, said, when, whole_name
from goodwill.worlds.identity_sheets import Sheet

#: What the reader makes of HubSpot's words for where a contact came from.
CHANNELS = {"Email Marketing": "email", "Organic Search": "organic_search", "Direct Traffic": "direct",
            "Offline Sources": "other"}  # fmt: skip
OUTCOMES = {WON: "won", LOST: "lost"}
US_DAY = "%m/%d/%Y"


def contacts(sheet: Sheet) -> Iterator[Part]:
    record = named(sheet, "Record ID", "hubspot/contact")
    by_name = named(sheet, "Company name", "company", is_lower=True)
    account = pc.coalesce(named(sheet, "Primary Associated Company ID", "hubspot/company"), by_name)
    origin = sheet.columns["Original Source"]
    common = {
        "account": account,
        "created_at": when(sheet, "Create Date"),
        "owner": said(sheet, "Contact owner"),
        "source": said(sheet, "Original Source"),
        "channel_group": [CHANNELS[o or ""] for o in origin],
    }
    person = {
        "id": record,
        "name": whole_name(sheet),
        "email": said(sheet, "Email"),
        "phone": said(sheet, "Phone Number"),
        "title": said(sheet, "Job Title"),
        "company": said(sheet, "Company name"),
        "lifecycle": said(sheet, "Lifecycle Stage"),
        "country": said(sheet, "Country/Region"),
    }
    rows = every_row(sheet)
    yield part("people", sheet.file, person | common, rows=rows)
    status = said(sheet, "Lifecycle Stage")
    yield part("leads", sheet.file, {"id": said(sheet, "Record ID"), "person": record, "status": status, **common},
               rows=rows)  # fmt: skip
    yield known(sheet, record, "email", named(sheet, "Email", "email", is_lower=True))
    yield phones(sheet, record, "Phone Number")
    yield from profiles(sheet, record)
    yield known(sheet, record, "crm_id", named(sheet, "Salesforce Contact ID", "salesforce/contact"))
    yield known(sheet, record, "crm_id", named(sheet, "Salesforce Lead ID", "salesforce/lead"))


def companies(sheet: Sheet) -> Iterator[Part]:
    record = named(sheet, "Record ID", "hubspot/company")
    account = {
        "id": record,
        "name": said(sheet, "Company name"),
        "domain": said(sheet, "Company Domain Name"),
        "country": said(sheet, "Country/Region"),
        "created_at": when(sheet, "Create Date"),
        "owner": said(sheet, "Company owner"),
        "lifecycle": said(sheet, "Lifecycle Stage"),
    }
    yield part("accounts", sheet.file, account, rows=every_row(sheet))
    yield known(sheet, record, "domain", named(sheet, "Company Domain Name", "domain"))
    yield known(sheet, record, "crm_id", named(sheet, "Salesforce Account ID", "salesforce/account"))


def leads(sheet: Sheet) -> Iterator[Part]:
    record, created = named(sheet, "Lead ID", "salesforce/lead"), when(sheet, "Created Date")
    account = named(sheet, "Company / Account", "company", is_lower=True)
    common = {
        "created_at": created,
        "account": account,
        "source": said(sheet, "Lead Source"),
        "channel_group": "site",
        "owner": said(sheet, "Lead Owner"),
    }
    lead = {"id": said(sheet, "Lead ID"), "person": record, "status": said(sheet, "Lead Status")}
    yield part("leads", sheet.file, lead | common, rows=every_row(sheet))
    person = {
        "id": record,
        "name": whole_name(sheet),
        "email": said(sheet, "Email"),
        "phone": said(sheet, "Phone"),
        "title": said(sheet, "Title"),
        "company": said(sheet, "Company / Account"),
        "country": said(sheet, "Country"),
    }
    yield part("people", sheet.file, person | common, rows=every_row(sheet))
    yield known(sheet, record, "email", named(sheet, "Email", "email", is_lower=True))
    yield phones(sheet, record, "Phone")
    yield from profiles(sheet, record)


def opportunities(sheet: Sheet) -> Iterator[Part]:
    account, stage = named(sheet, "Account ID", "salesforce/account"), sheet.columns["Stage"]
    opportunity = {
        "id": said(sheet, "Opportunity ID"),
        "name": said(sheet, "Opportunity Name"),
        "account": account,
        "owner": said(sheet, "Opportunity Owner"),
        "created_at": when(sheet, "Created Date", US_DAY),
        "closed_at": when(sheet, "Close Date", US_DAY),
        "stage": said(sheet, "Stage"),
        "outcome": [OUTCOMES.get(s or "", "open") for s in stage],
        "amount": [float(a or 0) for a in sheet.columns["Amount"]],
        "currency": "EUR",
        "type": "new",
        "source": said(sheet, "Lead Source"),
        "channel_group": "site",
    }
    yield part("opportunities", sheet.file, opportunity, rows=every_row(sheet))
    domain = pc.replace_substring(said(sheet, "Website"), "https://www.", "")
    account_said = {"id": account, "name": said(sheet, "Account Name"), "domain": domain}
    yield part("accounts", sheet.file, account_said, rows=every_row(sheet))
    yield known(sheet, account, "domain", pc.binary_join_element_wise("domain", domain, ":"))


def roles(sheet: Sheet) -> Iterator[Part]:
    record = named(sheet, "Contact ID", "salesforce/contact")
    role = {"opportunity": said(sheet, "Opportunity ID"), "person": record, "role": said(sheet, "Contact Role")}
    yield part("opportunity_contacts", sheet.file, role, rows=every_row(sheet))
    person = {
        "id": record,
        "name": whole_name(sheet),
        "email": said(sheet, "Email"),
        "title": said(sheet, "Title"),
        "account": named(sheet, "Account ID", "salesforce/account"),
        "company": said(sheet, "Account Name"),
    }
    yield part("people", sheet.file, person, rows=every_row(sheet))
    yield known(sheet, record, "email", named(sheet, "Email", "email", is_lower=True))
