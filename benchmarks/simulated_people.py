"""People who do not exist, in one to four records each, with the faults that real records have; who is who is known.

    python benchmarks/simulated_people.py people.parquet                     # a million records, about 5 s
    python benchmarks/simulated_people.py hard.parquet --records 50000 --difficulty 2

Names follow Zipf's law, so that many different people share one; some people share a household. ``difficulty`` is a
dial on every fault at once: 0 leaves records clean, 1 is the standard (one field in ten mistyped), 2 doubles all.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from simulated_faults import Texts, misdated, mistyped

Ints = np.ndarray[Any, np.dtype[np.int64]]

#: How many names there are: about what a country's register holds down to names borne by a handful of people.
GIVEN, FAMILY, CITIES, COMPANIES, POSTCODES = 5_000, 50_000, 2_000, 20_000, 40_000
#: Zipf and Mandelbrot's law, 1 / (rank + shift): with these the most frequent family name is borne by 1% of people and
#: the most frequent given name by 2.5%, about as in the United States' census of 2010 (Smith 0.8%, James 2%).
SHIFT = {"given": 5.0, "family": 8.0, "city": 3.0, "company": 20.0}
#: Shares of people with one, two, three and four records.
RECORDS = (0.45, 0.30, 0.17, 0.08)
#: Shares of people who live with the one before: the same family name and address, and of these, the same telephone.
HOUSEHOLD, SAME_PHONE = 0.2, 0.3

#: At difficulty 1: share of values that are missing.
MISSING = {"given": 0.03, "family": 0.02, "born": 0.20, "city": 0.15, "postcode": 0.20, "email": 0.25, "phone": 0.40}
#: At difficulty 1: share of values mistyped, in every field.
TYPOS = 0.10
#: At difficulty 1: share of records that carry the person's other address, e-mail, telephone or family name, that have
#: a nickname where there is one, an initial alone, or given and family name in each other's place.
MOVED, OTHER_EMAIL, OTHER_PHONE, OTHER_FAMILY, NICKNAME, INITIAL, SWAPPED = 0.15, 0.30, 0.10, 0.04, 0.30, 0.04, 0.02

#: Frequent given names with a nickname each, most frequent first; the others are made of syllables.
GIVEN_TEXT = """
james:jim mary:molly robert:bob patricia:pat john:jack jennifer:jenny michael:mike elizabeth:liz david:dave linda:lin
william:bill barbara:barb richard:rick susan:sue joseph:joe jessica:jess thomas:tom margaret:peggy christopher:chris
sarah:sally charles:chuck katherine:kate daniel:dan deborah:debbie matthew:matt rebecca:becky anthony:tony
stephanie:steph steven:steve sandra:sandy andrew:andy kimberly:kim kenneth:ken dorothy:dot joshua:josh melissa:mel
kevin:kev amanda:mandy edward:ed cynthia:cindy timothy:tim christine:chrissy ronald:ron samantha:sam jeffrey:jeff
angela:angie jacob:jake pamela:pam nicholas:nick catherine:cathy gregory:greg victoria:vicky alexander:alex
theresa:terry benjamin:ben jacqueline:jackie samuel:sam abigail:abby frederick:fred judith:judy raymond:ray
gabrielle:gaby
"""
FAMILY_TEXT = """
smith johnson williams brown jones garcia miller davis rodriguez martinez hernandez lopez gonzalez wilson anderson
thomas taylor moore jackson martin lee perez thompson white harris sanchez clark ramirez lewis robinson walker young
allen king wright scott torres nguyen hill flores green adams nelson baker hall rivera campbell mitchell carter roberts
mueller schmidt schneider fischer weber meyer wagner becker schulz hoffmann rossi ferrari dubois lefebvre moreau
laurent jansen devries andersen hansen nilsson kowalski novak horvat ivanova petrov kim park chen wang li zhang singh
patel khan ahmed hussain silva santos pereira costa obrien murphy kelly
"""
KNOWN_GIVEN = dict(pair.split(":") for pair in GIVEN_TEXT.split())
KNOWN_FAMILY = FAMILY_TEXT.split()
SYLLABLES = (
    "b br c ch d dr f fr g gr h j k kl l m n p pr r s sch st t tr v w z",
    "a e i o u a e i o ai ea ie ou",
    "- - - n r l s m ck nd rt tt",
)
MAIL_HOSTS = (
    ("gmail.com", 0.40), ("yahoo.com", 0.14), ("outlook.com", 0.12), ("hotmail.com", 0.12), ("icloud.com", 0.10),
    ("aol.com", 0.05), ("gmx.net", 0.04), ("proton.me", 0.03),
)  # fmt: skip
#: Share of addresses at an employer instead of a mail provider.
AT_WORK = 0.3


@dataclass(frozen=True)
class People:
    """Everything that is true of each person: a first value in column 0 and another in column 1."""

    given: Texts
    nickname: Texts
    family: Texts
    born: Ints
    city: Texts
    postcode: Texts
    email: Texts
    phone: Texts


def simulate(records: int = 1_000_000, *, difficulty: float = 1.0, seed: int = 0) -> pa.Table:
    """Records of people in random order, with the column ``person`` that says whose each is.

    Parameters
    ----------
    records : int
    difficulty : float
        Multiplies the share of every fault; at most 2.

    Returns
    -------
    pa.Table
        ``record`` (0, 1, ...), ``given``, ``family``, ``born`` (YYYY-MM-DD), ``city``, ``postcode``, ``email``,
        ``phone``: texts, null where missing; ``person``.
    """
    if not 0 <= difficulty <= 2:
        raise ValueError("difficulty goes from 0 to 2")
    draw = np.random.default_rng([seed, records])
    count = draw.choice(np.arange(1, 5), size=records, p=RECORDS)
    person = np.repeat(np.arange(records), count)[:records]
    people = _people(draw, int(person[-1]) + 1)
    person = draw.permutation(person)
    columns = _written(draw, people, person, difficulty)
    kept = {name: pa.array(values, pa.string(), mask=lost) for name, (values, lost) in columns.items()}
    return pa.table({"record": np.arange(records), **kept, "person": person})


def _written(
    draw: np.random.Generator, people: People, person: Ints, difficulty: float
) -> dict[str, tuple[Texts, np.ndarray[Any, np.dtype[np.bool_]]]]:
    """The fields as somebody wrote them down, and where nobody did."""
    n = len(person)

    def some(share: float) -> np.ndarray[Any, np.dtype[np.bool_]]:
        return np.asarray(draw.random(n) < share * difficulty)

    moved = some(MOVED).astype(np.int64)
    given = np.where(some(NICKNAME), people.nickname[person], people.given[person])
    given = np.where(some(INITIAL), given.astype("U1"), given)
    family = people.family[person, some(OTHER_FAMILY).astype(np.int64)]
    swapped = some(SWAPPED)
    text = {
        "given": np.where(swapped, family, given),
        "family": np.where(swapped, given, family),
        "city": people.city[person, moved],
        "postcode": people.postcode[person, moved],
        "email": people.email[person, some(OTHER_EMAIL).astype(np.int64)],
        "phone": people.phone[person, some(OTHER_PHONE).astype(np.int64)],
    }
    written = {}
    for name, missing in MISSING.items():
        wrong = some(TYPOS)
        if name == "born":
            values = misdated(draw, people.born[person], wrong)
        else:
            values = mistyped(draw, text.pop(name), wrong, digits=name in ("postcode", "phone"))
        written[name] = (values, some(missing) | (values == ""))
    return written


def _people(draw: np.random.Generator, n: int) -> People:
    given = _names(draw, GIVEN, list(KNOWN_GIVEN))
    nicknames = given.copy()
    nicknames[: len(KNOWN_GIVEN)] = list(KNOWN_GIVEN.values())
    first = _zipf(draw, n, GIVEN, "given")
    family = _zipf(draw, (n, 2), FAMILY, "family")
    city = _zipf(draw, (n, 2), CITIES, "city")
    postcode = _postcodes(draw, city)
    phone = draw.integers(2_000_000, 9_999_999, size=(n, 2)) + (200 + city % 700) * 10_000_000
    # whoever lives with the one before takes over what is theirs; a chain of three is a family of three
    home = np.maximum.accumulate(np.where(draw.random(n) < HOUSEHOLD, 0, np.arange(n)))
    phone[:, 0] = np.where(draw.random(n) < SAME_PHONE, phone[home, 0], phone[:, 0])
    family[:, 0], city[:, 0], postcode[:, 0] = family[home, 0], city[home, 0], postcode[home, 0]
    # a hundred births a day and more in the sixties than before and after
    born = (draw.beta(2, 2, size=n) * 27_000).astype(np.int64) - 12_800
    families = _names(draw, FAMILY, KNOWN_FAMILY)
    emails = _emails(draw, (given[first], families[family[:, 0]], born))
    cities = np.strings.add(_names(draw, CITIES, []), "ton")
    texts = np.strings.add("+1", phone.astype("U10"))
    return People(given[first], nicknames[first], families[family], born, cities[city], postcode, emails, texts)


def _zipf(draw: np.random.Generator, size: int | tuple[int, int], names: int, kind: str) -> Ints:
    weight = 1.0 / (np.arange(1, names + 1) + SHIFT[kind])
    return np.asarray(np.searchsorted(np.cumsum(weight) / weight.sum(), draw.random(size)).clip(max=names - 1))


def _names(draw: np.random.Generator, n: int, known: list[str]) -> Texts:
    """Real frequent names first, then as many different ones of two or three syllables as are wanted."""
    sounds = [np.array([sound.strip("-") for sound in text.split()]) for text in SYLLABLES]

    def syllables(count: int) -> Texts:
        parts = [part[draw.integers(len(part), size=count)] for part in sounds]
        return np.strings.add(np.strings.add(parts[0], parts[1]), parts[2])

    made = np.strings.add(syllables(3 * n), syllables(3 * n))
    made = np.where(draw.random(3 * n) < 0.4, np.strings.add(made, syllables(3 * n)), made)
    _, first = np.unique(made, return_index=True)
    fresh = made[np.sort(first)]
    fresh = fresh[~np.isin(fresh, known)]
    return np.concatenate([np.array(known, dtype=fresh.dtype), fresh])[:n]


def _postcodes(draw: np.random.Generator, city: Ints) -> Texts:
    """Five digits; a city has as many codes as befits its people, neighbours in number are neighbours in place."""
    share = 1.0 / (np.arange(1, CITIES + 1) + SHIFT["city"])
    held = np.maximum(1, (share / share.sum() * POSTCODES).astype(np.int64))
    start = 10_000 + np.concatenate([[0], np.cumsum(held)[:-1]])
    return (start[city] + (draw.random(city.shape) * held[city]).astype(np.int64)).astype("U5")


def _emails(draw: np.random.Generator, names: tuple[Texts, Texts, Ints]) -> Texts:
    """Two addresses a person, each in the world once: who comes second to an address appends a number."""
    given, family, born = names
    n = len(given)
    year = ((born // 365.25).astype(np.int64) % 100).astype("U2")
    firms = np.strings.add(_names(draw, COMPANIES, []), ".com")
    hosts = np.array([host for host, _ in MAIL_HOSTS])
    weights = np.array([weight for _, weight in MAIL_HOSTS])
    both = []
    for _ in range(2):
        dotted = np.strings.add(np.strings.add(given, "."), family)
        short = np.strings.add(given.astype("U1"), family)
        dated = np.strings.add(np.strings.add(given, family.astype("U1")), year)
        freely = np.strings.add(_names(draw, GIVEN, [])[draw.integers(GIVEN, size=n)], year)
        local = np.choose(draw.choice(4, size=n, p=(0.4, 0.25, 0.2, 0.15)), [dotted, short, dated, freely])
        host = hosts[draw.choice(len(hosts), size=n, p=weights / weights.sum())]
        host = np.where(draw.random(n) < AT_WORK, firms[_zipf(draw, n, COMPANIES, "company")], host)
        both.append((local, host))
    local, host = (np.concatenate(parts) for parts in zip(*both, strict=True))
    whole = np.strings.add(np.strings.add(local, "@"), host)
    order = np.argsort(whole, kind="stable")
    fresh = np.concatenate([[True], whole[order][1:] != whole[order][:-1]])
    start = np.maximum.accumulate(np.where(fresh, np.arange(2 * n), 0))
    number = np.empty(2 * n, dtype=np.int64)
    number[order] = np.arange(2 * n) - start
    local = np.where(number > 0, np.strings.add(local, number.astype("U6")), local)
    return np.strings.add(np.strings.add(local, "@"), host).reshape(2, n).T


def main() -> None:
    """Write the records to a Parquet file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--difficulty", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=0)
    told = parser.parse_args()
    table = simulate(told.records, difficulty=told.difficulty, seed=told.seed)
    pq.write_table(table, told.file, compression="zstd")
    print(f"{told.file}: {table.num_rows:,} records of {len(np.unique(table['person'])):,} people")


if __name__ == "__main__":
    main()
