"""What Mailchimp exports of this company: what each member did with each newsletter, and the members.

Activity has the fields of the e-mail activity report (address, action, timestamp, url) in one table with the
campaign; members have the columns of the audience export.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa

from goodwill.worlds.causes import OPEN, PAGE, SECONDS, stream
from goodwill.worlds.company import OWN_DOMAIN, Company
from goodwill.worlds.tables import day_of, moments, pick, write_csv
from goodwill.worlds.truth import Ints

#: Newsletters leave on Tuesdays at 06:00, before anybody acts; 1970-01-06 was the first Tuesday of the epoch.
FIRST_TUESDAY = 5
FORM = "%Y-%m-%dT%H:%M:%S+00:00"


def write_email(company: Company, folder: Path) -> None:
    """Write the activity and the members."""
    _write_activity(company, folder)
    _write_members(company, folder)


def mixed_case(company: Company, person: Ints, part: int) -> pa.Array:
    """The e-mail address of each person; in a noisy company six in a hundred are not in lower case."""
    email = company.directory.email
    if not company.is_noisy:
        return pick(email, person)
    mixed = stream(company.seed, part).random(len(person)) < 0.06
    return pick([*email, *(address.title() for address in email)], person + len(email) * mixed)


def _write_activity(company: Company, folder: Path) -> None:
    events = company.history.events
    mail = events.kind < PAGE
    person, moment, opens = events.person[mail], events.moment[mail], events.kind[mail] == OPEN
    week = (moment // SECONDS - FIRST_TUESDAY) // 7
    first = int(week.min(initial=company.history.span.first_day // 7))
    days = [day_of(FIRST_TUESDAY + 7 * w) for w in range(first, int(week.max(initial=first)) + 1)]
    links = [f"https://www.{OWN_DOMAIN}/news/{d.isoformat()}" for d in days]
    columns = {
        "email_address": mixed_case(company, person, 31),
        "action": pick(("click", "open"), opens.astype(np.int64)),
        "timestamp": moments(moment, FORM),
        "url": pick([*links, None], np.where(opens, len(links), week - first)),
        "campaign": pick([f"Newsletter {d.isoformat()}" for d in days], week - first),
    }
    impossible = ""
    if company.is_noisy:
        impossible = (
            f"{company.directory.email[0]},open,2024-02-30T10:00:00+00:00,,Newsletter 2024-02-27\n"
            f"{company.directory.email[1]},open,0000-00-00T00:00:00+00:00,,Newsletter 2024-02-27\n"
        )
    write_csv(folder / "mailchimp_email_activity.csv", columns, footer=impossible)


def _write_members(company: Company, folder: Path) -> None:
    book, rng = company.directory, stream(company.seed, 32)
    members = np.flatnonzero(rng.random(len(book.email)) < 0.9)
    joined = moments(book.known_since[members], "%Y-%m-%d %H:%M:%S")
    columns = {
        "Email Address": pick(book.email, members),
        "First Name": pick(book.first, members),
        "Last Name": pick(book.last, members),
        "MEMBER_RATING": [str(n) for n in rng.integers(1, 6, len(members)).tolist()],
        "OPTIN_TIME": joined,
        "OPTIN_IP": None,
        "CONFIRM_TIME": joined,
        **dict.fromkeys(("CONFIRM_IP", "LATITUDE", "LONGITUDE", "GMTOFF", "DSTOFF", "TIMEZONE", "CC", "REGION")),
        "LAST_CHANGED": joined,
        "LEID": [str(40_000_000 + m) for m in members.tolist()],
        "EUID": [f"{m * 2654435761 % 16**10:010x}" for m in members.tolist()],
        "NOTES": None,
        "TAGS": None,
    }
    write_csv(folder / "subscribed_members_export.csv", columns)
