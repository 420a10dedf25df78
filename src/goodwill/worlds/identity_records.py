"""Who has which record in which of our systems, since when, and what stands in it, in a world of known identity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from goodwill.worlds.arithmetic import Flags, Floats, Ints
from goodwill.worlds.causes import SECONDS, stream
from goodwill.worlds.identity_addresses import Addresses
from goodwill.worlds.identity_errors import LISTED, TYPED, Habits, Range, Written, share, slip, write
from goodwill.worlds.identity_people import EMPLOYEE, END, NEVER_SECONDS, OUTSIDER, PARTNER, SOCIAL, START, Society

#: Of the people who are ours: those in HubSpot; of the others, those on the mailing list alone (the rest are leads in
#: Salesforce); of those in HubSpot, those also leads in Salesforce; those on the mailing list.
IN_HUBSPOT, LIST_ALONE, ALSO_LEAD, ON_LIST = 0.85, 0.35, 0.35, 0.45
#: Records of the same person made twice; after a change of jobs, and without one, at another address.
TWICE: Range = (0.03, 0.15)
AGAIN_AFTER_MOVE = 0.4
#: Records without an address, with a private or alternative one, with a slip in it, with the company's shared one.
NO_ADDRESS: Range = (0.02, 0.22)
PRIVATE: Range = (0.05, 0.25)
SLIPPED: Range = (0.0, 0.05)
SHARED: Range = (0.01, 0.05)
NO_PHONE: Range = (0.20, 0.70)
#: Systems that are kept in step know each other's number of a record.
IN_STEP: Range = (0.85, 0.35)


#: Which address a record has: the usual one, which may be absent; another than that; or one's own, always.
Address = Literal["usual", "other", "needed"]


@dataclass(frozen=True)
class Linking:
    """Whose record names their profiles: a ``share`` of all people, each record naming all that its person has.

    ``chosen`` says how far it is no chance who that is: at 1 only people whose profile on LinkedIn bears their plain
    name and employer, and who are therefore found easily, have a record that names it.
    """

    share: float = 0.35
    chosen: float = 0.0


@dataclass(frozen=True, eq=False)
class Cards:
    """Records of one system. ``number`` is the system's own; ``email`` None where there is none.

    ``says_company`` tells whether the record lets its company be known, by its name or by a work address, which is
    ``company`` (-1 for none); ``is_shared`` whether the address is the company's shared one.
    """

    person: Ints
    moment: Ints
    number: Ints
    given: list[str | None]
    family: list[str | None]
    company_name: list[str | None]
    title: list[str | None]
    country: list[str | None]
    email: list[str | None]
    phone: list[str | None]
    company: Ints
    says_company: Flags
    is_shared: Flags

    def __len__(self) -> int:
        return len(self.person)


@dataclass(frozen=True, eq=False)
class Records:
    """All records of our own systems; ``is_linked`` says of each person whether their record names profiles."""

    contacts: Cards
    leads: Cards
    members: Cards
    is_linked: Flags
    in_step: Flags


def draw_records(society: Society, addresses: Addresses, linkedin: Written, linking: Linking) -> Records:
    """Records of everybody who is ours; whoever is has one since the moment at which they became so."""
    people, rng = society.people, stream(society.seed, 321)
    luck: Floats = rng.random((len(people), 8))
    ours = people.known_since < NEVER_SECONDS
    in_hubspot = ours & ((luck[:, 0] < IN_HUBSPOT) | (people.kind == EMPLOYEE))
    alone = ours & ~in_hubspot & (luck[:, 1] < LIST_ALONE)
    lead = ours & ~alone & (~in_hubspot | (luck[:, 2] < ALSO_LEAD)) & (people.kind == OUTSIDER)
    later = people.known_since + (luck[:, 3] * 60 * SECONDS).astype(np.int64) // 60 * 60
    members = alone | (ours & (luck[:, 4] < ON_LIST) & (later < END))
    lead &= ~in_hubspot | (later < END)
    return Records(
        contacts=_contacts(society, addresses, in_hubspot, luck),
        leads=_cards(society, addresses, (lead, np.where(in_hubspot, later, people.known_since)), TYPED, 331),
        members=_cards(
            society, addresses, (members, np.where(alone, people.known_since, later)), LISTED, 332, address="needed"
        ),
        is_linked=_linked(society, linkedin, linking),
        in_step=luck[:, 7] < share(IN_STEP, society.difficulty),
    )


def _contacts(society: Society, addresses: Addresses, in_hubspot: Flags, luck: Floats) -> Cards:
    """Contacts in HubSpot: the first of everybody, those made twice, and those made after a change of jobs."""
    people = society.people
    since = people.known_since
    gap = (luck[:, 5] * 400 * SECONDS).astype(np.int64) // 60 * 60 + 30 * SECONDS
    later, moved = np.minimum(since, END) + gap, np.minimum(people.moved_at, END) + gap // 8 // 60 * 60
    outsider = in_hubspot & (people.kind == OUTSIDER)
    twice = outsider & (luck[:, 6] < share(TWICE, society.difficulty)) & (later < END)
    again = outsider & (people.moved_at > since) & (moved < END) & (luck[:, 6] > 1 - AGAIN_AFTER_MOVE)
    found = [
        _cards(society, addresses, (in_hubspot, since), TYPED, 333),
        _cards(society, addresses, (twice, later), TYPED, 334, address="other"),
        _cards(society, addresses, (again, moved), TYPED, 335),
    ]
    numbered = [c.number + i * len(people) for i, c in enumerate(found)]
    return _together(found, numbered)


def _together(found: Sequence[Cards], numbers: Sequence[Ints]) -> Cards:
    """Records of one system, made on several occasions, in one list."""

    def texts(name: str) -> list[str | None]:
        return [text for cards in found for text in getattr(cards, name)]

    def joined(name: str) -> Any:
        return np.concatenate([getattr(cards, name) for cards in found])

    return Cards(
        person=joined("person"),
        moment=joined("moment"),
        number=np.concatenate(numbers),
        given=texts("given"),
        family=texts("family"),
        company_name=texts("company_name"),
        title=texts("title"),
        country=texts("country"),
        email=texts("email"),
        phone=texts("phone"),
        company=joined("company"),
        says_company=joined("says_company"),
        is_shared=joined("is_shared"),
    )


def _cards(
    society: Society,
    addresses: Addresses,
    made: tuple[Flags, Ints],
    habits: Habits,
    part: int,
    *,
    address: Address = "usual",
) -> Cards:
    """Records made at these moments of those who have one, at this address."""
    has, moment = made
    rng, who = stream(society.seed, part), np.flatnonzero(has)
    written = write(society, np.where(has, moment, END), habits, rng)
    luck: Floats = rng.random((len(has), 6))
    company = society.people.company_at(np.arange(len(has)), moment)
    email, is_work, is_shared = _emails(society, addresses, (company, moment), luck, address=address)
    no_phone = luck[:, 5] < share(NO_PHONE, society.difficulty)
    phone = [None if no else p for p, no in zip(addresses.phone, no_phone.tolist(), strict=True)]
    named = np.array([name is not None for name in written.company])
    texts = (written.given, written.family, written.company, written.title, written.country, email, phone)
    given, family, company_name, title, country, mail, call = ([t[i] for i in who.tolist()] for t in texts)
    says = (company >= 0) & (named | is_work)
    return Cards(
        who, moment[who], who, given, family, company_name, title, country, mail, call, company[who], says[who],
        is_shared[who],
    )  # fmt: skip


def _emails(
    society: Society, addresses: Addresses, place: tuple[Ints, Ints], luck: Floats, *, address: Address
) -> tuple[list[str | None], Flags, Flags]:
    """The address in a record, whether it tells the company, and whether it is the company's shared one."""
    (company, moment), people, difficulty = place, society.people, society.difficulty
    is_outsider = people.kind == OUTSIDER
    may_lack = is_outsider & (address != "needed")  # nobody is on a mailing list without an address of their own
    absent = (luck[:, 0] < share(NO_ADDRESS, difficulty)) & may_lack
    private = ((luck[:, 1] < share(PRIVATE, difficulty)) != (address == "other")) & is_outsider | (company < 0)
    shared = (luck[:, 2] < share(SHARED, difficulty)) & may_lack & (company >= 0) & ~private
    slipped = (luck[:, 3] < share(SLIPPED, difficulty)) & is_outsider
    moved = people.moved_at <= moment
    taken = {*addresses.work, *addresses.next_work, *addresses.private}
    found: list[str | None] = []
    rows = zip(absent.tolist(), private.tolist(), shared.tolist(), slipped.tolist(), moved.tolist(), strict=True)
    for i, (is_absent, is_private, is_shared, is_slipped, has_moved) in enumerate(rows):
        if is_absent:
            found.append(None)
            continue
        work = addresses.next_work[i] if has_moved else addresses.work[i]
        if is_shared:
            found.append(f"info@{society.companies.domain[company[i]]}")
            continue
        right = addresses.private[i] if is_private else work
        local, _, domain = right.partition("@")
        wrong = f"{slip(local, float(luck[i, 4]))}@{domain}"
        # a slip never makes it somebody else's address
        found.append(wrong if is_slipped and wrong not in taken else right)
    return found, ~absent & ~private, shared & ~absent


def _linked(society: Society, linkedin: Written, linking: Linking) -> Flags:
    """Whose record names their profiles."""
    named = np.array([name is not None for name in linkedin.company])
    is_plain = ~linkedin.changed & named & society.people.present[:, SOCIAL.index("linkedin")]
    chance = np.where(is_plain, np.minimum(1.0, linking.share * 2), 0.0)
    chance = (1 - linking.chosen) * linking.share + linking.chosen * chance
    return np.asarray(stream(society.seed, 322).random(len(is_plain)) < chance, dtype=np.bool_)


def known_companies(society: Society, records: Records, opened: tuple[Ints, Ints]) -> Ints:
    """Since when each company is on record: its first record that names it or its first opportunity (``opened``).

    Partners were on record long before the first day; our own company never is.
    """
    companies = society.companies
    since = np.full(len(companies), NEVER_SECONDS)
    for cards in (records.contacts, records.leads, records.members):
        np.minimum.at(since, cards.company[cards.says_company], cards.moment[cards.says_company])
    np.minimum.at(since, opened[0], opened[1])
    since = np.where(companies.kind == PARTNER, np.minimum(since, START - 400 * SECONDS), since)
    since[-1] = NEVER_SECONDS
    return since
