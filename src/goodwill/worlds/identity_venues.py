"""What a tool for social venues exports in a world of known identity: who wrote what, and each profile as of today."""

from __future__ import annotations

import numpy as np

from goodwill.worlds.arithmetic import Flags, Ints
from goodwill.worlds.causes import stream
from goodwill.worlds.identity_addresses import SERVER
from goodwill.worlds.identity_errors import NETWORKS, Written, write
from goodwill.worlds.identity_people import END, SOCIAL, Society, Touches
from goodwill.worlds.identity_sheets import MINUTE, Business, Sheet, Texts
from goodwill.worlds.tables import moments

#: The files, one a venue, and what the tool calls the actions, with their canonical verbs.
FILES = {"linkedin": "linkedin_comments.csv", "x": "x_mentions.csv", "facebook": "facebook_comments.csv",
         "mastodon": "mastodon_mentions.csv"}  # fmt: skip
VERBS = {"Comment": "Create", "Reaction": "Like", "Share": "Announce", "Mention": "Mention"}
#: Facebook has no place in a CRM's record of a contact; a messaging tool knows whose address is behind a profile.
MESSENGER = "messenger_contacts.csv"
#: Profiles are as they are on the day of the export, whenever their owners wrote.
EXPORTED_AT = END


def profiles_today(society: Society) -> dict[str, Written]:
    """What every venue shows of everybody on the day of the export."""
    now = np.full(len(society.people), EXPORTED_AT)
    return {v: write(society, now, NETWORKS[v], stream(society.seed, 361 + i)) for i, v in enumerate(SOCIAL)}


def recorded(business: Business) -> Touches:
    """The touches that took place: nobody writes under a handle before they have it or after they left it."""
    touches, addresses = business.society.touches, business.addresses
    until, since = (np.full(len(business.society.people), fill) for fill in (2**40, 0))
    until[addresses.from_person], since[addresses.to_person] = addresses.passed_at, addresses.passed_at
    on_x = touches.venue == SOCIAL.index("x")
    kept: Flags = ~on_x | ((touches.moment < until[touches.person]) & (touches.moment >= since[touches.person]))
    return Touches(touches.person[kept], touches.venue[kept], touches.moment[kept])


def venue_sheets(business: Business, shown: dict[str, Written], touches: Touches) -> list[Sheet]:
    """One sheet for each venue, in order of time, and the messaging tool's."""
    sheets = [_sheet(business, shown[v], _at(touches, i), v) for i, v in enumerate(SOCIAL)]
    return sorted([*sheets, _messenger(business)], key=lambda sheet: sheet.file)


def _at(touches: Touches, venue: int) -> Touches:
    here = touches.venue == venue
    return Touches(touches.person[here], touches.venue[here], touches.moment[here])


def _sheet(business: Business, shown: Written, touches: Touches, venue: str) -> Sheet:
    """The profile is that of who has the handle today; a touch is that of who had it then."""
    today = np.arange(len(business.society.people))
    if venue == "x":
        today[business.addresses.from_person] = business.addresses.to_person
    who = today[touches.person].tolist()
    words = list(VERBS)
    number = (touches.moment // 60 + touches.person) % len(words)
    handles = business.addresses.handle[venue]
    ending = f"@{SERVER}" if venue == "mastodon" else ""
    columns: dict[str, Texts] = {
        "Date": moments(touches.moment, MINUTE).to_pylist(),
        "Action": [words[n] for n in number.tolist()],
        "Profile": [handles[p] + ending for p in touches.person.tolist()],
        "Name": [shown.name[p] for p in who],
        "Headline": [shown.title[p] for p in who],
        "Company": [shown.company[p] for p in who],
        "Location": [shown.country[p] for p in who],
        "Post ID": [f"{venue}-{day // 7}" for day in (touches.moment // 86_400).tolist()],
    }
    company = business.society.people.company_at(np.array(who, dtype=np.int64), np.full(len(who), EXPORTED_AT))
    return Sheet(FILES[venue], columns, touches.person, company)


def _messenger(business: Business) -> Sheet:
    """Addresses behind Facebook profiles, of those people whose record names their profiles."""
    people, records = business.society.people, business.records
    mail: dict[int, str] = {}
    for cards in (records.contacts, records.leads, records.members):
        for p, address, is_shared in zip(cards.person.tolist(), cards.email, cards.is_shared.tolist(), strict=True):
            if address and not is_shared:
                mail.setdefault(p, address)
    able = records.is_linked & people.present[:, SOCIAL.index("facebook")] & (people.known_since < END)
    person: Ints = np.array([p for p in np.flatnonzero(able).tolist() if p in mail], dtype=np.int64)
    columns: dict[str, Texts] = {
        "User ID": [business.addresses.handle["facebook"][p] for p in person.tolist()],
        "Email": [mail[p] for p in person.tolist()],
    }
    return Sheet(MESSENGER, columns, person, np.full(len(person), -1))
