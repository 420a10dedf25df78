"""Small boosted trees, grown for all folds at once, that say for every unit what trees that never saw it would guess.

Each tree is symmetric: all its leaves of one depth are cut by the same question (covariate above a cut), as in
CatBoost (Prokhorenkova et al. 2018). For a few thousand units that guesses as well as freely grown trees, and the
search for the best cut is one product of matrices over all folds, five times as fast as fitting fold by fold.
Each question is picked among a few drawn at random, which makes trees differ and overfit less (Geurts et al. 2006).
The number of trees is where held-out error is least.

Legend: n units, p covariates, F jobs (one per fold and repeat), Q possible questions, q drawn; y what is guessed;
f guess on the scale of the link; g, h slope and curvature of the loss by f; A arms (2, or 1 without arms).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from goodwill.estimators.resample import generator
from goodwill.samples import Floats, Ints

Link = Literal["identity", "logit", "log"]

#: Fifteen cuts make sixteen bins: finer ones change held-out error by less than the draw of folds does.
CUTS = 15
#: Three questions a tree: three-way effects, eight leaves.
DEPTH = 3
#: A tree's step towards what it found; smaller steps took longer and guessed no better.
STEP = 0.15
#: A leaf's guess is shrunk as if it held this many more units without a signal.
SHRINK = 5.0
#: Held-out error is looked at every so many trees; two looks without gain end it.
LOOK, LOOKS_WITHOUT_GAIN, MOST_TREES = 10, 2, 300
#: A gain in held-out error of less than this share is none.
GAIN = 1e-4
#: Questions drawn for each cut: an eighth of all, within these limits.
FEWEST_DRAWN, MOST_DRAWN, DRAWN_SHARE = 16, 64, 8
#: Sums of whole numbers below 2^24 are exact in single precision, so that threads cannot change the answer.
EXACT_BITS = 24
#: Guesses on the log or log-odds scale stay within e^±30 and never overflow.
FURTHEST = 30.0

Singles = NDArray[np.float32]
#: For each job, the question asked and what it gained.
Asked = tuple[Ints, Floats]


def boosted(
    X: Floats, y: Floats, *, learn: NDArray[np.bool_], judge: NDArray[np.bool_], link: Link, arm: Ints | None = None
) -> Floats:
    """Guesses of y for every unit by every job.

    Parameters
    ----------
    X : (n, p) array
    y : (n,) array
        0/1 for ``logit``, positive for ``log`` (gamma loss: errors count in proportion), any for ``identity``.
    learn, judge : (n, F) bool
        Which units a job learns from, and on which the number of trees is judged. A unit is never both.
    arm : (n,) array of 0/1, optional
        With it, trees may also ask for the arm, and guess for either arm.

    Returns
    -------
    (F, n) array, or (2, F, n) with ``arm``: had nobody, had everybody been in arm 1

    Examples
    --------
    >>> x = np.arange(40.0)[:, None]
    >>> learn = (np.arange(40) % 2 == 0)[:, None]
    >>> found = boosted(x, (x[:, 0] > 20) * 1.0, learn=learn, judge=~learn, link="identity")
    >>> found.shape, bool(found[0, 5] < 0.2), bool(found[0, 35] > 0.8)
    ((1, 40), True, True)
    """
    size = 1.0 if link == "logit" else max(float(np.abs(y).max()), 1e-300)
    growth = _Growth(Questions.about(X, arm), np.asarray(y / size), learn.T, link)
    f = growth.beginning()
    best, least, stale = f, growth.loss(f, judge.T), 0
    draw = generator(0, "questions")
    for tree in range(1, MOST_TREES + 1):
        if not len(growth.questions.rows) or stale == LOOKS_WITHOUT_GAIN:
            break
        f, _ = growth.grown(f, draw)
        if tree % LOOK == 0:
            error, stale = growth.loss(f, judge.T), stale + 1
            if error < least * (1 - GAIN):
                best, least, stale = f, error, 0
    made = growth.mean(best) * size
    return made if arm is not None else made[0]


def shares_of_gain(X: Floats, y: Floats, *, link: Link, arm: Ints | None = None, trees: int = 40) -> Floats:
    """How much of what trees found out about y each covariate told them: (p,), adding up to 1, or all 0.

    Examples
    --------
    >>> x = np.column_stack([np.arange(40) % 3, np.arange(40) // 20]).astype(float)
    >>> bool(shares_of_gain(x, x[:, 1], link="identity")[1] > 0.9)
    True
    """
    growth = _Growth(Questions.about(X, arm), y, np.ones((1, len(y)), dtype=bool), link)
    f, gained, draw = growth.beginning(), np.zeros(X.shape[1]), generator(0, "questions")
    for _ in range(trees if len(growth.questions.rows) else 0):
        f, asked = growth.grown(f, draw)
        for question, gain in asked:
            about = growth.questions.covariate[question]
            np.add.at(gained, about[about >= 0], np.maximum(gain[about >= 0], 0.0))
    total = gained.sum()
    return np.asarray(gained / total if total > 0 else gained, dtype=np.float64)


@dataclass(frozen=True)
class Questions:
    """All that a tree may ask: ``rows`` (Q, n) 0/1 answers, ``covariate`` (Q,) asked about.

    The arm, if asked for, is the last row, and covariate -1.
    """

    rows: NDArray[np.uint8]
    covariate: Ints
    arm: Ints | None

    @staticmethod
    def about(X: Floats, arm: Ints | None) -> Questions:
        """Is a covariate above one of its quantiles?"""
        rows, about = [np.zeros((0, len(X)), dtype=bool)], [0]
        for x in X.T:
            values = np.unique(x)
            cuts = (values[1:] + values[:-1]) / 2
            if len(cuts) > CUTS:
                cuts = np.unique(np.quantile(x, np.arange(1, CUTS + 1) / (CUTS + 1)))
            asked = x > cuts[:, None]
            rows.append(asked[asked.any(axis=1) & ~asked.all(axis=1)])
            about.append(len(rows[-1]))
        covariate = np.repeat(np.arange(-1, X.shape[1]), about)
        if arm is not None:
            rows.append((arm == 1)[None, :])
            covariate = np.append(covariate, -1)
        return Questions(np.vstack(rows).astype(np.uint8), covariate.astype(np.int64), arm)

    def some(self, draw: np.random.Generator) -> Ints:
        """Which questions are considered for one cut; the arm is always among them."""
        last = len(self.rows) - (self.arm is not None)
        wanted = min(last, max(FEWEST_DRAWN, min(MOST_DRAWN, last // DRAWN_SHARE)))
        drawn = draw.choice(last, wanted, replace=False)
        return np.asarray(drawn if self.arm is None else np.append(drawn, last), dtype=np.int64)

    def answers(self, best: Ints) -> list[NDArray[np.uint8]]:
        """What every unit answers to the question that each job chose, by arm: A arrays (F, n)."""
        asked = self.rows[best]
        if self.arm is None:
            return [asked]
        about_arm = (best == len(self.rows) - 1)[:, None]
        return [np.where(about_arm, np.uint8(a), asked) for a in (0, 1)]


@dataclass(frozen=True)
class _Growth:
    """One boosting: what is asked, what is guessed (n,), who is learned from (F, n), and on which scale."""

    questions: Questions
    y: Floats
    learn: NDArray[np.bool_]
    link: Link

    def beginning(self) -> Floats:
        """The mean of what each job learns from, for everybody: (A, F, n)."""
        counts = np.maximum(self.learn.sum(axis=1), 1)
        mean = (self.learn @ self.y) / counts
        if self.link == "logit":
            kept = np.clip(mean, 0.5 / counts, 1 - 0.5 / counts)
            mean = np.log(kept / (1 - kept))
        elif self.link == "log":
            mean = np.log(np.maximum(mean, 1e-12))
        arms = 1 if self.questions.arm is None else 2
        return np.tile(mean[None, :, None], (arms, 1, len(self.y)))

    def mean(self, f: Floats) -> Floats:
        """Guesses on the scale of y."""
        if self.link == "identity":
            return f
        within = np.clip(f, -FURTHEST, FURTHEST)
        return np.asarray(expit(within) if self.link == "logit" else np.exp(within), dtype=np.float64)

    def seen(self, by_arm: NDArray[Any]) -> NDArray[Any]:
        """Of the guesses by arm, those for the arm a unit was in: (F, n)."""
        if self.questions.arm is None:
            return np.asarray(by_arm[0])
        return np.asarray(np.where(self.questions.arm == 1, by_arm[1], by_arm[0]))

    def loss(self, f: Floats, judge: NDArray[np.bool_]) -> float:
        """Mean deviance where it is judged, never negative."""
        m, y = self.mean(self.seen(f)), self.y
        if self.link == "identity":
            lost = (m - y) ** 2
        elif self.link == "logit":
            lost = -np.log(np.where(y == 1, m, 1 - m))
        else:
            ratio = np.maximum(y, 1e-12) / m
            lost = ratio - np.log(ratio) - 1
        return float(lost[judge].mean()) if judge.any() else 0.0

    def slopes(self, f: Floats) -> tuple[Floats, Floats]:
        """How the loss would fall with f, and its curvature; zero for who is not learned from (F, n)."""
        m = self.mean(self.seen(f))
        if self.link == "log":  # expected curvature 1 in place of y/m, which a huge y would let dominate
            slope, curve = self.y / m - 1, np.ones_like(m)
        else:
            slope, curve = self.y - m, m * (1 - m) if self.link == "logit" else np.ones_like(m)
        return np.where(self.learn, slope, 0.0), np.where(self.learn, curve, 0.0)

    def grown(self, f: Floats, draw: np.random.Generator) -> tuple[Floats, list[Asked]]:
        """The guesses after one more tree per job, and what was asked at each depth."""
        g, h = self.slopes(f)
        leaf, asked = self._leaves(g, h, draw)
        jobs = len(g)
        place = (leaf + (np.arange(jobs) * 2**DEPTH)[:, None]).reshape(len(f), -1)
        here = self.seen(place.reshape(f.shape)).ravel()
        G = np.bincount(here, g.ravel(), minlength=jobs * 2**DEPTH)
        H = np.bincount(here, h.ravel(), minlength=jobs * 2**DEPTH)
        return np.asarray(f + (STEP * G / (H + SHRINK))[place].reshape(f.shape), dtype=np.float64), asked

    def _leaves(self, g: Floats, h: Floats, draw: np.random.Generator) -> tuple[Ints, list[Asked]]:
        """In which leaf of each job's tree every unit falls, by arm (A, F, n), and what was asked."""
        jobs, n = g.shape
        arms = 1 if self.questions.arm is None else 2
        leaf = np.zeros((arms, jobs, n), dtype=np.int64)
        sums, unit = _whole(np.concatenate([g, h]))
        parts, asked = sums[None], []  # parts: (leaves so far, 2F, n)
        for depth in range(DEPTH):
            asked.append(self._best(parts, unit, draw))
            sides = self.questions.answers(asked[-1][0])
            leaf = 2 * leaf + np.array(sides)
            if depth < DEPTH - 1:
                right = parts * np.tile(self.seen(np.array(sides)), (2, 1)).astype(np.float32)
                parts = np.concatenate([parts - right, right])
        return leaf, asked

    def _best(self, parts: Singles, unit: Floats, draw: np.random.Generator) -> Asked:
        """The question of greatest gain for each job, sum of G^2 / (H + shrinkage) over leaves (Friedman 2001)."""
        some = self.questions.some(draw)
        leaves, both, n = parts.shape
        yes = (parts.reshape(-1, n) @ self.questions.rows[some].T.astype(np.float32)).reshape(leaves, both, -1)
        no = parts.sum(axis=2)[:, :, None] - yes
        jobs = both // 2
        G1, G0 = yes[:, :jobs] * unit[:jobs, None], no[:, :jobs] * unit[:jobs, None]
        H1, H0 = yes[:, jobs:] * unit[jobs:, None], no[:, jobs:] * unit[jobs:, None]
        gain = (G1**2 / (H1 + SHRINK) + G0**2 / (H0 + SHRINK)).sum(axis=0)
        before = ((G1 + G0)[:, :, :1] ** 2 / ((H1 + H0)[:, :, :1] + SHRINK)).sum(axis=0)
        return np.asarray(some[gain.argmax(axis=1)], dtype=np.int64), gain.max(axis=1) - before[:, 0]


def _whole(values: Floats) -> tuple[Singles, Floats]:
    """Rows as whole numbers small enough that their sums are exact, and the unit of each row."""
    bits = max(EXACT_BITS - int(np.ceil(np.log2(max(values.shape[1], 2)))), 4)
    unit = np.maximum(np.abs(values).max(axis=1), 1e-300) / 2.0**bits
    return np.rint(values / unit[:, None]).astype(np.float32), unit
