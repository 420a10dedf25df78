"""How much each grade of agreement speaks for one person: Fellegi and Sunter's model, fitted without labels.

Among pairs of records of one person grade l of field f occurs with probability m[f][l], among strangers with u[f][l];
the weight of a pair is log2 of the ratio. u comes from counts (exact for equality, pairs at random for the rest), m and
the share of matches from expectation and maximisation. Fields are not independent: in both classes each field may
depend on one other (a tree: Chow and Liu 1968), so that a postcode and its suburb do not count twice. An agreement on a
rare value weighs more: for value v, u is v's own frequency (Fellegi and Sunter 1969, method I).

Legend: m, u = distributions of grades in matches, in strangers; q = either; w = log2 weight.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from goodwill.identity.patterns import Patterns

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

#: Probabilities are kept this far from 0 and 1.
EDGE = 1e-9


@dataclass(frozen=True)
class Tree:
    """With which field each field of one person changes (-1: none); how often it agrees where that one does or not."""

    parent: Ints
    with_parent: Floats
    without: Floats


@dataclass(frozen=True)
class Shared:
    """Strangers who share ``parent`` share ``field`` more often than others: its grades where the parent is equal."""

    field: int
    parent: int
    grades: Floats


@dataclass(frozen=True)
class Weights:
    """The fitted model: grades 1... of each field, frequencies of the classes of equal values, trees, prior."""

    m: tuple[Floats, ...]
    u: tuple[Floats, ...]
    rarity: tuple[Floats, ...]
    m_tree: Tree
    sharing: tuple[Shared, ...]
    prior: float

    @property
    def log_odds(self) -> float:
        """Log2 odds that two records picked at random are one person's."""
        return float(np.log2(self.prior) - np.log2(1 - self.prior))


def posterior(weights: Weights, patterns: Patterns) -> Floats:
    """The probability that pairs of each pattern are one person's."""
    odds = np.clip(weights.log_odds + weight(weights, patterns), -500, 500)
    return np.asarray(1 / (1 + np.exp2(-odds)))


def weight(weights: Weights, patterns: Patterns) -> Floats:
    """Log2 of how many times more often a pattern occurs among matches than among strangers."""
    w = np.zeros(len(patterns))
    for field in range(len(weights.m)):
        level, above = patterns.levels[:, field], patterns.levels[:, weights.m_tree.parent[field]]
        matched = matched_states(weights, field)[above, level]
        strange, shared = _strange(weights, field, patterns.levels)
        g = _same(weights.m[field])[-1]
        rarity = weights.rarity[field][patterns.classes[:, field]]
        rare = shared * g + (1 - shared) * rarity
        w += np.log2(matched) - np.log2(np.where(level == len(weights.m[field]), rare, strange))
    return w


def _same(m: Floats) -> Floats:
    """How a value that is the same shows: the grades of agreement alone."""
    g = np.concatenate([[0.0], m[1:]])
    return np.asarray(g / g.sum())


def matched_states(weights: Weights, field: int) -> Floats:
    """m of one field (column 0: absent) by the grade of the one that it changes with (row 0: absent)."""
    m, tree = weights.m[field], weights.m_tree
    free = np.concatenate([[1.0], m])
    if tree.parent[field] < 0:
        return np.tile(free, (len(weights.m[tree.parent[field]]) + 1, 1))
    agree = np.full(len(weights.m[tree.parent[field]]) + 1, tree.with_parent[field])
    agree[0], agree[1] = 1 - m[0], tree.without[field]
    return np.column_stack([np.ones(len(agree)), 1 - agree, np.outer(agree, _same(m)[1:])])


def _strange(weights: Weights, field: int, levels: Ints) -> tuple[Floats, Floats]:
    """u of one field for each pattern, and how often strangers of this pattern truly share its value.

    Of several fields that it may be shared with, the one counts that explains most.
    """
    level = levels[:, field]
    u, shared = np.concatenate([[1.0], weights.u[field]])[level], np.zeros(len(levels))
    for edge in weights.sharing:
        if edge.field == field:
            states, often = strange_states(weights, edge)
            above = levels[:, edge.parent]
            u = np.where(level > 1, np.maximum(u, states[above, level]), np.minimum(u, states[above, level]))
            shared = np.maximum(shared, often[above])
    return u, shared


def strange_states(weights: Weights, edge: Shared) -> tuple[Floats, Floats]:
    """u of one field by the grade of one that strangers share it with; and how often they truly share it."""
    u = weights.u[edge.field]
    free, bound = np.concatenate([[1.0], u]), np.concatenate([[1.0], edge.grades])
    # a slip is a sign of sharing as far as sharing explains how often strangers show it
    above, seen = _same(weights.m[edge.parent]), weights.u[edge.parent]
    follows = np.concatenate([[0.0], np.minimum(1.0, seen[-1] / above[-1] * above / seen)])
    g = _same(weights.m[edge.field])[-1]
    shared = np.clip((bound[-1] - u[-1]) / max(g - u[-1], EDGE), 0.0, 1 - EDGE)
    return np.outer(follows, bound) + np.outer(1 - follows, free), follows * shared


def bounds(weights: Weights) -> tuple[list[Floats], list[Floats]]:
    """The most that each field can weigh: where it is equal, by class of frequency; and by grade (index 0: absent)."""
    equal, graded = [], []
    for field in range(len(weights.m)):
        m, free = matched_states(weights, field), np.concatenate([[1.0], weights.u[field]])[None, :]
        u = np.vstack([free, *(strange_states(weights, edge)[0] for edge in weights.sharing if edge.field == field)])
        equal.append(np.asarray(np.log2(m[:, -1].max()) - np.log2(weights.rarity[field])))
        graded.append(np.asarray(np.log2(m).max(axis=0) - np.log2(u).min(axis=0)))
    return equal, graded
