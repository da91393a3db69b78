"""``wahana seal``: what it needs, what it says, and how it ends."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner, Result

from service.cli import main, seal
from service.log.checkpoints import StoredHashes
from service.log.database import connect, sqlite_path
from service.log.kept import Kept
from service.log.notes import Checkpoint, Signer
from service.log.policy import LogKeys
from service.log.reconciliation import Reconciled
from service.log.sealer import Sealer
from service.log.tree import Tree
from service.office import Office, utc_now
from tests.service.test_log_proofs import grow
from tests.service.test_sealer import tampered

Run = Callable[..., Result]
SEED = b"l" * 32


@pytest.fixture
def run(tmp_path: Path, here: Office) -> Run:
    """``run(*words)``: what the command says, given the sealer's key and no other secret."""

    def runs(*words: str, **more: str) -> Result:
        settings = {
            "WAHANA_DATABASE_URL": here.config.database_url,
            "WAHANA_SEALER_KEY": base64.b64encode(SEED).decode(),
            "WAHANA_SEALER_DIR": str(tmp_path / "sealer"),
            **more,
        }
        return CliRunner().invoke(main, ["seal", *words], env=settings)

    return runs


def test_it_seals_and_says_how_far(here: Office, run: Run) -> None:
    assert run().stdout == "sealed up to position 1\n"
    grow(here, 4)
    assert json.loads(run("--json").stdout) == {"size": 5}
    grow(here, 2)
    told = run("--reconcile")
    assert (told.exit_code, told.stdout) == (0, "7 events = 5 sealed + 2 unsealed\n")
    assert "wahana: reconciled: " in told.stderr
    found = json.loads(run("--reconcile", "--json").stdout)
    assert found == {"events": 7, "sealed": 5, "unsealed": 2, "differences": [], "strange": []}


def test_a_row_of_a_stranger_is_named_with_3_and_stops_no_sealing(here: Office, run: Run) -> None:
    grow(here, 4)
    assert run().exit_code == 0
    here.database.rows("INSERT INTO checkpoints VALUES (3, 'no note', '')")
    told = run("--reconcile")
    assert told.exit_code == 3
    assert "DIFFERS  the checkpoint of size 3 is not signed by the log's key for that size" in told.stdout
    assert "WARNING: the checkpoint of size 3 is not signed" in told.stderr
    grow(here, 1)
    assert run().stdout == "sealed up to position 6\n"


def test_the_key_that_verifies_is_shown(run: Run) -> None:
    assert run("--show-key").stdout == f"{Signer('wahana/75.01', SEED).key}\n"


def test_it_needs_its_own_key_and_no_other_secret(here: Office, run: Run) -> None:
    missing = run(WAHANA_SEALER_KEY="")
    assert (missing.exit_code, missing.stderr.count("\n")) == (78, 1)
    assert "WAHANA_SEALER_KEY: missing" in missing.stderr
    assert here.config.sealer_key == b"", "the service itself does without it"


def test_a_new_key_goes_on_where_the_policy_ends_the_one_before(here: Office, run: Run, tmp_path: Path) -> None:
    assert run().stdout == "sealed up to position 1\n"
    new = base64.b64encode(b"n" * 32).decode()
    grow(here, 4)
    told = run(WAHANA_SEALER_KEY=new)
    assert (told.exit_code, told.stdout) == (3, "")
    assert "not signed by wahana/75.01" in told.stderr
    policy = tmp_path / "policy"
    policy.write_text(
        f"log {Signer('wahana/75.01', SEED).key} upto 1\nlog {Signer('wahana/75.01', b'n' * 32).key}\nquorum none\n"
    )
    told = run(WAHANA_POLICY=str(policy))
    assert (told.exit_code, told.stdout) == (78, "")
    assert "WAHANA_SEALER_KEY: not the last log key" in told.stderr
    assert run(WAHANA_POLICY=str(policy), WAHANA_SEALER_KEY=new).stdout == "sealed up to position 5\n"
    told = run("--reconcile", WAHANA_POLICY=str(policy), WAHANA_SEALER_KEY=new)
    assert (told.exit_code, told.stdout) == (0, "5 events = 5 sealed + 0 unsealed\n")


def test_a_log_that_contradicts_what_was_signed_ends_it_with_3(here: Office, run: Run) -> None:
    grow(here, 5)
    assert run().exit_code == 0
    owner = connect(here.config.database_url, owner=True, size=1)
    tampered(owner, 3, leaf=True)
    owner.close()
    for words in ((), ("--follow",)):
        refused = run(*words)
        assert (refused.exit_code, refused.stdout) == (3, ""), words
        assert "wahana: nothing was signed: " in refused.stderr
        assert "the first 6 events are not those of the" in refused.stderr
    told = run("--reconcile")
    assert told.exit_code == 3
    assert "DIFFERS  the first 6 events are not those of the sealer's own checkpoint" in told.stdout


def test_what_follows_reconciles_again_when_the_hour_is_over(
    here: Office, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    grow(here, 3)
    honest, stop, runs = seal.Bench.reconciled, threading.Event(), list[int]()

    def counted(bench: seal.Bench) -> Reconciled:
        found = honest(bench)
        runs.append(found.sealed)
        if len(runs) == 3:
            stop.set()
        return found

    monkeypatch.setattr(seal.Bench, "reconciled", counted)
    monkeypatch.setattr(seal, "signal", SimpleNamespace(SIGTERM=15, SIGINT=2, signal=lambda *_: None))
    monkeypatch.setattr(seal, "threading", SimpleNamespace(Event=lambda: stop))
    monkeypatch.setattr(seal, "POLL_SECONDS", 0.01)
    monkeypatch.setattr(seal, "RECONCILE_SECONDS", 0.05)
    late = threading.Timer(20, stop.set)  # for a sealer that does not run it again
    late.start()
    assert run("--follow").exit_code == 0
    late.cancel()
    assert runs == [0, 4, 4], "before anything was sealed, and twice after"


def test_a_row_that_is_added_among_those_that_were_checked_is_named_each_time(
    here: Office, run: Run, tmp_path: Path
) -> None:
    grow(here, 3)
    signer, kept = Signer(here.config.log_origin, SEED), Kept(tmp_path / "sealer")
    bench = seal.Bench(here.database, kept, Sealer(here.database, kept, signer, utc_now), LogKeys((signer.key,)))
    with kept.alone():
        for _ in range(2):
            grow(here, 2)
            sealed = bench.sealer.seal()
            assert sealed
            assert (bench.reconciled().strange, bench.checked) == ((), sealed.size)
        right = Checkpoint(here.config.log_origin, 5, Tree(StoredHashes(here.database), 5).root())
        note = Signer(here.config.log_origin, b"f" * 32).note(right.text)
        here.database.rows("INSERT INTO checkpoints VALUES (5, :note, '')", note=note)
        for _ in range(2):
            assert bench.reconciled().strange == (
                "the checkpoint of size 5 is not signed by the log's key for that size",
            )


def test_a_second_sealer_is_told_to_wait(run: Run, tmp_path: Path) -> None:
    with Kept(tmp_path / "sealer").alone():
        answer = run()
    assert answer.exit_code == 75
    assert "in use by another process" in answer.stderr


def test_a_checkpoint_that_is_no_text_is_not_signed_over(here: Office, run: Run, tmp_path: Path) -> None:
    assert run().exit_code == 0
    (tmp_path / "sealer" / "checkpoint").write_bytes(b"\xff\xfe")
    for words in ((), ("--reconcile",)):
        found = run(*words)
        assert (found.exit_code, "nothing was signed: the checkpoint in" in found.stderr) == (3, True), found.output


def test_a_directory_that_is_none_or_full_is_said_in_a_sentence(
    here: Office, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a file").write_text("")
    none = run(WAHANA_SEALER_DIR=str(tmp_path / "a file"))
    assert (none.exit_code, none.stderr.startswith("wahana: ")) == (1, True)
    grow(here, 2)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("service.log.kept.write_flushed", full)
    found = run()
    assert (found.exit_code, "wahana: [Errno 28] No space left" in found.stderr) == (1, True)


def test_it_warns_of_a_checkpoint_that_would_be_put_back_with_the_database(
    here: Office, run: Run, tmp_path: Path
) -> None:
    if not here.config.database_url.startswith("sqlite"):
        assert "WARNING" not in run(WAHANA_SEALER_DIR=str(tmp_path)).stderr
        return
    beside = Path(sqlite_path(here.config.database_url)).parent
    assert "WAHANA_SEALER_DIR is the database's own directory" in run(WAHANA_SEALER_DIR=f"{beside}/x/..").stderr
    assert "WARNING" not in run(WAHANA_SEALER_DIR=str(beside / "sealer")).stderr
