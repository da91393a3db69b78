"""A witness on a machine of her own: follows an honest log, and never signs for one that was put back or forked."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from werkzeug.serving import make_server

from service.app import build
from service.cli import main
from service.log.database import connect
from service.log.kept import Kept
from service.log.notes import COSIGNATURE, BadNote, Checkpoint, Line, Note, Signer
from service.log.policy import LogKeys, Policy
from service.log.sealer import Sealer
from service.log.tree import EMPTY_ROOT, Tree
from service.office import Office, utc_now
from service.witness import (
    LogContradicts,
    LogOverHttp,
    NotAccepted,
    NothingKept,
    NotReached,
    ProofWithheld,
    Witness,
    make_key,
    read_key,
)
from tests.service.offices import make_office
from tests.service.test_log_proofs import LOG, WITNESS, grow, here, seal
from tests.service.test_sealer import delete_after

__all__ = ["here"]
NOW = 1_790_000_000
ANOTHER = Signer("wahana/75.01", b"o" * 32)


class Serving:
    """An office's API on a port of its own, which can be exchanged for another office's under the same address."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self._server = make_server("127.0.0.1", 0, build(office.config, office), threaded=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def show(self, office: Office) -> None:
        self._server.app = build(office.config, office)

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)


@pytest.fixture
def serving(here: Office) -> Iterator[Serving]:
    made = Serving(here)
    yield made
    made.stop()


@pytest.fixture
def state(tmp_path: Path) -> Kept:
    made = Kept(tmp_path / "saksi")
    made.directory.mkdir()
    return made


def witness(serving: Serving, state: Kept, signer: Signer = WITNESS) -> Witness:
    return Witness(LogOverHttp(serving.url), state, signer, LogKeys((LOG.key,)), lambda: NOW)


def watch(serving: Serving, state: Kept, signer: Signer = WITNESS) -> Checkpoint:
    """As the witness does who begins where nothing is kept."""
    return witness(serving, state, signer).watch(begin=not files(state))


def files(state: Kept) -> list[str]:
    return sorted(path.name for path in state.directory.iterdir())


def cosigned(office: Office) -> list[int]:
    return [size for (size,) in office.database.rows("SELECT size FROM cosignatures ORDER BY size")]


def test_a_witness_follows_keeps_and_cosigns_an_honest_log(serving: Serving, state: Kept, tmp_path: Path) -> None:
    office = serving.office
    assert watch(serving, state).size == 600
    grow(office, 700)
    seal(office, tmp_path)
    grow(office, 1)
    last = seal(office, tmp_path)
    assert watch(serving, state) == last
    assert watch(serving, state) == last
    assert cosigned(office) == [600, 1301]
    assert files(state) == ["checkpoint", "seen-000000000600", "seen-000000001301"]
    published = office.checkpoints.latest()
    assert published is not None
    assert Note.parse(office.checkpoints.note(published)).signed(WITNESS.key)


def test_a_cosignature_that_was_lost_on_the_way_is_sent_again(
    serving: Serving, state: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(*_: object) -> None:
        raise NotReached("lost")

    with monkeypatch.context() as patched:
        patched.setattr(LogOverHttp, "cosign", lost)
        with pytest.raises(NotReached):
            watch(serving, state)
    assert (cosigned(serving.office), files(state)) == ([], ["checkpoint", "seen-000000000600"])
    watch(serving, state)
    assert cosigned(serving.office) == [600]


def test_a_log_that_was_put_back_is_not_cosigned(serving: Serving, state: Kept, tmp_path: Path) -> None:
    office = serving.office
    watch(serving, state)
    grow(office, 100)
    seal(office, tmp_path)
    watch(serving, state)
    kept = state.read()
    owner = connect(office.config.database_url, owner=True, size=1)
    delete_after(owner, 600)
    owner.close()
    with pytest.raises(LogContradicts, match="shows 600 events and showed 700: it was put back"):
        watch(serving, state)
    assert state.read() == kept
    assert state.read("contradicts-000000000600") is not None


def forked(tmp_path: Path, events: int) -> Office:
    """Another log under the same name and key: rewritten, its tree made anew and signed with a stolen key."""
    folder = tmp_path / f"fork-{events}"
    folder.mkdir()
    office = make_office(folder)
    grow(office, events - 1)
    seal(office, folder)
    return office


@pytest.mark.parametrize(("events", "says"), [(600, "600"), (650, "650"), (599, "put back")])
def test_a_fork_signed_with_the_logs_own_key_is_not_cosigned(
    serving: Serving, state: Kept, tmp_path: Path, events: int, says: str
) -> None:
    watch(serving, state)
    kept, fork = state.read(), forked(tmp_path, events)
    serving.show(fork)
    with pytest.raises(LogContradicts, match=says):
        watch(serving, state)
    assert state.read() == kept
    assert Note.parse(state.read(f"contradicts-{events:012d}") or "").signed(LOG.key)
    assert cosigned(fork) == []
    serving.show(serving.office)
    watch(serving, state)
    fork.close()


def test_a_checkpoint_of_another_key_is_evidence_and_not_signed(serving: Serving, state: Kept) -> None:
    with pytest.raises(LogContradicts, match="no checkpoint of wahana"):
        Witness(LogOverHttp(serving.url), state, WITNESS, LogKeys((ANOTHER.key,)), lambda: NOW).watch(begin=True)
    assert files(state) == ["unsigned-000000000600"]


def test_a_line_that_she_never_wrote_under_her_own_name_is_evidence(serving: Serving, state: Kept) -> None:
    junk = Line(WITNESS.key.name, WITNESS.key.hash, bytes(72))
    serving.office.policy = None  # one that knows no witness passes on whatever stands there
    serving.office.checkpoints.cosign(600, junk, utc_now())
    with pytest.raises(LogContradicts, match="own name and key does not hold"):
        watch(serving, state)
    assert files(state) == ["forged-000000000600"]
    assert str(junk) in (state.read("forged-000000000600") or "")


def test_a_witness_who_was_told_of_a_new_key_goes_on_and_another_does_not(
    serving: Serving, state: Kept, tmp_path: Path
) -> None:
    watch(serving, state)
    office, kept, keys = serving.office, Kept(tmp_path / "sealer"), LogKeys((LOG.key, ANOTHER.key), (600,))
    grow(office, 5)
    with kept.alone():
        last = Sealer(office.database, kept, ANOTHER, utc_now, keys).seal()
    assert watch(serving, state).size == 600, "a service that was not told shows the last one of the key it knows"
    office.policy = Policy(keys, witnesses={WITNESS.key.name: WITNESS.key})
    with pytest.raises(LogContradicts, match="no checkpoint of wahana"):
        watch(serving, state)
    assert cosigned(office) == [600]
    for _ in range(2):
        assert Witness(LogOverHttp(serving.url), state, WITNESS, keys, lambda: NOW).watch() == last
    assert cosigned(office) == [600, 605]


@pytest.mark.parametrize("answer", ["", "<html>Masuk ke jaringan</html>", LOG.note("wahana/71.01\n1\nAAAA\n")])
def test_an_answer_that_is_no_checkpoint_of_a_log_says_nothing_about_it(
    serving: Serving, state: Kept, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    monkeypatch.setattr(LogOverHttp, "checkpoint", lambda _: answer)
    with pytest.raises(NotReached, match="the answer is"):
        watch(serving, state)
    assert files(state) == []


def test_a_checkpoint_of_another_log_says_nothing_about_this_one(
    serving: Serving, state: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Signer("wahana/71.01", b"o" * 32)
    monkeypatch.setattr(LogOverHttp, "checkpoint", lambda _: other.note(Checkpoint("wahana/71.01", 1, b"r" * 32).text))
    with pytest.raises(NotReached, match="of another log, not of wahana"):
        watch(serving, state)
    assert files(state) == []


def test_a_server_that_speaks_no_http_was_not_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def babble() -> None:
            caller, _ = listening.accept()
            with caller:
                caller.recv(10_000)
                caller.sendall(b"220 mail ready\r\n")

        thread = threading.Thread(target=babble, daemon=True)
        thread.start()
        with pytest.raises(NotReached):
            LogOverHttp(f"http://127.0.0.1:{listening.getsockname()[1]}").checkpoint()
        thread.join(10)


def test_a_changed_log_key_is_named(serving: Serving, state: Kept) -> None:
    watch(serving, state)
    other = Signer("wahana/75.01", b"o" * 32)
    with pytest.raises(BadNote, match="is not of the key in --log-key"):
        Witness(LogOverHttp(serving.url), state, WITNESS, LogKeys((other.key,)), lambda: NOW).watch()


def test_an_office_that_does_not_know_the_witness_says_so(serving: Serving, state: Kept) -> None:
    with pytest.raises(NotAccepted, match="cosignature_refused"):
        watch(serving, state, Signer("orang-lain", b"z" * 32, COSIGNATURE))
    assert "checkpoint" in files(state)


def test_a_witness_whose_last_checkpoint_was_lost_goes_on_from_the_greatest_one_seen(
    serving: Serving, state: Kept, tmp_path: Path
) -> None:
    watch(serving, state)
    grow(serving.office, 50)
    seal(serving.office, tmp_path)
    watch(serving, state)
    kept, fork = state.read(), forked(tmp_path, 700)
    for older in (None, state.read("seen-000000000600")):
        (state.directory / "checkpoint").unlink()
        if older:
            state.write(older)
        serving.show(fork)
        with pytest.raises(LogContradicts, match="does not begin with the 650"):
            witness(serving, state).watch()
        assert cosigned(fork) == []
        serving.show(serving.office)
        assert witness(serving, state).watch().size == 650
        assert Note.parse(state.read() or "").text == Note.parse(kept or "").text
    fork.close()


def test_a_witness_who_holds_nothing_signs_nothing_unless_she_begins(serving: Serving, state: Kept) -> None:
    with pytest.raises(NothingKept, match="put it back from a backup"):
        witness(serving, state).watch()
    assert (files(state), cosigned(serving.office)) == ([], [])
    state.write("what was shown", "contradicts-000000000020")
    with pytest.raises(NothingKept, match="begin in another directory"):
        witness(serving, state).watch(begin=True)
    (state.directory / "contradicts-000000000020").unlink()
    assert witness(serving, state).watch(begin=True).size == 600
    with pytest.raises(NothingKept, match="go on without --begin"):
        witness(serving, state).watch(begin=True)


def test_a_checkpoint_of_no_events_is_not_witnessed_and_growth_from_one_is_no_contradiction(
    serving: Serving, state: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = LOG.note(Checkpoint(LOG.key.name, 0, EMPTY_ROOT).text)
    with monkeypatch.context() as patched:
        patched.setattr(LogOverHttp, "checkpoint", lambda _: empty)
        with pytest.raises(NotReached, match="of no events"):
            watch(serving, state)
    assert files(state) == []
    state.write(empty)  # as it was kept once
    assert witness(serving, state).watch().size == 600


@pytest.mark.parametrize("why", ["HTTP 404", "no consistency proof", "Connection refused"])
def test_what_is_shown_without_a_proof_is_kept_and_binds_the_log(
    serving: Serving, state: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    def withheld(_: object, first: int, second: int) -> list[bytes]:
        raise NotReached(why)

    watch(serving, state)
    kept, fork = state.read(), forked(tmp_path, 650)
    serving.show(fork)
    with monkeypatch.context() as patched:
        patched.setattr(LogOverHttp, "consistency", withheld)
        for _ in range(2):
            with pytest.raises(ProofWithheld, match=f"showed 650 events and gave no proof .* 600 kept: {why}"):
                witness(serving, state).watch()
    assert (state.read(), cosigned(fork)) == (kept, [])
    assert files(state) == ["checkpoint", "seen-000000000600", "shown-000000000650"]
    serving.show(serving.office)
    grow(serving.office, 100)
    seal(serving.office, tmp_path)
    with pytest.raises(LogContradicts, match="700 events does not begin with the 650"):
        witness(serving, state).watch()
    assert files(state) == ["checkpoint", *(f"contradicts-{size:012d}" for size in (650, 700)), "seen-000000000600"]
    fork.close()


def test_what_was_shown_without_a_proof_for_a_moment_counts_once_it_is_proven(
    serving: Serving, state: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch(serving, state)
    grow(serving.office, 50)
    seal(serving.office, tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr(LogOverHttp, "consistency", lambda *_: (_ for _ in ()).throw(NotReached("away")))
        with pytest.raises(ProofWithheld):
            witness(serving, state).watch()
    grow(serving.office, 50)
    seal(serving.office, tmp_path)
    assert witness(serving, state).watch().size == 700
    assert files(state) == ["checkpoint", *(f"seen-{size:012d}" for size in (600, 650, 700))]
    assert cosigned(serving.office) == [600, 700]


def wahana(*words: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, with no setting at all."""
    code = "from service.cli import main; main(prog_name='wahana')"
    return subprocess.run(
        [sys.executable, "-c", code, *words],
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_the_command_works_without_any_setting(
    serving: Serving, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, state = tmp_path / "kunci", tmp_path / "saksi"
    made = wahana("witness", "--make-key", "inspektorat", "--key", str(key))
    assert made.returncode == 0, made.stderr
    assert made.stdout.strip() == str(read_key(key).key)
    assert key.stat().st_mode & 0o077 == 0
    assert wahana("witness", "--make-key", "inspektorat", "--key", str(key)).returncode == 2
    key.unlink()
    make_key(key, "orang-lain")
    watch = ("witness", serving.url, "--state", str(state), "--key", str(key), "--log-key")
    lost = wahana(*watch, str(LOG.key))
    assert (lost.returncode, lost.stdout) == (2, "")
    assert "holds no checkpoint: put it back from a backup" in lost.stderr
    assert wahana(*watch, str(LOG.key), "--begin").returncode == 1  # the office does not know this witness
    changed = wahana(*watch, str(ANOTHER.key))
    assert (changed.returncode, changed.stdout) == (2, "")
    assert "is not of the key in --log-key" in changed.stderr
    fork = forked(tmp_path, 640)
    serving.show(fork)
    loud = wahana(*watch, str(LOG.key))
    assert (loud.returncode, loud.stdout) == (3, "")
    assert "WARNING: the log of 640 events does not begin with the 600 that were kept" in loud.stderr
    fork.close()
    serving.show(serving.office)
    grow(serving.office, 10)
    seal(serving.office, tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr(Tree, "consistency", lambda *_: 1 / 0)
        shown = wahana(*watch, str(LOG.key))
    assert (shown.returncode, shown.stdout) == (4, "")
    assert "showed 610 events and gave no proof that they begin with the 600 kept" in shown.stderr
    silent = ("witness", "http://127.0.0.1:1", *watch[2:], str(LOG.key))
    assert wahana(*silent).returncode == 75
    assert wahana("witness", "ftp://x", *watch[2:], str(LOG.key)).returncode == 2
    assert wahana("witness", "--key", str(key)).returncode == 2


def test_a_witness_who_cannot_write_is_told_so_in_a_sentence(tmp_path: Path) -> None:
    make_key(tmp_path / "key", "inspektorat")
    (tmp_path / "a file").write_text("")
    words = ["https://127.0.0.1:1", "--state", str(tmp_path / "a file" / "saksi"), "--key", str(tmp_path / "key")]
    found = CliRunner().invoke(main, ["witness", *words, "--log-key", str(ANOTHER.key)])
    assert (found.exit_code, found.stderr.startswith("wahana: [Errno 20]")) == (1, True), found.output
