"""The history of deals: windows exact to the second, and agreement with a plain second implementation."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canonical import at, built
from goodwill.workspace import Workspace

Row = dict[str, Any]
SECOND, DAY = dt.timedelta(seconds=1), dt.timedelta(days=1)
OPENED, DECIDED, END = at("2024-03-04 10:00"), at("2024-06-03 15:00"), at("2025-01-01")
SHORT = Workspace(Path(), history_weeks=10, washout_weeks=2)


def touch(moment: dt.datetime, channel: str = "organic_social", verb: str = "Like", company: str = "company:a") -> Row:
    base = {"at": moment, "verb": verb, "account": company, "venue": "x", "channel_group": channel}
    return base | {"direction": "inbound", "id": f"{moment} {channel} {verb} {company}"}


def deal(name: str, opened: dt.datetime, decided: dt.datetime | None, outcome: str, company: str = "company:a") -> Row:
    return {"id": name, "account": company, "created_at": opened, "closed_at": decided, "outcome": outcome}


def history(*touches: Row, workspace: Workspace = SHORT, others: tuple[Row, ...] = ()) -> Row:
    rows = {"opportunities": [deal("d", OPENED, DECIDED, "won"), *others], "interactions": touches}
    return next(r for r in built(rows, "deal_history", workspace, END) if r["id"] == "d")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("moment", "washout", "first", "later", "after"),
    [
        (OPENED - 14 * DAY - SECOND, False, False, False, False),
        (OPENED - 14 * DAY, True, False, False, False),
        (OPENED - SECOND, True, False, False, False),
        (OPENED, False, True, True, False),
        (DECIDED - SECOND, False, True, True, False),
        (DECIDED, False, False, True, True),
        (DECIDED + 2 * SECOND, False, False, True, True),  # on the day of the decision, yet after it
        (DECIDED + 56 * DAY - SECOND, False, False, True, True),
        (DECIDED + 56 * DAY, False, False, True, False),
    ],
)
def test_the_windows_of_a_social_touch(
    moment: dt.datetime, washout: bool, first: bool, later: bool, after: bool
) -> None:
    found = history(touch(moment))
    assert (found["in_washout"], found["social_after"]) == (washout, after)
    assert found["first_social_at"] == (moment if first else None)
    assert found["next_social_at"] == (moment if later else None)
    assert found["social_before"] == (1 if OPENED - 70 * DAY <= moment < OPENED else 0)


def test_touches_of_one_day_on_both_sides_of_an_edge_are_told_apart() -> None:
    found = history(*(touch(OPENED + hours * dt.timedelta(hours=1)) for hours in (-2, -1, 3)))
    assert (found["social_before"], found["first_social_at"]) == (2, OPENED + dt.timedelta(hours=3))
    found = history(touch(DECIDED - DAY), touch(DECIDED + SECOND), touch(DECIDED - SECOND))
    assert (found["first_social_at"], found["social_after"]) == (DECIDED - DAY, True)


def test_without_a_washout_nobody_is_washed_out() -> None:
    found = history(touch(OPENED - SECOND), touch(OPENED), workspace=Workspace(Path(), washout_weeks=0))
    assert (found["in_washout"], found["first_social_at"]) == (False, OPENED)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("moment", "engagement", "recent"),
    [
        (OPENED - 70 * DAY - SECOND, 0, 0), (OPENED - 70 * DAY, 1, 0), (OPENED - 28 * DAY - SECOND, 1, 0),
        (OPENED - 28 * DAY, 1, 1), (OPENED - SECOND, 1, 1), (OPENED, 0, 0),
    ],
)  # fmt: skip
def test_engagement_counts_from_its_window_up_to_opening(moment: dt.datetime, engagement: int, recent: int) -> None:
    found = history(touch(moment, "email", "Read"), touch(moment, "email", "Send"), touch(moment, "service"))
    assert (found["engagement"], found["engagement_recent"]) == (engagement, recent)
    assert (found["service_before"], found["social_before"]) == (engagement, 0)


def test_earlier_deals_of_the_company_and_their_wins() -> None:
    found = history(
        others=(
            deal("won before", OPENED - 9 * DAY, OPENED, "won"),
            deal("lost before", OPENED - 9 * DAY, OPENED - DAY, "lost"),
            deal("decided since", OPENED - 9 * DAY, OPENED + SECOND, "won"),
            deal("still open", OPENED - 9 * DAY, None, "open"),
            deal("of another", OPENED - 9 * DAY, OPENED - DAY, "won", "company:b"),
        )
    )
    assert (found["deals_before"], found["wins_before"]) == (2, 1)


def test_an_open_deal_is_watched_to_the_end() -> None:
    rows = {"opportunities": [deal("d", OPENED, None, "open")], "interactions": [touch(END - SECOND), touch(END)]}
    (found,) = built(rows, "deal_history", SHORT, END)
    assert (found["until_at"], found["first_social_at"], found["social_after"]) == (END, END - SECOND, False)


#: Half days around few dates make edges meet often.
moments = st.integers(0, 250).map(lambda halves: at("2024-01-01") + halves * dt.timedelta(hours=12))
touches = st.lists(
    st.builds(
        touch,
        moments,
        st.sampled_from(["organic_social", "paid_social", "email", "service", "site"]),
        st.sampled_from(["Like", "Send"]),
        st.sampled_from(["company:a", "company:b"]),
    ),
    max_size=40,
)
spans = st.lists(
    st.tuples(moments, moments, st.sampled_from(["won", "lost", "open"]), st.sampled_from(["company:a", "company:b"])),
    min_size=1,
    max_size=5,
)


@pytest.mark.slow
@given(touches, spans, st.integers(0, 6), st.integers(0, 12))
@settings(max_examples=25, deadline=None)
def test_the_history_is_what_a_plain_count_says(
    acts: list[Row], drawn: list[tuple[Any, ...]], washout: int, weeks: int
) -> None:
    rows = [
        deal(f"d{i}", opened, decided, outcome, company) for i, (opened, decided, outcome, company) in enumerate(drawn)
    ]
    workspace, end = Workspace(Path(), washout_weeks=washout, history_weeks=weeks), at("2024-04-20")
    found = built({"opportunities": rows, "interactions": acts}, "deal_history", workspace, end)
    assert [{k: v for k, v in row.items() if k != "account"} for row in found] == plain(rows, acts, workspace, end)


def plain(rows: list[Row], acts: list[Row], workspace: Workspace, end: dt.datetime) -> list[Row]:
    usable = []
    for row in rows:
        opened, decided = row["created_at"], row["closed_at"] if row["outcome"] != "open" else None
        is_later = decided is not None and decided >= end
        decided = None if is_later else decided
        if decided is not None and decided < opened and decided.date() == opened.date():
            decided = opened
        usable.append((row, opened, decided, "open" if decided is None else row["outcome"]))
    acts = [act for act in acts if act["at"] < end]
    usable = [u for u in usable if u[1] < end]
    return [
        counted(row, (opened, decided or end), acts, usable, workspace)
        for row, opened, decided, _ in usable
        if not (decided and decided < opened)
    ]


def counted(
    row: Row, span: tuple[dt.datetime, dt.datetime], acts: list[Row], deals: list[tuple[Any, ...]], workspace: Workspace
) -> Row:
    opened, until = span
    unique = {a["id"]: a for a in acts if a["verb"] != "Send" and a["account"] == row["account"]}
    kinds: dict[str, list[dt.datetime]] = {"social": [], "service": [], "engagement": []}
    for act in unique.values():
        channel = act["channel_group"]
        kind = "social" if channel.endswith("social") else "service" if channel == "service" else "engagement"
        kinds[kind].append(act["at"])

    def before(kind: str, days: int) -> int:
        return sum(opened - days * DAY <= moment < opened for moment in kinds[kind])

    past = [
        e for e in deals
        if e[0] is not row and e[0]["account"] == row["account"] and e[2] and e[2] <= opened
    ]  # fmt: skip
    since = sorted(m for m in kinds["social"] if m >= opened)
    return {
        "id": row["id"], "opened_at": opened, "until_at": until,
        "engagement": before("engagement", 7 * workspace.history_weeks), "engagement_recent": before("engagement", 28),
        "social_before": before("social", 7 * workspace.history_weeks),
        "service_before": before("service", 7 * workspace.history_weeks),
        "in_washout": before("social", 7 * workspace.washout_weeks) > 0,
        "first_social_at": next((m for m in since if m < until), None), "next_social_at": next(iter(since), None),
        "social_after": any(until <= m < until + 56 * DAY for m in since),
        "deals_before": len(past), "wins_before": sum(e[3] == "won" for e in past),
    }  # fmt: skip
