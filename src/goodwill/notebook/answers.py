"""All answers of a workspace as one mapping, with its scorecard, its tables, and a way to run it again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from goodwill import keeping
from goodwill.errors import GoodwillError, nearest
from goodwill.notebook import asking, frames
from goodwill.notebook.answer import Answer
from goodwill.notebook.shown import scorecard_html
from goodwill.report.meta import Meta
from goodwill.report.terminal import as_rows, plain_scorecard
from goodwill.verdicts import Verdict
from goodwill.workspace import Workspace, open_workspace

if TYPE_CHECKING:
    import pandas
    import polars


class UnknownQuestion(GoodwillError, KeyError):
    """No question of this name was asked; a mapping takes it for a missing key."""


@dataclass(frozen=True, repr=False)
class Scorecard:
    """All answers, a row for each."""

    verdicts: tuple[Verdict, ...]
    meta: Meta

    def table(self) -> pa.Table:
        """The rows that ``goodwill run --format json`` writes: unrounded, hidden counts are null."""
        return frames.as_table(as_rows(self.verdicts, self.meta.currency))

    def to_pandas(self) -> pandas.DataFrame:
        """The rows as a pandas frame."""
        return frames.to_pandas(self.table())

    def to_polars(self) -> polars.DataFrame:
        """The rows as a polars frame."""
        return frames.to_polars(self.table())

    def __repr__(self) -> str:
        return plain_scorecard(self.verdicts, self.meta)

    def _repr_html_(self) -> str:
        return scorecard_html(self.verdicts, self.meta)


@dataclass(frozen=True, repr=False, eq=False)
class Answers(Mapping[str, Answer]):
    """The answers that a workspace kept, by question; what it shows does not change when the workspace does.

    Examples
    --------
    >>> from goodwill.verdicts import Verdict
    >>> churn = Verdict("churn", "Does social keep customers?", missing="no subscription has ended")
    >>> study = Answers(Workspace(root=Path("acme")), (churn,), {"company": "Acme", "as_of": "2025-12-31"})
    >>> study.questions, len(study), "churn" in study, "chrun" in study
    (('churn',), 1, True, False)
    >>> study["chrun"]
    Traceback (most recent call last):
        ...
    goodwill.notebook.answers.UnknownQuestion: there is no answer about "chrun"
      remedy: Did you mean churn?
    """

    workspace: Workspace
    verdicts: tuple[Verdict, ...]
    manifest: Mapping[str, Any]

    @property
    def questions(self) -> tuple[str, ...]:
        """The names of the questions that were asked, in order."""
        return tuple(verdict.question for verdict in self.verdicts)

    @property
    def meta(self) -> Meta:
        """Whose answers they are, as of when, and what was read."""
        return Meta.of(self.manifest)

    def __getitem__(self, question: str) -> Answer:
        """The answer to one question.

        Raises
        ------
        UnknownQuestion
            It was not asked; with the nearest. It is a GoodwillError and a KeyError.
        """
        for verdict in self.verdicts:
            if verdict.question == question:
                return Answer(verdict, self.workspace, self.manifest)
        close = nearest(str(question), self.questions)
        remedy = f"Did you mean {close}?" if close else f"There are: {', '.join(self.questions)}."
        raise UnknownQuestion(f'there is no answer about "{question}"', remedy=remedy)

    def __iter__(self) -> Iterator[str]:
        return iter(self.questions)

    def __len__(self) -> int:
        return len(self.verdicts)

    def scorecard(self) -> Scorecard:
        """All answers, a row for each: a table, plain text, or rich in a notebook."""
        return Scorecard(self.verdicts, self.meta)

    def table(self, name: str) -> pa.Table:
        """All rows of a table of the warehouse, such as ``timeline``; with names and addresses where exports have them.

        Raises
        ------
        GoodwillError
            There is no such table; with the nearest.
        """
        return asking.whole(self.workspace, name)

    def sql(self, query: str, **parameters: Any) -> pa.Table:
        """What one SELECT (DuckDB's dialect) finds in the warehouse; ``$name`` in it stands for a parameter.

        Raises
        ------
        GoodwillError
            It is no single SELECT, or names something that is not there.
        """
        return asking.asked(self.workspace, query, **parameters)

    def run(self, *, as_of: dt.date | None = None, seed: int | None = None, only: Sequence[str] = ()) -> Answers:
        """Read the exports and answer again, and give the new answers; these stay as they are.

        The answers are kept in the workspace; report.html is written by ``goodwill report``.

        Raises
        ------
        GoodwillError
            Another run is at work, nothing can be read, or a question has no such name.
        """
        from goodwill import study  # reading, matching and statistics are loaded where they are needed

        workspace = open_workspace(self.workspace.root)  # the settings may have changed
        study.run(workspace, as_of=as_of, seed=seed, only=only)
        return _kept(workspace)

    def __repr__(self) -> str:
        return repr(self.scorecard())

    def _repr_html_(self) -> str:
        return self.scorecard()._repr_html_()


def open_answers(folder: Path | str) -> Answers:
    """The answers that a workspace keeps.

    Raises
    ------
    GoodwillError
        The folder is no workspace, or there are no answers yet.
    """
    return _kept(open_workspace(folder))


def _kept(workspace: Workspace) -> Answers:
    verdicts, manifest = keeping.kept(workspace)
    return Answers(workspace, verdicts, manifest)
