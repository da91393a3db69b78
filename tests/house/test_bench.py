"""The measurements of `make bench` still run, on tiny sizes, and tell what they should. Nothing here judges a time."""

import os
import re
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests import postgres
from tests.bench import (
    append,
    loading,
    pages,
    parts,
    past,
    proof,
    reading,
    rebuilding,
    request,
    shown,
    trail,
    verifying,
)
from tests.bench.__main__ import PAGE, page, row
from tests.bench.measure import Line
from tests.house.tables import ROOT
from tests.journeys.sown import rules_of
from tests.service.offices import make_office


def test_each_measurement_runs_on_either_engine(postgres_url: str, tmp_path: Path) -> None:
    for url in (None, postgres_url):
        for module in (append, request, loading):
            folder = tmp_path / f"{module.__name__}-{url is None}"
            folder.mkdir()
            if url is None or module is request:
                found = module.lines(url, folder, calls=20, rounds=1)
                assert found[0].ratio
                assert found[0].met is not None


def test_an_export_and_its_check_are_measured(tmp_path: Path) -> None:
    assert [line.goal for line in verifying.lines(None, tmp_path, calls=20)] == [None, None]


def test_what_proof_costs_is_measured(postgres_url: str, tmp_path: Path) -> None:
    found = proof.lines(postgres_url, tmp_path, calls=10, rounds=1, events=600, checkpoints=40)
    assert [line.goal for line in found] == [0.1, 0.1, 0.1, 0.1, None, 0.4, 5.0]
    assert all(line.ratio for line in found)


def test_what_the_reading_trail_costs_is_measured(postgres_url: str, tmp_path: Path) -> None:
    for url in (None, postgres_url):
        found = trail.lines(url, tmp_path, calls=5, rounds=1)
        assert len(found) == 2
        assert all(line.ratio and line.goal is None for line in found)


def test_a_rebuild_is_measured_on_either_engine(postgres_url: str, tmp_path: Path) -> None:
    for url in (None, postgres_url):
        found = rebuilding.lines(url, tmp_path, events=9_000, rounds=1)
        goals = [line.goal for line in found if "orientation" not in line.name]
        assert goals == [0.6, 1.0, 1.3, 1.5]
        assert [line.name for line in found if not line.ratio] == [
            f"(c) for orientation: of an event, {part}, 1 process, {'PostgreSQL' if url else 'SQLite'}"
            for part in ("comparing", "all else")  # of which the loop has nothing
        ]
        assert not any(line.ours.startswith("-") or line.reference.startswith("-") for line in found)


def test_a_large_log_is_held_against_a_small_one_on_postgresql(postgres_dsn: str) -> None:
    few, many = (postgres.make_database(postgres_dsn, f"bench_{size}_{os.getpid()}") for size in ("few", "many"))
    try:
        found = rebuilding.large_on_postgres(few, many, small=2_000, events=3_000)
    finally:
        for url in (few, many):
            postgres.drop_database(postgres_dsn, url.partition("?")[0].rpartition("/")[2])
    assert [line.goal for line in found] == [0.85, 1.2, 1.2]
    assert all(line.ratio and "PostgreSQL" in line.name for line in found)


def test_a_small_log_is_rebuilt_and_read(postgres_url: str, tmp_path: Path) -> None:
    found = rebuilding.large(tmp_path, small=2_000, events=3_000)
    assert [line.goal for line in found] == [0.6, 1.0, 0.85, 1.2, 1.2]
    found = reading.lines(*rebuilding.kept(tmp_path), calls=1, rounds=1)
    assert [line.goal for line in found] == [5.0] * 4
    found = pages.lines(*rebuilding.kept(tmp_path), calls=1, rounds=1)
    assert {line.goal for line in found} == {1, pages.TIMES, None}
    assert all("asks the API nothing" in line.name for line in found if line.goal is None)
    weights = [line for line in found if line.name.endswith("views") or line.name.endswith("view")]
    assert len(weights) == 2 * len(pages.PAGES)
    same = [line for line in found if line in weights or line.name.endswith("statements")]
    assert [line.name for line in same if not line.met] == [], (
        "what a page weighs and asks is the same on every machine"
    )
    found = past.lines(*rebuilding.kept(tmp_path), postgres_url)
    assert {line.goal for line in found} == {2.0}
    assert all(line.ratio for line in found)


def test_each_second_of_a_rebuild_is_of_one_part(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(time, "perf_counter", lambda: now)
    clock = parts.Clock()

    def passes(seconds: float) -> None:
        nonlocal now
        now += seconds

    decode = clock.around("decoding", lambda: passes(2))

    def read() -> None:
        passes(3)
        decode()
        passes(1)

    def fold() -> None:
        passes(10)
        clock.around("reading", read)()
        raise ValueError

    with suppress(ValueError):
        clock.around("folding", fold)()
    passes(7)
    assert list(clock.each("reading", [1, 2])) == [1, 2]
    clock.end()
    assert clock.spent == {"all else": 7, "folding": 10, "reading": 4, "decoding": 2}


HELD = """
import os
from tests.bench.measure import peak_megabytes
block = b"x" * {own}
if not os.fork():
    more = b"x" * {forked}
    os._exit(0)
os.wait()
print(peak_megabytes())
"""


def held(megabytes: int = 0, *, forked: int = 0) -> int:
    """What a process says of its memory that holds so many megabytes, beside one that it forks."""
    code = HELD.format(own=megabytes << 20, forked=forked << 20)
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
    return int(done.stdout)


def test_the_memory_of_a_run_is_its_own_and_that_of_whom_it_forked() -> None:
    bare = held()
    ours = b"x" * ((bare + 200) << 20)  # whoever starts a run holds much, which is none of the run's
    assert held() <= bare + 10
    del ours
    assert held(100) >= bare + 190, "twice: the other process was forked from it"
    assert bare + 90 <= held(forked=100) <= bare + 110


def test_every_page_there_is_is_measured(tmp_path: Path) -> None:
    here = make_office(tmp_path)
    assert sorted(shown.PAGES) == rules_of(here)
    here.close()
    assert len({page.name for page in shown.PAGES.values()}) == len(shown.PAGES)


def test_every_page_there_is_stands_in_the_table() -> None:
    rows = re.findall(r"^\| \(h\) (.+): statements \|", PAGE.read_text("utf-8"), re.MULTILINE)
    assert sorted(rows) == sorted(page.name for page in shown.PAGES.values())


def test_the_page_says_how_large_the_log_was() -> None:
    assert "invented log of 200,000 events" in page([], "18.0", short=True)
    assert "invented log of 1,000,000 events" in page([], "18.0", short=False)


def test_the_page_says_which_goals_are_met() -> None:
    slow = Line("(b) something", "3 ms", "1 ms", 3.0, "<=", 2.5)
    fast = Line("(a) something", "1 ms", "1 ms", 1.0, ">=", 0.5)
    other = Line("(a) for orientation", "1 ms", "1 ms", 1.0)
    assert row(slow).endswith("| 3.00 | ≤ 2.5 | **no** |")
    assert row(fast).endswith("| 1.00 | ≥ 0.5 | yes |")
    assert row(other).endswith("| 1.00 |  |  |")
    assert row(slow) in page([slow, fast, other], "18.0", short=True)
