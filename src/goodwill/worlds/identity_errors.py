"""What becomes of a name, an employer and a title when a system records them: the errors, by system and difficulty.

Every error has its own random numbers, which do not depend on the difficulty: what is wrong or missing in an easy world
is so in every harder one.
"""

from __future__ import annotations

import string
from collections.abc import Callable
from dataclasses import dataclass, fields

import numpy as np

from goodwill.worlds.arithmetic import Flags, Floats, Ints
from goodwill.worlds.company import OWN_HANDLE
from goodwill.worlds.identity_names import Name, plain
from goodwill.worlds.identity_people import BOT, COUNTRIES, EMPLOYEE, TITLES, Society
from goodwill.worlds.tables import listed

#: A share in the easiest and in the hardest world.
Range = tuple[float, float]


@dataclass(frozen=True)
class Habits:
    """How often one system records what otherwise: shares in the easiest and in the hardest world.

    The orders of magnitude are those of studies of registers (1 to 10% of names with an error, Christen 2012, chapter
    3) and of what networks ask for: employers on LinkedIn, a display name elsewhere.
    """

    nickname: Range
    native: Range
    unmarked: Range
    initial: Range
    typo: Range
    swapped: Range
    pseudonym: Range
    no_company: Range
    loose_company: Range
    no_title: Range
    other_title: Range
    no_country: Range


#: What our own systems do, typed by sellers and by people themselves, and what each venue shows.
TYPED = Habits((0.02, 0.10), (0, 0), (0.40, 0.80), (0.01, 0.06), (0.01, 0.10), (0.01, 0.04), (0, 0),
               (0.02, 0.18), (0.15, 0.50), (0.10, 0.40), (0.10, 0.40), (0.20, 0.60))  # fmt: skip
LISTED = Habits((0.04, 0.20), (0, 0), (0.50, 0.85), (0.02, 0.10), (0.01, 0.10), (0.01, 0.05), (0, 0.03),
                (0.10, 0.60), (0.25, 0.60), (1, 1), (1, 1), (1, 1))  # fmt: skip
NETWORKS = {
    "linkedin": Habits((0.03, 0.22), (0.08, 0.40), (0.10, 0.40), (0.01, 0.18), (0, 0.03), (0, 0.04), (0, 0.03),
                       (0.02, 0.45), (0.20, 0.65), (0.02, 0.40), (0.15, 0.60), (0.05, 0.50)),
    "x": Habits((0.05, 0.35), (0.10, 0.40), (0.15, 0.60), (0.01, 0.25), (0, 0.03), (0, 0.03), (0.01, 0.25),
                (0.04, 0.70), (0.25, 0.70), (0.50, 0.95), (0.40, 0.80), (0.10, 0.60)),
    "facebook": Habits((0.05, 0.35), (0.10, 0.40), (0.10, 0.50), (0, 0.10), (0, 0.03), (0, 0.05), (0, 0.10),
                       (0.05, 0.70), (0.20, 0.65), (0.60, 0.98), (0.40, 0.80), (0.10, 0.60)),
    "mastodon": Habits((0.05, 0.35), (0.10, 0.40), (0.20, 0.60), (0.02, 0.30), (0, 0.03), (0, 0.03), (0.03, 0.35),
                       (0.06, 0.80), (0.25, 0.70), (0.60, 0.98), (0.40, 0.80), (0.30, 0.80)),
}  # fmt: skip
#: What else a title is called: the same job in other words.
OTHER_TITLES = listed(
    "Operations Lead,Procurement Lead,CEO,Head of IT,Production Manager,Analyst,Sales Lead,Marketing Lead,Developer,"
    "Finance Manager,Supply Chain Planner,People Partner,Product Owner,QA Lead,CFO,Advisor,Data Platform Engineer,"
    "Support Lead,Account Executive,PMO Lead"
)
#: Keys beside each other, as the commonest slips go.
_BESIDE = dict(zip("qwertyuiopasdfghjklzxcvbnm", "wertyuioplsdfghjklkxcvbnmn", strict=True))
_BOT_WORDS = ("Growth Hacks", "Daily Deals", "Crypto News", "Follow Back", "Lead Machine", "Best Offers")


@dataclass(frozen=True, eq=False)
class Written:
    """What one system would record of everybody; None where it records nothing.

    ``name`` is the given and the family name in one text; ``changed`` says whether it is another than one's own.
    """

    given: list[str | None]
    family: list[str | None]
    name: list[str | None]
    company: list[str | None]
    title: list[str | None]
    country: list[str | None]
    changed: Flags


def whole(given: str | None, family: str | None) -> str | None:
    """Given and family name in one text, as a venue shows it.

    Examples
    --------
    >>> whole("Ann", None)
    'Ann'
    """
    return " ".join(filter(None, (given, family))) or None


def share(rates: Range, difficulty: float) -> float:
    """The share at this difficulty, on the line between the easiest and the hardest.

    Examples
    --------
    >>> share((0.1, 0.3), 0.5)
    0.2
    """
    return rates[0] + (rates[1] - rates[0]) * difficulty


def write(society: Society, moment: Ints, habits: Habits, rng: np.random.Generator) -> Written:
    """What a system with these habits records of everybody at each one's moment."""
    people = society.people
    names = [field.name for field in fields(Habits)]
    drawn = rng.random((len(people), len(names)))
    luck: Floats = rng.random((len(people), 4))
    happens = {n: drawn[:, i] < share(getattr(habits, n), society.difficulty) for i, n in enumerate(names)}
    everybody = np.arange(len(people))
    company, title = people.company_at(everybody, moment), people.title_at(everybody, moment)
    given, family = _names(society, happens, luck)
    titles = np.where(happens["other_title"], title + len(TITLES), title)
    words = [*TITLES, *OTHER_TITLES]
    country = np.where(company >= 0, society.companies.country[company], everybody % len(COUNTRIES))
    is_person = people.kind != BOT
    return Written(
        given,
        family,
        [whole(g, f) for g, f in zip(given, family, strict=True)],
        _companies(society, company, happens, luck),
        [None if no else words[t] for t, no in zip(titles.tolist(), happens["no_title"] | ~is_person, strict=True)],
        [None if no else COUNTRIES[c] for c, no in zip(country.tolist(), happens["no_country"], strict=True)],
        np.logical_or.reduce([happens[n] for n in ("nickname", "native", "initial", "typo", "swapped", "pseudonym")]),
    )


def _names(society: Society, happens: dict[str, Flags], luck: Floats) -> tuple[list[str | None], list[str | None]]:
    people = society.people
    rows = np.column_stack([happens[n] for n in ("nickname", "native", "unmarked", "initial", "typo", "swapped",
                                                 "pseudonym")]).tolist()  # fmt: skip
    given: list[str | None] = []
    family: list[str | None] = []
    for i, (first, last) in enumerate(zip(people.names.given, people.names.family, strict=True)):
        if people.kind[i] == BOT:
            pair = _BOT_WORDS[i % len(_BOT_WORDS)], str(int(luck[i, 0] * 9_000) + 1_000)
        else:
            pair = _name(first, last, rows[i], luck[i].tolist())
        given.append(pair[0] or None)
        family.append(pair[1] or None)
    return given, family


def _name(first: Name, last: Name, happened: list[bool], luck: list[float]) -> tuple[str, str]:
    """One name as it is written, where these errors happen."""
    nickname, native, unmarked, initial, typo, swapped, pseudonym = happened
    given, family = first.written, last.written
    if native and first.native and last.native:
        given, family = first.native, last.native
    else:
        if nickname and first.short:
            given = first.short[int(luck[0] * len(first.short))]
        elif unmarked and first.spelt:
            given = first.spelt[int(luck[1] * len(first.spelt))]
        if unmarked and last.spelt:
            family = last.spelt[int(luck[1] * len(last.spelt))]
    if typo:
        given, family = (slip(given, luck[3]), family) if luck[2] < 0.4 else (given, slip(family, luck[3]))
    if initial:
        given, family = (f"{given[0]}.", family) if luck[2] < 0.5 else (given, f"{family[0]}.")
    if pseudonym:
        return f"{plain(given).lower()}{int(luck[3] * 90) + 10}", ""
    return (family, given) if swapped else (given, family)


def slip(word: str, luck: float) -> str:
    """The word with one slip of the hand: two letters exchanged, one left out, doubled, or hit beside.

    Examples
    --------
    >>> [slip("Brandt", luck) for luck in (0.1, 0.3, 0.6, 0.9)]
    ['Brnadt', 'Bandt', 'Braandt', 'Branft']
    """
    if len(word) < 3:
        return word
    kind, rest = divmod(luck * 4, 1.0)
    at = 1 + int(rest * (len(word) - 2))
    if kind == 0:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if kind == 1:
        return word[:at] + word[at + 1 :]
    if kind == 2:
        return word[: at + 1] + word[at] + word[at + 1 :]
    beside = _BESIDE.get(word[at + 1].lower(), "e")
    return word[: at + 1] + beside + word[at + 2 :]


def _companies(society: Society, company: Ints, happens: dict[str, Flags], luck: Floats) -> list[str | None]:
    """The employer's name with its legal form, or loosely, or not at all."""
    book, kind = society.companies, society.people.kind
    found: list[str | None] = []
    rows = zip(company.tolist(), happens["no_company"].tolist(), happens["loose_company"].tolist(),
               luck[:, 2].tolist(), kind.tolist(), strict=True)  # fmt: skip
    for c, is_missing, is_loose, chance, what in rows:
        if c < 0 or (is_missing and what != EMPLOYEE):
            found.append(None)
        else:
            whole = f"{book.name[c]} {book.form[c]}"
            found.append(loosely(book.name[c], book.form[c], chance) if is_loose else whole)
    return found


#: The loose forms of a company's name, the commonest first.
_LOOSE: tuple[tuple[float, Callable[[str, str], str]], ...] = (
    (0.60, lambda name, _: name),
    (0.75, lambda name, form: f"{name} {form}".upper()),
    (0.85, lambda name, _: f"{name} Group"),
    (0.93, lambda name, _: f"{name} International"),
)


def loosely(name: str, form: str, luck: float) -> str:
    """A company's name as people write it: without its legal form, in capitals, as a group, or with a slip.

    Examples
    --------
    >>> [loosely("Alderbrook", "GmbH", luck) for luck in (0.1, 0.7, 0.8, 0.99)]
    ['Alderbrook', 'ALDERBROOK GMBH', 'Alderbrook Group', 'Alderbrool']
    """
    for most, form_of in _LOOSE:
        if luck < most:
            return form_of(name, form)
    return slip(name, luck)


def handle(first: Name, last: Name, luck: float, *, joint: str) -> str:
    """A profile's own name: made of the person's, or of something else where ``luck`` has it so.

    Examples
    --------
    >>> handle(Name("Ann"), Name("Müller"), 0.2, joint="-"), handle(Name("Ann"), Name("Müller"), 0.5, joint="")
    ('ann-mueller', 'amueller')
    """
    alphabet = string.ascii_lowercase
    given, family = (letters(plain(n.written)) for n in (first, last))
    forms = (f"{given}{joint}{family}", f"{given[:1]}{joint}{family}", f"{given}{joint}{family[:1]}")
    if luck < 0.45:
        return forms[0]
    if luck < 0.9:
        return forms[1 + (luck > 0.7)]
    number = int(luck * 1e6)
    return f"{OWN_HANDLE[:1]}{alphabet[number % 26]}{alphabet[number // 26 % 26]}{joint}{number % 1000}"


def letters(text: str) -> str:
    return "".join(c for c in text.lower() if c in string.ascii_lowercase)
