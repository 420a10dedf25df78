"""Addresses, telephone numbers and handles of everybody in a world of known identity; nobody shares one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from goodwill.worlds.arithmetic import Ints
from goodwill.worlds.causes import stream
from goodwill.worlds.company import PRIVATE_MAIL
from goodwill.worlds.identity_errors import Range, handle, letters, share
from goodwill.worlds.identity_names import Name, plain
from goodwill.worlds.identity_people import END, NEVER_SECONDS, OUTSIDER, SOCIAL, START, Society

#: Share of people on X whose handle another person took over, in the easiest and in the hardest world.
RECYCLED: Range = (0.005, 0.03)
#: X allows no longer names.
LONGEST = {"x": 15}
#: Mastodon's server, as invented as the rest.
SERVER = "social.example"
#: Handles that say nothing of the name.
OTHER_WORD: dict[str, Range] = {
    "linkedin": (0.01, 0.10), "x": (0.10, 0.50), "facebook": (1, 1), "mastodon": (0.10, 0.50)
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Addresses:
    """What everybody is reached at, by number.

    ``work`` is the address at the first company, ``next_work`` at the second; those without a company have the private
    one there. ``handle`` by venue. ``from_person``, ``to_person``, ``passed_at``: handles on X that changed hands.
    """

    work: list[str]
    next_work: list[str]
    private: list[str]
    phone: list[str]
    handle: dict[str, list[str]]
    from_person: Ints
    to_person: Ints
    passed_at: Ints


def draw_addresses(society: Society) -> Addresses:
    """Addresses of everybody; the same seed gives the same at every difficulty, as far as names of handles allow."""
    people, names = society.people, society.people.names
    luck = stream(society.seed, 311).random((len(people), 3))
    pairs = list(zip(names.given, names.family, strict=True))
    taken: set[str] = set()
    private = _unlike(
        (f"{_local(*pair, u)}{int(u * 97)}@{PRIVATE_MAIL}" for pair, u in zip(pairs, luck[:, 0].tolist(), strict=True)),
        taken,
    )
    work = _work(society, people.company, private, (luck[:, 1].tolist(), taken))
    again = _work(society, people.next_company, private, (luck[:, 2].tolist(), taken))
    stayed = (people.moved_at == NEVER_SECONDS).tolist()
    next_work = [w if same else a for w, a, same in zip(work, again, stayed, strict=True)]
    phone = [f"+49 170 {2_000_000 + i * 7919 % 7_999_999}" for i in range(len(people))]
    handles = {venue: _handles(society, venue) for venue in SOCIAL}
    return Addresses(work, next_work, private, phone, handles, *_recycled(society, handles["x"]))


def _local(first: Name, last: Name, luck: float) -> str:
    """What stands before the @: first.last in most companies, initial and name, or the first name."""
    given, family = letters(plain(first.written)), letters(plain(last.written))
    if luck < 0.65:
        return f"{given}.{family}"
    return f"{given[:1]}{family}" if luck < 0.9 else given


def _work(society: Society, company: Ints, private: list[str], drawn: tuple[list[float], set[str]]) -> list[str]:
    names, domains, (luck, taken) = society.people.names, society.companies.domain, drawn
    rows = zip(names.given, names.family, company.tolist(), luck, private, strict=True)
    made = [p if c < 0 else f"{_local(g, f, u)}@{domains[c]}" for g, f, c, u, p in rows]
    employed = _unlike((m for m, c in zip(made, company.tolist(), strict=True) if c >= 0), taken)
    rest = iter(employed)
    return [p if c < 0 else next(rest) for p, c in zip(private, company.tolist(), strict=True)]


def _unlike(wanted: Iterable[str], taken: set[str]) -> list[str]:
    """Every name once: who comes later gets a number."""
    found = []
    for word in wanted:
        given, _, rest = word.partition("@")
        free, number = word, 2
        while free in taken:
            free, number = f"{given}{number}" + (f"@{rest}" if rest else ""), number + 1
        taken.add(free)
        found.append(free)
    return found


def _handles(society: Society, venue: str) -> list[str]:
    """The names of everybody's profile on a venue."""
    names, number = society.people.names, len(society.people)
    luck = stream(society.seed, 312 + SOCIAL.index(venue)).random((number, 2))
    other = (luck[:, 0] < share(OTHER_WORD[venue], society.difficulty)).tolist()
    if venue == "facebook":  # a number says nothing of anybody
        return [str(100_000_000_000 + int(u * 9e11)) for u in luck[:, 1].tolist()]
    joint, longest = ("-" if venue == "linkedin" else "_"), LONGEST.get(venue, 40)
    rows = zip(names.given, names.family, luck[:, 1].tolist(), other, strict=True)
    made = (handle(g, f, 0.9 + u / 10 if o else 0.9 * u, joint=joint)[: longest - 3] for g, f, u, o in rows)
    return _unlike(made, set())


def _recycled(society: Society, handles: list[str]) -> tuple[Ints, Ints, Ints]:
    """Who left a handle on X to whom, and when; the list of handles is changed so that both have it."""
    people, rng = society.people, stream(society.seed, 317)
    able = np.flatnonzero(people.present[:, SOCIAL.index("x")] & (people.kind == OUTSIDER))
    order = rng.permutation(able)
    at = rng.integers(START, END, len(order) // 2) // 60 * 60
    pairs = int(share(RECYCLED, society.difficulty) * len(order))
    left, took = order[0::2][:pairs], order[1::2][:pairs]
    for a, b in zip(left.tolist(), took.tolist(), strict=False):
        handles[b] = handles[a]
    return left[: len(took)], took, at[: len(took)]
