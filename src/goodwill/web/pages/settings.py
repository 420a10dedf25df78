"""The settings: goodwill.toml as a form for what most people change, and as text for everything."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, Response

from goodwill.errors import GoodwillError, Place, SettingsError
from goodwill.settings import FILE, line_of
from goodwill.web import audit, settings_file, settings_form
from goodwill.web.rendering import go, show
from goodwill.web.security import Ours, Owner
from goodwill.web.settings_form import NAMED, SECTIONS, Field, Row
from goodwill.web.settings_text import text_saying
from goodwill.web.site import Site
from goodwill.workspace import Workspace

ROUTER = APIRouter()
#: Changes told one by one after the form; of more, how many more there were.
MOST_TOLD = 8


async def _typed(request: Request) -> dict[str, tuple[str, ...]]:
    """Every field of a form whose fields depend on what the file holds."""
    form = await request.form()
    return {name: tuple(text for text in form.getlist(name) if isinstance(text, str)) for name in form}


Typed = Annotated[dict[str, tuple[str, ...]], Depends(_typed)]


@dataclass(frozen=True)
class Form:
    """The whole form: fields and rows by section."""

    fields: Mapping[str, Sequence[Field]]
    rows: Mapping[str, Sequence[Row]]

    def wrongs(self) -> Iterator[tuple[str, str, str]]:
        """Everything wrong, in the order of the page."""
        for fields in self.fields.values():
            yield from settings_form.wrongs(fields)
        for rows in self.rows.values():
            yield from settings_form.wrongs(rows)


@ROUTER.get("/settings", response_class=HTMLResponse)
def settings(request: Request, site: Ours, owner: Owner) -> HTMLResponse:  # noqa: ARG001
    """The form, as the file has it; a file that says nothing that counts is shown as text with what is wrong."""
    text, digest = settings_file.read(_there(site))
    try:
        settings_file.checked(_there(site), text)
    except SettingsError as error:
        return _text_page(request, text, digest, error)
    raw = tomllib.loads(text)
    form = Form(
        {s: settings_form.fields(raw, s) for s, *_ in SECTIONS}, {s: settings_form.rows(raw, s) for s, *_ in NAMED}
    )
    return _form_page(request, form, digest)


@ROUTER.post("/settings", response_class=HTMLResponse)
def save(request: Request, site: Ours, owner: Owner, typed: Typed) -> Response:
    """Change what the form changes and nothing else; on anything wrong the form comes back as it was filled in."""
    workspace, former = _there(site), _one(typed, "former")
    text, digest = settings_file.read(workspace)
    settings_file.checked(workspace, text)
    raw = tomllib.loads(text)
    form = Form(
        {s: settings_form.typed_fields(raw, s, typed) for s, *_ in SECTIONS},
        {s: settings_form.typed_rows(raw, s, typed) for s, *_ in NAMED},
    )
    if any(form.wrongs()):
        return _form_page(request, form, former, status=422)
    if digest != former:  # rows and fields are told apart by their place in the file that was shown
        return _form_page(request, form, former, _changed_meanwhile(), status=422)
    new = ""
    try:
        new = text_saying(text, settings_form.wanted(raw, typed))
        settings_file.write(workspace, new, former)
    except SettingsError as error:
        return _form_page(request, _beside(form, error, new), former, error, status=422)
    return _saved(request, owner.name, text, new)


@ROUTER.get("/settings/file", response_class=HTMLResponse)
def file(request: Request, site: Ours, owner: Owner) -> HTMLResponse:  # noqa: ARG001
    """The file as text."""
    return _text_page(request, *settings_file.read(_there(site)))


@ROUTER.post("/settings/file", response_class=HTMLResponse)
def save_file(request: Request, site: Ours, owner: Owner, typed: Typed) -> Response:
    """Put the text in the place of the file, if it says nothing that cannot be."""
    workspace, former = _there(site), _one(typed, "former")
    new = _one(typed, "text").replace("\r\n", "\n")
    try:
        text, _ = settings_file.read(workspace)
        settings_file.write(workspace, new, former)
    except GoodwillError as error:
        return _text_page(request, new, former, error, status=422)
    return _saved(request, owner.name, text, new, to="/settings/file")


def _saved(request: Request, who: str, former: str, text: str, to: str = "/settings") -> Response:
    """On to the page, with what changed in words."""
    site: Site = request.app.state.site
    if former == text:
        return go(request, to, "Nothing was changed.")
    audit.write(_there(site), who, "changed settings", settings_file.read(_there(site))[1][:16])
    try:
        told = settings_file.changed(former, text)
    except tomllib.TOMLDecodeError:  # the former one was broken
        told = ()
    more = f"; and {len(told) - MOST_TOLD} more" if len(told) > MOST_TOLD else ""
    what = "; ".join(told[:MOST_TOLD]) + more if told else "only comments, order or spaces changed"
    return go(request, to, f"Saved: {what}. It counts from the next run.")


def _form_page(
    request: Request, form: Form, digest: str, error: SettingsError | None = None, *, status: int = 200
) -> HTMLResponse:
    site: Site = request.app.state.site
    wrong = list(form.wrongs())
    return show(
        request, "settings.html.j2", status, form=form, sections=SECTIONS, named=NAMED, digest=digest, wrong=wrong,
        problem=None if wrong else error, waits=_waits(site),
    )  # fmt: skip


def _text_page(
    request: Request, text: str, digest: str, error: GoodwillError | None = None, *, status: int = 200
) -> HTMLResponse:
    site: Site = request.app.state.site
    number = error.where.line if error and isinstance(error.where, Place) else None
    lines = text.split("\n")
    quoted = lines[number - 1] if number and number <= len(lines) else ""
    shown = text.encode(errors="replace").decode()  # half a character cannot be sent back
    return show(
        request, "settings_file.html.j2", status, text=shown, digest=digest, problem=error, number=number,
        quoted=quoted.encode(errors="replace").decode()[:200], lines=len(lines), waits=_waits(site),
    )  # fmt: skip


def _beside(form: Form, error: SettingsError, text: str) -> Form:
    """The form with what is wrong with the whole file put beside the field on whose line it is."""
    line = error.where.line if isinstance(error.where, Place) else None
    if line is None:
        return form

    def told(field: Field) -> Field:
        is_there = line_of(tuple(field.name.split(".")), text) == line
        said = f"{error.problem[:1].upper()}{error.problem[1:]}. {error.remedy}"
        return replace(field, wrong=said) if is_there else field

    return replace(form, fields={section: [told(field) for field in found] for section, found in form.fields.items()})


def _changed_meanwhile() -> SettingsError:
    remedy = "Load the page again in another window, and repeat your change there; nothing was written."
    return SettingsError(f"{FILE} has changed since this page was loaded", where=FILE, remedy=remedy)


def _waits(site: Site) -> bool:
    """Did the settings change after the last answers?"""
    root = site.root
    try:
        return (root / FILE).stat().st_mtime_ns > (_there(site).verdicts / "manifest.json").stat().st_mtime_ns
    except OSError:
        return False


def _there(site: Site) -> Workspace:
    """The folder alone: what goodwill.toml says may be broken, and is to be mended here."""
    return Workspace(site.root)


def _one(typed: Mapping[str, Any], name: str) -> str:
    return str(next(iter(typed.get(name, ())), ""))
