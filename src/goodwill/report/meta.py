"""What a report says about itself: whose it is, as of when, what was refused, how it can be repeated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


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
    all ISO dates; ``coverage`` holds shares of identities recognised; ``refused`` one row per file and
    table; ``unread`` the files that gave nothing, each with the reason.
    """

    company: str
    as_of: str
    currency: str = "EUR"
    period: tuple[str, str] = ("", "")
    refused: tuple[Refused, ...] = ()
    unread: tuple[tuple[str, str], ...] = ()
    coverage: Mapping[str, float] = field(default_factory=dict)
    version: str = ""
    seed: int = 0

    @classmethod
    def of(cls, manifest: Mapping[str, Any]) -> Meta:
        """What a study's manifest says, as the report needs it.

        Examples
        --------
        >>> part = {"table": "people", "sheet": "", "kept": 8, "refused": 2}
        >>> inputs = [{"file": "a.csv", "same_as": None, "error": None, "tables": [part]}]
        >>> meta = Meta.of({"company": "Acme", "as_of": "2025-12-31", "inputs": inputs})
        >>> meta.rows_read, meta.rows_refused
        (10, 2)
        """
        inputs = manifest.get("inputs", ())
        parts = [(given["file"], part) for given in inputs for part in given["tables"]]
        silent = [given for given in inputs if not given["tables"]]
        return cls(
            company=manifest["company"] or "this company",
            as_of=manifest["as_of"],
            currency=manifest.get("currency", "EUR"),
            period=tuple(manifest.get("period", ("", ""))),
            refused=tuple(Refused(f, p["table"], p["kept"] + p["refused"], p["refused"]) for f, p in parts),
            unread=tuple((given["file"], _why(given)) for given in silent),
            coverage=manifest.get("coverage", {}),
            version=manifest.get("version", ""),
            seed=manifest.get("seed", 0),
        )

    @property
    def rows_read(self) -> int:
        """Rows that files offered, the refused ones included."""
        return sum(part.rows for part in self.refused)

    @property
    def rows_refused(self) -> int:
        """Rows that could not be read."""
        return sum(part.refused for part in self.refused)


def _why(given: Mapping[str, Any]) -> str:
    """Why a file gave nothing."""
    if given.get("error"):
        return str(given["error"])
    return f"the same as {given['same_as']}" if given.get("same_as") else "no source knows its layout"
