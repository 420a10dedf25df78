"""Fitting Fellegi and Sunter's model without labels: expectation and maximisation over counted patterns.

u comes from counts (exact for equality, pairs at random for the rest), what strangers share together from pairs drawn
among those that agree on a field; m and the prior from the pairs that the rules bring up around a sample of records.

Legend: m, u = distributions of grades in matches, in strangers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from goodwill.identity.fellegi_sunter import EDGE, Shared, Tree, Weights, posterior
from goodwill.identity.fields import KINDS, Field, level_shares
from goodwill.identity.patterns import Agreements, Patterns, is_crossed
from goodwill.identity.prepared import Frequencies

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

#: What the defaults of a kind count for: pairs of one person, and pairs of strangers. The first is what a careful
#: reviewer would look at before believing that a field behaves otherwise here; with few matches it prevents that
#: strangers who share a thing are taken for a class of matches.
MATCHES_BEFORE, STRANGERS_BEFORE = 25.0, 2_000.0
#: Matches that agree on nothing in a field, at most: a field that differs in most matches is not about who one is.
DIFFERENT_AT_MOST = 0.6
#: The same of names and birth dates, which do not change: more would be families, not persons.
IDENTITY_AT_MOST = 0.3
#: In the first rounds names and birth dates must not differ at all, nearly: what relatives share is then learnt as a
#: thing that strangers share, before it can be taken for one person's. Rounds enough for the shares to settle.
STRICT_AT_MOST, STRICT_ROUNDS = 0.03, 6
#: One person's fields may change together only where one follows from the other this often among strangers too (a
#: suburb from its postcode): otherwise a class of relatives would pass for a way in which persons change.
FOLLOWS = 0.5
#: Strangers share fields together if that tells more than so many bits of the field; what the field's own grades count
#: for in pairs, plus a share of the matches among them, of which some may pass for strangers; pairs that the drawn ones
#: count for at most (they stand for many more, but are no more).
LEAST_SHARED, SHARED_BEFORE, UNCERTAIN, SHARED_PAIRS = 0.01, 30.0, 0.05, 20_000.0
#: Rounds of expectation and maximisation; the change of log-odds of the prior at which they end.
ROUNDS, STILL = 40, 1e-3
#: A value is never rarer than a fraction of one record of the table.
RAREST = 0.2


@dataclass(frozen=True)
class Evidence:
    """All that is counted before fitting; ``frame`` is the number of (ordered) pairs around the sample."""

    around: Patterns
    strangers: Patterns
    sharing: tuple[Patterns, ...]
    agreements: Agreements
    frequencies: tuple[Frequencies, ...]
    frame: float
    linked: bool = False


def fit(fields: Sequence[Field], seen: Evidence) -> Weights:
    """Fit m, u, both trees and the prior.

    Parameters
    ----------
    fields : sequence of Field
    seen : Evidence

    References
    ----------
    Fellegi and Sunter (1969); Winkler (1988) for the fitting; Chow and Liu (1968) for the trees.
    """
    weights = _start(fields, seen)
    last = np.inf
    for turn in range(ROUNDS):
        share = posterior(weights, seen.around)
        drawn = tuple(posterior(weights, patterns) for patterns in seen.sharing)
        weights = _maximise(fields, seen, share * seen.around.counts, drawn, is_strict=turn < STRICT_ROUNDS)
        if turn > STRICT_ROUNDS and abs(weights.log_odds - last) < STILL:
            break
        last = weights.log_odds
    return weights


def _start(fields: Sequence[Field], seen: Evidence) -> Weights:
    """The kinds' defaults, and a prior of one match for every ten records."""
    m = tuple(np.array(level_shares(field, crossed=is_crossed(fields, i))) for i, field in enumerate(fields))
    records = max(np.sqrt(seen.frame), 2.0)
    nothing, drawn = np.zeros(len(seen.around)), tuple(np.ones(len(patterns)) for patterns in seen.sharing)
    weights = _maximise(fields, seen, nothing, drawn)
    return replace(weights, m=m, prior=float(min(0.1 / records, 0.1)))


def _maximise(
    fields: Sequence[Field], seen: Evidence, matches: Floats, drawn: tuple[Floats, ...], *, is_strict: bool = True
) -> Weights:
    prior = (matches.sum() + 0.05) / (seen.frame + 1.0)
    m = tuple(_matched(fields, i, seen.around.levels[:, i], matches, is_strict=is_strict) for i in range(len(fields)))
    strange = seen.around.counts - matches
    u = tuple(_stranger(fields, i, seen, strange, prior * m[i]) for i in range(len(fields)))
    rarity = tuple(_rarity(seen, i, prior * m[i][-1], u[i][-1]) for i in range(len(fields)))
    shared = _shared(fields, u, seen, drawn)
    m_tree = _matched_tree(m, shared, seen.around.levels, matches)
    return Weights(m, u, rarity, m_tree, shared, float(min(prior, 0.5)))


def _matched(fields: Sequence[Field], field: int, levels: Ints, matches: Floats, *, is_strict: bool) -> Floats:
    before = np.array(level_shares(fields[field], crossed=is_crossed(fields, field)))
    counts = np.bincount(levels, weights=matches, minlength=len(before) + 1)[1:]
    m = (counts + MATCHES_BEFORE * before) / (counts.sum() + MATCHES_BEFORE)
    identity = STRICT_AT_MOST if is_strict else IDENTITY_AT_MOST
    most = identity if KINDS[fields[field].kind].is_identity else DIFFERENT_AT_MOST
    if m[0] > most:
        m = np.concatenate([[most], m[1:] * (1 - most) / (1 - m[0])])
    return np.asarray(np.clip(m, EDGE, 1))


def _stranger(fields: Sequence[Field], field: int, seen: Evidence, strange: Floats, matched: Floats) -> Floats:
    """u of one field: what pairs at random and values show, less what the matches among them explain (``matched``).

    Grades too rare for pairs at random are seen among the strangers that the rules brought up: no fewer can there be.
    """
    kind = KINDS[fields[field].kind]
    size = len(matched)
    counts = np.bincount(seen.strangers.levels[:, field], weights=seen.strangers.counts, minlength=size + 1)[1:]
    drawn = counts.sum()
    fuzzy = np.maximum(counts - drawn * matched, 0)[1:-1] + STRANGERS_BEFORE * kind.chance
    pairs = seen.agreements.pairs[field]
    agree = max(pairs * (seen.agreements.share[field] - matched[-1]), 0.0)
    equal = (agree + STRANGERS_BEFORE * kind.chance) / (pairs + STRANGERS_BEFORE)
    share = drawn / max(seen.strangers.counts.sum(), 1.0)
    brought = np.bincount(seen.around.levels[:, field], weights=strange, minlength=size + 1)[2:-1]
    at_least = brought / max(seen.frame * share, 1.0)
    between = np.maximum(np.maximum(fuzzy / (drawn + STRANGERS_BEFORE), at_least), EDGE)
    return np.concatenate([[max(1 - equal - between.sum(), EDGE)], between, [max(equal, EDGE)]])


def _rarity(seen: Evidence, field: int, matched: float, u_equal: float) -> Floats:
    """The frequency of the values of each class among strangers: other holders, less those who are the same person."""
    found = seen.frequencies[field]
    # a record's partners stand among all others, or in the other source alone
    share = 0.5 if seen.linked else 1.0
    same = matched * share * max(found.size - 1, 0)
    others = np.maximum(found.mean - 1 - same, RAREST)
    # a small table knows no frequencies: what the field shows as a whole counts for as many records as the defaults
    few = np.sqrt(STRANGERS_BEFORE)
    return np.asarray(np.clip((others + few * u_equal) / (found.size + few), EDGE, 0.999))


def _matched_tree(m: Sequence[Floats], sharing: Sequence[Shared], levels: Ints, matches: Floats) -> Tree:
    """Which fields change together in one person's records (a move changes suburb and postcode)."""
    parent = np.full(len(m), -1, dtype=np.int64)
    for edge in reversed(sharing):
        if edge.grades[-1] >= FOLLOWS:
            parent[edge.field] = edge.parent
    yes = np.array([1 - shares[0] for shares in m])
    no = yes.copy()
    for field in np.flatnonzero(parent >= 0):
        above = levels[:, parent[field]]
        there = matches * ((levels[:, field] > 0) & (above > 0))
        agrees, is_above = levels[:, field] > 1, above > 1
        yes[field] = _share(there[agrees & is_above], there[is_above], yes[field])
        no[field] = _share(there[agrees & ~is_above], there[~is_above], no[field])
    return Tree(parent, np.clip(yes, 1e-3, 1 - 1e-3), np.clip(no, 1e-3, 1 - 1e-3))


def _share(agree: Floats, of: Floats, before: float) -> float:
    return float((agree.sum() + MATCHES_BEFORE * before) / (of.sum() + MATCHES_BEFORE))


def _shared(
    fields: Sequence[Field], u: Sequence[Floats], seen: Evidence, drawn: Sequence[Floats]
) -> tuple[Shared, ...]:
    """Which fields strangers share together: a suburb with its postcode, an address and a family name with relatives.

    Dependences are taken strongest first; none that would let a field follow itself in a circle.
    """
    size = len(u)
    edges = []
    for above, (patterns, share) in enumerate(zip(seen.sharing, drawn, strict=True)):
        strangers, matches = patterns.counts * (1 - share) ** 2, (patterns.counts * share).sum()
        for field in range(size):
            if field != above:
                grades = _drawn(u[field], patterns.levels[:, field], strangers, float(matches))
                grades = _at_most(grades, u[field], KINDS[fields[field].kind].shared_at_most)
                gained = float((grades * np.log2(grades / u[field])).sum())
                if gained > LEAST_SHARED:
                    edges.append((u[above][-1] * gained, -field, -above, grades))
    found: list[Shared] = []
    for _, field, above, grades in sorted(edges, key=lambda edge: edge[:3], reverse=True):
        if not _leads(found, -above, -field):
            found.append(Shared(-field, -above, grades))
    return tuple(found)


def _drawn(u: Floats, levels: Ints, strangers: Floats, matches: float) -> Floats:
    """Grades among strangers who share another field; where most who share it are one person, little is learned."""
    counts = np.bincount(levels, weights=strangers, minlength=len(u) + 1)[1:]
    total = strangers.sum() + matches
    scale = SHARED_PAIRS / total if total > SHARED_PAIRS else 1.0
    before = SHARED_BEFORE + UNCERTAIN * matches * scale
    return np.asarray((counts * scale + before * u) / (counts.sum() * scale + before))


def _at_most(grades: Floats, u: Floats, most: float) -> Floats:
    """Grades of agreement beyond chance, cut to what people who share other things share of this."""
    beyond = float(u[0] - grades[0])
    return grades if beyond <= most else np.asarray(u + (grades - u) * most / beyond)


def _leads(found: Sequence[Shared], start: int, to: int) -> bool:
    """Whether ``start`` follows ``to``, by however many steps."""
    return start == to or any(_leads(found, edge.parent, to) for edge in found if edge.field == start)
