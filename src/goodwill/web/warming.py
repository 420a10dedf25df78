"""Makes what is heavy before anybody asks: when the app begins, and after each run, behind all readers.

A page module that has something heavy declares a function ``warm(site)``.
"""

from __future__ import annotations

import importlib
import pkgutil
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress

from goodwill.errors import GoodwillError
from goodwill.web import pages
from goodwill.web.jobs import Job
from goodwill.web.site import Site


def keep_warm(site: Site) -> threading.Thread:
    """Begin to make what is heavy, now and after each run; gives the thread that does it now."""

    def after(job: Job) -> None:
        if job.kind == "run":
            warm(site)

    site.jobs.after.append(after)
    # whichever thread needs pandas first loads it, where there is one: a picture drawn in another would meet half of it
    with suppress(ImportError):
        importlib.import_module("pandas")
    return site.behind(lambda: warm(site))


def warm(site: Site) -> None:
    """Make what is heavy, module by module; where there are no answers yet there is nothing to make."""
    for found in sorted(pkgutil.iter_modules(pages.__path__), key=lambda info: info.name):
        module = importlib.import_module(f"{pages.__name__}.{found.name}")
        if hasattr(module, "warm"):
            _warm(module.warm, site)


def _warm(make: Callable[[Site], None], site: Site) -> None:
    """One module's; a fault in it is told in the terminal and keeps nobody else cold: its page will show it too."""
    try:
        make(site)
    except GoodwillError:
        pass
    except Exception as error:
        traceback.print_exception(error)
