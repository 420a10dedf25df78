"""Shared fixtures: where real data lies, if it is there at all."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from threadpoolctl import threadpool_limits

# the same examples every time: a red test must be red for everybody
settings.register_profile("steady", derandomize=True, deadline=None)
settings.load_profile("steady")

BESIDE = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """As a run does: samples are small, and threads that wait for each other cost more than they bring."""
    with threadpool_limits(limits=1):
        yield


@pytest.fixture
def real_data() -> Callable[..., Path]:
    """The path of a real file, or a skip with the reason."""
    root = Path(os.environ.get("GOODWILL_REAL_DATA", BESIDE))

    def find(*parts: str) -> Path:
        path = root.joinpath(*parts)
        if not path.exists():
            pytest.skip(f"real data not present: set GOODWILL_REAL_DATA to a folder with {'/'.join(parts)}")
        return path

    return find
