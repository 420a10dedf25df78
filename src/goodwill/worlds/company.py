"""Names for what the causal model numbers: companies, people, e-mail addresses, record ids. All are invented."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from goodwill.worlds.causes import SECONDS, stream
from goodwill.worlds.sales import History
from goodwill.worlds.tables import listed
from goodwill.worlds.truth import Floats, Ints

#: The company whose exports are simulated. Names under .example can belong to nobody (RFC 2606).
OWN_NAME, OWN_DOMAIN, OWN_HANDLE = "Quillmark Systems", "quillmark.example", "quillmark"
#: A provider of private mailboxes, as invented as the rest.
PRIVATE_MAIL = "postfach.example"
#: The venues in the order in which ``Causes.venue_starts`` counts them.
VENUES = ("LinkedIn", "X", "Mastodon", "YouTube")
INDUSTRIES = ("Manufacturing", "Logistics", "Healthcare", "Software", "Retail")
STEMS = listed(
    "Alder Amber Arden Birch Brack Bram Cald Cedar Clay Corvi Dale Delph Dorn Elm Ember Fal Fen Fern Gale Garn Glen "
    "Hald Hart Heron Holl Iver Jas Kell Kest Lark Lind Lor Mar Mell Moss Nor Oak Orr Pell Pine Quen Rav Rook Rowan "
    "Sable Sel Skell Sorrel Tarn Teal Thorn Tor Ulm Vale Var Wend Wick Yar Yew Zell",
    " ",
)
TAILS = listed(
    "bach beck berg borough bridge brook burn bury by cliff combe cote crest croft dale den don fell field ford forge "
    "gate grove ham haven hill holm holt hurst keep land lea ley lock mark mead mere mill moor mount ness pass port "
    "reach ridge rock row shaw side stead stone thwaite ton vale view wade ward water well wick wold wood worth",
    " ",
)
FORMS = ("GmbH", "Ltd", "AG", "Inc.", "BV", "SAS", "AB", "Oy")
FIRST_NAMES = listed(
    "Ada Aino Alba Alexis Amara Anders Anouk Arjun Astrid Beatriz Bela Bruno Carla Cem Chiara Clara Dario Deniz Dora "
    "Edda Elif Emil Enzo Esther Eva Fabio Farah Felix Freya Gita Greta Hanna Hugo Ida Ines Ingrid Ivan Jana Jasper "
    "Joana Jonas Kaja Karim Kofi Lara Leif Leo Lena Liv Luca Magnus Maja Marco Mei Mila Mina Nadia Nils Noor Olga "
    "Omar Otto Pablo Petra Priya Rafael Rana Rosa Ruben Sami Sara Selma Silas Sofia Stefan Tara Theo Tilda Tomas Uma "
    "Vera Viktor Wanda Yara Yusuf Zoe",
    " ",
)
LAST_NAMES = listed(
    "Abel Adler Ahlgren Almeida Amin Arnold Baptiste Barros Becker Bergman Bianchi Blanc Brandt Brown Carvalho Castell "
    "Chen Conti Costa Dahl Demir Dietz Dubois Eklund Engel Eriksen Faber Falk Fischer Fontaine Forsberg Gallo Garcia "
    "Graf Greco Haas Hansen Hartmann Heller Holm Horvat Ivanov Jansen Jensen Kaya Keller Klein Koch Kovac Krause Kumar "
    "Lang Larsen Laurent Lehto Lindqvist Lopez Lund Maas Marin Martin Meyer Moreau Moretti Nagy Neumann Nielsen Novak "
    "Okafor Olsen Ortega Papas Park Patel Pereira Peters Petrov Popov Quist Ricci Rossi Roth Salo Santos Sato Schmid "
    "Silva Simon Singh Sorensen Stein Svensson Tanaka Toth Urban Vega Virtanen Vogel Wagner Weber Winter Wolf Yilmaz "
    "Zeman Ziegler",
    " ",
)
TITLES = ("Head of Operations", "Purchasing Manager", "Managing Director", "IT Manager", "Plant Manager", "Analyst")
OWNERS = ("Paula Steiner", "Jon Aalto", "Mira Delgado", "Tim Okoye", "Lea Marchetti", "Finn Brodersen")


@dataclass(frozen=True, eq=False)
class Directory:
    """Names by number. ``known_since`` is the moment at which the CRM first knew each person, in seconds."""

    account_name: list[str]
    domain: list[str]
    account_id: list[str]
    first: list[str]
    last: list[str]
    email: list[str]
    contact_id: list[str]
    handle: list[str]
    title: list[str]
    known_since: Ints
    opportunity_id: list[str]


@dataclass(frozen=True, eq=False)
class Company:
    """A history with names: all that an export needs. ``is_noisy`` adds what real exports suffer from."""

    name: str
    seed: int
    is_noisy: bool
    history: History
    directory: Directory


def name_all(name: str, history: History, *, seed: int, is_noisy: bool) -> Company:
    """Give names to a history; the same seed gives the same names."""
    rng = stream(seed, 5)
    accounts, people = len(history.accounts), len(history.accounts.person)
    names, domains = _companies(accounts, rng)
    first, last = rng.integers(0, len(FIRST_NAMES), people), rng.integers(0, len(LAST_NAMES), people)
    local = _local_parts(history.accounts.person, first, last)
    private = is_noisy & (rng.random(people) < 0.03)
    owner = history.accounts.person
    email = [
        f"{part}{i}@{PRIVATE_MAIL}" if is_private else f"{part}@{domains[a]}"
        for i, (part, is_private, a) in enumerate(zip(local, private.tolist(), owner.tolist(), strict=True))
    ]
    directory = Directory(
        account_name=names,
        domain=domains,
        account_id=[record_id("0015g", i) for i in range(accounts)],
        first=[FIRST_NAMES[i] for i in first.tolist()],
        last=[LAST_NAMES[i] for i in last.tolist()],
        email=email,
        contact_id=[record_id("0035g", i) for i in range(people)],
        handle=[f"{part.replace('.', '_')}_{i}" for i, part in enumerate(local)],
        title=[TITLES[i] for i in rng.integers(0, len(TITLES), people).tolist()],
        known_since=_known_since(history, rng),
        opportunity_id=[record_id("0065g", i) for i in range(len(history.sales))],
    )
    return Company(name, seed, is_noisy, history, directory)


def record_id(prefix: str, number: int) -> str:
    """A fifteen-character record id as Salesforce writes them.

    Examples
    --------
    >>> record_id("0065g", 62)
    '0065g0000000010'
    """
    alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    digits = ""
    while number:
        number, digit = divmod(number, 62)
        digits = alphabet[digit] + digits
    return prefix + digits.rjust(10, "0")


def is_private(company: Company) -> NDArray[np.bool_]:
    """Does each person write from a private mailbox?"""
    return np.array([address.endswith(PRIVATE_MAIL) for address in company.directory.email])


def amounts(company: Company) -> Floats:
    """Value of each opportunity in EUR: lognormal, larger at larger companies, and as exposure left it."""
    return company.history.sales.amount


def contact_roles(company: Company) -> tuple[Ints, Ints]:
    """Opportunity and person, by number: one or two people of the account each, the primary contact first."""
    history, rng = company.history, stream(company.seed, 13)
    heads = np.bincount(history.accounts.person, minlength=len(history.accounts))
    start = np.cumsum(heads) - heads
    which = np.repeat(np.arange(len(history.sales)), rng.integers(1, 3, len(history.sales)))
    nth: Ints = np.zeros(len(which), dtype=np.int64)
    nth[1:] = which[1:] == which[:-1]
    account = history.sales.account[which]
    offset = rng.integers(0, 1000, len(history.sales))[which] + nth
    return which, np.asarray(start[account] + offset % heads[account], dtype=np.int64)


def _companies(number: int, rng: np.random.Generator) -> tuple[list[str], list[str]]:
    """Names and domains, all different: a stem and a tail, and a number once these are used up."""
    pairs = len(STEMS) * len(TAILS)
    order = rng.permutation(pairs)
    forms = rng.integers(0, len(FORMS), number)
    names, domains = [], []
    for i in range(number):
        stem, tail = divmod(int(order[i % pairs]), len(TAILS))
        word = STEMS[stem] + TAILS[tail]
        again = str(i // pairs + 1) if i >= pairs else ""
        names.append(f"{word}{' ' + again if again else ''} {FORMS[forms[i]]}")
        domains.append(f"{word.lower()}{again}.example")
    return names, domains


def _local_parts(account: Ints, first: Ints, last: Ints) -> list[str]:
    """first.last, with a number for the second of that name in a company."""
    seen: dict[tuple[int, int, int], int] = {}
    parts = []
    for key in zip(account.tolist(), first.tolist(), last.tolist(), strict=True):
        seen[key] = seen.get(key, 0) + 1
        again = str(seen[key]) if seen[key] > 1 else ""
        parts.append(f"{FIRST_NAMES[key[1]]}.{LAST_NAMES[key[2]]}{again}".lower())
    return parts


def _known_since(history: History, rng: np.random.Generator) -> Ints:
    """Six in ten were known before the observation; the rest since ten minutes after the first thing they did."""
    people = len(history.accounts.person)
    person = np.concatenate([history.events.person, history.touches.person])
    moment = np.concatenate([history.events.moment, history.touches.moment])
    order = np.argsort(moment, kind="stable")
    who, at = np.unique(person[order], return_index=True)
    start, end = history.span.first_day * SECONDS, history.span.last_day * SECONDS
    since = rng.integers(start, end, people)
    since[who] = moment[order][at] + 600
    before = start - rng.integers(1, 700, people) * SECONDS + 36_000
    return np.where(rng.random(people) < 0.6, before, since)
