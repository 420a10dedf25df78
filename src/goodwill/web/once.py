"""What takes long to make and is wanted by many at once: it is made by the first, and the others wait for it."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

Made = TypeVar("Made")


class Once(Generic[Made]):
    """Something made at its first use; where making it fails, the next who wants it tries again."""

    def __init__(self, make: Callable[[], Made]) -> None:
        self._make, self._lock = make, Lock()
        self._made: list[Made] = []

    def get(self) -> Made:
        """What was made; made now if nobody has."""
        if not self._made:
            with self._lock:
                if not self._made:
                    self._made.append(self._make())
        return self._made[0]
