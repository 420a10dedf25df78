"""The exports: which are there, what the last run made of them, what they are, and how to add more and go on."""

from __future__ import annotations

import tomllib
from collections import Counter
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from goodwill.errors import GoodwillError
from goodwill.registry import questions
from goodwill.sources.recognise import still_open
from goodwill.web import audit, settings_file
from goodwill.web.exports_there import STATES, kind_words, lines, mark
from goodwill.web.rendering import go, show
from goodwill.web.security import Ours, Owner
from goodwill.web.site import Site
from goodwill.web.uploads import ENDINGS
from goodwill.workspace import Workspace

ROUTER = APIRouter()
#: What proposes a mapping, not only a remark.
HEAD = "[[mapping]]"


@ROUTER.get("/data", response_class=HTMLResponse)
def data(request: Request, site: Ours) -> HTMLResponse:
    """The exports, what the last run and the last look made of them, and what can be done now."""
    found = lines(site)
    there = [line for line in found if line.state != "gone"]
    states = Counter(line.state for line in found)
    return show(
        request,
        "data.html.j2",
        lines=found,
        there=there,
        summary=[(STATES[s], states[s]) for s in STATES if states[s]],
        is_behind=bool(states["new"] + states["changed"] + states["gone"]) and site.has_answers(),
        has_answers=site.has_answers(),
        scan=_scan(site),
        questions=questions().values(),
        endings=",".join(f".{ending}" for ending in ENDINGS),
        has_check_up=site.jobs.result("doctor") is not None,
        limit_mb=site.upload_limit // 2**20,
    )


def _scan(site: Site) -> dict[str, Any] | None:
    """What the last look found, with each proposal: its text, the file it is for, if it can be put and if it was."""
    scan = site.jobs.result("scan")
    if scan is None:
        return None
    workspace = site.workspace
    named = {(m.file, m.sheet or "") for m in workspace.mappings}
    rows = [{**row, "called": kind_words(row["source"]) if row["source"] else ""} for row in scan["rows"]]
    proposals = [
        {
            "text": text,
            "is_mapping": HEAD in text,
            "is_put": bool(_named_in(text) & named),
            "open": still_open(text),
        }
        for text in scan["proposals"]
    ]
    return {"rows": rows, "proposals": proposals, "at": scan["ended_at"], "is_old": scan["exports"] != mark(workspace)}


def _named_in(text: str) -> set[tuple[str, str]]:
    """The file and sheet that a proposal is for."""
    try:
        return {(m["file"], m.get("sheet", "")) for m in tomllib.loads(text).get("mapping", [])}
    except (tomllib.TOMLDecodeError, KeyError):
        return set()


@ROUTER.post("/data/proposals")
def put(
    request: Request,
    *,
    site: Ours,
    owner: Owner,
    number: Annotated[int, Form(ge=0, le=10_000)],
    at: Annotated[str, Form(max_length=40)],
) -> RedirectResponse:
    """Add a proposal to the settings, where they are valid with it."""
    scan = site.jobs.result("scan")
    if scan is None or scan["ended_at"] != at or number >= len(scan["proposals"]):
        remedy = 'Go back to the page Data and press "See what they are".'
        raise GoodwillError("this proposal is no longer there", where="/data", remedy=remedy)
    text = str(scan["proposals"][number])
    if HEAD not in text:
        raise GoodwillError("this is a remark, not a mapping", where="/data", remedy="Write a mapping under Settings.")
    if missing := still_open(text):
        raise GoodwillError(
            f"the mapping cannot work yet: nothing is named for {', '.join(missing)}",
            where="/data",
            remedy="Copy the proposal into the settings as text, and name there what is missing.",
        )
    _append(site.workspace, text)
    audit.write(site.workspace, owner.name, "settings: mapping added", "")
    return go(request, "/data#scan", "The mapping stands in the settings. Look it over there, then run.")


def _append(workspace: Workspace, text: str) -> None:
    settings, digest = settings_file.read(workspace)
    mapping = text[text.index(HEAD) :]  # what stands before it was said to the reader of the page
    settings_file.write(workspace, settings.rstrip("\n") + "\n\n" + mapping, digest)


def warm(site: Site) -> None:
    """Read the exports once, to know which have changed, and find the questions."""
    lines(site)
    questions()
