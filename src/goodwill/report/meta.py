"""What a report says about itself: whose it is, as of when, what was refused, how it can be repeated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Refused:
    """What one file gave to one canonical table, and how many of its rows could not be read."""

    file: str
    table: str
    rows: int
    refused: int


@dataclass(frozen=True)
class Meta:
    """Everything a reader must know that no verdict says.

    ``period`` is the first and last day covered and ``as_of`` the day as which the company is seen,
    all ISO dates; ``coverage`` holds shares of identities recognised; ``refused`` one row per file and table.
    """

    company: str
    as_of: str
    currency: str = "EUR"
    period: tuple[str, str] = ("", "")
    refused: tuple[Refused, ...] = ()
    coverage: Mapping[str, float] = field(default_factory=dict)
    version: str = ""
    seed: int = 0

    @property
    def rows_read(self) -> int:
        """Rows that files offered, the refused ones included."""
        return sum(part.rows for part in self.refused)

    @property
    def rows_refused(self) -> int:
        """Rows that could not be read."""
        return sum(part.refused for part in self.refused)
