"""Peers measured beside Wahana: what is absent is told, and a line says what a peer's process answered."""

import sys
from pathlib import Path

import pytest

from tests.bench.__main__ import row
from tests.bench.peers import comparing
from tests.bench.peers.comparing import beside
from tests.bench.peers.program import PeerFailed, Program

ANSWERS = "from tests.bench.peers.serve import serve; serve({'append': lambda calls: 0.0003 * calls})"


def peer(program: str, *needs: Path) -> Program:
    return Program([sys.executable, "-c", program], needs)


def test_a_peer_that_is_not_installed_is_told_as_absent(tmp_path: Path) -> None:
    missing = peer(ANSWERS, tmp_path / "bin" / "python")
    (line,) = beside("Somebody, SQLite", missing, "append", 10, {"append": lambda: 0.001}, rounds=1)
    assert row(line) == "| (p) append: Somebody, SQLite |  | absent |  |  |  |"


def test_a_line_compares_what_a_peer_answers_with_each_of_ours() -> None:
    ours = {"append": lambda: 0.001, "command": lambda: 0.002}
    first, second = beside("Somebody, SQLite", peer(ANSWERS), "append", 10, ours, rounds=1)
    assert row(first) == "| (p) append: Somebody, SQLite | 1,000 µs | 3,000 µs | 3.00 |  |  |"
    assert row(second) == "| (p) command: Somebody, SQLite | 2,000 µs | 3,000 µs | 1.50 |  |  |"


def test_a_peer_that_fails_is_not_told_as_absent() -> None:
    broken = peer("raise SystemExit('no such table')")
    with pytest.raises(PeerFailed, match="no such table"):
        beside("Somebody, SQLite", broken, "append", 10, {"append": lambda: 0.001}, rounds=1)


def test_where_nothing_is_installed_the_bench_goes_on_with_the_library_that_wahana_stands_on(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, database_url: str
) -> None:
    monkeypatch.setattr(comparing, "PEERS", tmp_path / "none")
    monkeypatch.setattr(comparing, "MODULES", tmp_path / "none")
    url = None if database_url.startswith("sqlite:") else database_url
    found = comparing.lines(url, tmp_path, calls=2, events=20, rounds=1)
    told = {line.name: line.ratio for line in found}
    assert {name for name, ratio in told.items() if ratio} == {name for name in told if "ProjectionRunner" in name}
    assert [line.reference for line in found if not line.ratio] == ["absent"] * 6
    assert any(told.values()) == bool(url)
