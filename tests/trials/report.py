"""Runs every trial in full and writes docs/trials.md: ``python -m tests.trials.report [arguments of pytest]``."""

from __future__ import annotations

import os
import platform
import sqlite3
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "trials.md"
HEAD = """# Random trials

What each trial did the last time it ran in full, on the day its line names. `make trials` runs all of them and writes this
page (`ARGS="-k word"`: some, and their lines alone); `make test` runs the same trials in a short form. A trial that
disturbed nothing fails. `WAHANA_TRIALS_SEED=<number>` repeats a run.

CPython {python} on {machine} with {cores} cores, SQLite {sqlite}. {passed} passed, {failed} failed.

| Trial | Result | Seconds | Day | What it did |
|---|---|---|---|---|
"""


class Collector:
    """Remembers the outcome, length and words of each trial."""

    def __init__(self) -> None:
        self.results: dict[str, dict[str, Any]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        result = self.results.setdefault(report.nodeid, {"outcome": "passed", "seconds": 0.0, "told": []})
        if report.outcome != "passed":
            result["outcome"] = report.outcome
        result["seconds"] += report.duration
        if report.when == "teardown":
            result["told"] = [str(value) for name, value in report.user_properties if name == "trial"]


def lines(results: dict[str, dict[str, Any]]) -> dict[str, str]:
    """The line of each trial, by its title."""
    told = {}
    for name, result in sorted(results.items()):
        title = name.rpartition("::")[2].removeprefix("test_").replace("_", " ").replace("|", "/")
        did, day = "; ".join(result["told"]).replace("|", "/"), datetime.now(UTC).date()
        told[title] = f"| {title} | {result['outcome']} | {result['seconds']:.0f} | {day} | {did} |\n"
    return told


def standing(page: str) -> dict[str, str]:
    """The lines of a page as it stands, by their titles."""
    rows = [line for line in page.splitlines(keepends=True) if line.startswith("| ")]
    return {line.split(" | ")[0].removeprefix("| "): line for line in rows[1:]}


def page(told: dict[str, str]) -> str:
    """The page that holds these lines."""
    passed = sum(line.split(" | ")[1] == "passed" for line in told.values())
    head = HEAD.format(
        python=platform.python_version(),
        machine=f"{platform.system()} {platform.machine()}",
        cores=os.cpu_count(),
        sqlite=sqlite3.sqlite_version,
        passed=passed,
        failed=len(told) - passed,
    )
    return head + "".join(told.values())


def main(arguments: list[str]) -> int:
    """Run the trials, all of them or those that ``arguments`` name; 0 when all that ran passed."""
    os.environ["WAHANA_TRIALS"] = "full"
    collector = Collector()
    code = pytest.main(["-m", "trial", *arguments], plugins=[collector])
    if collector.results:
        before = standing(PAGE.read_text("utf-8")) if arguments else {}
        PAGE.write_text(page(before | lines(collector.results)), "utf-8")
        print(f"wrote {PAGE.name}: {len(collector.results)} trials", file=sys.stderr)
    return int(code)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
