"""Killed at any moment, folding goes on as if nothing had been."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import pytest

from projections.engine import Views
from projections.rebuild import rebuild
from projections.sqlite import SqliteStore
from projections.verify import verify
from tests.projections.folded import fresh, history, state
from tests.projections.market import (
    MARKET,
)

CHILD = """
import sys
from tests.projections.folded import history
from tests.projections.market import MARKET
from projections.engine import Views
from projections.rebuild import rebuild
from projections.sqlite import SqliteStore

views = Views(SqliteStore(sys.argv[1]), MARKET, history())
views.prepare(small=0)
rebuild(views, batch=20, processes=1, progress=lambda *said: (print(said[0], flush=True), sys.stdin.readline()))
"""


@pytest.mark.parametrize("seed", range(int(os.environ.get("WAHANA_TRIALS_KILLS", "2"))))
def test_a_rebuild_killed_at_any_moment_goes_on_and_ends_the_same(tmp_path: Path, seed: int) -> None:
    path, ledger, moments = tmp_path / "views.db", history(), Random(seed)
    for rounds in (moments.randint(1, 2), 1, 1):
        child = subprocess.Popen(
            [sys.executable, "-c", CHILD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path.cwd()
        )
        assert child.stdin is not None
        assert child.stdout is not None
        for _ in range(rounds):
            assert child.stdout.readline()
            child.stdin.write(b"\n")
            child.stdin.flush()
        time.sleep(moments.random() / 1000)
        child.send_signal(signal.SIGKILL)
        assert child.wait() == -signal.SIGKILL
        child.stdout.close()
        child.stdin.close()
    views = Views(SqliteStore(path), MARKET, ledger)
    views.prepare(small=0)
    assert rebuild(views).resumed > 0
    assert state(views) == fresh(ledger, tmp_path / "fresh.db")
    assert list(tmp_path.glob("*rebuild-*")) == []
    views.store.close()


CATCHING = """
import sys
from tests.projections.folded import history
from tests.projections.market import MARKET
from projections.engine import Views
from projections.sqlite import SqliteStore

ledger = history(400)
views = Views(SqliteStore(sys.argv[1]), MARKET, ledger)
views.prepare(small=10_000)
print("ready", flush=True)
while True:
    with views.store.writing(5) as session:
        if not views.advance(session, 3, {}).folded:
            break
"""


@pytest.mark.parametrize("seed", range(int(os.environ.get("WAHANA_TRIALS_KILLS", "2"))))
def test_a_catch_up_killed_at_any_moment_leaves_no_half_of_an_event(tmp_path: Path, seed: int) -> None:
    path, ledger, moments = tmp_path / "views.db", history(400), Random(seed)
    child = subprocess.Popen([sys.executable, "-c", CATCHING, str(path)], stdout=subprocess.PIPE, cwd=Path.cwd())
    assert child.stdout is not None
    assert child.stdout.readline() == b"ready\n"
    time.sleep(0.02 + moments.random() / 20)
    child.send_signal(signal.SIGKILL)
    assert child.wait() == -signal.SIGKILL
    child.stdout.close()
    views = Views(SqliteStore(path), MARKET, ledger)
    reached = {status.position for status in views.status()}
    assert len(reached) == 1
    assert 0 < min(reached) < len(ledger.events)
    assert verify(views).differences == ()
    views.catch_up(bounded=False)
    assert state(views) == fresh(ledger, tmp_path / "fresh.db")
    views.store.close()
