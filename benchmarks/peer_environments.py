"""An environment of its own for every peer: made once in a cache folder from one pinned requirement, then found again.

    python benchmarks/peer_environments.py pyseqtarget==0.14.3     # make one ahead of time

Peers pin each other's dependencies to versions that do not go together, and Goodwill's own environment must not change
for a benchmark: whatever is compared runs in a process of another environment and hands back JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

#: Where environments are kept unless told otherwise: they take minutes to make, and nothing but time to lose.
CACHE = Path(tempfile.gettempdir()) / "goodwill-peers"
#: Written last, so that an installation that was interrupted is made anew.
READY = "ready"
#: One thread for everybody: packages are compared, not machines, and on a busy machine threads that wait for each other
#: take several times as long as one (glum, polars and OpenBLAS alike).
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "POLARS_MAX_THREADS"), "1")
#: What is run after the code, which must leave its results in ``answer``. The system's count of the highest memory
#: (Linux) begins anew with the process; that of ``resource`` would begin with its parent's.
CLOSING = """
import json
with open("/proc/self/status") as status:
    answer["mebibytes"] = next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))
print("\\n" + json.dumps(answer))
"""


class PeerFailedError(Exception):
    """A peer could not be installed, broke, or took longer than it was given; the message says which."""


@dataclass(frozen=True)
class Answer:
    """What a peer found (``said``), how long its process lived, and the highest memory it held."""

    said: dict[str, Any]
    seconds: float
    mebibytes: float


def add_option(parser: argparse.ArgumentParser) -> None:
    """Give a benchmark the option ``--peers FOLDER``."""
    parser.add_argument("--peers", type=Path, default=CACHE, help=f"where peers are installed (default: {CACHE})")


def python_of(requirement: str, folder: Path = CACHE) -> Path:
    """The Python of an environment that holds one package at one version, made if there is none yet.

    Parameters
    ----------
    requirement : str
        As pip reads it, with its version: ``"pyseqtarget==0.14.3"``.
    folder : Path
        The cache, one folder in it per requirement.

    Raises
    ------
    PeerFailedError
        The package cannot be installed; with pip's last words.
    """
    if "==" not in requirement:
        raise ValueError(f"{requirement} has no pinned version: write package==version")
    home = folder / re.sub(r"[^\w.=-]", "_", requirement)
    python = home / "bin" / "python"
    if (home / READY).exists():
        return python
    shutil.rmtree(home, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", requirement]
    done = subprocess.run(pip, capture_output=True, text=True, check=False)
    if done.returncode:
        raise PeerFailedError(f"{requirement} cannot be installed: {_last_words(done.stderr)}")
    (home / READY).write_text(requirement, encoding="utf-8")
    return python


def ask(python: Path, code: str, *arguments: str, within: float = 3600.0) -> Answer:
    """Run code in a process of its own, on one thread; it reads ``sys.argv[1:]`` and fills a dict named ``answer``.

    Parameters
    ----------
    within : float
        Seconds after which the process is ended.

    Raises
    ------
    PeerFailedError
        It broke or was too slow.
    """
    start = time.perf_counter()
    command = [str(python), "-I", "-W", "ignore", "-c", code + CLOSING, *arguments]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=within, check=False, env=os.environ | ONE_THREAD
        )
    except subprocess.TimeoutExpired:
        raise PeerFailedError(f"was ended after {within:,.0f} s") from None
    if done.returncode:
        raise PeerFailedError(_last_words(done.stderr) or f"ended with {done.returncode}")
    said = json.loads(done.stdout.strip().splitlines()[-1])
    return Answer(said, time.perf_counter() - start, said.pop("mebibytes"))


def ask_here(file: str, function: str, *arguments: str) -> Answer:
    """Run a function of a benchmark, which returns the dict, in a process of its own with Goodwill's own Python."""
    code = "import sys\nfrom importlib import import_module\nsys.path.insert(0, sys.argv[1])\n"
    code += "answer = getattr(import_module(sys.argv[2]), sys.argv[3])(*sys.argv[4:])\n"
    place = Path(file)
    return ask(Path(sys.executable), code, str(place.parent), place.stem, function, *arguments)


def _last_words(text: str) -> str:
    lines = [line for line in text.strip().splitlines() if line.strip() and not line.startswith("WARNING")]
    return lines[-1].strip() if lines else ""


def main() -> None:
    """Make the environments named and say where they are."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("requirements", nargs="+")
    add_option(parser)
    told = parser.parse_args()
    for requirement in told.requirements:
        print(python_of(requirement, told.peers))


if __name__ == "__main__":
    main()
