"""``goodwill serve``: the app on this machine's own address, or beyond it for people with a password."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from pathlib import Path

from goodwill.doors.showing import say
from goodwill.errors import GoodwillError
from goodwill.web import access
from goodwill.web.site import Site
from goodwill.web.warming import keep_warm
from goodwill.workspace import open_workspace

#: Requests at work at once; beyond it, a browser is asked to come back.
MOST_AT_ONCE = 200


@dataclass(frozen=True)
class Wanted:
    """Where to serve: ``names`` are further names of this machine, ``certificate`` and ``key`` files for HTTPS."""

    host: str = "127.0.0.1"
    port: int = 8000
    names: tuple[str, ...] = ()
    certificate: Path | None = None
    key: Path | None = None
    upload_limit_mb: int = 512


def serve(folder: Path, wanted: Wanted) -> int:
    """Serve until interrupted; give 0.

    Raises
    ------
    GoodwillError
        Others could reach the app, and nobody has a password; or the port is taken.
    """
    import uvicorn

    from goodwill.web.app import create_app

    site = site_for(folder, wanted)
    keep_warm(site)
    app = create_app(site, names=(*wanted.names, wanted.host))
    scheme = "https" if wanted.certificate else "http"
    host = f"[{wanted.host}]" if ":" in wanted.host else wanted.host
    say(f"Goodwill is at {scheme}://{host}:{wanted.port} · to stop: Ctrl+C")
    if not is_loopback(wanted.host) and not wanted.certificate:
        say("Passwords and names go over the network unprotected: give --certificate and --key, or put a proxy before.")
    try:
        uvicorn.run(
            app, host=wanted.host, port=wanted.port, log_level="warning", access_log=False, server_header=False,
            limit_concurrency=MOST_AT_ONCE, timeout_keep_alive=15,
            ssl_certfile=_text(wanted.certificate), ssl_keyfile=_text(wanted.key),
        )  # fmt: skip
    except SystemExit as ended:
        if ended.code:
            remedy = "Choose another with --port, or stop what has it."
            raise GoodwillError("the app could not begin", where=f"{host}:{wanted.port}", remedy=remedy) from None
    return 0


def site_for(folder: Path, wanted: Wanted) -> Site:
    """The site of a workspace.

    Raises
    ------
    GoodwillError
        Others could reach it, and nobody has a password.
    """
    workspace = open_workspace(folder)
    is_local = is_loopback(wanted.host)
    if not is_local and not access.users(workspace):
        raise GoodwillError(
            "others could reach the app at this address, and nobody needs a password yet",
            where=f"--host {wanted.host}",
            remedy=f"Let somebody in first: goodwill access add NAME {folder}",
        )
    return Site(folder, is_local=is_local, upload_limit=wanted.upload_limit_mb * 2**20)


def _text(path: Path | None) -> str | None:
    return str(path) if path else None


def is_loopback(host: str) -> bool:
    """Can this machine alone reach this address?

    Examples
    --------
    >>> is_loopback("127.0.0.1"), is_loopback("::1"), is_loopback("localhost"), is_loopback("0.0.0.0")
    (True, True, True, False)
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
