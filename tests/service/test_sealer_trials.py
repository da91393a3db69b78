"""Sealers killed at any moment and at each step; and how soon an event is under a checkpoint."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from service.log.checkpoints import Checkpoints
from service.log.kept import Kept
from service.log.notes import Checkpoint, Note, Signer, opened
from service.log.reconciliation import reconcile
from service.log.sealer import Sealer
from tests.service.casebooks import Desk, registered, utc_now
from tests.service.offices import make_office, settings_of
from tests.service.test_log_proofs import grow
from tests.service.test_sealer import many, naive
from tests.trials.plugin import Trial
from tests.trials.processes import PATIENCE, started
from tests.trials.sealing import ORIGIN, SEED, STEPS, seal_until_killed

SIGNER = Signer(ORIGIN, SEED)


class Signed:
    """Every text that any sealer of a trial signed: never two for one size."""

    def __init__(self) -> None:
        self.texts: dict[int, str] = {}

    def take(self, text: str) -> None:
        size = Checkpoint.parse(text).size
        assert self.texts.setdefault(size, text) == text, "two roots for one size"

    def hear(self, pipe: Any) -> None:
        """All that a sealer still said before it ended."""
        try:
            while pipe.poll(0):
                said = pipe.recv()
                if said != "begins":
                    self.take(said)
        except EOFError:
            return


def kept_size(kept: Kept) -> int:
    """The size of the checkpoint on disk, which is whole and signed however its writer ended."""
    note = kept.read()
    return opened(note, SIGNER.key).size if note else 0


def test_a_sealer_killed_at_any_moment_never_signs_two_roots_for_one_size(
    desk: Desk, tmp_path: Path, trial: Trial
) -> None:
    kills, signed, kept = trial.size(20, 200), Signed(), Kept(tmp_path / "sealer")
    kept.directory.mkdir()
    casebook, published = desk.casebook(), Checkpoints(desk.connect(desk.url, size=1))
    counts = dict.fromkeys(("at_random", *STEPS), 0)
    unpublished, sizes = 0, [0]
    for number in range(kills):
        step = ("", *STEPS)[number % (len(STEPS) + 1)]
        many(desk, trial.random.choice([1, 1, 2, 40, 300]), casebook)
        process, pipe = started(seal_until_killed, desk, kept.directory, step, trial.random.random() < 0.5)
        assert pipe.poll(PATIENCE)
        assert pipe.recv() == "begins"
        if not step:
            for _ in range(trial.random.randrange(4)):
                registered(casebook)
            time.sleep(trial.random.random() * 0.03)
            process.kill()
        process.join(PATIENCE)
        assert process.exitcode == -signal.SIGKILL
        signed.hear(pipe)
        pipe.close()
        counts[step or "at_random"] += 1
        sizes.append(kept_size(kept))
        assert sizes[-1] >= sizes[-2], "a checkpoint went back"
        latest = published.latest()
        there = latest.size if latest else 0
        assert there <= sizes[-1], "published before it was kept"
        unpublished += there < sizes[-1]
    sealer = Sealer(desk.connect(desk.url, size=1), kept, SIGNER, utc_now)
    last, owner = sealer.seal(), desk.owner()
    assert last is not None
    assert last.root == naive(owner, last.size)
    assert reconcile(owner, last).differences == ()
    for one in published.between(0, last.size):
        signed.take(Note.parse(one.note).text)
    everything = {one.size for one in published.between(0, last.size)}
    assert {size for size in sizes if size} <= everything, "a kept checkpoint was never published"
    trial.count(kills=kills, **counts, found_unpublished=unpublished, signed=len(signed.texts), events=last.size)
    assert unpublished > 0, "no kill hit between file and database"


def test_an_event_is_under_a_checkpoint_within_ten_seconds(tmp_path: Path, database_url: str, trial: Trial) -> None:
    here = make_office(tmp_path, database_url)
    settings = settings_of(tmp_path, database_url)
    only = ("WAHANA_DATABASE_URL", "WAHANA_SECRET_KEY")
    environment = {name: value for name, value in settings.items() if name in only}
    environment["WAHANA_SEALER_KEY"] = environment.pop("WAHANA_SECRET_KEY")
    code = "from service.cli import main; main(prog_name='wahana')"
    sealer = subprocess.Popen(
        [sys.executable, "-c", code, "seal", "--follow"],
        env={"PATH": os.environ["PATH"], **environment, "WAHANA_SEALER_DIR": str(tmp_path / "sealer")},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        give_up = time.monotonic() + PATIENCE
        while here.checkpoints.latest() is None:
            assert sealer.poll() is None
            assert time.monotonic() < give_up
            time.sleep(0.01)
        end = time.monotonic() + trial.size(6, 120)
        while time.monotonic() < end:
            grow(here, 1)
            time.sleep(trial.random.expovariate(20))
        head = here.reader.head()[0]
        while here.standing().unsealed:
            assert time.monotonic() < end + PATIENCE
            time.sleep(0.05)
    finally:
        sealer.send_signal(signal.SIGTERM)
        _, said = sealer.communicate(timeout=30)
    assert sealer.returncode == 0, said
    assert '"differences": []' in said
    waited = []
    checkpoints = here.checkpoints.between(0, head)
    for row in here.log.stored(1, head):
        sealed = next(one.sealed for one in checkpoints if one.size >= row.position)
        waited.append(_seconds(sealed) - _seconds(row.recorded))
    waited.sort()
    p99 = waited[int(len(waited) * 0.99)]
    trial.count(events=len(waited), checkpoints=len(checkpoints), milliseconds_p99=round(p99 * 1000))
    assert p99 < 10
    here.close()


def _seconds(time: str) -> float:
    return datetime.fromisoformat(time).timestamp()
