"""One answer as an object: its verdict, its numbers, its tables, its pictures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from numpy.typing import NDArray

from goodwill.claims.finding import found
from goodwill.claims.tree import tree
from goodwill.errors import GoodwillError, nearest
from goodwill.notebook import frames
from goodwill.notebook.chart import Chart
from goodwill.notebook.explanation import Explanation
from goodwill.notebook.shown import answer_html
from goodwill.report import figure_files, table_files, words
from goodwill.report.check_words import resisted
from goodwill.report.meta import Meta
from goodwill.report.numbers import show, show_interval, show_level
from goodwill.report.pictures import pictures
from goodwill.verdicts import Verdict
from goodwill.workspace import Workspace

if TYPE_CHECKING:
    import pandas
    import polars


@dataclass(frozen=True, repr=False)
class Answer:
    """What was found about one question.

    Examples
    --------
    >>> from pathlib import Path
    >>> from goodwill.verdicts import Figure
    >>> effect = Figure("effect", "Difference in chance of winning", 0.061, "points", low=0.012, high=0.11)
    >>> verdict = Verdict("win_rate", "Does it?", unit="opportunity", headline=effect, n=812, grade="C")
    >>> answer = Answer(verdict, Workspace(root=Path("acme")), {"company": "Acme", "as_of": "2025-12-31"})
    >>> answer.value, answer.interval, answer.standing, answer.grade
    (0.061, (0.012, 0.11), 'cannot tell', 'C')
    """

    verdict: Verdict
    workspace: Workspace
    manifest: Mapping[str, Any]

    @property
    def meta(self) -> Meta:
        """Whose answer it is, as of when, and what was read."""
        return Meta.of(self.manifest)

    @property
    def question(self) -> str:
        """The name of the question."""
        return self.verdict.question

    @property
    def value(self) -> float | None:
        """The headline in its stored unit (shares and points are fractions); None if there is none."""
        return self.verdict.headline.value if self.verdict.headline else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Both ends of the headline's interval in its stored unit; None where nothing was sampled or told."""
        figure = self.verdict.headline
        return (figure.low, figure.high) if figure and figure.low is not None and figure.high is not None else None

    @property
    def unit(self) -> str:
        """The unit of the headline; empty if there is none."""
        return self.verdict.headline.unit if self.verdict.headline else ""

    @property
    def standing(self) -> str:
        """Supported, no effect found, cannot tell, contradicted or described."""
        return self.verdict.standing

    @property
    def grade(self) -> str:
        """The grade of the evidence, from A (randomised) to E (described)."""
        return self.verdict.grade

    @property
    def sentence(self) -> str:
        """The answer in one or two sentences, as the report has it."""
        return words.sentence(self.verdict, self.meta.currency)

    @property
    def charts(self) -> tuple[Chart, ...]:
        """The pictures of the report, drawn now."""
        drawn = figure_files.by_facts(pictures(self.verdict, self.meta.currency))
        name = words.title(self.verdict)
        return tuple(Chart(f, p.sees, figure_files.standalone(name, p, self.meta)) for f, p in drawn.items())

    def figures(self) -> pa.Table:
        """Every figure: value and interval unrounded, and as the report writes them; hidden counts are null."""
        rows = table_files.figure_rows(self.verdict, self.meta.currency)
        return frames.as_table((dict(zip(table_files.FIGURE, row, strict=True)) for row in rows), table_files.FIGURE)

    def facts(self, name: str) -> pa.Table:
        """The numbers behind a picture, as they are kept; hidden counts are null.

        Raises
        ------
        GoodwillError
            This answer has no facts of that name; with the nearest.
        """
        known = [facts for facts, rows in self.verdict.facts.items() if rows]
        if name not in known:
            close = nearest(name, known)
            remedy = f"Did you mean {close}?" if close else f"It has: {', '.join(known) or 'none'}."
            raise GoodwillError(f'the answer about {self.question} has no facts called "{name}"', remedy=remedy)
        return frames.as_table(self.verdict.facts[name])

    def arrays(self, name: str) -> dict[str, NDArray[Any]]:
        """The same as one NumPy array per column; absent numbers are NaN."""
        return frames.as_arrays(self.facts(name))

    def to_pandas(self, name: str | None = None) -> pandas.DataFrame:
        """The figures, or the facts of a name, as a pandas frame."""
        return frames.to_pandas(self.figures() if name is None else self.facts(name))

    def to_polars(self, name: str | None = None) -> polars.DataFrame:
        """The figures, or the facts of a name, as a polars frame."""
        return frames.to_polars(self.figures() if name is None else self.facts(name))

    def explain(self, figure: str | None = None) -> Explanation:
        """Where the headline, or the figure of a name, comes from: its meaning, method, checks, settings and files.

        Raises
        ------
        GoodwillError
            There is no such figure; with the nearest.
        """
        claim = self.question if figure is None else f"{self.question}.{figure}"
        verdict, named = found(claim, (self.verdict,))
        return Explanation(tree(verdict, named, self.workspace, self.manifest, self.meta.currency))

    def __repr__(self) -> str:
        verdict, currency = self.verdict, self.meta.currency
        lines = [f"{words.title(verdict)}: {words.standing_words(verdict).words.lower()}", verdict.asks, self.sentence]
        for name, figure in (("adjusted", verdict.headline), ("naive", verdict.naive)):
            if figure:
                reach = show_interval(figure, currency)
                reach = f" ({show_level(figure)} interval {reach})" if reach else ""
                lines.append(f"{name}: {show(figure, currency)}{reach}")
        return "\n  ".join([*lines, f"checks: {resisted(verdict)}"])

    def _repr_html_(self) -> str:
        return answer_html(self.verdict, self.meta.currency)
