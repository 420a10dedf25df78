"""Where a number comes from: from its sentence down to the rows, and from a row to the line of a file."""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from goodwill.claims import masking
from goodwill.claims.columns import columns
from goodwill.claims.finding import found
from goodwill.claims.hiding import hidden, no_mail
from goodwill.claims.inputs import input_of
from goodwill.claims.rows import RowPage, rows_behind
from goodwill.claims.source_lines import Excerpt, excerpt
from goodwill.claims.tree import tree
from goodwill.report import numbers, words
from goodwill.report.phrases import label
from goodwill.verdicts.verdict import Evidence, Figure, Verdict
from goodwill.vocabulary import TABLES
from goodwill.web import audit
from goodwill.web.rendering import show, show_made
from goodwill.web.security import Current, Ours, Reader
from goodwill.web.site import Site

ROUTER = APIRouter()
#: Rows on one page.
ROWS = 50
#: Columns of a row that its last cell says in one.
PLACE = ("source_file", "source_row", "source_line", "source_sheet")
#: What of the tree is opened only by whoever asks.
FOLDED = ("definition", "method", "checks", "assumptions", "settings", "column", "model", "table")
#: A cell that tells nobody who somebody is: a date, a time, an amount; long bare numbers may be those of a telephone.
_PLAIN = re.compile(
    r"[\d.,:/ TZ+-]*\d{4}-\d\d-\d\d[\d.,:/ TZ+-]*|\d{1,2}[./]\d{1,2}[./]\d{2,4}.{0,12}|-?[\d.,]{1,9}|true|false|"
)


@ROUTER.get("/claims/{claim}", response_class=HTMLResponse)
def claim(
    request: Request,
    *,
    site: Ours,
    visitor: Reader,
    session: Current,
    claim: str,
    offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
) -> HTMLResponse:
    """One claim: what it says, how it was found, through which tables, of which rows."""
    answers = site.answers()
    verdict, figure = found(claim, answers.verdicts)
    is_masked = not site.sessions.shows_names(session)
    if not is_masked:
        audit.write(site.workspace, visitor.name, "saw the rows behind a figure, with names", claim[:100])

    def make() -> dict[str, Any]:
        return {
            "verdict": verdict,
            "figure": figure,
            "claim": f"{verdict.question}.{figure.name}" if figure else verdict.question,
            "title": label(figure.label) if figure else words.title(verdict),
            "tree": tree(verdict, figure, site.workspace, answers.manifest, answers.currency),
            "columns": columns(figure.evidence) if figure and figure.evidence else (),
            "others": [(f.name, label(f.label)) for f in verdict.every_figure() if f is not figure],
            "is_masked": is_masked,
            "place": PLACE,
            "folded": FOLDED,
            "value": numbers.show(figure, answers.currency) if figure else "",
            "found": _found(figure, verdict, answers.currency),
            **_rows(site, figure, offset, is_masked=is_masked),
        }

    return show_made(request, (answers.stamp, claim, offset, is_masked), "claim.html.j2", make, asks_names=is_masked)


def _found(figure: Figure | None, verdict: Verdict, currency: str) -> str:
    """Interval, number and grade of a figure, in a line."""
    if figure is None:
        return ""
    interval = numbers.show_interval(figure, currency)
    told = [f"{numbers.show_level(figure)} interval {interval}" if interval else ""]
    told += [f"n = {numbers.show_count(figure.n)}" if figure.n is not None else "", f"grade {verdict.grade}"]
    return "; ".join(filter(None, told))


def _rows(site: Site, figure: Figure | None, offset: int, *, is_masked: bool) -> dict[str, Any]:
    """A page of the rows behind a figure, and where the pages before and after begin."""
    if figure is None or figure.evidence is None:
        return {"page": None, "before": None, "after": None}
    with site.tables() as tables:
        page: RowPage = rows_behind(
            tables, site.workspace, figure.evidence, offset=offset, limit=ROWS, is_masked=is_masked
        )
    after = offset + len(page.rows)
    return {
        "page": page,
        "before": max(0, offset - ROWS) if offset else None,
        "after": after if page.rows and after < page.total else None,
    }


@ROUTER.get("/files", response_class=HTMLResponse)
def file(
    request: Request,
    *,
    site: Ours,
    visitor: Reader,
    session: Current,
    file: Annotated[str, Query(max_length=1000)],
    row: Annotated[int, Query(ge=1, le=10**12)],
    sheet: Annotated[str, Query(max_length=500)] = "",
) -> HTMLResponse:
    """One row of an export: its cells under their header, and the line it stands on."""
    is_masked = not site.sessions.shows_names(session)
    where: Excerpt = excerpt(site.workspace, file, row, sheet=sheet)
    if not is_masked:
        audit.write(site.workspace, visitor.name, "saw a row of an export, with names", f"{file[:200]}, row {row}")
    hide = _hidden if is_masked else str
    cells = [(name, hide(value)) for name, value in zip(where.header, where.cells, strict=False)]
    read = _read(site, where, is_masked=is_masked)
    return show(request, "file.html.j2", where=where, cells=cells, read=read, is_masked=is_masked)


def _read(site: Site, where: Excerpt, *, is_masked: bool) -> list[tuple[str, dict[str, Any]]]:
    """What became of the row: a row of each canonical table that it filled, without what is empty."""
    found = []
    filled = dict.fromkeys(part["table"] for part in input_of(site.workspace, where.file)["tables"])
    with site.tables() as tables:
        for name in (name for name in filled if name in TABLES):
            evidence = Evidence(name, f"SELECT * FROM {name}")
            one = f"{evidence.rows} WHERE source_file = $file AND source_row = $row LIMIT 5"
            rows = tables.rows(one, file=where.file, row=where.row)
            shown = hidden(rows, evidence) if is_masked else rows
            found += [(name, {k: v for k, v in row.items() if v is not None and k not in PLACE}) for row in shown]
    return found


def _hidden(cell: str) -> str:
    """A cell without what could tell who somebody is.

    Examples
    --------
    >>> [_hidden(cell) for cell in ("2025-03-01", "1,200.50", "Jane Doe", "jane@acme.com", "4917012345678")]
    ['2025-03-01', '1,200.50', 'J*** D***', 'j***@acme.com', '4***']
    """
    return cell if _PLAIN.fullmatch(cell) else no_mail(str(masking.text(cell)))
