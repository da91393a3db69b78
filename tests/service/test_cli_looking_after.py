"""Looking after an office from the command line: what is wrong is said, and told apart by the exit code."""

from __future__ import annotations

import re
import signal
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from domain.beneficiary import Beneficiary
from domain.correction import correct
from domain.sealed import Evidence
from projections import engine, postgres
from projections.engine import Views, ViewsNotReady
from projections.source import Malformed
from service.app import build
from service.cli import main, views
from service.log.files import ORPHAN_AFTER_MILLISECONDS, Files
from service.log.reader import LogReader
from service.office import Office
from tests.service.offices import Asking, make_office, person, record, settings_of

Run = Callable[..., Result]


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Office]:
    office = make_office(tmp_path)
    yield office
    office.close()


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """``run(*words)``: what the command line answers about the office."""

    def runs(*words: str, **more: str) -> Result:
        return CliRunner().invoke(main, words, env={**settings_of(tmp_path), **more})

    return runs


def altered(folder: Path, *statements: str) -> None:
    """Change the log behind the program's back, as somebody who owns the file can."""
    with sqlite3.connect(folder / "wahana.db") as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            assert connection.execute(statement).rowcount > 0, statement
    connection.close()


def wrong(result: Result) -> list[str]:
    return [line.split()[1].rstrip(":") for line in result.stdout.splitlines() if line.startswith("WRONG")]


def test_a_healthy_office_has_nothing_to_complain_of(here: Office, run: Run) -> None:
    person(here)
    here.views.catch_up()
    found = run("doctor")
    assert (found.exit_code, wrong(found)) == (0, []), found.output


@pytest.mark.parametrize(
    ("damage", "noticed"),
    [
        ("DELETE FROM events WHERE position = 2", {"log", "streams", "commands"}),
        ("UPDATE events SET recorded = '2001-01-01T00:00:00.000000Z' WHERE position = 2", {"order"}),
        ("UPDATE events SET version = 7 WHERE position = 2", {"streams", "texts"}),
        ("UPDATE events SET text = replace(text, 'person', 'family') WHERE position = 2", {"texts"}),
        ("UPDATE commands SET count = 2 WHERE first = 2", {"commands"}),
        ("DELETE FROM commands WHERE first = 2", {"commands"}),
        ("UPDATE events SET topic = 'case.dreamt' WHERE position = 2", {"texts"}),
    ],
)
def test_the_doctor_notices_what_was_altered(
    here: Office, run: Run, tmp_path: Path, damage: str, noticed: set[str]
) -> None:
    someone = person(here)
    record(here, lambda decision: decision.load(Beneficiary, someone).die(on=here.today()))
    here.views.catch_up()
    altered(tmp_path, damage)
    found = run("doctor")
    assert found.exit_code == 3
    assert noticed <= set(wrong(found)), found.output


def with_a_letter(here: Office) -> None:
    """Somebody who died, with the letter that says so, in two pieces."""
    someone = person(here)
    row = here.files.store(
        b"surat " * 60_000, subject=someone, label="umum", name="a.txt", media_type="text/plain", account="a"
    )
    letter = Evidence("surat", file=row.id, key=row.key, commitment=row.commitment, sha256=row.sha256)
    record(here, lambda decision: decision.load(Beneficiary, someone).die(on=here.today(), evidence=(letter,)))


@pytest.mark.parametrize(
    ("damage", "noticed"),
    [
        ("DELETE FROM parts", "parts"),
        ("UPDATE parts SET key = 'another'", "parts"),
        ("UPDATE parts SET box = x'00'", "sample"),
        ("DELETE FROM file_chunks", "files"),
        ("DELETE FROM file_chunks WHERE number = 1", "files"),
        ("UPDATE files SET sha256 = 'another'", "files"),
        ("UPDATE file_chunks SET box = x'00' WHERE number = 0", "sample"),
    ],
)
def test_the_doctor_notices_what_is_missing_of_parts_and_files(
    here: Office, run: Run, tmp_path: Path, damage: str, noticed: str
) -> None:
    with_a_letter(here)
    here.views.catch_up()
    whole = run("doctor")
    assert wrong(whole) == [], whole.output
    assert "files: 1 referred to, 0 not there" in whole.stdout
    altered(tmp_path, damage)
    found = run("doctor")
    assert (found.exit_code, noticed in wrong(found)) == (3, True), found.output


def test_the_doctor_notices_that_the_log_is_another_one(here: Office, run: Run, tmp_path: Path) -> None:
    person(here)
    here.views.catch_up()
    altered(tmp_path, "DELETE FROM events WHERE position = 2", "DELETE FROM commands WHERE first = 2")
    found = run("doctor")
    assert found.exit_code == 3
    assert "view" in wrong(found)
    assert "folded from another log" in found.stdout
    assert "ANOTHER LOG" in run("project", "status").stdout
    assert run("project", "follow", "--once").exit_code == 3


def test_an_altered_event_is_not_replayed_nor_folded_again(here: Office, run: Run, tmp_path: Path) -> None:
    someone = person(here)
    here.views.catch_up()
    altered(tmp_path, "UPDATE events SET text = replace(text, '\"person\"', '\"family\"') WHERE position = 2")
    told = run("replay", someone)
    assert told.exit_code == 3
    assert "position 2: the text does not match its leaf hash" in told.stderr
    answer = Asking(here, "auditor").get(f"/api/v1/streams/{someone}/replay")
    assert (answer.status_code, answer.get_json()["rule"]) == (500, "log_damaged")
    assert answer.get_json()["detail"]

    def put_right(decision: Any) -> None:
        known = decision.load(Beneficiary, someone)
        reason = decision.seal(someone, {"reason": "Salah ketik"})
        correct(
            known,
            here.log.history(someone)[0],
            changes={"on": "2026-01-04"},
            on=here.today(),
            reason=reason,
            requested_by="yang_bersangkutan",
        )

    record(here, put_right)
    here.views.catch_up()
    aside = {bad.stream for status in here.views.status() for bad in status.set_aside}
    assert aside == {someone}


def test_a_rebuild_tells_its_refusals_apart(here: Office, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    unknown = run("project", "rebuild", "entah")
    assert (unknown.exit_code, "entah" in unknown.stderr) == (2, True)
    assert run("project", "verify", "entah").exit_code == 2
    assert run("project", "switch-back", "entah").exit_code == 2
    with here.views.store.alone():
        assert run("project", "rebuild").exit_code == 75
    streams = LogReader.streams

    def spoilt(reader: LogReader, *asked: Any) -> list[Any]:
        return [Malformed(e.position, e.stream, e.version, "x.y", "spoilt") for e in streams(reader, *asked)]

    for _ in range(4):
        person(here)
    monkeypatch.setattr(LogReader, "streams", spoilt)
    refused = run("project", "rebuild")
    assert refused.exit_code == 3
    assert [f"position {number}: x.y: spoilt" in refused.stderr for number in range(1, 6)] == [True] * 5


def test_a_spoilt_event_is_told_once_by_verify_and_readyz_with_what_helps(
    here: Office, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    streams = LogReader.streams
    person(here)
    here.views.catch_up()
    bad = here.reader.head()[0]

    def spoilt(reader: LogReader, *asked: Any) -> list[Any]:
        return [
            Malformed(e.position, e.stream, e.version, e.topic, "spoilt") if e.position == bad else e
            for e in streams(reader, *asked)
        ]

    monkeypatch.setattr(LogReader, "streams", spoilt)
    found = run("project", "verify", "--scheduled", "--processes", "1")
    assert found.exit_code == 3, found.output
    assert found.stdout.count("spoilt") == 1
    assert f"position {bad}: beneficiary.registered: spoilt: what the views hold of its stream" in found.stdout
    assert "could not be compared; run: wahana doctor" in found.stdout
    assert f"\n0 differences at position {bad} of {bad}\n" in found.stdout
    told = build(here.config, here).test_client().get("/readyz")
    assert (told.status_code, told.get_json()["status"], told.get_json()["verified"]["unread"]) == (
        200,
        "unreadable",
        [bad],
    )
    assert told.get_json()["remedy"].startswith("wahana doctor")


def test_a_rebuild_says_what_it_did_in_sentences(here: Office, run: Run) -> None:
    person(here)
    found = run("project", "rebuild", "cases", "people").stdout.splitlines()
    assert found[0] == f"2 views made anew up to position {here.reader.head()[0]}: cases, people"
    assert re.fullmatch(r"\d+ events in \d+\.\d s, \d+ a second, \d+ at a time", found[1])
    assert len(found) == 2


def test_a_disk_without_space_for_the_views_is_said_in_a_sentence(
    here: Office, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr("projections.build.begun", full)
    found = run("project", "rebuild")
    assert (found.exit_code, found.stderr) == (69, "wahana: the database: database or disk is full\n")


def test_a_rebuild_can_be_switched_back(here: Office, run: Run) -> None:
    here.views.catch_up()
    assert run("project", "switch-back").exit_code == 1
    assert run("project", "rebuild", "cases", "people").exit_code == 0
    back = run("project", "switch-back", "cases")
    assert (back.exit_code, back.stdout) == (0, "cases\n")
    live = {status.projection: status.generation for status in here.views.status() if status.serving}
    assert (live["cases"], live["people"]) == (1, 2)


@pytest.mark.parametrize("words", [("project", "rebuild"), ("project", "verify"), ("project", "status"), ("doctor",)])
def test_a_database_that_is_away_ends_with_69(
    here: Office, run: Run, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.setattr(postgres, "POOL_SECONDS", 0.2)
    answer = run(*words, WAHANA_VIEWS_URL="postgresql://nobody@127.0.0.1:1/nothing")
    assert answer.exit_code == 69, answer.output
    assert "does not answer" in answer.stderr


def test_the_follower_waits_until_the_views_are_built(here: Office, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    follow, rounds = Views.follow, []

    def not_yet(followed: Views, stop: threading.Event, *more: Any, **options: Any) -> None:
        rounds.append(1)
        if len(rounds) < 4:
            raise ViewsNotReady(["cases"])
        threading.Timer(0.1, stop.set).start()
        follow(followed, stop, *more, **options)

    person(here)
    monkeypatch.setattr(views, "RETRY_SECONDS", 0.01)
    monkeypatch.setattr(engine.Views, "follow", not_yet)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    ended = run("project", "follow")
    assert ended.exit_code == 0
    assert ended.stderr.count("waiting") == 1
    assert ended.stderr.count("wahana: following") == 1
    assert {status.lag for status in here.views.status()} == {0}


def test_files_that_nobody_claimed_are_swept(here: Office, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    here.files.store(b"foto", subject="s", label="umum", name="a.txt", media_type="text/plain", account="a")
    assert run("files", "sweep").stdout == "0 files removed\n0 unfinished uploads removed\n"
    sweep = Files.sweep
    monkeypatch.setattr(Files, "sweep", lambda files, now: sweep(files, now + 2 * ORPHAN_AFTER_MILLISECONDS))
    assert run("files", "sweep", "--json").stdout == '{"removed": 1, "unfinished": 0}\n'
