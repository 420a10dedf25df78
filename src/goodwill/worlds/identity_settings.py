"""The goodwill.toml of a world of known identity: whose company it is, and how the tables without a vendor are read."""

from __future__ import annotations

from collections.abc import Mapping

from goodwill.worlds.company import OWN_DOMAIN, OWN_HANDLE, OWN_NAME
from goodwill.worlds.exports_crm import LOST, WON
from goodwill.worlds.identity_addresses import SERVER
from goodwill.worlds.identity_desk_sheets import CONTRACTS, FORMS
from goodwill.worlds.identity_people import SOCIAL
from goodwill.worlds.identity_venues import FILES, MESSENGER, VERBS

_WHO = {"name": "Name", "title": "Headline", "company": "Company", "country": "Location"}


def settings() -> str:
    """The text of goodwill.toml."""
    return "\n".join([_company(), *(_venue(v) for v in SOCIAL), *_comments(), *_forms(), _contracts(), _messenger()])


def _company() -> str:
    return f"""[company]
name = "{OWN_NAME}"
currency = "EUR"
time_zone = "UTC"
domains = ["{OWN_DOMAIN}"]

[stages]
won = ["{WON}"]
lost = ["{LOST}"]
"""


def _venue(name: str) -> str:
    handle = f"{OWN_HANDLE}@{SERVER}" if name == "mastodon" else OWN_HANDLE
    return f'[venues.{name}]\nhandles = ["{name}:{handle}"]\n'


def _mapping(file: str, table: str, columns: Mapping[str, str], **more: Mapping[str, str]) -> str:
    """One mapping: a file, a table, and for each section its keys and values."""
    lines = ["[[mapping]]", f'file = "{file}"', f'table = "{table}"']
    for section, said in {"columns": columns, **more}.items():
        name = section.replace("values_", "values.")
        lines += [f"[mapping.{name}]", *(f'"{key}" = "{value}"' for key, value in said.items())]
    return "\n".join(lines) + "\n"


def _comments() -> list[str]:
    """Who did what on each venue, and who they say they are."""
    found = []
    for venue, file in FILES.items():
        act = {"at": "Date", "verb": "Action", "actor": "Profile", "object": "Post ID"}
        same = {"venue": venue, "channel_group": "organic_social", "direction": "inbound"}
        found.append(_mapping(file, "interactions", act, constants=same, nodes={"actor": venue}, values_verb=VERBS))
        found.append(_mapping(file, "people", {"id": "Profile", **_WHO}, nodes={"id": venue}))
    return found


def _forms() -> list[str]:
    """Forms sent on the site, and who their senders say they are."""
    act = {"at": "Submitted at", "actor": "Email", "object": "Page"}
    same = {"verb": "gw:FormSubmit", "venue": "site", "channel_group": "site", "direction": "inbound"}
    who = {"id": "Email", "name": "Name", "email": "Email", "company": "Company", "title": "Job title",
           "created_at": "Submitted at"}  # fmt: skip
    return [
        _mapping(FORMS, "interactions", act, constants=same, nodes={"actor": "email"}),
        _mapping(FORMS, "people", who, nodes={"id": "email"}),
    ]


def _contracts() -> str:
    columns = {"id": "Subscription ID", "account": "Customer ID", "person": "Billing contact", "started_at": "Started",
               "ended_at": "Ended", "mrr": "MRR", "currency": "Currency", "product": "Plan"}  # fmt: skip
    return _mapping(CONTRACTS, "subscriptions", columns, nodes={"account": "salesforce/account", "person": "email"})


def _messenger() -> str:
    columns = {"record": "User ID", "value": "Email"}
    nodes = {"record": "facebook", "value": "email"}
    return _mapping(MESSENGER, "identifiers", columns, constants={"kind": "email"}, nodes=nodes)
