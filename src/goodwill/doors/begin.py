"""``init`` and ``simulate``: a new workspace, empty or with a simulated business in it."""

from __future__ import annotations

from pathlib import Path

from goodwill.doors.showing import messages, say
from goodwill.errors import GoodwillError, nearest
from goodwill.settings import FILE, SETTINGS, as_toml_text


def init(folder: Path) -> None:
    """Write a commented goodwill.toml and an empty exports/; nothing that is there is touched.

    Raises
    ------
    GoodwillError
        There is a goodwill.toml already.
    """
    path = folder / FILE
    if path.exists():
        raise GoodwillError(f"there is a {FILE} already", where=str(path), remedy="Edit it, or choose another folder.")
    (folder / "exports").mkdir(parents=True, exist_ok=True)
    path.write_text(commented(folder.resolve().name), encoding="utf-8")
    print(path)
    say(f"Now copy your export files to {folder / 'exports'} and look at them with: goodwill scan {folder}")


def commented(company: str) -> str:
    """goodwill.toml with every setting explained; only the company's name is set."""
    lines = [
        "# Settings of a Goodwill workspace. Everything is optional; a line without # is in force.",
        "# To use a setting, take away the # before it, and the one before its [heading].",
        "",
    ]
    section = ""
    for setting in SETTINGS:
        *path, key = setting.path.split(".")
        if ".".join(path) != section:
            section = ".".join(path)
            lines += ["", *_heading(path)]
        lines.append(f"# {setting.meaning}")
        if setting.path == "company.name":
            lines.append(f"name = {as_toml_text(company)}")
        elif setting.kind in ("map", "lists"):
            lines.append(f"#{'[mapping.values.verb]' if key == '*' else f'[mapping.{key}]'}")
            lines.append(f"#{setting.example}")
        else:
            lines.append(f"#{key} = {setting.example}")
    return "\n".join(lines).strip() + "\n"


def _heading(path: list[str]) -> list[str]:
    if path == ["company"]:
        return ["[company]"]
    if path[0] == "mapping":
        return ["#[[mapping]]"] if path == ["mapping"] else []
    return [f"#[{'.'.join(path).replace('*', 'name')}]" if "*" in path else f"[{'.'.join(path)}]"]


#: What a simulated business leaves in its folder.
TRUTHS = ("truth.json", "identities.json")
#: A simulated company has so many people on average, where companies are what is asked for.
PEOPLE_PER_COMPANY = 3


def simulate(world: str, folder: Path, seed: int, accounts: int | None) -> None:
    """Write a simulated business as a workspace.

    Raises
    ------
    GoodwillError
        No world has that name, or the folder holds other things.
    """
    from goodwill.worlds import WORLDS
    from goodwill.worlds import simulate as write
    from goodwill.worlds.identities import IDENTITY_WORLDS, PEOPLE
    from goodwill.worlds.identities import simulate as write_identities

    known = [*WORLDS, *IDENTITY_WORLDS]
    if world not in known:
        close = nearest(world, known)
        raise GoodwillError(
            f'there is no world "{world}"',
            remedy=f"Did you mean {close}?" if close else f"Worlds: {', '.join(known)}.",
        )
    if folder.exists() and any(folder.iterdir()) and not any((folder / name).exists() for name in TRUTHS):
        raise GoodwillError(
            "the folder is not empty and no simulated business", where=str(folder), remedy="Choose an empty folder."
        )
    with messages().status(f"Simulating the world {world} …"):
        if world in IDENTITY_WORLDS:
            size = PEOPLE_PER_COMPANY * accounts if accounts else PEOPLE
            people = write_identities(world, folder, seed=seed, people=size).people
            print(folder)
            say(f"A simulated business with {people:,} people is in {folder}. Now: goodwill run {folder}")
            return
        truth = write(world, folder, seed=seed, accounts=accounts)
    print(folder)
    say(f"A simulated business with {len(truth.ids):,} opportunities is in {folder}. Now: goodwill run {folder}")
