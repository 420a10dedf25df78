"""How well people are matched, as a verdict carries it: recall where it was measured, and reviews by probability."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from canonical import END
from goodwill.designs.known_people import met
from goodwill.designs.match_facts import FEWEST, calibration, recall
from goodwill.designs.shares import wilson
from goodwill.questions import net_new
from goodwill.registry import Terms
from goodwill.warehouse.duckdb_engine import DuckDBTables, open_file
from goodwill.workspace import Workspace
from net_new_rows import met_people, quality, with_quality

TERMS = Terms(Workspace(Path()), END, 0)


def reviewed(pairs: list[tuple[float, str]], *, is_turned: bool = False) -> DuckDBTables:
    """Pairs with a stated probability and what somebody decided of them."""
    tables = open_file(None)
    ends = [(f"a{i}", f"b{i}") for i in range(len(pairs))]
    for name, cells in (
        ("person_pairs", {"probability": [p for p, _ in pairs]}),
        ("match_decisions", {"verdict": [verdict for _, verdict in pairs]}),
    ):
        turned = is_turned and name == "match_decisions"
        nodes = {"node_a": [end[turned] for end in ends], "node_b": [end[not turned] for end in ends]}
        tables.register("given", pa.table({**nodes, **cells}))
        tables.execute(f"CREATE TABLE {name} AS FROM given")
        tables.forget("given")
    return tables


@pytest.mark.parametrize("is_turned", [False, True])
def test_reviewed_pairs_by_the_probability_that_was_stated(is_turned: bool) -> None:
    pairs = [(0.6, "same")] * 9 + [(0.65, "different")] * 6 + [(0.95, "same")] * 20 + [(1.0, "unsure")] * 50
    low, high = calibration(reviewed(pairs, is_turned=is_turned), 0.9)
    assert (low["n"], low["share"]) == (15, pytest.approx(0.6))
    assert low["predicted"] == pytest.approx((9 * 0.6 + 6 * 0.65) / 15)
    assert (low["low"], low["high"]) == (pytest.approx(wilson(9, 15, 0.9)[1]), pytest.approx(wilson(9, 15, 0.9)[2]))
    assert (high["n"], high["share"], high["predicted"]) == (20, 1.0, pytest.approx(0.95))


def test_certain_pairs_belong_to_the_highest_class_and_few_say_nothing() -> None:
    assert calibration(reviewed([(1.0, "same")] * FEWEST), 0.9)[0]["predicted"] == 1.0
    assert calibration(reviewed([(0.4, "same")] * (FEWEST - 1)), 0.9) == []
    assert calibration(open_file(None), 0.9) == []


def test_recall_is_told_where_it_was_measured() -> None:
    found = met(with_quality(met_people(), [quality(known=200, found=120)]))
    (row,) = recall(found, 0.9)
    assert (row["venue"], row["n"], row["share"]) == ("linkedin", 200, 0.6)
    assert row["low"] < 0.6 < row["high"]
    assert "precision" not in row
    assert recall(met(with_quality(met_people(), [])), 0.9) == []


def test_the_question_carries_it_unless_only_the_answer_is_wanted() -> None:
    tables = with_quality(met_people())
    facts: dict[str, Any] = dict(net_new.QUESTION.ask(tables, TERMS).facts)
    assert [row["venue"] for row in facts["match_recall"]] == ["linkedin"]
    assert "match_calibration" not in facts, "nobody has reviewed anything"
    brief = Terms(Workspace(Path()), END, 0, placebos=0)
    assert net_new.QUESTION.ask(tables, brief).facts == {}
