"""The goodwill.toml of a simulated workspace: who the company is, and how its own tables are to be read."""

from __future__ import annotations

from goodwill.worlds.company import OWN_DOMAIN, OWN_HANDLE, OWN_NAME, VENUES, Company
from goodwill.worlds.exports_billing import SUBSCRIPTIONS
from goodwill.worlds.exports_costs import STAFF
from goodwill.worlds.exports_crm import LOST, WON
from goodwill.worlds.exports_social import COMMUNITY, WORDS

#: Canonical verbs of the community tool's words (ActivityStreams 2.0).
VERBS = {"Comment": "Create", "Reply": "Create", "Like": "Like", "Share": "Announce"}
#: Our own account on each venue.
HANDLES = {"LinkedIn": OWN_HANDLE, "X": OWN_HANDLE, "Mastodon": f"{OWN_HANDLE}@social.example", "YouTube": OWN_HANDLE}


def settings(company: Company, venues: int) -> str:
    """The text of goodwill.toml.

    Parameters
    ----------
    company : Company
    venues : int
        How many of ``company.VENUES`` the company uses.
    """
    parts = [_company(), *(_venue(name) for name in VENUES[:venues]), _community(VENUES[:venues]), _subscriptions()]
    if company.is_noisy:
        parts += [*_teams(), _bills()]
    return "\n".join(parts)


def _company() -> str:
    return f"""[company]
name = "{OWN_NAME}"
currency = "EUR"
time_zone = "UTC"
gross_margin = 0.7
domains = ["{OWN_DOMAIN}"]

[stages]
won = ["{WON}"]
lost = ["{LOST}"]

[windows]
horizon_weeks = 26
history_weeks = 26
washout_weeks = 4
"""


def _venue(name: str) -> str:
    return f"""[venues.{name.lower()}]
handles = ["{name.lower()}:{HANDLES[name]}"]
"""


def _teams() -> list[str]:
    """One section per team; a team's cost is the mean of its members'."""
    teams: dict[str, list[tuple[str, float]]] = {}
    for name, team, cost, _ in STAFF:
        teams.setdefault(team, []).append((name, cost))
    sections = []
    for team, who in teams.items():
        names = ", ".join(f'"{name}"' for name, _ in who)
        cost = sum(cost for _, cost in who) / len(who)
        sections.append(f"[teams.{team}]\nmembers = [{names}]\nhourly_cost = {cost}\n")
    return sections


def _community(venues: tuple[str, ...]) -> str:
    verbs = "\n".join(f'"{word}" = "{VERBS[word]}"' for word in dict.fromkeys(WORDS))
    names = "\n".join(f'"{name}" = "{name.lower()}"' for name in venues)
    return f"""[[mapping]]
file = "{COMMUNITY}"
table = "interactions"
[mapping.columns]
at = "Engaged at"
verb = "Action"
actor = "Contact email"
venue = "Network"
object = "Post ID"
campaign = "Campaign"
[mapping.constants]
channel_group = "organic_social"
direction = "inbound"
[mapping.nodes]
actor = "email"
[mapping.values.verb]
{verbs}
[mapping.values.venue]
{names}
[mapping.formats]
at = "%Y-%m-%d %H:%M"
"""


def _subscriptions() -> str:
    return f"""[[mapping]]
file = "{SUBSCRIPTIONS}"
table = "subscriptions"
[mapping.columns]
id = "Subscription ID"
account = "Customer ID"
started_at = "Started"
ended_at = "Ended"
mrr = "MRR"
currency = "Currency"
product = "Plan"
[mapping.nodes]
account = "salesforce/account"
"""


def _bills() -> str:
    names = "\n".join(f'"{name}" = "{name.lower()}"' for name in VENUES)
    return f"""[[mapping]]
file = "tools_and_media.csv"
table = "spend"
[mapping.columns]
period_start = "From"
period_end = "To"
venue = "Venue"
kind = "Kind"
amount = "Amount"
currency = "Currency"
description = "What for"
[mapping.values.venue]
{names}
[mapping.formats]
period_start = "%Y-%m-%d"
period_end = "%Y-%m-%d"
"""
