"""What both benchmarks share: a command's time and its highest memory, measured by the system."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Measured:
    """Seconds on the clock and the highest resident memory in MiB."""

    seconds: float
    mebibytes: float


def measure(code: str, *arguments: str) -> Measured:
    """Run Python code in a process of its own, so that its memory is its own."""
    start = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-c", code, *arguments])
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"the benchmark's process failed with {process.returncode}")
    return Measured(time.perf_counter() - start, usage.ru_maxrss / 1024)


def median(values: list[float]) -> float:
    """The middle one of an odd number of values."""
    return sorted(values)[len(values) // 2]
