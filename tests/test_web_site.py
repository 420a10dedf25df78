"""The site: readers keep what they opened, nobody makes a thing twice, and nothing outlives the end."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import duckdb
import pytest

from goodwill.errors import GoodwillError
from goodwill.web.site import Site
from kept_answers import keep, warehouse

#: Takes the engine minutes unless it is broken off.
ENDLESS = "SELECT count(*) AS n FROM range(100000000) AS a, range(100000) AS b WHERE (a.range * b.range) % 7 = 3"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(warehouse(keep(tmp_path)))


def replace_warehouse(folder: Path) -> None:
    """What a run does at its end."""
    new = folder / "new.duckdb"
    with duckdb.connect(str(new)) as connection:
        connection.execute("CREATE TABLE timeline AS SELECT 'new' AS venue, 9 AS touch")
    new.replace(folder / "warehouse.duckdb")


def test_a_reader_keeps_the_tables_it_opened_and_the_next_sees_the_new_ones(site: Site) -> None:
    count = "SELECT count(*) AS n FROM timeline"
    with site.tables() as before:
        assert before.rows(count)[0]["n"] == 3
        replace_warehouse(site.root)
        with site.tables() as after:
            assert after.rows(count)[0]["n"] == 1
        assert before.rows(count)[0]["n"] == 3
    with site.tables() as again:
        assert again.rows(count)[0]["n"] == 1
    assert not list(site.root.glob(".serving*"))


def test_the_end_breaks_off_what_is_being_read(site: Site) -> None:
    began, seen = threading.Event(), []

    def read() -> None:
        with site.tables() as tables:
            began.set()
            try:
                tables.rows(ENDLESS)
            except duckdb.Error as error:
                seen.append(error)

    thread = site.behind(read)
    assert began.wait(10)
    time.sleep(0.2)  # it is inside the engine by now
    site.close()
    assert not thread.is_alive()
    assert len(seen) == 1
    with pytest.raises(GoodwillError, match="ending"), site.tables():
        pass


def test_answers_are_read_anew_when_there_are_others(site: Site) -> None:
    first = site.answers()
    assert site.answers() is first
    keep(site.root, first.verdicts[:1], fingerprint="1" * 32)
    assert len(site.answers().verdicts) == 1
    assert site.answers().stamp != first.stamp


def test_many_who_ask_at_once_wait_for_one_that_makes(site: Site) -> None:
    made = []

    def make() -> str:
        time.sleep(0.1)
        made.append(1)
        return "page"

    threads = [threading.Thread(target=lambda: site.made(("page",), make)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1
    assert site.made(("page",), make) == "page"


def test_what_could_not_be_made_is_tried_again(site: Site) -> None:
    def fails() -> str:
        raise GoodwillError("not now")

    with pytest.raises(GoodwillError):
        site.made(("page",), fails)
    assert site.made(("page",), lambda: "page") == "page"
