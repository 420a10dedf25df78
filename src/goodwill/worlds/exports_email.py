"""What Mailchimp exports of this company: what each member did with each newsletter, and the members.

Activity has the fields of the e-mail activity report (address, action, timestamp, url) in one table with the
campaign; members have the columns of the audience export.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from goodwill.worlds.arithmetic import Ints
from goodwill.worlds.causes import OPEN, PAGE, SECONDS, stream
from goodwill.worlds.company import OWN_DOMAIN, Company
from goodwill.worlds.tables import day_of, moments, pick, write_csv

#: Newsletters leave on Tuesdays at 06:00, before anybody acts; 1970-01-06 was the first Tuesday of the epoch.
FIRST_TUESDAY = 5
ACTIVITY, MEMBERS = "mailchimp_email_activity.csv", "subscribed_members_export.csv"
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


@dataclass(frozen=True, eq=False)
class Mailing:
    """What receivers did, in order of time: opened or clicked; ``issue`` numbers the newsletters, of these ``days``."""

    person: Ints
    moment: Ints
    opened: NDArray[np.bool_]
    issue: Ints
    days: list[str]

    @property
    def campaigns(self) -> list[str]:
        """What each newsletter is called."""
        return [f"Newsletter {day}" for day in self.days]

    @property
    def links(self) -> list[str]:
        """Where each newsletter's link leads."""
        return [f"https://www.{OWN_DOMAIN}/news/{day}" for day in self.days]


def mailing(company: Company) -> Mailing:
    """Opens and clicks, each of the latest newsletter."""
    events = company.history.events
    mail = events.kind < PAGE
    week = (events.moment[mail] // SECONDS - FIRST_TUESDAY) // 7
    first = int(week.min(initial=company.history.span.first_day // 7))
    weeks = range(first, int(week.max(initial=first)) + 1)
    days = [day_of(FIRST_TUESDAY + 7 * w).isoformat() for w in weeks]
    return Mailing(events.person[mail], events.moment[mail], events.kind[mail] == OPEN, week - first, days)


def _write_activity(company: Company, folder: Path) -> None:
    sent = mailing(company)
    columns = {
        "email_address": mixed_case(company, sent.person, 31),
        "action": pick(("click", "open"), sent.opened.astype(np.int64)),
        "timestamp": moments(sent.moment, FORM),
        "url": pick([*sent.links, None], np.where(sent.opened, len(sent.days), sent.issue)),
        "campaign": pick(sent.campaigns, sent.issue),
    }
    impossible = ""
    if company.is_noisy:
        impossible = (
            f"{company.directory.email[0]},open,2024-02-30T10:00:00+00:00,,Newsletter 2024-02-27\n"
            f"{company.directory.email[1]},open,0000-00-00T00:00:00+00:00,,Newsletter 2024-02-27\n"
        )
    write_csv(folder / ACTIVITY, columns, footer=impossible)


def members(company: Company) -> tuple[Ints, Ints]:
    """Who is on the list, and their rating, 1 to 5."""
    rng = stream(company.seed, 32)
    listed = np.flatnonzero(rng.random(len(company.directory.email)) < 0.9)
    return listed, rng.integers(1, 6, len(listed))


def _write_members(company: Company, folder: Path) -> None:
    book, (who, rating) = company.directory, members(company)
    joined = moments(book.known_since[who], "%Y-%m-%d %H:%M:%S")
    columns = {
        "Email Address": pick(book.email, who),
        "First Name": pick(book.first, who),
        "Last Name": pick(book.last, who),
        "MEMBER_RATING": [str(n) for n in rating.tolist()],
        "OPTIN_TIME": joined,
        "OPTIN_IP": None,
        "CONFIRM_TIME": joined,
        **dict.fromkeys(("CONFIRM_IP", "LATITUDE", "LONGITUDE", "GMTOFF", "DSTOFF", "TIMEZONE", "CC", "REGION")),
        "LAST_CHANGED": joined,
        "LEID": [str(40_000_000 + m) for m in who.tolist()],
        "EUID": [f"{m * 2654435761 % 16**10:010x}" for m in who.tolist()],
        "NOTES": None,
        "TAGS": None,
    }
    write_csv(folder / MEMBERS, columns)
