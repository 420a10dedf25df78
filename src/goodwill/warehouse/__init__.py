"""Where tables live. One engine is one file; ``Tables`` is all that the rest of the house knows of it."""

from __future__ import annotations

from typing import Any, Protocol

from numpy.typing import NDArray


class Tables(Protocol):
    """An open engine. SQL is DuckDB's dialect with named parameters (``$as_of``)."""

    def execute(self, sql: str, /, **parameters: Any) -> None:
        """Run a statement that returns nothing."""

    def columns(self, sql: str, /, **parameters: Any) -> dict[str, NDArray[Any]]:
        """All rows of a query, as one array per column; absent text is None, absent numbers are NaN."""

    def rows(self, sql: str, /, **parameters: Any) -> list[dict[str, Any]]:
        """All rows of a query, as one mapping per row."""

    def register(self, name: str, table: Any) -> None:
        """Make an Arrow table readable under a name until ``forget``."""

    def forget(self, name: str) -> None:
        """Undo ``register``."""

    def close(self) -> None:
        """Let go of the file."""
