"""Reads a simulated company's files back with nothing but the standard library."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

from goodwill.worlds import Truth


def rows(folder: Path, name: str) -> list[dict[str, str]]:
    """The data rows of one export; a report's lines below its rows have no second cell."""
    with (folder / "exports" / name).open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if list(row.values())[1] is not None]


def us_day(text: str) -> date:
    month, day, year = map(int, text.split("/"))
    return date(year, month, day)


def account_of(folder: Path) -> dict[str, str]:
    """Salesforce account of each e-mail address, lower case: by its contact record, else by its domain."""
    by_domain = {
        r["Company Domain Name"]: r["Salesforce Account ID"]
        for r in rows(folder, "hubspot-crm-exports-all-companies.csv")
    }
    found = {
        r["Email"].lower(): r["Salesforce Account ID"] for r in rows(folder, "hubspot-crm-exports-all-contacts.csv")
    }
    written = [r["user_id"] for r in rows(folder, "ga4_event.csv")]
    written += [r["email_address"] for r in rows(folder, "mailchimp_email_activity.csv")]
    written += [r["Contact email"] for r in rows(folder, "community_engagements.csv")]
    for address in {w.lower() for w in written if w}:
        found.setdefault(address, by_domain.get(address.split("@")[1], ""))
    return found


def acts(folder: Path) -> Iterator[tuple[str, datetime, bool]]:
    """E-mail address, moment and whether social, of every act by a known person."""
    for row in rows(folder, "mailchimp_email_activity.csv"):
        if row["timestamp"] not in ("2024-02-30T10:00:00+00:00", "0000-00-00T00:00:00+00:00"):
            yield row["email_address"], datetime.fromisoformat(row["timestamp"]).replace(tzinfo=None), False
    for row in rows(folder, "ga4_event.csv"):
        if row["user_id"]:
            yield row["user_id"], datetime.fromisoformat(row["timestamp"]), row["param_medium"] == "social"
    for row in rows(folder, "community_engagements.csv"):
        if row["Contact email"]:
            yield row["Contact email"], datetime.fromisoformat(row["Engaged at"]), True


def opportunities(folder: Path, truth: Truth) -> dict[str, dict[str, str]]:
    """The rows about opportunities that can have happened, by id."""
    known = set(truth.ids)
    return {r["Opportunity ID"]: r for r in rows(folder, "Opportunities.csv") if r["Opportunity ID"] in known}
