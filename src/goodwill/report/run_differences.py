"""What two runs rested on, compared by their manifests: days, files, settings that manifests note, the program."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from goodwill.report.phrases import listed, plural

#: Files named one by one; of more, how many more there are.
MOST_NAMED = 5
#: What a manifest notes once, and how a reader calls it.
NOTED = (
    ("as_of", "The last day that counts"),
    ("company", "The company's name"),
    ("currency", "The currency"),
    ("seed", "The seed"),
    ("level", "The level of intervals"),
    ("version", "The version of Goodwill"),
)
#: Manifests hold no decisions, and those of former versions no settings: only a digest that differs with them.
OTHER = "Neither the files nor the days changed: decisions on who is who, the program or the settings did."
SAME = "Both rest on the same."


def differences(earlier: Mapping[str, Any], later: Mapping[str, Any]) -> tuple[str, ...]:
    """What differs between what two runs rested on, in sentences.

    Examples
    --------
    >>> was = {"seed": 1, "inputs": [{"file": "a.csv", "sha256": "1"}], "fingerprint": "x"}
    >>> differences(was, was | {"seed": 2, "inputs": [{"file": "a.csv", "sha256": "2"}], "fingerprint": "y"})
    ('The seed was 1 and is 2.', 'Changed: a.csv.')
    """
    told = [
        f"{name} was {_noted(key, earlier)} and is {_noted(key, later)}."
        for key, name in NOTED if key in earlier and key in later and earlier[key] != later[key]
    ]  # fmt: skip
    told += _files(_inputs(earlier), _inputs(later))
    told += ["The settings in goodwill.toml were changed."] if _settings_differ(earlier, later) else []
    told += _asked(list(earlier.get("questions", {})), list(later.get("questions", {})))
    if told:
        return tuple(told)
    return (SAME,) if earlier.get("fingerprint") == later.get("fingerprint") else (OTHER,)


def _noted(key: str, manifest: Mapping[str, Any]) -> str:
    value = manifest[key]
    return f"{value * 100:.4g}%" if key == "level" else str(value or "empty")


def _settings_differ(earlier: Mapping[str, Any], later: Mapping[str, Any]) -> bool:
    """Were the settings others? Only where both runs noted them."""
    return earlier.get("settings", "") != later.get("settings", "") and "settings" in earlier and "settings" in later


def _inputs(manifest: Mapping[str, Any]) -> dict[str, Any]:
    return {given["file"]: given.get("sha256") for given in manifest.get("inputs", ())}


def _files(was: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    found = (
        ("Added", [name for name in now if name not in was]),
        ("Removed", [name for name in was if name not in now]),
        ("Changed", [name for name in now if name in was and was[name] != now[name]]),
    )
    return [f"{what}: {_named(names)}." for what, names in found if names]


def _asked(was: Sequence[str], now: Sequence[str]) -> list[str]:
    found = (
        ("Asked besides", [name for name in now if name not in was]),
        ("No longer asked", [name for name in was if name not in now]),
    )
    return [f"{what}: {listed([name.replace('_', ' ') for name in names])}." for what, names in found if names]


def _named(names: Sequence[str]) -> str:
    if len(names) <= MOST_NAMED:
        return listed(list(names))
    more = len(names) - MOST_NAMED
    return f"{', '.join(names[:MOST_NAMED])} and {more} more {plural('file', more)}"
