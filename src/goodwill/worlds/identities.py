"""Businesses in which it is known who is who: as export files, or straight as canonical tables, with their truth.

People are present over venues and systems under names, addresses and employers that differ; ``difficulty`` says how
much, from 0 (a good matcher finds nearly all) to 1 (about half).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from goodwill.errors import GoodwillError, nearest
from goodwill.vocabulary import TABLES
from goodwill.worlds import identity_desk_sheets as desk
from goodwill.worlds import identity_sheets as crm
from goodwill.worlds.arithmetic import Flags, Ints
from goodwill.worlds.causes import SECONDS
from goodwill.worlds.direct_parts import schema
from goodwill.worlds.identity_addresses import draw_addresses
from goodwill.worlds.identity_dealings import by_form, draw_deals, draw_requests
from goodwill.worlds.identity_direct import parts
from goodwill.worlds.identity_owners import owned_accounts, owned_nodes, profile_node
from goodwill.worlds.identity_people import BOT, EMPLOYEE, NEVER_SECONDS, PARTNER, RIVAL, SOCIAL, Touches, draw_society
from goodwill.worlds.identity_records import Linking, draw_records, known_companies
from goodwill.worlds.identity_settings import settings
from goodwill.worlds.identity_sheets import Business, Sheet
from goodwill.worlds.identity_truth import IdentityTruth, Standing, classes
from goodwill.worlds.identity_venues import profiles_today, recorded, venue_sheets
from goodwill.worlds.tables import write_csv

__all__ = ["IDENTITY_WORLDS", "Identities", "IdentityTruth", "Linking", "canonical", "imagine", "simulate"]

#: The worlds by name, and how difficult each is.
IDENTITY_WORLDS = {"identities_easy": 0.0, "identities": 0.5, "identities_hard": 1.0}
#: Outsiders where nobody says how many.
PEOPLE = 2_000


@dataclass(frozen=True, eq=False)
class Identities:
    """A business whose exports are known sheet by sheet, and the truth about it."""

    sheets: tuple[Sheet, ...]
    truth: IdentityTruth


def imagine(seed: int, *, difficulty: float = 0.5, people: int = PEOPLE, linking: Linking | None = None) -> Identities:
    """A business with its truth, with nothing written.

    Parameters
    ----------
    seed : int
        The same seed gives the same people, companies and touches at every difficulty, but for who changes jobs and
        whose handle passes to somebody else.
    difficulty : float
        0 to 1: how often what is recorded differs, is missing or misleads.
    people : int
        Outsiders; employees and bots come on top.
    linking : Linking, optional
        Whose record in the CRM names their profiles, so that they are matched by an exact key.

    Raises
    ------
    GoodwillError
        The difficulty does not lie between 0 and 1, or there are no people.

    Examples
    --------
    >>> business = imagine(1, people=200)
    >>> 0.0 < business.truth.new_share() < 1.0
    True
    """
    if not 0 <= difficulty <= 1 or people < 1:
        problem = f"There is no world of {people} people with a difficulty of {difficulty}."
        raise GoodwillError(problem, remedy="Choose a difficulty between 0 and 1, and at least one person.")
    society = draw_society(people, seed, difficulty)
    addresses, shown = draw_addresses(society), profiles_today(society)
    records = draw_records(society, addresses, shown["linkedin"], linking or Linking())
    deals = draw_deals(society, records)
    since = known_companies(society, records, (deals.company, deals.opened))
    business = Business(society, addresses, records, deals, draw_requests(society, records), since)
    touches = recorded(business)
    sheets = [*_own_sheets(business), *venue_sheets(business, shown, touches)]
    in_order = tuple(sorted(sheets, key=lambda sheet: sheet.file))
    return Identities(in_order, _truth(business, in_order, touches))


def _own_sheets(business: Business) -> list[Sheet]:
    """The exports of our own systems."""
    forms = by_form(business.society, business.records)
    return [
        crm.contacts(business),
        crm.companies(business),
        crm.leads(business),
        crm.opportunities(business),
        crm.contact_roles(business),
        desk.members(business),
        desk.tickets(business),
        desk.site_forms(business, forms),
        desk.contracts(business),
    ]


def canonical(business: Identities) -> dict[str, pa.Table]:
    """The canonical tables that reading this business's exports gives.

    Returns
    -------
    dict of str to pyarrow.Table
        Every table of the vocabulary, some without rows; columns and types as the vocabulary has them, then
        ``source_file`` and ``source_row``.
    """
    found: dict[str, list[pa.Table]] = {name: [] for name in TABLES}
    for sheet in business.sheets:
        for name, rows in parts(sheet):
            found[name].append(rows)
    return {name: pa.concat_tables(some) if some else schema(name).empty_table() for name, some in found.items()}


def simulate(
    name: str, folder: Path, *, seed: int, people: int = PEOPLE, linking: Linking | None = None
) -> IdentityTruth:
    """Write a workspace whose identities are known: ``exports/``, ``goodwill.toml`` and ``identities.json``.

    Parameters
    ----------
    name : str
        One of ``IDENTITY_WORLDS``.
    folder : Path
        Made if it is not there; files of the same names are overwritten.
    seed, people, linking
        As for ``imagine``; the same give the same bytes.

    Raises
    ------
    GoodwillError
        If there is no such world.
    """
    if name not in IDENTITY_WORLDS:
        close = nearest(name, IDENTITY_WORLDS)
        remedy = f"Did you mean {close}?" if close else f"There are {', '.join(IDENTITY_WORLDS)}."
        raise GoodwillError(f"There is no simulated world {name!r}.", remedy=remedy)
    return save(imagine(seed, difficulty=IDENTITY_WORLDS[name], people=people, linking=linking), folder)


def save(business: Identities, folder: Path) -> IdentityTruth:
    """Write a business as a workspace; give its truth."""
    exports = folder / "exports"
    exports.mkdir(parents=True, exist_ok=True)
    for sheet in business.sheets:
        write_csv(exports / sheet.file, {h: pa.array(texts, pa.string()) for h, texts in sheet.columns.items()})
    (folder / "goodwill.toml").write_text(settings(), encoding="utf-8")
    business.truth.save(folder)
    return business.truth


def _truth(business: Business, sheets: tuple[Sheet, ...], touches: Touches) -> IdentityTruth:
    society = business.society
    nodes, person, since, until = owned_nodes(business, sheets)
    account_nodes, account = owned_accounts(business, sheets)
    acting = [node for node, _ in _acting(business, touches)]
    return IdentityTruth(
        seed=society.seed,
        difficulty=society.difficulty,
        people=len(society.people),
        owner_node=nodes,
        owner_person=person,
        owner_since=since,
        owner_until=until,
        account_node=account_nodes,
        account=account,
        touch_node=tuple(acting),
        touch_venue=tuple(venue for _, venue in _acting(business, touches)),
        touch_at=touches.moment,
        touch_person=touches.person,
        touch_account=society.people.company_at(touches.person, touches.moment),
        touch_class=classes(_standing(business, touches)),
    )


def _acting(business: Business, touches: Touches) -> list[tuple[str, str]]:
    """Node and venue of each touch."""
    return [(profile_node(business.addresses, v, p), SOCIAL[v])
            for p, v in zip(touches.person.tolist(), touches.venue.tolist(), strict=True)]  # fmt: skip


def _standing(business: Business, touches: Touches) -> Standing:
    """What was on record the instant before each touch; contracts and opportunities have days, which count whole."""
    people, book, deals = business.society.people, business.society.companies, business.deals
    who, at, day = touches.person, touches.moment, touches.moment // SECONDS
    company = people.company_at(who, at)
    has, on_record = company >= 0, business.company_since < NEVER_SECONDS
    bought = has & (book.customer_from[company] // SECONDS < day)
    ended = book.customer_until[company] // SECONDS < day
    roles = deals.role_person, deals.opened[deals.role_deal] // SECONDS, deals.closed[deals.role_deal] // SECONDS
    return Standing(
        is_bot=people.kind[who] == BOT,
        is_employee=people.kind[who] == EMPLOYEE,
        is_partner_or_rival=has & (np.isin(book.kind, (PARTNER, RIVAL)) & on_record)[company],
        is_known=people.known_since[who] < at,
        has_open_deal=_in_open_deal(who, day, roles),
        is_customer=bought & ~ended,
        was_customer=bought & ended,
        is_company_known=has & (business.company_since[company] < at),
    )


def _in_open_deal(who: Ints, day: Ints, roles: tuple[Ints, Ints, Ints]) -> Flags:
    """Did each person take part in an opportunity that was open?"""
    found = np.zeros(len(who), dtype=np.bool_)
    for person, opened, closed in zip(*(r.tolist() for r in roles), strict=True):
        found |= (who == person) & (opened < day) & (day <= closed)
    return found
