"""What the report of the trials says, and that it does not flatter."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.trials import plugin, report
from tests.trials.plugin import Trial

PASSED = {"outcome": "passed", "seconds": 2.4, "told": ["200 kills; WAHANA_TRIALS_SEED=7"]}
FAILED = {"outcome": "failed", "seconds": 0.2, "told": ["ended early; WAHANA_TRIALS_SEED=8"]}


def test_the_page_tells_each_trial_with_its_counts_seed_and_result() -> None:
    page = report.page(report.lines({"a.py::test_a_writer_dies[sqlite]": PASSED, "b.py::test_other": FAILED}))
    day = datetime.now(UTC).date()
    assert f"| a writer dies[sqlite] | passed | 2 | {day} | 200 kills; WAHANA_TRIALS_SEED=7 |" in page
    assert f"| other | failed | 0 | {day} | ended early; WAHANA_TRIALS_SEED=8 |" in page
    assert "1 passed, 1 failed." in page


def test_a_trial_that_ran_alone_takes_the_place_of_its_line_and_of_no_other() -> None:
    before = report.lines({"a.py::test_one": PASSED, "b.py::test_other": FAILED})
    assert report.standing(report.page(before)) == before
    after = report.page(before | report.lines({"b.py::test_other": PASSED, "c.py::test_new[sqlite]": PASSED}))
    assert list(report.standing(after)) == ["one", "other", "new[sqlite]"]
    assert "3 passed, 0 failed." in after


def test_a_seed_can_be_given_and_makes_the_same_choices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAHANA_TRIALS_SEED", "42")
    assert plugin.fresh_seed() == 42
    one, other = Trial(42), Trial(42)
    assert [one.random.random() for _ in range(5)] == [other.random.random() for _ in range(5)]
    monkeypatch.delenv("WAHANA_TRIALS_SEED")
    assert len({plugin.fresh_seed() for _ in range(5)}) > 1


def test_a_trial_that_ended_before_it_counted_says_so() -> None:
    run = Trial(3, full=False)
    assert run.line() == "ended early; WAHANA_TRIALS_SEED=3"
    run.count(kills=run.size(20, 200), recorded_unheard=4)
    assert run.line() == "20 kills, 4 recorded unheard; WAHANA_TRIALS_SEED=3"
    assert Trial(3, full=True).size(20, 200) == 200


def test_the_collector_keeps_a_failure_even_when_the_teardown_passes() -> None:
    collector = report.Collector()
    for when, outcome in (("setup", "passed"), ("call", "failed"), ("teardown", "passed")):
        made = pytest.TestReport("t", ("t", 0, "t"), {}, outcome, None, when, duration=1.0)  # type: ignore[arg-type]
        made.user_properties = [("trial", "3 cuts"), ("other", 1)]
        collector.pytest_runtest_logreport(made)
    assert collector.results == {"t": {"outcome": "failed", "seconds": 3.0, "told": ["3 cuts"]}}
