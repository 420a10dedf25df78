"""Readers for locust: each opens one page after another, without a pause. Run by ``benchmarks/serving.py``."""

from __future__ import annotations

import itertools
import json
import os
import random
from pathlib import Path
from typing import Any

from locust import FastHttpUser, constant, task

#: The pages to open: kind of page to addresses of that kind.
PAGES: dict[str, list[str]] = json.loads(Path(os.environ["GOODWILL_PAGES"]).read_text(encoding="utf-8"))
#: The number of the next reader.
READERS = itertools.count()


class Reader(FastHttpUser):  # type: ignore[misc]
    """Somebody who reads: every kind of page as often as any other."""

    wait_time = constant(float(os.environ.get("GOODWILL_PAUSE", "0")))

    def on_start(self) -> None:
        """Each reader goes another way, the same in every run."""
        self.chance: Any = random.Random(f"{os.environ.get('GOODWILL_SEED', '1')} {next(READERS)}")

    @task  # type: ignore[untyped-decorator]
    def read(self) -> None:
        """Open a page."""
        kind = self.chance.choice(sorted(PAGES))
        self.client.get(self.chance.choice(PAGES[kind]), name=kind)
