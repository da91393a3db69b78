"""How a trial says what it did: its seed, its size and what it hit, in the terminal and in docs/trials.md.

A trial is a test with the mark ``trial``, or any test in a module named ``test_*_trials.py``. It asks for the fixture
`trial`, or calls ``record_property("trial", line)``.
"""

from __future__ import annotations

import os
import random
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

FULL = os.environ.get("WAHANA_TRIALS") == "full"


def fresh_seed() -> int:
    """The seed of WAHANA_TRIALS_SEED, or one never used before."""
    return int(os.environ.get("WAHANA_TRIALS_SEED") or secrets.randbelow(2**32))


@dataclass
class Trial:
    """One run of one trial. ``random`` is seeded; ``full`` says which form was asked for."""

    seed: int
    full: bool = FULL
    counts: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)

    def size(self, short: int, full: int) -> int:
        """The size of this run."""
        return full if self.full else short

    def count(self, **counts: int) -> None:
        """Report how much was done and how much of it was disturbed."""
        self.counts.update(counts)

    def line(self) -> str:
        told = ", ".join(f"{number} {name.replace('_', ' ')}" for name, number in self.counts.items())
        return f"{told or 'ended early'}; WAHANA_TRIALS_SEED={self.seed}"


@pytest.fixture
def trial(record_property: Any) -> Iterator[Trial]:
    """The report of this test's trial."""
    run = Trial(fresh_seed())
    yield run
    record_property("trial", run.line())


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "trial: a random trial; `make trials` runs it in full")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.stem.endswith("_trials"):
            item.add_marker(pytest.mark.trial)


def told(report: Any) -> list[str]:
    """What a test's report says of its trials."""
    return [str(value) for name, value in getattr(report, "user_properties", ()) if name == "trial"]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    lines = [
        f"{report.nodeid.rpartition('::')[2]}: {line}"
        for reports in terminalreporter.stats.values()
        for report in reports
        if getattr(report, "when", "") == "teardown" or getattr(report, "failed", False)
        for line in told(report)
    ]
    if lines:
        terminalreporter.section("trials in full" if FULL else "trials in their short form")
        for line in sorted(set(lines)):
            terminalreporter.write_line(line)
