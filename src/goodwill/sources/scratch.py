"""Places for the copies that opening a file needs: unpacked, in UTF-8, mended."""

from __future__ import annotations

import tempfile
from pathlib import Path


def fresh(scratch: Path, what: str) -> Path:
    """A path in ``scratch`` that nobody else is given, also when several files are opened at once."""
    return Path(tempfile.mkdtemp(dir=scratch), what)
