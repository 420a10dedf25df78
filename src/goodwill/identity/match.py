"""Which records are one person's: learns from the records themselves, and gives pairs of them calibrated probabilities.

``learn`` looks at a sample and freezes all that it found in a ``Model``; ``score`` finds and scores the pairs
(``scoring``). What a pair gets depends on its two records and the model alone, so that records that come later can be
scored alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from goodwill.errors import GoodwillError
from goodwill.identity import fellegi_sunter, scoring
from goodwill.identity.blocking import CAPPED, Blocks, Rule, choose_rules, freeze, using
from goodwill.identity.calibration import Calibration, calibrate
from goodwill.identity.fellegi_sunter import Shared, Tree, Weights
from goodwill.identity.fields import Field
from goodwill.identity.fitting import Evidence, fit
from goodwill.identity.keeping_models import from_json, to_json
from goodwill.identity.patterns import AROUND, agreements, around_sample, at_random, of_pairs, sharing
from goodwill.identity.prepared import ROWS, Frequencies, classify, frequencies, prepare
from goodwill.warehouse import Tables

__all__ = ["Field", "Model", "learn", "score"]

#: Pairs that the rules bring up around one record, about; says how many records ``AROUND`` pairs surround.
PARTNERS = 60


@dataclass(frozen=True)
class Model:
    """All that ``score`` needs to know, frozen.

    ``sources`` names the column of the data set where records are linked across data sets alone; ``n`` is the number
    of records learnt from; ``engine`` tells whether the codes of values still mean the same.
    """

    fields: tuple[Field, ...]
    sources: str | None
    blocks: Blocks
    frequencies: tuple[Frequencies, ...]
    weights: Weights
    calibration: Calibration
    n: int
    engine: int

    def to_json(self) -> str:
        """The model as text, to the last bit."""
        return to_json(self)

    @staticmethod
    def from_json(text: str) -> Model:
        """The model that ``to_json`` wrote."""
        parts = (Model, Field, Blocks, Rule, Frequencies, Weights, Tree, Shared, Calibration)
        found = from_json(text, {part.__name__: part for part in parts})
        assert isinstance(found, Model)
        return found


def learn(
    tables: Tables,
    records: str,
    fields: Sequence[Field],
    *,
    sources: str | None = None,
    labels: str | None = None,
    seed: int = 0,
) -> Model:
    """Learn which agreements say that two records are one person's; nobody need say which are.

    Parameters
    ----------
    tables : Tables
    records : str
        A table with the column ``record`` (unique) and one column per field; empty values are absent ones.
    fields : sequence of Field
        Which columns to compare, and what kind of thing stands in each.
    sources : str, optional
        The column that names the data set of a record: only records of different data sets are then compared.
    labels : str, optional
        A table of decided pairs: ``record_a``, ``record_b``, ``verdict`` (same, different; others say nothing).
    seed : int
        Which records and pairs are drawn where not all are looked at.

    Examples
    --------
    >>> from goodwill.warehouse.duckdb_engine import open_file
    >>> tables = open_file(None)
    >>> tables.execute("CREATE TABLE people (record INT, given TEXT, family TEXT, born TEXT, email TEXT)")
    >>> tables.execute('''INSERT INTO people VALUES
    ...     (1, 'Ann', 'Lee', '1980-02-01', 'ann.lee@x.org'), (2, 'Ann', 'Lee', '1980-02-01', 'ann.lee@x.org'),
    ...     (3, 'Bob', 'Ray', '1971-11-30', 'bob@y.org'), (4, 'Cy', 'Moss', '1990-07-07', 'cy@z.org')''')
    >>> fields = [Field("given", "given"), Field("family", "family"), Field("born", "date"), Field("email", "email")]
    >>> score(tables, learn(tables, "people", fields), "people")
    >>> tables.rows("SELECT record_a, record_b, probability > 0.99 AS sure FROM scored_pairs")
    [{'record_a': 1, 'record_b': 2, 'sure': True}]
    """
    fields = tuple(fields)
    if not fields:
        raise GoodwillError("there is nothing to compare", where=records, remedy="Name at least one field.")
    with scoring.sparing(tables):
        return _learnt(tables, records, fields, sources, labels, seed=seed)


def _learnt(
    tables: Tables, records: str, fields: tuple[Field, ...], sources: str | None, labels: str | None, *, seed: int
) -> Model:
    n = prepare(tables, records, fields, sources=sources)
    known = tuple(frequencies(tables, number) for number in range(len(fields)))
    classify(tables, known)
    blocks = freeze(tables, choose_rules(tables, fields, n), n)
    seen = _look(tables, fields, blocks, known, seed=seed, n=n)
    weights = fit(fields, seen)
    calibration = _decided(tables, fields, weights, labels) if labels else Calibration()
    tables.execute(f"DROP TABLE {ROWS}")
    return Model(fields, sources, blocks, known, weights, calibration, n, scoring.engine(tables))


def score(tables: Tables, model: Model, records: str, *, into: str = "scored_pairs", new: str | None = None) -> None:
    """Find the pairs of records that may be one person's, and how probable it is of each.

    Fills ``into``: ``record_a`` < ``record_b``, ``probability`` (calibrated), ``weight`` (log2 Bayes factor), ``rule``
    (the rules that found the pair, by name) and ``rules`` (the same as a bit mask: bit i is ``model.blocks.rules[i]``).
    Fills ``<into>_found`` too: for each two rules (``rule_a`` = ``rule_b``: one rule) how many ``pairs`` they found
    both, and how many ``matches`` are expected among them (the sum of the probabilities).

    Parameters
    ----------
    tables : Tables
    model : Model
    records : str
        A table shaped like the one learnt from.
    into : str
        The table to fill.
    new : str, optional
        A table with the column ``record``: only pairs with at least one of these are looked for. Together with the
        pairs among the others they are exactly what scoring all records with this model gives.
    """
    if scoring.engine(tables) != model.engine:
        raise GoodwillError(
            "the model was learnt with another version of the engine", where=records, remedy="Learn it again."
        )
    with scoring.sparing(tables):
        scoring.find(tables, model, records, new)
        scoring.weigh(tables, model, into)


def _look(
    tables: Tables, fields: tuple[Field, ...], blocks: Blocks, known: tuple[Frequencies, ...], *, seed: int, n: int
) -> Evidence:
    """Everything that is counted before weights are fitted."""
    step = max(1, round(n * PARTNERS / AROUND))
    using(tables, blocks)
    around = around_sample(tables, fields, blocks, step=step, seed=seed)
    tables.forget(CAPPED)
    strangers = at_random(tables, fields, n=n, seed=seed)
    shared = tuple(sharing(tables, fields, number, seed=seed) for number in range(len(fields)))
    frame, is_linked = _frame(tables, step=step, seed=seed)
    return Evidence(around, strangers, shared, agreements(tables, fields), known, frame, is_linked)


def _frame(tables: Tables, *, step: int, seed: int) -> tuple[float, bool]:
    """Ordered pairs between sampled records and all others, across sources where there are several."""
    some = f"hash(record, {seed}, 1) % {step} = 0"
    found = tables.rows(
        f"WITH s AS (SELECT source, count(*) AS n, count(*) FILTER ({some}) AS k FROM {ROWS} GROUP BY source) SELECT "
        "CAST(sum(k) AS DOUBLE) AS k, CAST(sum(n) AS DOUBLE) AS n, CAST(sum(k * n) AS DOUBLE) AS inside, "
        "count(*) AS sources FROM s"
    )[0]
    if found["sources"] > 1:
        return float(found["k"] * found["n"] - found["inside"]), True
    return float((found["k"] or 0) * max((found["n"] or 0) - 1, 0)), False


def _decided(tables: Tables, fields: tuple[Field, ...], weights: Weights, labels: str) -> Calibration:
    """The calibration that decided pairs ask for."""
    patterns = [
        of_pairs(
            tables,
            fields,
            f"SELECT a.id AS a, b.id AS b FROM {labels} AS l JOIN {ROWS} AS a ON a.record = l.record_a "
            f"JOIN {ROWS} AS b ON b.record = l.record_b WHERE l.verdict = '{verdict}'",
        )
        for verdict in ("different", "same")
    ]
    x = [np.repeat(weights.log_odds + fellegi_sunter.weight(weights, p), p.counts.astype(np.int64)) for p in patterns]
    return calibrate(np.concatenate(x), np.repeat([0.0, 1.0], [len(part) for part in x]))
