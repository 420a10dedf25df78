"""What a report says about itself: whose it is, as of when, what was refused, how it can be repeated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Refused:
    """What one file became, the rows in it, and how many of them at least one table refused."""

    file: str
    became: str
    rows: int
    refused: int


@dataclass(frozen=True)
class Meta:
    """Everything a reader must know that no verdict says.

    ``period`` is the first and last day covered and ``as_of`` the day as which the company is seen,
    all ISO dates; ``coverage`` holds shares of identities recognised; ``refused`` one row per file that was
    read; ``unread`` the files, or parts of files, that gave nothing, each with the reason; ``lost`` those files that
    should have given something: they could not be read, or all their rows were refused.
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
    lost: tuple[str, ...] = ()

    @classmethod
    def of(cls, manifest: Mapping[str, Any]) -> Meta:
        """What a study's manifest says, as the report needs it.

        Examples
        --------
        >>> part = {"table": "people", "sheet": "", "kept": 8, "refused": 2}
        >>> inputs = [{"file": "a.csv", "tables": [part, part], "rows": 10, "refused": 2}]
        >>> meta = Meta.of({"company": "Acme", "as_of": "2025-12-31", "inputs": inputs})
        >>> meta.rows_read, meta.rows_refused
        (10, 2)
        """
        inputs = manifest.get("inputs", ())
        return cls(
            company=manifest["company"] or "this company",
            as_of=manifest["as_of"],
            currency=manifest.get("currency", "EUR"),
            period=tuple(manifest.get("period", ("", ""))),
            refused=tuple(_read(given) for given in inputs if given["tables"]),
            unread=tuple((given["file"], why) for given in inputs for why in _silent(given)),
            coverage=manifest.get("coverage", {}),
            version=manifest.get("version", ""),
            seed=manifest.get("seed", 0),
            lost=tuple(given["file"] for given in inputs if given.get("error") or is_refused_whole(given)),
        )

    @property
    def rows_read(self) -> int:
        """Rows that files offered, the refused ones included; each once, however many tables it fills."""
        return sum(part.rows for part in self.refused)

    @property
    def rows_refused(self) -> int:
        """Rows that could not be read."""
        return sum(part.refused for part in self.refused)


def is_refused_whole(given: Mapping[str, Any]) -> bool:
    """Was every row of a file refused? ``given`` is an input of the manifest.

    Examples
    --------
    >>> is_refused_whole({"rows": 7, "refused": 7, "tables": [{"kept": 0}]})
    True
    """
    refused = given.get("refused", 0)
    return bool(refused) and refused >= given["rows"] and not any(part["kept"] for part in given["tables"])


def _read(given: Mapping[str, Any]) -> Refused:
    """One file as a line: what it became in the order in which its sheets say it."""
    became = dict.fromkeys(part["table"].replace("_", " ") for part in given["tables"])
    return Refused(given["file"], ", ".join(became), given["rows"], given["refused"])


def _silent(given: Mapping[str, Any]) -> list[str]:
    """Why a file, or a part of it, gave nothing."""
    if given.get("error"):
        return [str(given["error"])]
    if given.get("same_as"):
        return [f"the same as {given['same_as']}"]
    if not given["tables"]:
        unused = "recognised, and nothing in it is used" if given.get("source") else "no source knows its layout"
        return [*given.get("notes", ()), unused]
    if is_refused_whole(given):
        return [*given.get("notes", ()), _all_refused(given["refused"])]
    sheets = [f'no source knows the layout of "{sheet}"' for sheet in given.get("unknown_sheets", ())]
    return [*given.get("notes", ()), *sheets]


def _all_refused(rows: int) -> str:
    counted = "its only row was" if rows == 1 else f"all {rows:,} rows were"
    return f"{counted} refused; goodwill doctor says why"
