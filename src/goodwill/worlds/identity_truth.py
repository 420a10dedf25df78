"""What is true in a world of known identity: who is behind every node and when, and whom social brought.

A touch has one of nine classes, as of the instant before it, by what our own systems had on record then; what a record
says is taken at its word, and who it is about is known. A day without an hour counts from its end.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal

import numpy as np

from goodwill.worlds.arithmetic import Flags, Ints

#: The classes by number. Nobody is behind a bot: it stays unresolved.
CLASSES = ("new_person_new_account", "new_person_known_account", "known_lead", "open_opportunity", "customer",
           "ex_customer", "employee", "partner_or_rival", "unresolved")  # fmt: skip
#: The classes of people who were not ours before the touch.
NEW = (0, 1)
#: Classes that are no answer to whom social brought: our own people, and what nobody is behind.
LEFT_OUT = (6, 8)

#: What is counted.
By = Literal["person", "profile", "touch"]

_INTS = ("owner_person", "owner_since", "owner_until", "account", "touch_person", "touch_at", "touch_class")
_TEXTS = ("owner_node", "account_node", "touch_node", "touch_venue")


@dataclass(frozen=True, eq=False)
class IdentityTruth:
    """Who is who in one simulated business.

    Attributes
    ----------
    seed, difficulty, people : int, float, int
        What it was drawn with.
    owner_node, owner_person, owner_since, owner_until : tuple of str, arrays
        A node's person (-1: nobody's, such as a shared inbox) from a moment until before another, in seconds since
        1970. A handle that changed hands stands there twice.
    account_node, account : tuple of str, array
        A company's nodes with its number.
    touch_node, touch_venue, touch_at, touch_person, touch_account, touch_class : tuples of str, arrays
        Every touch on a social venue: the node that acted, where and when, who it was, whom they worked for then (-1:
        nobody), and the class of that person the instant before (a number of ``CLASSES``).
    """

    seed: int
    difficulty: float
    people: int
    owner_node: tuple[str, ...]
    owner_person: Ints
    owner_since: Ints
    owner_until: Ints
    account_node: tuple[str, ...]
    account: Ints
    touch_node: tuple[str, ...]
    touch_venue: tuple[str, ...]
    touch_at: Ints
    touch_person: Ints
    touch_account: Ints
    touch_class: Ints

    def owner(self, node: str, at: int) -> int:
        """The number of the person whose node it was at a moment; -1 for nobody.

        Raises
        ------
        KeyError
            The exports name no such node.
        """
        for i in self._rows().get(node, ()):
            if self.owner_since[i] <= at < self.owner_until[i]:
                return int(self.owner_person[i])
        raise KeyError(node)

    def _rows(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for i, node in enumerate(self.owner_node):
            found.setdefault(node, []).append(i)
        return found

    def counts(self, by: By = "person", *, venue: str | None = None) -> Ints:
        """How many are in each class, on one venue or on all: touches; profiles or people by their first touch.

        A profile is a person on one venue: somebody met on two venues is two profiles, whoever knows they are one.
        """
        here = self._here(venue)
        if by != "touch":
            who = self.touch_person[here] * len(self.touch_at)  # leaves room for more venues than there are
            if by == "profile":
                who = (
                    who + np.unique(np.array(self.touch_venue, dtype=object)[here].astype(str), return_inverse=True)[1]
                )
            here = here[np.unique(who, return_index=True)[1]]
        return np.bincount(self.touch_class[here], minlength=len(CLASSES)).astype(np.int64)

    def new_share(self, by: By = "person", *, venue: str | None = None) -> float:
        """The share that was new, of all but our own people and bots.

        People count by their first touch, on the venue or on any; profiles by theirs (see ``counts``).
        """
        counts = self.counts(by, venue=venue)
        whole = counts.sum() - counts[list(LEFT_OUT)].sum()
        return float(counts[list(NEW)].sum() / whole) if whole else float("nan")

    def _here(self, venue: str | None) -> Ints:
        """The touches on a venue in order of time."""
        if venue is None:
            return np.arange(len(self.touch_at))
        return np.flatnonzero(np.array(self.touch_venue, dtype=object) == venue)

    def to_json(self) -> str:
        """The truth as one compact line of text."""
        plain = {f.name: getattr(self, f.name) for f in fields(self)}
        listed = {k: v.tolist() if isinstance(v, np.ndarray) else v for k, v in plain.items()}
        return json.dumps(listed, separators=(",", ":"), sort_keys=True, ensure_ascii=False) + "\n"

    def save(self, folder: Path) -> Path:
        """Write ``identities.json`` into the workspace, beside its exports and outside them; return its path."""
        path = folder / FILE
        path.write_text(self.to_json(), encoding="utf-8")
        return path

    @classmethod
    def load(cls, folder: Path) -> IdentityTruth:
        """The truth that ``save`` wrote into this folder."""
        raw: dict[str, Any] = json.loads((folder / FILE).read_text(encoding="utf-8"))
        raw |= {name: np.array(raw[name], dtype=np.int64) for name in _INTS}
        return cls(**raw | {name: tuple(raw[name]) for name in _TEXTS})


#: The file of the truth.
FILE = "identities.json"


@dataclass(frozen=True, eq=False)
class Standing:
    """What was on record of each touch's person and of their company, the instant before; one row a touch."""

    is_bot: Flags
    is_employee: Flags
    is_partner_or_rival: Flags
    is_known: Flags
    has_open_deal: Flags
    is_customer: Flags
    was_customer: Flags
    is_company_known: Flags


def classes(standing: Standing) -> Ints:
    """The class of each touch.

    Examples
    --------
    >>> yes, no = np.array([True]), np.array([False])
    >>> CLASSES[classes(Standing(no, no, no, yes, yes, yes, no, yes))[0]]
    'customer'
    """
    s = standing
    tried = (
        (s.is_bot, "unresolved"),
        (s.is_employee, "employee"),
        (s.is_partner_or_rival, "partner_or_rival"),
        (s.is_known & s.is_customer, "customer"),
        (s.is_known & s.was_customer, "ex_customer"),
        (s.is_known & s.has_open_deal, "open_opportunity"),
        (s.is_known, "known_lead"),
        (s.is_company_known, "new_person_known_account"),
    )
    new = CLASSES.index("new_person_new_account")
    return np.select([flags for flags, _ in tried], [CLASSES.index(name) for _, name in tried], new).astype(np.int64)
