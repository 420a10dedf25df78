"""Counts of people behind what matching shows: totals per venue, counts corrected for recall, and draws of the shares.

A person met under m profiles, each tied to a record of ours with chance r, is found under F of them. The unbiased
estimate of one person from F is

    g(F) = 1 - (-(1 - r) / r)^F,    since E x^F = (1 - r + r x)^m is 0 at x = -(1 - r) / r for every m >= 1,

which is 1 / r for one profile (Horvitz and Thompson 1952, Journal of the American Statistical Association 47, is the
same with known chances). Profiles are counted alike: those of known people are the keyed ones, and those found by
probability divided by r. What is left belongs to new people, and links found between those, divided by q, say how many
profiles are somebody's second: two profiles say less than a profile and a record, so that q is lower than r. Of known
people's second profiles q (1 - r)^2 show such a link, where misses are independent of each other, and are taken off.
Who is told by their company is told under each profile, recognised or not: they are their profiles less links over q.

Legend: n people; S strata; C classes of known people; G groups of clusters; B draws; r recall; q chance that two
profiles of one person are tied to each other; F profiles found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goodwill.estimators.resample import account_groups, generator
from goodwill.samples import Floats, Ints

#: Two thousand draws put the ends of a 90% interval within a fortieth of its width of where more would.
DRAWS = 2_000
#: More clusters than this are dealt into as many groups: the variance is the same, and memory stays small.
MOST_GROUPS = 400
#: With fewer known pairs the recall's own interval spans more than half of what is possible (5 of 10: 0.26 to 0.74).
FEWEST_PAIRS = 10

#: A value with the ends of its interval.
Interval = tuple[float, float, float]


@dataclass(frozen=True)
class Match:
    """How well one stratum recognises people: of ``known`` pairs whose keys were hidden, ``found`` were found again.

    ``weighted`` is the recall (value, low, high at ``level``) where known pairs were weighted to be like the others.
    ``precision`` is likewise that of matches: the probabilities say how many are right, it says how sure that is.
    ``between`` is the share of people met there and elsewhere whose two profiles are tied to each other; where that was
    not measured it is taken to be the recall.
    """

    known: int
    found: int
    weighted: Interval | None = None
    precision: Interval | None = None
    between: Interval | None = None
    level: float = 0.90

    @property
    def recall(self) -> float | None:
        """Share of known people that is found, or None where too few pairs say so, or none was found."""
        share = self.weighted[0] if self.weighted else self.found / max(1, self.known)
        return share if self.known >= FEWEST_PAIRS and share > 0 else None


@dataclass(frozen=True)
class People:
    """Who was met, one element per person.

    Attributes
    ----------
    group : (n,) int
        The cluster that is drawn as a whole: the company, or the person where none is known.
    stratum : (n,) int
        Where matching is as good for all: the venue.
    known_as : (n,) int
        -1 for a person whom nothing recognised, who is new unless missed; else the class, 0..C-1.
    probability : (n,) float
        That the match is right, 0..1; 1 for an exact key. Not read where nobody was recognised. Above 1 where one
        found by something else, such as their company, stands for so many.
    is_exact : (n,) bool
        Recognised by an exact key, or by something else that is never missed: no correction.
    further : (n,) int
        Further profiles under which they were met, tied to the first by probability: 0 for one profile alone.
    by_company : (n,) bool, optional
        Told by their company, not by who they are: these count as exact.
    indirect : (n,) int, optional
        Of the further profiles, those that no match ties to a record, only to another profile: not found by recall.
    links : (n,) float, optional
        How many of the further profiles are truly theirs, as their probabilities say; all, where nothing says so.
    """

    group: Ints
    stratum: Ints
    known_as: Ints
    probability: Floats
    is_exact: NDArray[np.bool_]
    further: Ints
    by_company: NDArray[np.bool_] | None = None
    indirect: Ints | None = None
    links: Floats | None = None

    def __len__(self) -> int:
        return len(self.group)

    def take(self, some: NDArray[np.bool_]) -> People:
        """Some of the people."""
        columns = {name: getattr(self, name) for name in self.__dataclass_fields__}
        taken: dict[str, Any] = {name: None if column is None else column[some] for name, column in columns.items()}
        return People(**taken)


#: Columns of totals before those of the classes: profiles, links between profiles of people not recognised, and
#: profiles of known people tied by probability.
PROFILES, LINKS, TIED, FIRST = 0, 1, 2, 3
#: Blocks of C columns: known by exact key, and by probability under one, two, and three or more profiles; then further
#: profiles of those told by their company.
BLOCKS = 5


def totals_of(people: People, strata: Sequence[int], classes: int) -> Floats:
    """(G, S, 3 + 5C): totals of each group of clusters in each stratum, the columns as named above."""
    group = account_groups(people.group, wanted=MOST_GROUPS)
    stratum = np.searchsorted(strata, people.stratum)
    totals = np.zeros((int(group.max()) + 1, len(strata), FIRST + BLOCKS * classes))

    def add(column: int | Ints, amount: NDArray[Any], some: NDArray[np.bool_]) -> None:
        columns = np.broadcast_to(np.asarray(column), group.shape)
        np.add.at(totals, (group[some], stratum[some], columns[some]), amount[some])

    seen, key, right = people.known_as >= 0, people.is_exact, people.probability
    nothing = np.zeros(len(people), dtype=np.int64)
    by_company = nothing > 0 if people.by_company is None else people.by_company
    links = people.further if people.links is None else people.links
    found = people.further - (nothing if people.indirect is None else people.indirect)
    add(PROFILES, 1.0 + people.further, np.ones(len(people), dtype=bool))
    add(LINKS, 1.0 * links, ~seen)
    add(TIED, right * (found + ~key), seen & ~by_company)
    block = np.where(key, 0, 1 + np.minimum(found, BLOCKS - 3))
    add(FIRST + block * classes + people.known_as, right, seen)
    add(FIRST + (BLOCKS - 1) * classes + people.known_as, right * links, seen & by_company)
    return totals


def counts_of(totals: Floats, recall: Floats, precision: Floats, between: Floats | None = None) -> Floats:
    """(..., 1 + C): new people and those of each known class, summed over strata, from totals (..., S, 3 + 5C)."""
    exact, *found, links_by_company = np.split(totals[..., FIRST:], BLOCKS, axis=-1)
    between = recall if between is None else between
    x = (1.0 - recall) / recall
    # unbiased for one person; far below a half they would swing, and are held to what one profile is worth either way
    one = 1.0 / recall
    worth = [one, np.clip(1.0 - x**2, -one, one), np.clip(1.0 + x**3, -one, one)]
    by_probability = sum(block * (w * precision)[..., None] for block, w in zip(found, worth, strict=True))
    twice = np.minimum(links_by_company * (1.0 / between - 1.0)[..., None], exact)
    known = exact - twice + np.maximum(by_probability, 0.0)
    profiles = (exact + links_by_company).sum(axis=-1) + totals[..., TIED] * precision / recall
    # of people both of whose profiles were missed, some were tied to each other all the same
    seconds = np.maximum(profiles - known.sum(axis=-1), 0.0) * between * (1.0 - recall) ** 2
    links = np.maximum(totals[..., LINKS] - seconds, 0.0) / between
    new = np.maximum(totals[..., PROFILES] - profiles - links, 0.0)
    counts = np.concatenate([new[..., None], known], axis=-1).sum(axis=-2)
    return np.asarray(counts, dtype=np.float64)


def drawn_shares(totals: Floats, matches: Sequence[Match | None], seed: int) -> Floats:
    """(B, 1 + C) draws of the shares."""
    groups, strata, columns = totals.shape
    rng = generator(seed, "misclassification")
    weights = rng.standard_exponential((DRAWS, groups))
    weights *= groups / weights.sum(axis=1, keepdims=True)
    sums = (weights @ totals.reshape(groups, strata * columns)).reshape(DRAWS, strata, columns)
    recall, precision, between = _drawn_quality(matches, rng)
    classes = (columns - FIRST) // BLOCKS
    prior = _prior(totals, classes, rng)
    spread = prior.copy()
    spread[..., FIRST:] /= classes  # of new people there is one share, of known ones a share for every class
    new = _normal(counts_of(sums + spread, recall, precision, between))[:, :1]
    return np.concatenate([new, _normal(counts_of(sums + prior, recall, precision, between))[:, 1:]], axis=1)


def _drawn_quality(matches: Sequence[Match | None], rng: np.random.Generator) -> tuple[Floats, Floats, Floats]:
    """(B, S) each: draws of the recall, of the precision over its own value, and of the chance between profiles."""
    recall, precision, between = np.ones((3, DRAWS, len(matches)))
    for place, match in enumerate(matches):
        if match is not None and match.recall is not None:
            jeffreys = (match.found + 0.5, match.known - match.found + 0.5)
            recall[:, place] = rng.beta(*(_beta(match.weighted, match.level) or jeffreys), DRAWS)
            if match.precision and (shape := _beta(match.precision, match.level)):
                precision[:, place] = rng.beta(*shape, DRAWS) / match.precision[0]
            shape = _beta(match.between, match.level)
            between[:, place] = rng.beta(*shape, DRAWS) if shape else chance_between(match) or recall[:, place]
    return np.maximum(recall, 1e-6), precision, np.maximum(between, 1e-6)


def chance_between(match: Match | None) -> float | None:
    """The chance that two profiles of one person are tied to each other, or None where it is taken to be the recall."""
    return match.between[0] if match is not None and match.between and match.between[0] > 0 else None


def _normal(counts: Floats) -> Floats:
    return np.asarray(counts / counts.sum(axis=-1, keepdims=True), dtype=np.float64)


def _prior(totals: Floats, classes: int, rng: np.random.Generator) -> Floats:
    """(B, S, 3 + 5C): one person in all, half new and half of each class, spread over strata as people are."""
    share = totals[..., PROFILES].sum(axis=0) / totals[..., PROFILES].sum()
    new, known = (rng.standard_gamma(0.5 * share, (DRAWS, len(share))) for _ in range(2))
    found = np.zeros((DRAWS, *totals.shape[1:]))
    found[..., PROFILES] = new + known
    found[..., FIRST : FIRST + classes] = known[..., None]
    return found


def _beta(interval: Interval | None, level: float) -> tuple[float, float] | None:
    """The Beta distribution with this mean and the spread of this interval; None where there is no such."""
    from scipy import special

    mean, low, high = interval or (0.0, 0.0, 0.0)
    spread = (high - low) / (2 * float(special.ndtri(0.5 + level / 2)))
    if not 0 < mean < 1 or spread <= 0:
        return None
    size = max(mean * (1 - mean) / spread**2 - 1, 1.0)
    return mean * size, (1 - mean) * size
