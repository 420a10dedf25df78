"""Who there is in a world of known identity: people, companies, jobs, who of them are ours since when, and touches."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from goodwill.worlds.arithmetic import Flags, Floats, Ints
from goodwill.worlds.causes import DAY_LENGTH, DAY_STARTS, SECONDS, stream
from goodwill.worlds.company import FORMS, OWN_DOMAIN, OWN_NAME, STEMS, TAILS
from goodwill.worlds.identity_names import Names, draw_names
from goodwill.worlds.tables import listed, number_of

#: The venues on which people meet us, and the share of all people who are on each. LinkedIn states employers,
#: X and Mastodon what people care to write, Facebook a name.
SOCIAL = ("linkedin", "x", "facebook", "mastodon")
PRESENT = (0.62, 0.34, 0.22, 0.08)
#: Mean number of further touches on a venue after the first.
MORE_TOUCHES = 0.9
#: A moment later than any: never. In seconds since 1970.
NEVER_SECONDS = 2**40
#: Two years, as most worlds have.
FIRST_DAY, WEEKS = number_of("2023-01-02"), 104
START, END = FIRST_DAY * SECONDS, (FIRST_DAY + 7 * WEEKS) * SECONDS
#: Kinds of people; those of partners and rivals are outsiders, told by their company.
OUTSIDER, EMPLOYEE, BOT = 0, 1, 2
#: Kinds of company.
PLAIN, PARTNER, RIVAL, OWN = 0, 1, 2, 3
#: Shares of companies that are partners and rivals, that ever became customers, and of these that left again.
PARTNERS, RIVALS, CUSTOMERS, LEFT = 0.03, 0.03, 0.22, 0.35
#: Three outsiders to a company on average; company sizes fall with their rank (Axtell 2001: Zipf).
PEOPLE_PER_COMPANY, SIZE_EXPONENT = 3, 0.8
#: People without any company: freelancers, students, the retired.
ALONE = 0.06
#: Of a hundred outsiders, so many employees and bots.
EMPLOYEES, BOTS = 1.2, 0.6
#: The share of people who are ours at some time differs between companies: it is drawn between these.
OURS = (0.35, 0.8)
#: Of those ever ours, the share that was so before the first day; of the others on social venues, the share that
#: came to us within two months after their first touch.
OURS_BEFORE, CAME_AFTER_TOUCH = 0.55, 0.5
#: Shares of people who change jobs within the two years, by difficulty: from easy to hard.
MOVE = (0.03, 0.25)
COUNTRIES = ("Germany", "France", "Netherlands", "Austria", "Sweden", "Poland", "Spain", "Italy")
TITLES = listed(
    "Head of Operations,Purchasing Manager,Managing Director,IT Manager,Plant Manager,Business Analyst,Sales Manager,"
    "Marketing Manager,Software Engineer,Controller,Logistics Planner,HR Manager,Product Manager,Quality Manager,"
    "Chief Financial Officer,Consultant,Data Engineer,Customer Service Manager,Key Account Manager,Project Manager"
)


@dataclass(frozen=True, eq=False)
class Companies:
    """Companies by number, the last being our own. ``customer_from`` and ``customer_until`` in seconds."""

    name: list[str]
    form: list[str]
    domain: list[str]
    kind: Ints
    country: Ints
    customer_from: Ints
    customer_until: Ints

    def __len__(self) -> int:
        return len(self.name)


@dataclass(frozen=True, eq=False)
class People:
    """People by number: outsiders, then employees, then bots.

    ``company`` is -1 for those without; whoever never moves has ``moved_at`` NEVER_SECONDS. ``known_since`` is the
    moment of the first record outside social venues, NEVER_SECONDS where there is none.
    """

    names: Names
    kind: Ints
    company: Ints
    next_company: Ints
    moved_at: Ints
    title: Ints
    next_title: Ints
    present: Flags
    known_since: Ints

    def __len__(self) -> int:
        return len(self.kind)

    def company_at(self, person: Ints, moment: Ints) -> Ints:
        """The company that each person worked for at each moment; -1 for none."""
        return np.where(self.moved_at[person] <= moment, self.next_company[person], self.company[person])

    def title_at(self, person: Ints, moment: Ints) -> Ints:
        """The number of each person's job title at each moment."""
        return np.where(self.moved_at[person] <= moment, self.next_title[person], self.title[person])


@dataclass(frozen=True, eq=False)
class Touches:
    """What people did on social venues, in order of time, to the minute."""

    person: Ints
    venue: Ints
    moment: Ints


@dataclass(frozen=True, eq=False)
class Society:
    """Everybody, where they work, and what they did on social venues."""

    seed: int
    difficulty: float
    companies: Companies
    people: People
    touches: Touches


def draw_society(outsiders: int, seed: int, difficulty: float) -> Society:
    """People and companies; the same seed gives the same whatever the difficulty, but for who changes jobs.

    Examples
    --------
    >>> easy, hard = (draw_society(300, 1, d).people for d in (0.0, 1.0))
    >>> bool((easy.known_since == hard.known_since).all()), bool(sum(easy.moved_at < END) < sum(hard.moved_at < END))
    (True, True)
    """
    companies = _draw_companies(max(outsiders // PEOPLE_PER_COMPANY, 2), stream(seed, 301))
    kind = np.repeat(
        [OUTSIDER, EMPLOYEE, BOT], [outsiders, *(int(outsiders * s // 100) + 1 for s in (EMPLOYEES, BOTS))]
    )
    present = _draw_presence(kind, stream(seed, 302))
    touches = _draw_touches(kind, present, stream(seed, 303))
    people = _draw_people(companies, kind, present, touches, (seed, difficulty))
    return Society(seed, difficulty, companies, people, touches)


def _draw_companies(number: int, rng: np.random.Generator) -> Companies:
    order = rng.permutation(len(STEMS) * len(TAILS))
    words = [
        STEMS[order[i % len(order)] // len(TAILS)] + TAILS[order[i % len(order)] % len(TAILS)] for i in range(number)
    ]
    again = [str(i // len(order) + 1) if i >= len(order) else "" for i in range(number)]
    chance = rng.random(number)
    kind = np.select([chance < PARTNERS, chance < PARTNERS + RIVALS], [PARTNER, RIVAL], PLAIN)
    buys = (rng.random(number) < CUSTOMERS) & (kind == PLAIN)
    before = rng.random(number) < 0.5
    since = np.where(before, START - rng.integers(30, 900, number) * SECONDS, rng.integers(START, END, number))
    until = since + rng.integers(180, 900, number) * SECONDS
    left = buys & (rng.random(number) < LEFT) & (until < END)
    day = SECONDS
    return Companies(
        name=[*(w + (f" {a}" if a else "") for w, a in zip(words, again, strict=True)), OWN_NAME.split(maxsplit=1)[0]],
        form=[*(FORMS[f] for f in rng.integers(0, len(FORMS), number).tolist()), OWN_NAME.split(maxsplit=1)[1]],
        domain=[*(f"{w.lower()}{a}.example" for w, a in zip(words, again, strict=True)), OWN_DOMAIN],
        kind=np.append(kind, OWN),
        country=np.append(rng.choice(len(COUNTRIES), number), 0),
        customer_from=np.append(np.where(buys, since // day * day, NEVER_SECONDS), NEVER_SECONDS),
        customer_until=np.append(np.where(left, until // day * day, NEVER_SECONDS), NEVER_SECONDS),
    )


def _draw_presence(kind: Ints, rng: np.random.Generator) -> Flags:
    """Who is on which venue; employees are on LinkedIn, and a bot is on one."""
    present: Flags = rng.random((len(kind), len(SOCIAL))) < np.array(PRESENT)
    present[kind == EMPLOYEE, 0] = True
    present[kind == BOT] = False
    bots = np.flatnonzero(kind == BOT)
    present[bots, rng.integers(0, len(SOCIAL), len(bots))] = True
    return present


def _draw_touches(kind: Ints, present: Flags, rng: np.random.Generator) -> Touches:
    """At least one touch of everybody on every venue they are on; employees and bots are busier."""
    person, venue = np.nonzero(present)
    busy = np.array([1.0, 5.0, 12.0])[kind[person]]
    times = 1 + rng.poisson(MORE_TOUCHES * busy)
    person, venue = np.repeat(person, times), np.repeat(venue, times)
    day = rng.integers(FIRST_DAY, FIRST_DAY + 7 * WEEKS, len(person))
    moment = (day * SECONDS + DAY_STARTS + rng.integers(0, DAY_LENGTH, len(person))) // 60 * 60
    rows = np.unique(np.column_stack([moment, venue, person]), axis=0)  # twice in a minute was once
    return Touches(rows[:, 2], rows[:, 1], rows[:, 0])


def _draw_people(
    companies: Companies, kind: Ints, present: Flags, touches: Touches, drawn_with: tuple[int, float]
) -> People:
    seed, difficulty = drawn_with
    rng, number = stream(seed, 304), len(kind)
    first, second = _employers(companies, number, rng), _employers(companies, number, rng)
    is_ours = kind == EMPLOYEE
    first[is_ours], first[kind == BOT] = len(companies) - 1, -1
    moves = rng.random(number) < MOVE[0] + (MOVE[1] - MOVE[0]) * difficulty
    moved_at = rng.integers(START, END, number) // SECONDS * SECONDS
    moves &= (kind == OUTSIDER) & (first != second) & (second >= 0)
    return People(
        names=draw_names(number, stream(seed, 305)),
        kind=kind,
        company=first,
        next_company=np.where(moves, second, first),
        moved_at=np.where(moves, moved_at, NEVER_SECONDS),
        title=rng.integers(0, len(TITLES), number),
        next_title=rng.integers(0, len(TITLES), number),
        present=present,
        known_since=_known_since(kind, touches, stream(seed, 306)),
    )


def _employers(companies: Companies, people: int, rng: np.random.Generator) -> Ints:
    """A company for each, the large ones more often, or -1."""
    weight: Floats = np.arange(1, len(companies), dtype=np.float64) ** -SIZE_EXPONENT
    found = rng.choice(len(companies) - 1, people, p=weight / weight.sum())
    return np.where(rng.random(people) < ALONE, -1, found)


def _known_since(kind: Ints, touches: Touches, rng: np.random.Generator) -> Ints:
    """The moment of each person's first record outside social venues, to the minute.

    Employees are on record from before the first day, bots never. Being ours is independent of name and venue.
    """
    number = len(kind)
    first = np.full(number, NEVER_SECONDS)
    np.minimum.at(first, touches.person, touches.moment)
    ours = rng.random(number) < rng.uniform(*OURS)
    before = (rng.random(number) < OURS_BEFORE) | (kind == EMPLOYEE)
    after_touch = (rng.random(number) < CAME_AFTER_TOUCH) & (first < END)
    since = np.select(
        [before, after_touch],
        [START - rng.integers(1, 700, number) * SECONDS + 36_000, first + rng.integers(1, 60, number) * SECONDS],
        rng.integers(START, END, number),
    )
    since = since // 60 * 60
    ours = (ours | (kind == EMPLOYEE)) & (kind != BOT) & (since < END)
    return np.where(ours, since, NEVER_SECONDS)
