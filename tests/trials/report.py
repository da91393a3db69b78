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

What the trials did the last time they ran in full. `make trials` runs them again and writes this page; `make test` runs
the same trials in a short form. A trial that disturbed nothing fails. `WAHANA_TRIALS_SEED=<number>` repeats a run.

{scope}{when}, CPython {python} on {machine} with {cores} cores, SQLite {sqlite}. {passed} passed, {failed} failed.

| Trial | Result | Seconds | What it did |
|---|---|---|---|
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


def page(results: dict[str, dict[str, Any]], arguments: list[str]) -> str:
    """The page that tells these results; it says so when not every trial was asked for."""
    outcomes = [result["outcome"] for result in results.values()]
    text = HEAD.format(
        scope=f"Only a part of them: `{' '.join(arguments)}`. " if arguments else "",
        when=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        python=platform.python_version(),
        machine=f"{platform.system()} {platform.machine()}",
        cores=os.cpu_count(),
        sqlite=sqlite3.sqlite_version,
        passed=outcomes.count("passed"),
        failed=len(outcomes) - outcomes.count("passed"),
    )
    for name, result in sorted(results.items()):
        title = name.rpartition("::")[2].removeprefix("test_").replace("_", " ").replace("|", "/")
        did = "; ".join(result["told"]).replace("|", "/")
        text += f"| {title} | {result['outcome']} | {result['seconds']:.0f} | {did} |\n"
    return text


def main(arguments: list[str]) -> int:
    """Run the trials; 0 when all of them passed."""
    os.environ["WAHANA_TRIALS"] = "full"
    collector = Collector()
    code = pytest.main(["-m", "trial", *arguments], plugins=[collector])
    if collector.results:
        PAGE.parent.mkdir(exist_ok=True)
        PAGE.write_text(page(collector.results, arguments), "utf-8")
        print(f"wrote {PAGE.name}: {len(collector.results)} trials", file=sys.stderr)
    return int(code)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
