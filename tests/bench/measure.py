"""How things are measured: alternating rounds in one run, medians, everything as a ratio to a reference beside it."""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import msgspec

from tests.house.tables import ROOT


class Line(msgspec.Struct, frozen=True):
    """One line of the table. ``goal`` is compared with ``ratio`` as ``sense`` says: at least (">=") or at most ("<=")."""

    name: str
    ours: str
    reference: str
    ratio: float | None
    sense: str = ""
    goal: float | None = None

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None for a line that has none."""
        if self.goal is None or self.ratio is None:
            return None
        return self.ratio >= self.goal if self.sense == ">=" else self.ratio <= self.goal


def alternate(rounds: int, *runs: Callable[[], float], warm: bool = True) -> list[float]:
    """Medians of the seconds that each of ``runs`` reports, run in turn ``rounds`` times, after one warm-up if ``warm``."""
    for run in runs if warm else ():
        run()
    taken: list[list[float]] = [[] for _ in runs]
    for _ in range(rounds):
        for seconds, run in zip(taken, runs, strict=True):
            seconds.append(run())
    return [median(seconds) for seconds in taken]


def timed(function: Callable[[], object], count: int) -> float:
    """Seconds for one of ``count`` calls."""
    began = time.perf_counter()
    for _ in range(count):
        function()
    return (time.perf_counter() - began) / count


def alone(module: str, *arguments: str) -> dict[str, Any]:
    """Run a module of this package in a process of its own and read the JSON it prints."""
    done = subprocess.run(
        [sys.executable, "-m", f"tests.bench.{module}", *arguments],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def peak_megabytes() -> int:
    """The most memory this process has held, and the largest of those it forked: what both share counts twice."""
    # Its own ``ru_maxrss`` would be at least that of whoever started it: Linux hands it over when a program begins.
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text("utf-8").splitlines())
    own = int(status["VmHWM"].split()[0])
    return (own + resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) // 1024


def microseconds(seconds: float) -> str:
    """For people: microseconds or milliseconds."""
    return f"{seconds * 1e6:,.0f} µs" if seconds < 0.01 else f"{seconds * 1e3:,.1f} ms"
