"""What is at work: how far it is, how long it has been, how to stop it; and beginning a run, a scan or a check-up."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import StringConstraints

from goodwill.doors.showing import called
from goodwill.study import chosen
from goodwill.web import audit
from goodwill.web.jobs import Job, Kind
from goodwill.web.rendering import go, show
from goodwill.web.security import Ours, Owner
from goodwill.web.site import Site

ROUTER = APIRouter()
#: What a job is called, and where its result is shown.
KINDS: dict[Kind, tuple[str, str]] = {
    "run": ("run", "/"),
    "scan": ("look at the exports", "/data#scan"),
    "doctor": ("check-up", "/doctor"),
}
#: The largest seed that every generator takes.
LARGEST_SEED = 2**31 - 1
#: Days before any business's first export, and after anybody's plans.
FIRST_DAY, LAST_DAY = dt.date(1970, 1, 1), dt.date(2199, 12, 31)
Name = Annotated[str, StringConstraints(max_length=64)]


@ROUTER.get("/jobs", response_class=HTMLResponse)
def jobs(request: Request, site: Ours) -> HTMLResponse:
    """What is at work, or what was last, and what the last run said."""
    job = site.jobs.current
    return show(
        request,
        "jobs.html.j2",
        job=job,
        known=_told(job) if job else None,
        ran=site.jobs.result("run"),
    )


@ROUTER.get("/jobs.json")
def jobs_json(site: Ours) -> dict[str, Any]:
    """The same for the script that moves the bars."""
    job = site.jobs.current
    return _told(job) if job else {"state": "none"}


def _told(job: Job) -> dict[str, Any]:
    name, goes_to = KINDS[job.kind]
    return {
        "number": job.number,
        "kind": job.kind,
        "called": name,
        "state": job.state,
        "steps": [{"name": s, "called": called(s), "done": done, "of": of} for s, done, of in job.steps],
        "elapsed": duration_words(job.seconds),
        "goes_to": goes_to,
        "problem": job.problem[:1].upper() + job.problem[1:],
        "where": job.where,
        "remedy": job.remedy[:1].upper() + job.remedy[1:],
    }


@ROUTER.post("/jobs")
def begin(
    request: Request,
    *,
    site: Ours,
    owner: Owner,
    kind: Annotated[Kind, Form()],
    as_of: Annotated[dt.date | None, Form(ge=FIRST_DAY, le=LAST_DAY)] = None,
    seed: Annotated[int | None, Form(ge=0, le=LARGEST_SEED)] = None,
    questions: Annotated[list[Name], Form(default_factory=list, max_length=100)],
) -> RedirectResponse:
    """Begin a run, a scan or a check-up."""
    options: dict[str, Any] = {}
    if kind == "run":
        only = tuple(q.name for q in chosen(questions)) if questions else ()
        options = {"as_of": as_of.isoformat() if as_of else None, "seed": seed, "only": only}
    site.jobs.start(kind, **options)
    audit.write(site.workspace, owner.name, f"began: {KINDS[kind][0]}", "")
    return go(request, "/jobs")


@ROUTER.post("/jobs/stop")
def stop(request: Request, site: Ours, owner: Owner) -> RedirectResponse:
    """Stop what is at work; nothing that was there before has changed."""
    job: Job | None = site.jobs.current
    if job is None or job.state != "running":
        return go(request, "/jobs", "Nothing was at work any more.")
    site.jobs.stop()
    audit.write(site.workspace, owner.name, f"stopped: {KINDS[job.kind][0]}", "")
    return go(request, "/jobs", _stopped(site))


def _stopped(site: Site) -> str:
    after = site.jobs.current
    state: Literal["running", "done", "failed", "stopped"] | None = after.state if after else None
    if state == "stopped":
        return "Stopped. The answers are those from before it began."
    return "It ended before it could be stopped."


def duration_words(seconds: int) -> str:
    """A length of time in words.

    Examples
    --------
    >>> duration_words(7), duration_words(72), duration_words(3_700)
    ('7 s', '1 min 12 s', '1 h 1 min')
    """
    minutes, rest = divmod(seconds, 60)
    if minutes >= 60:
        return f"{minutes // 60} h {minutes % 60} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
