"""Writes the manual's pages that follow from the code; ``--check`` only says which of them are stale.

Run ``python docs/generate.py`` after a source, a question, a command, a setting, a table or a term has changed.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from enum import Enum
from pathlib import Path
from types import GenericAlias
from typing import Any

import typer

from goodwill import terms, vocabulary
from goodwill.cli import app
from goodwill.exports import Locale, Sheet
from goodwill.glossary import TERMS, Term
from goodwill.registry import Layout, Question, Source, questions, sources
from goodwill.settings import SETTINGS, Setting

DOCS = Path(__file__).resolve().parent
README = DOCS.parent / "README.md"
#: Folders of which every page is written here; what is there and is not written any more is removed.
FOLDERS = ("sources", "questions", "commands")
NOTE = "<!-- Written by docs/generate.py from the code; edits here are lost. -->"
SOURCES_BEGIN, SOURCES_END = "<!-- sources:begin -->", "<!-- sources:end -->"
#: Settings that may be written down already and that nothing is computed from yet.
UNUSED = ("company.business_hours", "messages")
#: What a setting's kind means to whoever writes one.
KINDS = {
    "text": "text", "texts": "list of texts", "integer": "whole number", "number": "number",
    "share": "number between 0 and 1", "zone": "time zone", "currency": "currency code", "table": "name of a table",
    "map": "names to texts", "lists": "names to lists of texts", "cost": "number, 0 or more", "hours": "two times",
    "weeks": "whole number of weeks", "mark": "`.` or `,`", "channels": "names of channels",
    "truth": "`true` or `false`", "months": "whole number of months",
}  # fmt: skip


def pages() -> dict[Path, str]:
    """Every generated page by its path, the table of sources in the README included."""
    found = {DOCS / "sources" / f"{s.name}.md": source_page(s) for s in sources().values()}
    found |= {DOCS / "questions" / f"{q.name}.md": question_page(q) for q in questions().values()}
    group = typer.main.get_command(app)
    commands = verbs(group)
    found |= {DOCS / "commands" / page_of(name): command_page(name, command) for name, command in commands.items()}
    found[DOCS / "sources" / "README.md"] = page("Sources", source_rows(""))
    found[DOCS / "questions" / "README.md"] = page("Questions", question_rows())
    found[DOCS / "commands" / "README.md"] = page("Commands", command_rows(commands), group.epilog or "")
    found[DOCS / "settings.md"] = settings_page()
    found[DOCS / "tables.md"] = tables_page()
    found[DOCS / "glossary.md"] = glossary_page()
    found[README] = between(README.read_text(encoding="utf-8"), source_rows("docs/sources/"))
    return found


def page(title: str, *parts: str) -> str:
    """A page with its heading; empty parts are left out."""
    return "\n\n".join([f"# {title}", NOTE, *(p for p in parts if p)]) + "\n"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown; a bar inside a cell would end it, so it is escaped."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(c.replace("|", "\\|") for c in line) + " |" for line in lines)


def bullets(lines: Iterable[str]) -> str:
    """A list in Markdown."""
    return "\n".join(f"- {line}" for line in lines)


def anchor(title: str) -> str:
    """The name by which a heading can be linked to."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def between(text: str, new: str) -> str:
    """The text with what stands between the markers replaced."""
    before, rest = text.split(SOURCES_BEGIN)
    return f"{before}{SOURCES_BEGIN}\n{new}\n{SOURCES_END}{rest.split(SOURCES_END)[1]}"


def source_rows(folder: str) -> str:
    """The table of sources, with links to pages in ``folder``."""
    rows = ([f"[{s.title}]({folder}{s.name}.md)", s.answers] for s in sources().values())
    return table(("Export", "What it tells"), rows)


def source_page(source: Source) -> str:
    """One source: how to get it, its layouts, and what its figures do not mean."""
    told = [f"**What it tells.** {sentence(source.answers)}", f"**How to get it.** {source.how_to_get}"]
    told += [f"**What to know.** {source.caveats}"] if source.caveats else []
    told += [f"**How its layout is known.** {sentence(source.evidence)}"] if source.evidence else []
    intro = "A sheet is recognised by its header, never by the name of its file. A `*` stands for any ending."
    layouts = [layout_part(layout) for layout in source.layouts]
    return page(source.title, *told, "## Layouts", intro, *layouts, "[All sources](README.md)")


class EveryColumn(Sheet):
    """A sheet that has whatever column it is asked for."""

    def column(self, *names: str) -> str | None:
        """The column asked for first, if none of the others stands in the header."""
        return super().column(*names) or names[0]


def layout_part(layout: Layout) -> str:
    """One layout: columns it must have, columns it understands or leaves alone, tables it fills."""
    always, at_most = filled(layout, Sheet), filled(layout, EveryColumn)
    lines = [f"needs: {codes(layout.requires)}"]
    lines += [f"knows also: {codes(layout.knows)}"] if layout.knows else []
    lines += [f"fills: {table_links(always) or 'nothing by itself; it explains the other sheets'}"]
    lines += [f"fills too, where it has the columns: {table_links(at_most - always)}"] if at_most - always else []
    lines += [f"leaves alone: {layout.ignores}"] if layout.ignores else []
    return f"### {layout.name}\n\n{bullets(lines)}"


def filled(layout: Layout, kind: type[Sheet]) -> set[str]:
    """Canonical tables that a sheet with every column of the layout fills."""
    header = tuple(dict.fromkeys(name.replace("*", "x") for name in (*layout.requires, *layout.knows)))
    return {relation.table for relation in layout.relations(kind("example.csv", "", header, 2, ()), Locale())}


def table_links(names: set[str]) -> str:
    """Canonical tables, each linked to what it holds."""
    return ", ".join(f"[{name}](../tables.md#{anchor(name)})" for name in sorted(names))


def codes(names: Iterable[str]) -> str:
    """Names as they stand in a file."""
    return ", ".join(f"`{name}`" for name in names)


def sentence(text: str) -> str:
    """A clause as a sentence."""
    return text[:1].upper() + text[1:] + ("" if text.endswith(".") else ".")


def question_rows() -> str:
    """The table of questions."""
    return table(("Question", "Asks"), ([f"[{q.name}]({q.name}.md)", q.asks] for q in questions().values()))


def question_page(question: Question) -> str:
    """One question: what is estimated, on what assumptions, and what would prove the answer wrong."""
    words = ", ".join(f"[{name}](../glossary.md#{anchor(TERMS[name].title)})" for name in question.definitions)
    return page(
        question.name,
        f"**{question.asks}**",
        f"## What is estimated\n\n{question.estimand}",
        f"## What it needs\n\n{bullets(question.needs)}",
        f"## What it assumes\n\n{bullets(question.assumptions)}",
        f"## What would prove it wrong\n\n{bullets(question.falsified_by)}",
        f"## Words\n\n{words}." if words else "",
        f"## References\n\n{bullets(question.references)}" if question.references else "",
        "How it is computed: [the method](../method.md). [All questions](README.md)",
    )


def verbs(group: Any, before: str = "") -> dict[str, Any]:
    """Every command by its name; those of a group by both names."""
    found: dict[str, Any] = {}
    for name, command in getattr(group, "commands", {}).items():
        found |= verbs(command, f"{name} ") if hasattr(command, "commands") else {before + name: command}
    return found


def page_of(command: str) -> str:
    """The file of a command's page."""
    return f"{command.replace(' ', '-')}.md"


def command_rows(commands: dict[str, Any]) -> str:
    """The table of commands, in the order in which a newcomer needs them."""
    return table(("Command", "Does"), ([f"[goodwill {n}]({page_of(n)})", c.help] for n, c in commands.items()))


def command_page(name: str, command: Any) -> str:
    """One command: usage, arguments, options and an example."""
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    options = [p for p in command.params if p.param_type_name == "option" and not p.hidden]
    usage = " ".join([f"goodwill {name}", *map(shown_argument, arguments), *(["[OPTIONS]"] if options else [])])
    parts = [command.help, f"```\n{usage}\n```"]
    for title, params in (("Arguments", arguments), ("Options", options)):
        rows = [[codes(p.opts), kind_of(p), default_of(p), p.help or ""] for p in params]
        parts += [f"## {title}", table(("Name", "Type", "Default", "Meaning"), rows)] if rows else []
    examples = (command.epilog or "").removeprefix("Example: ").split("; ")
    parts += ["## Example", "```\n" + "\n".join(examples) + "\n```"] if examples != [""] else []
    return page(f"goodwill {name}", *parts, "[All commands](README.md)")


def shown_argument(param: Any) -> str:
    """An argument in the line of usage; brackets where it may be left out."""
    return param.name.upper() if param.required else f"[{param.name.upper()}]"


def kind_of(param: Any) -> str:
    """What may be given for a parameter."""
    kind = param.type_descriptor.annotation
    if getattr(param, "nargs", 1) == 2:
        return "two whole numbers" if kind == tuple[int, int] else "two texts"
    if isinstance(kind, GenericAlias):
        return "text, may be repeated"
    if issubclass(kind, Enum):
        return " or ".join(f"`{member.value}`" for member in kind)
    return {Path: "folder", int: "whole number", float: "number", str: "text", bool: "switch"}[kind]


def default_of(param: Any) -> str:
    """What holds if a parameter is left out."""
    if param.required:
        return "required"
    if isinstance(param.default, Path):
        return "the folder one is in"
    if isinstance(param.default, Enum):
        return f"`{param.default.value}`"
    return "" if param.default is None else f"`{param.default}`"


def settings_page() -> str:
    """Every setting of goodwill.toml, a heading per section."""
    sections: dict[str, list[Setting]] = {}
    for setting in SETTINGS:
        sections.setdefault(setting.path.split(".")[0], []).append(setting)
    parts = [
        f"## {name}\n\n" + table(("Setting", "Type", "Default", "Meaning", "Example"), map(setting_row, found))
        for name, found in sections.items()
    ]
    intro = (
        "The file `goodwill.toml` of a workspace. Every setting may be left out; one that is not in this list is "
        "refused, with its line and the nearest known name. `*` stands for a name of your choice. A `[[mapping]]` "
        "may stand several times, once for every table that no source knows. No question of this version uses "
        f"{codes(UNUSED)}; they are checked and kept."
    )
    return page("Settings", intro, *parts)


def setting_row(setting: Setting) -> list[str]:
    """One setting as a row."""
    default = setting.default
    shown = ", ".join(f"`{d}`" for d in default) if isinstance(default, tuple) else f"`{default}`"
    empty = default is None or default in ("", ())
    example = (
        setting.example if setting.kind in ("map", "lists") else f"{setting.path.split('.')[-1]} = {setting.example}"
    )
    return [f"`{setting.path}`", KINDS[setting.kind], "none" if empty else shown, setting.meaning, f"`{example}`"]


def tables_page() -> str:
    """Canonical tables and the words that their columns may hold."""
    intro = (
        "Every export is turned into these tables, and every figure is counted from them. Each row also carries "
        "`source_file` and `source_row`: the file and the row in it that it came from. Times are UTC. A row that "
        "lacks a needed column is refused, counted and kept with the reason."
    )
    parts = []
    for found in vocabulary.TABLES.values():
        rows = ([f"`{c.name}`", c.type, "yes" if c.required else "", terms.spelt_out(c.meaning)] for c in found.columns)
        parts.append(
            f"## {found.name}\n\nA row is {found.row}.\n\n" + table(("Column", "Type", "Needed", "Meaning"), rows)
        )
    words = {"Kinds of node": terms.NODE_KINDS, "Verbs": terms.VERBS, "Channel groups": terms.CHANNELS,
             "Metrics": terms.METRICS}  # fmt: skip
    for title, meanings in words.items():
        rows = ([f"`{name}`", meaning] for name, meaning in meanings.items())
        parts.append(f"## {title}\n\n" + table(("Word", "Meaning"), rows))
    return page("Tables", intro, *parts)


def glossary_page() -> str:
    """Every term with its caution, its source and the questions of this version that use it."""
    intro = (
        "What the words mean. A term that a question of this version rests on says so under *used by*; others are here "
        "so that everybody means the same by them."
    )
    ordered = sorted(TERMS.values(), key=lambda found: found.title.casefold())
    return page("Glossary", intro, *map(term_part, ordered))


def term_part(found: Term) -> str:
    """One term."""
    users = [f"[{q.name}](questions/{q.name}.md)" for q in questions().values() if found.name in q.definitions]
    lines = [f"unit: {found.unit}", f"caution: {found.caution}", f"source: {found.source}"]
    lines += [f"used by: {', '.join(users)}"] if users else []
    return f"## {found.title}\n\n{found.definition}\n\n{bullets(lines)}"


def stale(wanted: dict[Path, str]) -> list[Path]:
    """Pages that differ from what the code says, and pages in the generated folders that should not be there."""
    differs = [p for p, text in wanted.items() if not p.exists() or p.read_text(encoding="utf-8") != text]
    extra = [p for folder in FOLDERS for p in (DOCS / folder).glob("*.md") if p not in wanted]
    return sorted(differs + extra)


def main(arguments: Sequence[str]) -> int:
    """Write all pages, or with ``--check`` name the stale ones; 1 if there are any."""
    wanted = pages()
    found = stale(wanted)
    for path in found:
        print(path.relative_to(DOCS.parent))
    if "--check" in arguments:
        return 1 if found else 0
    for path in found:
        if path in wanted:
            path.parent.mkdir(exist_ok=True)
            path.write_text(wanted[path], encoding="utf-8")
        else:
            path.unlink()
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
