"""A closer look at what one answer is about: plain counts by venue, team, segment and day, marked as description."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, Any

import pyarrow as pa
from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from goodwill import history
from goodwill.errors import GoodwillError
from goodwill.report import closer_pictures, words
from goodwill.report.phrases import venue_name
from goodwill.web import closer_look
from goodwill.web.closer_look import Choices, Chosen
from goodwill.web.rendering import environment, show
from goodwill.web.security import Ours, Reader
from goodwill.web.site import Answers, Site

ROUTER = APIRouter()
#: What each kind of segment is called.
KINDS = {"industry": "Industry", "country": "Country", "size": "Employees", "deals": "Segment of the deal"}
Text = Annotated[str, Query(max_length=200)]


@dataclass(frozen=True)
class Asked:
    """What the form sends; empty where everything counts."""

    since: Text = ""
    as_of: Text = ""
    venue: Text = ""
    team: Text = ""
    segment: Text = ""

    def within(self, first: dt.date, last: dt.date) -> Chosen:
        """What is meant, where answers know of days from the first to the last."""
        days = _day(self.since, first, first, last), _day(self.as_of, last, first, last)
        return Chosen(*days, self.venue, self.team, self.segment)


@ROUTER.get("/questions/{question}/closer", response_class=HTMLResponse)
def closer(
    request: Request, site: Ours, visitor: Reader, question: str, asked: Annotated[Asked, Depends()]
) -> HTMLResponse:
    """The form, the counts, and the way to an answer as of the day chosen."""
    answers = site.answers()
    verdict = answers.find(question)
    smallest = site.workspace.smallest_cell
    offered = _offered(site, answers, smallest)
    first, last = _days(answers)
    chosen = asked.within(first, last)
    _check(chosen, offered)
    is_now = chosen.as_of == last
    run_then = None if is_now else _run_as_of(site, chosen.as_of, question)
    return show(
        request, "closer.html.j2", verdict=verdict, sentence=words.sentence(verdict, answers.currency), chosen=chosen,
        offered=offered, first=first, last=last, kinds=KINDS, venue_name=venue_name, title=words.title(verdict),
        looked=_looked(site, answers, chosen, smallest), is_now=is_now, run_then=run_then,
        may_run=visitor.is_owner,
    )  # fmt: skip


def _looked(site: Site, answers: Answers, chosen: Chosen, smallest: int) -> Markup:
    """The counts as a piece of page, made once for all readers: it is the same for every question."""

    def make() -> Markup:
        with site.tables() as tables:
            found = closer_look.look(
                tables, _touches(site, answers), chosen, smallest=smallest, currency=answers.currency
            )
        return Markup(environment().get_template("closer_look.html.j2").render(**_shown(found, answers, smallest)))

    return site.made(("closer", answers.stamp, chosen, smallest), make)


def _shown(found: closer_look.Look, answers: Answers, smallest: int) -> dict[str, Any]:
    chosen = found.chosen
    kind, _, name = chosen.segment.partition(":")
    said = {"venue": chosen.venue, "team": chosen.team, "segment": f"{KINDS.get(kind, '').lower()} {name}".strip()}
    return {
        "look": found,
        "smallest": smallest,
        "weekly": closer_pictures.weekly(found.weeks),
        "venues": closer_pictures.by_venue(found.venues),
        "deals": closer_pictures.deals(found.deals) if found.deals else None,
        "requests": closer_pictures.requests(found.tickets),
        "cost": closer_pictures.cost(found.cost, answers.currency),
        "words": closer_pictures,
        "said": closer_pictures.said(**said),
        "limits": closer_pictures.narrowed(**said),
    }


def _offered(site: Site, answers: Answers, smallest: int) -> Choices:
    def make() -> Choices:
        with site.tables() as tables:
            return closer_look.choices(tables, _touches(site, answers), smallest)

    return site.made(("closer choices", answers.stamp, smallest), make)


def _touches(site: Site, answers: Answers) -> pa.Table:
    def make() -> pa.Table:
        with site.tables() as tables:
            return closer_look.social_touches(tables)

    return site.made(("social touches", answers.stamp), make)


def _days(answers: Answers) -> tuple[dt.date, dt.date]:
    """The first and the last day of the answers."""
    last = dt.date.fromisoformat(answers.meta.as_of)
    first = answers.meta.period[0]
    return (min(dt.date.fromisoformat(first), last) if first else last), last


def _day(text: str, absent: dt.date, first: dt.date, last: dt.date) -> dt.date:
    """A day within the answers.

    Raises
    ------
    GoodwillError
    """
    if not text:
        return absent
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        raise GoodwillError("this is not a day", where=repr(text), remedy=f"Write it like this: {last}") from None
    if not first <= day <= last:
        raise GoodwillError(f"nothing is known of {day}", remedy=f"Choose a day from {first} to {last}.")
    return day


def _check(chosen: Chosen, offered: Choices) -> None:
    if chosen.since > chosen.as_of:
        raise GoodwillError("the first day lies after the last", remedy="Choose a first day before the last one.")
    segments = [value for value, *_ in offered.segments]
    for value, known in ((chosen.venue, offered.venues), (chosen.team, offered.teams), (chosen.segment, segments)):
        if value and value not in known:
            raise GoodwillError(
                f"this cannot be chosen: {value!r}",
                remedy="Choose from the lists: they hold what the last run knows, and of how many may be shown.",
            )


def _run_as_of(site: Site, day: dt.date, question: str) -> history.Summary | None:
    """The latest run as of a day that has an answer to the question."""
    found = [s for s in history.summaries(site.workspace) if s.as_of == day.isoformat()]
    return next((s for s in reversed(found) if question in s.manifest.get("questions", {})), None)
