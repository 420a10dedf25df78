"""The pictures and tables of the report as files, for slides and spreadsheets."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse
from starlette.exceptions import HTTPException

from goodwill.web.rendering import show
from goodwill.web.security import Ours
from goodwill.web.site import Site

ROUTER = APIRouter()
Kind = Literal["figures", "tables"]
#: What a report writes, and what each is.
KINDS = {".svg": "image/svg+xml", ".png": "image/png", ".csv": "text/csv; charset=utf-8"}


@ROUTER.get("/downloads", response_class=HTMLResponse)
def files(request: Request, site: Ours) -> HTMLResponse:
    """Every picture and table there is."""
    kinds: tuple[Kind, ...] = ("figures", "tables")
    found = {kind: [(path.name, path.stat().st_size) for path in _there(site, kind)] for kind in kinds}
    return show(request, "downloads.html.j2", found=found)


@ROUTER.get("/downloads/{kind}/{name}")
def file(site: Ours, kind: Kind, name: str) -> FileResponse:
    """One of them, to keep; never shown as a page of ours."""
    path = next((path for path in _there(site, kind) if path.name == name), None)
    if path is None:
        raise HTTPException(404)
    return FileResponse(path, media_type=KINDS[path.suffix], filename=path.name)


def _there(site: Site, kind: Kind) -> list[Path]:
    """What lies in a folder of the report: plain files of the kinds that a report writes, and nothing linked."""
    folder = site.root / kind
    try:
        found = sorted(folder.iterdir())
    except OSError:
        return []
    return [path for path in found if path.suffix in KINDS and path.is_file() and not path.is_symlink()]
