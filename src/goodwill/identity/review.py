"""Which uncertain pairs are worth a look: those on which a decision would move the answers most come first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

from goodwill.errors import GoodwillError
from goodwill.registry import Terms
from goodwill.warehouse import Tables

#: Pairs with less of p(1 - p) are as good as decided: below 1% or above 99%.
DOUBT = 0.01 * 0.99
#: What a side of a pair is by itself, in the order in which one becomes it.
CLASSES = ("new", "known", "a customer")
#: The steps from scored pairs to what hangs on them: one table each, named like its file.
STEPS = (
    "review_pairs", "review_sides", "review_actors", "review_touches", "review_results", "review_classes",
    "review_moves", "review_stakes",
)  # fmt: skip
#: What the steps read and a warehouse may lack.
READ: Mapping[str, str] = {
    "person_pairs": "node_a VARCHAR, node_b VARCHAR, probability DOUBLE",
    "account_pairs": "node_a VARCHAR, node_b VARCHAR, probability DOUBLE",
    "person_records": "node VARCHAR, exact VARCHAR",
    "account_records": "node VARCHAR, exact VARCHAR",
    "match_decisions": "node_a VARCHAR, node_b VARCHAR, verdict VARCHAR",
    "timeline": 'actor VARCHAR, person VARCHAR, account VARCHAR, "at" TIMESTAMP, touch_kind VARCHAR',
    "deals": "unit VARCHAR, id VARCHAR, account VARCHAR, outcome VARCHAR, decided_at TIMESTAMP, amount DOUBLE, "
    "currency VARCHAR",
    "contracts": "id VARCHAR, account VARCHAR, ended_on DATE, is_impossible BOOLEAN",
}


@dataclass(frozen=True)
class Stake:
    """One uncertain pair and what a decision on it would move.

    Attributes
    ----------
    kind : str
        ``person`` or ``account``.
    probability : float
        That both nodes are one.
    is_joined : bool
        Are they one now? Then a decision may part them, else join them.
    touches : int
        Social touches of the side of lower class, which would count as those of the other.
    class_from, class_to : int
        Places in ``CLASSES``.
    deals, deals_won, deals_open, customers : int
        Those that count as touched by social only if both nodes are one.
    money : float
        Amount of these deals won, in the workspace's currency.
    largest_outcome, largest_amount, largest_currency
        The deal that weighs most among them.
    score : float
        See ``queue``.
    """

    kind: str
    node_a: str
    node_b: str
    probability: float
    is_joined: bool
    touches: int
    class_from: int
    class_to: int
    deals: int
    deals_won: int
    deals_open: int
    money: float
    customers: int
    largest_outcome: str | None
    largest_amount: float | None
    largest_currency: str | None
    score: float


def queue(tables: Tables, terms: Terms, *, limit: int) -> tuple[Stake, ...]:
    """The uncertain pairs that nobody has decided on, in the order in which a decision would move the answers.

    The score of a pair is its doubt times its share of the answers. The doubt is 4p(1 - p): 1 for a coin toss, 0 for
    what is certain. The share is the mean of four shares: of all social touches, those that would change between new,
    known and customer; of all deals, of all money won and of all customers, those that would change between touched
    and untouched by social. A score of 0.01 thus says: as much as a coin toss on 1% of the answers.

    Choosing by doubt and by expected change follows Settles (2009), Active Learning Literature Survey, sections 3.1
    and 3.3; p(1 - p) is the variance of a yes or no.

    Parameters
    ----------
    tables : Tables
        A traced warehouse. One opened read-only will do: only temporary tables are written.
    terms : Terms
    limit : int
        At most so many pairs.

    Raises
    ------
    GoodwillError
        No pairs were scored yet.
    """
    there = {row["name"] for row in tables.rows("SELECT table_name AS name FROM information_schema.tables")}
    if not there & {"person_pairs", "account_pairs"}:
        raise GoodwillError("no pairs have been compared yet", remedy="Compare them with: goodwill run")
    blank = [name for name in READ if name not in there]
    for name in blank:
        tables.execute(f"CREATE TEMP TABLE {name} ({READ[name]})")
    parameters = {"currency": terms.workspace.currency, "doubt": DOUBT, "limit": limit}
    for step in STEPS:
        tables.execute(f"CREATE OR REPLACE TEMP TABLE {step} AS {_sql(step)}", **parameters)
    found = tables.rows("SELECT * FROM review_stakes ORDER BY score DESC, abs(probability - 0.5), kind, node_a, node_b")
    for name in (*blank, *STEPS):
        tables.execute(f"DROP TABLE temp.{name}")
    return tuple(Stake(**row) for row in found)


def _sql(step: str) -> str:
    return (resources.files("goodwill.identity") / "queue" / f"{step}.sql").read_text(encoding="utf-8")
