"""Who may come in: named people with a password each, kept as scrypt digests in access.json of the workspace."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import re
import secrets
from dataclasses import dataclass
from typing import Literal, get_args

from goodwill.errors import GoodwillError
from goodwill.workspace import Workspace

FILE = "access.json"
#: A reader sees answers, and people masked; an owner decides, uploads, runs, and may see names.
Role = Literal["owner", "reader"]
#: Cost of scrypt (RFC 7914; OWASP Password Storage Cheat Sheet): 32 MiB and some 0.1 s a try.
COST, BLOCK, LANES = 2**15, 8, 3
MEMORY = 128 * 1024 * 1024
#: The shortest password that is taken: long beats complicated (NIST SP 800-63B).
SHORTEST = 12
LONGEST = 1_000
_NAME = re.compile(r"[\w.@+-]{1,64}")


@dataclass(frozen=True)
class Visitor:
    """Somebody who looks at the app; ``key`` tells one password from the next, and is empty where none is needed."""

    name: str
    role: Role
    key: str = ""

    @property
    def is_owner(self) -> bool:
        """May this visitor change anything, or see names?"""
        return self.role == "owner"


@dataclass(frozen=True)
class User:
    """A visitor who has a password."""

    name: str
    role: Role
    salt: str
    digest: str

    @property
    def visitor(self) -> Visitor:
        """This user, come in."""
        return Visitor(self.name, self.role, self.digest)


def users(workspace: Workspace) -> tuple[User, ...]:
    """Everybody who may log in, by name.

    Raises
    ------
    GoodwillError
        The file is damaged: nobody comes in then.
    """
    path = workspace.root / FILE
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        found = tuple(User(**user) for user in raw["users"])
        if any(user.role not in get_args(Role) for user in found):
            raise ValueError("an unknown role")
        return found
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, KeyError, TypeError) as error:
        remedy = "Remove the file and add everybody anew with: goodwill access add NAME"
        raise GoodwillError(
            f"the list of people who may log in is damaged: {error}", where=FILE, remedy=remedy
        ) from None


def add(workspace: Workspace, name: str, role: Role, password: str) -> User:
    """Let somebody in, or give them another role or password.

    Raises
    ------
    GoodwillError
        The name cannot be written, or the password is too short.
    """
    if not _NAME.fullmatch(name):
        raise GoodwillError(f'"{name}" cannot be a name', remedy="Use up to 64 letters, digits and . _ @ + -")
    if not SHORTEST <= len(password) <= LONGEST:
        raise GoodwillError(
            "the password is too short", remedy=f"Take {SHORTEST} characters or more: four words will do."
        )
    salt = secrets.token_bytes(16)
    user = User(name, role, _text(salt), _text(_digest(password, salt)))
    _write(workspace, [u for u in users(workspace) if u.name != name] + [user])
    return user


def remove(workspace: Workspace, name: str) -> None:
    """Let somebody in no more.

    Raises
    ------
    GoodwillError
        Nobody has this name.
    """
    there = users(workspace)
    if name not in {u.name for u in there}:
        known = ", ".join(u.name for u in there) or "nobody"
        raise GoodwillError(f'nobody called "{name}" may log in', remedy=f"These may: {known}.")
    _write(workspace, [u for u in there if u.name != name])


def known(workspace: Workspace, name: str, password: str) -> Visitor | None:
    """The visitor of this name and password, or None; it takes as long whether the name exists or not."""
    user = next((u for u in users(workspace) if u.name == name), None)
    salt = base64.b64decode(user.salt) if user else b"nobody of this name"
    expected = base64.b64decode(user.digest) if user else b""
    given = _digest(password[:LONGEST], salt)
    return user.visitor if user and hmac.compare_digest(given, expected) else None


def _digest(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=COST, r=BLOCK, p=LANES, maxmem=MEMORY, dklen=32)


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _write(workspace: Workspace, everybody: list[User]) -> None:
    """The file whole or not at all, readable by its owner alone."""
    path, unfinished = workspace.root / FILE, workspace.root / f".{FILE}.new"
    text = json.dumps({"users": [vars(user) for user in everybody]}, indent=1, ensure_ascii=False)
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    os.replace(unfinished, path)
