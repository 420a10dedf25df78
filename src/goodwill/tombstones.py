"""Who is to stay forgotten: keyed hashes of a person's identifiers in decisions/forgotten.json, and nothing else.

An identifier is ``kind:value`` in one way of writing: ``node`` (as interactions name it), ``mail`` (lower case, without
a tag), ``name`` (its words), ``with`` (name and company), ``word`` and ``at`` (a handle or a local part, bare and
behind an @), ``phone`` (its last digits), ``lead`` (the number of a record that serves as a lead's). The digest is
HMAC-SHA256 (RFC 2104) with a key that is drawn once for a workspace.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from goodwill.errors import GoodwillError
from goodwill.workspace import Workspace

FILE = Path("decisions") / "forgotten.json"
#: Half of a SHA-256 digest: two identifiers of a company's exports never share 128 bits by chance.
SHOWN = 32
#: Digits that tell a telephone number however its country is written; shorter numbers are taken whole.
PHONE_DIGITS = 9
#: A number with fewer digits is an extension or a count, not somebody's telephone.
FEWEST_DIGITS = 7
#: A bare word is shorter than what people call themselves to be found; shorter ones are words of the language.
FEWEST_LETTERS = 5
#: Providers that deliver to one address whatever dots stand in it.
WITHOUT_DOTS = ("gmail.com", "googlemail.com")
#: What a name is made of, for Python; masking.py says the same in DuckDB's words.
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
#: Nodes that are neither a record (kind with a slash) nor a handle on a venue.
_NO_HANDLES = ("email", "phone", "domain", "company", "cookie")


@dataclass(frozen=True)
class Tombstone:
    """One person who was forgotten: when, why, and the digests by which they are known again."""

    at: str
    reason: str
    digests: tuple[str, ...]


@dataclass(frozen=True)
class Tombstones:
    """Everybody who was forgotten, and the key of this workspace; false where there is nobody."""

    key: bytes = b""
    forgotten: tuple[Tombstone, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.forgotten)

    @property
    def digests(self) -> tuple[str, ...]:
        """The digests of all, in order."""
        return tuple(sorted({digest for stone in self.forgotten for digest in stone.digests}))

    @property
    def fingerprint(self) -> str:
        """What a run depends on, as one text; empty where nobody was forgotten."""
        return hashlib.sha256("".join(self.digests).encode() + self.key).hexdigest() if self else ""

    def digest(self, identifier: str) -> str:
        """The keyed hash of one identifier.

        Examples
        --------
        >>> Tombstones(b"Jefe").digest("what do ya want for nothing?")  # RFC 4231, test case 2, its first half
        '5bdcc146bf60754e6a042426089575c7'
        """
        return hmac.new(self.key, identifier.encode(), hashlib.sha256).hexdigest()[:SHOWN]

    def knows(self, identifiers: Iterable[str]) -> Tombstone | None:
        """The tombstone on which one of these identifiers stands."""
        wanted = {self.digest(identifier) for identifier in identifiers} if self else set()
        return next((stone for stone in self.forgotten if wanted & set(stone.digests)), None)


def read(workspace: Workspace) -> Tombstones:
    """The tombstones of a workspace; none where nobody was forgotten.

    Raises
    ------
    GoodwillError
        The file is damaged: to go on without it would bring people back.
    """
    path = workspace.root / FILE
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        stones = tuple(Tombstone(s["at"], s["reason"], tuple(s["digests"])) for s in said["forgotten"])
        return Tombstones(bytes.fromhex(said["key"]), stones)
    except FileNotFoundError:
        return Tombstones()
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise GoodwillError(
            f"the list of forgotten people cannot be read: {error}",
            where=str(FILE),
            remedy="Restore it from a backup: without it a run would bring forgotten people back.",
        ) from None


def add(workspace: Workspace, identifiers: Collection[str], *, at: str, reason: str, building: Path) -> Tombstones:
    """Write one more tombstone, whole or not at all; who is forgotten twice has one."""
    known = read(workspace)
    known = Tombstones(known.key or secrets.token_bytes(32), known.forgotten)
    new = Tombstone(at, reason, tuple(sorted({known.digest(i) for i in identifiers})))
    others = tuple(s for s in known.forgotten if not set(s.digests) <= set(new.digests))
    found = Tombstones(known.key, (*others, new))
    stones = [{"at": s.at, "reason": s.reason, "digests": list(s.digests)} for s in found.forgotten]
    text = json.dumps({"key": found.key.hex(), "forgotten": stones}, indent=1, ensure_ascii=False) + "\n"
    path, unfinished = workspace.root / FILE, building / FILE.name
    path.parent.mkdir(exist_ok=True)
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)  # the key is nobody else's business
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(unfinished, path)
    return found


def normal_mail(address: str) -> str:
    """An e-mail address in one way of writing.

    Examples
    --------
    >>> normal_mail("Jane.Doe+News@Acme.com"), normal_mail("j.doe@gmail.com")
    ('jane.doe@acme.com', 'jdoe@gmail.com')
    """
    local, _, domain = address.strip().lower().replace("%40", "@").rpartition("@")
    local = local.split("+", 1)[0]
    return f"{local.replace('.', '') if domain in WITHOUT_DOTS else local}@{domain}"


def normal_name(name: str) -> str:
    """The words of a name.

    Examples
    --------
    >>> normal_name(" Jane  O’Hara-Doe, "), normal_name("Acme Inc.")
    ('jane o’hara-doe', 'acme inc')
    """
    return " ".join(_WORD.findall(name.lower()))


def normal_phone(number: str) -> str:
    """The last digits of a telephone number; empty where it has too few to be one.

    Examples
    --------
    >>> normal_phone("+49 (30) 300-07919"), normal_phone("030 30007919"), normal_phone("ext. 12")
    ('030007919', '030007919', '')
    """
    digits = re.sub(r"\D", "", number)
    # a trunk zero stands where another writes the country: what is left of the number is the same
    return digits[-PHONE_DIGITS:] if len(digits) >= FEWEST_DIGITS else ""


def is_distinctive(word: str, names: Iterable[str]) -> bool:
    """May a handle or local part be searched for by itself, without striking other people and plain words?

    Examples
    --------
    >>> [is_distinctive(w, ["Jane Doe"]) for w in ("jane.doe", "jdoe", "jane", "doe", "sales", "jane_77")]
    [True, True, False, False, False, True]
    """
    word = word.lower()
    parts = [part for name in names for part in normal_name(name).split() if len(part) > 2]
    if word in parts:
        return False
    has_mark = bool(re.search(r"[a-z].*[\d._-]|[\d._-].*[a-z]", word)) and len(word) >= FEWEST_LETTERS
    return has_mark or any(part in word and len(word) > len(part) for part in parts)


def of_nodes(nodes: Iterable[str], names: Collection[str] = ()) -> set[str]:
    """The identifiers that a person's nodes say.

    Examples
    --------
    >>> sorted(of_nodes(["hubspot/contact:17", "x:jdoe"], ["Jane Doe"]))
    ['at:@jdoe', 'lead:17', 'node:hubspot/contact:17', 'node:x:jdoe', 'word:jdoe']
    """
    found: set[str] = set()
    for node in nodes:
        kind, _, value = node.partition(":")
        found.add(f"node:{node}")
        if kind == "email":
            found |= of_mail(value, names)
        elif kind == "phone":
            found |= of_phone(value)
        elif "/" in kind:
            found |= {f"lead:{value}"} if kind.rpartition("/")[2] in ("contact", "lead") else set()
        elif kind not in _NO_HANDLES:
            found |= _of_handle(value, names)
    return found


def _of_handle(handle: str, names: Collection[str]) -> set[str]:
    name, _, server = handle.lower().lstrip("@").partition("@")
    found = {f"at:@{name}"} | ({f"mail:{normal_mail(f'{name}@{server}')}"} if server else set())
    return found | ({f"word:{name}"} if is_distinctive(name, names) else set())


def of_mail(address: str, names: Collection[str] = ()) -> set[str]:
    """The identifiers that an e-mail address says, with the name that Mailchimp makes of it."""
    plain = address.strip().lower()
    if "@" not in plain:
        return set()
    local = normal_mail(plain).partition("@")[0]
    member = hashlib.md5(plain.encode(), usedforsecurity=False).hexdigest()
    found = {f"mail:{normal_mail(plain)}", f"node:email:{plain}", f"node:mailchimp/member:{member}"}
    return found | ({f"word:{local}"} if is_distinctive(local, names) else set())


def of_phone(number: str) -> set[str]:
    """The identifier that a telephone number says."""
    tail = normal_phone(number)
    return {f"phone:{tail}"} if tail else set()


def of_name(name: str, companies: Iterable[str] = ()) -> set[str]:
    """The identifiers that a full name says, by itself and with a company; a name of one word says nothing.

    Examples
    --------
    >>> sorted(of_name("Jane Doe", ["Acme"]))  # doctest: +NORMALIZE_WHITESPACE
    ['name:doe jane', 'name:jane doe', 'with:jane doe|acme',
     'word:jane-doe', 'word:jane.doe', 'word:jane_doe', 'word:janedoe']
    """
    words = normal_name(name).split()
    if len(words) < 2:
        return set()
    first, *middle, last = words
    orders = {(first, *middle, last), (last, first, *middle), (first, last), (last, first)}
    alone = {f"name:{' '.join(order)}" for order in orders}
    alone |= {f"word:{mark.join((first, last))}" for mark in ("", ".", "-", "_")}  # as addresses of pages write it
    return alone | {f"with:{' '.join(words)}|{normal_name(company)}" for company in companies if normal_name(company)}
