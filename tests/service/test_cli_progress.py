"""What a long work on views says of itself: on a terminal one line, else one JSON line per five seconds."""

import json
import signal
import sys
import time

import pytest

from projections.progress import Steps
from service.cli.progress import Progress


class Time:
    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        patch.setattr(time, "monotonic", lambda: self.now)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Time:
    return Time(monkeypatch)


def work(clock: Time) -> None:
    """Ten rounds of two seconds each, then three tables of eight, then what was recorded meanwhile."""
    with Progress() as progress:
        steps = Steps(progress)
        steps.begin("fold", 1000, then=1.2)
        for number in range(1, 11):
            clock.now += 2
            steps.done(100 * number)
        steps.begin("index", 400)
        for rows in (200, 300, 400):
            clock.now += 8
            steps.done(rows)
        steps.begin("catch up", 10)


def test_lines_of_json_say_the_step_its_rate_and_what_is_left_every_five_seconds(
    clock: Time, capsys: pytest.CaptureFixture[str]
) -> None:
    work(clock)
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert lines[:2] == [
        {"step": "fold", "done": 300, "of": 1000, "rate": 50.0, "eta_seconds": 14 + 24},
        {"step": "fold", "done": 600, "of": 1000, "rate": 50.0, "eta_seconds": 8 + 24},
    ]
    assert [line["done"] for line in lines if line["step"] == "fold"] == [300, 600, 900]
    assert [(line["done"], line["eta_seconds"]) for line in lines if line["step"] == "index"] == [
        (200, 8),
        (300, 5),
        (400, 0),
    ]


def test_a_terminal_shows_each_step_and_never_an_end_that_is_none(
    clock: Time, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    work(clock)
    said = [line.rstrip("\x1b[K\n") for line in capsys.readouterr().err.split("\r")[1:]]
    assert said[0] == "fold: 100 of 1,000 events (10 %), 50/s, 42 s left"
    assert said[9] == "fold: 1,000 of 1,000 events (100 %), 50/s, 24 s left"
    assert said[10] == "index: 0 of 400 rows (0 %), 24 s left", "as folding let expect"
    assert said[12] == "index: 300 of 400 rows (75 %), 19/s, 5 s left"
    assert said[14] == "catch up: 0 of 10 events (0 %)", "what is left of it is not known yet"


def test_a_line_comes_also_while_nothing_moves(clock: Time, capsys: pytest.CaptureFixture[str]) -> None:
    before = signal.getsignal(signal.SIGALRM)
    with Progress() as progress:
        for seconds in (4, 2, 3, 2):
            clock.now += seconds
            signal.raise_signal(signal.SIGALRM)
        progress(100, 1000, 50.0, 18.0, "fold")
        clock.now += 5
        signal.raise_signal(signal.SIGALRM)
    assert [json.loads(line) for line in capsys.readouterr().err.splitlines()] == [
        {"step": "begin", "still_seconds": 6},
        {"step": "begin", "still_seconds": 11},
        {"step": "fold", "done": 100, "of": 1000, "rate": 50.0, "eta_seconds": 18, "still_seconds": 5},
    ]
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
