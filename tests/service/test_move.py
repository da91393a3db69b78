"""An office that began on SQLite moves to PostgreSQL: whole or not at all, and goes on as if nothing had happened."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from service.destroying import KEY_TABLES
from service.log import move as moving
from service.log.database import connect, sqlite_path
from service.log.keys import KeyStore
from service.log.move_source import MoveDiffers, alone
from service.office import Office, create
from tests.service.audited import verifier
from tests.service.casebooks import refusal
from tests.service.destroyed import name_of, reopened
from tests.service.moving import Before, asks, environment, move, rows_of_database, rows_of_file, wahana
from tests.service.offices import make_office
from tests.service.owner import Owner
from tests.service.test_log_proofs import LOG, grow
from tests.service.test_outbox import handed_in


@pytest.fixture
def small(tmp_path: Path) -> str:
    """The URL of a small office on SQLite that nobody works with."""
    here = make_office(tmp_path)
    grow(here, 20)
    here.close()
    return here.config.database_url


def nothing_in(url: str) -> bool:
    return not any(rows_of_database(url).values())


def test_after_the_move_everything_goes_on_as_if_nothing_had_happened(tmp_path: Path, postgres_url: str) -> None:
    before = Before(tmp_path)
    held = rows_of_file(before.url)
    assert [name for name, rows in held.items() if not rows] == [], "give a new table a row in tests/service/moving.py"
    done = move(tmp_path, postgres_url, before.url)
    assert done.exit_code == 0, done.output
    assert f"moved and compared: {len(held['events'])} events" in done.stdout
    assert rows_of_database(postgres_url) == held
    assert rows_of_file(before.url) == held, "the file is as it was"

    for words in (("project", "rebuild"), ("doctor",)):
        said = wahana(tmp_path, postgres_url, *words)
        # Of the destruction that has not ended the doctor speaks, as it did before the move.
        assert said.exit_code == (3 if words[0] == "doctor" else 0), said.output
    assert [line.split(":")[0] for line in said.stdout.splitlines() if line.startswith("WRONG")] == [
        "WRONG  destruction"
    ]
    here = reopened(tmp_path, postgres_url)
    _everybody_goes_on(before, here)
    assert before.seal(postgres_url) == f"sealed up to position {here.reader.head()[0]}\n"
    policy = verifier.read_policy(f"log {LOG.key}\nquorum none\n")
    assert wahana(tmp_path, postgres_url, "events", "export", "--output", str(tmp_path / "log.zip")).exit_code == 0
    kept = verifier.read_checkpoint(before.note, policy, "mine")
    check = verifier.Check(verifier.Bundle(str(tmp_path / "log.zip")), policy, [kept])
    check.run()
    assert check.code() == 0, [one.sentence() for one in check.differences]
    here.close()


def _everybody_goes_on(before: Before, here: Office) -> None:
    desk, person = asks(before.desk, here), before.answer["id"]
    again = desk.done("/api/v1/beneficiaries", before.body, **{"Idempotency-Key": before.key})
    assert again == before.answer, "a command that is sent again is answered, and not recorded"
    found = desk.post("/api/v1/people/search", {"name": "Rahma Hunawa"}).get_json()
    assert [one["id"] for one in found["data"]] == [person]
    assert "Rahma Hunawa" in desk.get(f"/api/v1/beneficiaries/{person}").get_data(as_text=True)
    assert asks(before.signed, here).get("/api/v1/sessions/current").status_code == 200, "who was signed in still is"
    assert asks(before.boss, here).sign_in().status_code == 201, "with password and second factor"
    entry = before.phone.entry("beneficiary.register", {**before.body, "identity": {"name": "Haris Moha"}})
    assert handed_in(here, entry)[0]["status"] == 201, "what a phone recorded meanwhile"
    among, parts = here.database.among("people"), "SELECT id FROM parts WHERE subject"
    kept = here.database.rows(f"{parts} {among}", people=before.people[2:])
    told = repr(here.vault.open([part for (part,) in kept]))
    assert (name_of(3) in told, name_of(4) in told) == (True, True), "what is sealed opens"
    assert here.database.rows(f"{parts} = :one", one=before.people[0]) == [], "whoever was destroyed stays so"
    assert not any(here.keys.ids_of(before.people[:2]).values()), "and has no key"
    (file,) = here.database.rows("SELECT id FROM files WHERE subject = :one", one=before.people[2])[0]
    assert name_of(3).encode() in here.files.open(file)[1]
    assert wahana(before.folder, here.config.owner_url, "destroy").exit_code == 0, "what had begun comes to its end"
    assert here.database.rows("SELECT 1 FROM parts WHERE subject = :one", one=before.people[1]) == []
    assert wahana(before.folder, here.config.owner_url, "doctor").exit_code == 0


def test_every_table_that_either_engine_makes_is_moved_with_columns_that_can_be(
    tmp_path: Path, small: str, postgres_url: str
) -> None:
    owner = connect(postgres_url, owner=True, size=1)
    create(owner, KeyStore(connect(f"sqlite:///{tmp_path / 'other-keys.db'}", owner=True), b"m" * 32))
    owner.close()
    made = rows_of_database(postgres_url)
    with alone(sqlite_path(small)) as source:
        tables = source.tables(KEY_TABLES)
        assert sorted(tables) == sorted(made)
        assert [table.name for table in tables.values() if not table.key] == [], "the two are compared by their keys"
    assert set(moving.LAST) <= set(made)
    assert move(tmp_path, postgres_url, small).exit_code == 0


def test_a_table_or_a_column_that_only_one_side_has_is_named(tmp_path: Path, small: str, postgres_url: str) -> None:
    with sqlite3.connect(sqlite_path(small)) as file:
        file.execute("CREATE TABLE tomorrow (id TEXT PRIMARY KEY)")
    file.close()
    told = move(tmp_path, postgres_url, small)
    assert (told.exit_code, "only the file has: tomorrow; run `wahana init`" in told.stderr) == (1, True), told.stderr
    with psycopg.connect(postgres_url) as connection:
        connection.execute("CREATE TABLE tomorrow (id text PRIMARY KEY, day date)")
    told = move(tmp_path, postgres_url, small)
    assert (told.exit_code, "tomorrow has other columns in the file" in told.stderr) == (1, True), told.stderr


def test_a_database_that_is_not_empty_is_refused(tmp_path: Path, small: str, postgres_url: str) -> None:
    assert wahana(tmp_path, postgres_url, "init").exit_code == 0
    before = rows_of_database(postgres_url)
    told = move(tmp_path, postgres_url, small)
    assert (told.exit_code, "nothing was moved: the database is not empty: commands, events" in told.stderr) == (
        1,
        True,
    )
    assert rows_of_database(postgres_url) == before


def test_what_was_moved_is_not_moved_again(tmp_path: Path, small: str, postgres_url: str) -> None:
    assert move(tmp_path, postgres_url, small).exit_code == 0
    told = move(tmp_path, postgres_url, small)
    assert (told.exit_code, "holds this log already, up to position 21" in told.stderr) == (1, True), told.stderr


def test_a_file_that_somebody_has_open_is_not_moved(tmp_path: Path, small: str, postgres_url: str) -> None:
    """Also by a process that does nothing just now, as a service that nobody asks."""
    code = "import sys; from service.office import *; from service.config import read; o = Office(read())"
    code += "; print(o.reader.head()[0], flush=True); sys.stdin.read()"
    other = subprocess.Popen(
        [sys.executable, "-c", code],
        env=environment(tmp_path, small),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert other.stdout
    assert other.stdin
    assert other.stdout.readline() == b"21\n"
    told = move(tmp_path, postgres_url, small)
    assert (told.exit_code, "is in use: stop the service" in told.stderr) == (75, True), told.stderr
    other.stdin.close()
    other.wait(60)
    other.stdout.close()
    with alone(sqlite_path(small)):
        late = sqlite3.connect(sqlite_path(small), timeout=0.1)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            late.execute("SELECT count(*) FROM events")
        late.close()
    assert move(tmp_path, postgres_url, small).exit_code == 0


@pytest.mark.parametrize("where", ["_Target.copy", "_Target.analyze", "_same", "Moved"])
def test_killed_at_any_moment_it_leaves_nothing_and_can_be_run_again(
    tmp_path: Path, small: str, postgres_url: str, where: str
) -> None:
    held = rows_of_file(small)
    owner, _, name = f"move.{where}".rpartition(".")
    code = f"""
import os
from service.cli import main
from service.log import move
honest, calls = move.{where}, []
def deadly(*given, **more):
    calls.append(1)
    if len(calls) == ({name!r} in ("copy", "_same")) * 25 or {name!r} in ("analyze", "Moved"):
        os.kill(os.getpid(), 9)
    return honest(*given, **more)
{owner}.{name} = deadly
main(["move", "--from", {small!r}])
"""
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(tmp_path, postgres_url), check=False, capture_output=True
    )
    if name == "Moved":  # after the commit: it was moved, and the next run says so
        assert done.returncode == -signal.SIGKILL, done.stderr
        assert "holds this log already" in move(tmp_path, postgres_url, small).stderr
        return
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert nothing_in(postgres_url)
    assert rows_of_file(small) == held
    assert move(tmp_path, postgres_url, small).exit_code == 0
    assert rows_of_database(postgres_url) == held


def test_what_was_not_written_as_it_was_read_is_noticed_and_not_committed(
    tmp_path: Path, small: str, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = moving._Target.analyze

    def meddles(target: moving._Target, tables: list[str]) -> None:
        honest(target, tables)
        target._connection.execute("INSERT INTO resets_told VALUES ('somebody', 1)")

    monkeypatch.setattr(moving._Target, "analyze", meddles)
    told = move(tmp_path, postgres_url, small)
    assert (told.exit_code, "resets_told: row 1 is not what was read" in told.stderr) == (3, True), told.stderr
    assert nothing_in(postgres_url)


def test_a_log_that_is_damaged_is_not_moved(tmp_path: Path, small: str, postgres_url: str) -> None:
    owner = Owner(small)
    text = owner.spoil(7)
    owner.close()
    told = move(tmp_path, postgres_url, small)
    assert (told.exit_code, "the text at position 7 does not match its leaf" in told.stderr) == (3, True), told.stderr
    owner = Owner(small)
    owner.mend(7, text)
    owner.database.rows("DELETE FROM events WHERE position = 9")
    owner.close()
    told = move(tmp_path, postgres_url, small)
    assert (told.exit_code, "position 9 is missing" in told.stderr) == (3, True), told.stderr
    assert nothing_in(postgres_url)


def test_a_value_that_its_column_cannot_have_is_named(tmp_path: Path, small: str, postgres_url: str) -> None:
    refuses = "resets_told: PostgreSQL refuses a row: "
    for row, code, said in (
        ("'a', 'eins'", 1, "resets_told.version: 1 values are not of the type bigint"),
        ("x'61', 1", 1, "resets_told.account: 1 values are not of the type text"),
        ("cast(x'ff61' AS TEXT), 1", 3, "Could not decode"),
        ("'a' || char(0), 1", 1, refuses),
        ("NULL, 1", 1, f"{refuses}null value"),
    ):
        with sqlite3.connect(sqlite_path(small)) as file:
            file.execute("DELETE FROM resets_told")
            file.execute(f"INSERT INTO resets_told VALUES ({row})")
        file.close()
        told = move(tmp_path, postgres_url, small)
        assert (told.exit_code, said in told.stderr) == (code, True), told.output
        assert nothing_in(postgres_url)


def test_what_keeps_the_log_as_it_stands_is_in_force_after_the_move(
    tmp_path: Path, small: str, postgres_url: str
) -> None:
    assert move(tmp_path, postgres_url, small).exit_code == 0
    here, owner = reopened(tmp_path, postgres_url), connect(postgres_url, owner=True, size=1)
    for database in (here.database, owner):
        for statement in (
            "UPDATE events SET topic = 'x'",
            "DELETE FROM commands",
            "UPDATE reservations SET stream = 'x'",
        ):
            with refusal("postgresql"):
                database.rows(statement)
    owner.close()
    here.close()


def test_settings_that_name_no_move_are_refused(tmp_path: Path, small: str, postgres_url: str) -> None:
    for words, url, code, said in (
        (small, small, 78, "names SQLite"),
        (postgres_url, postgres_url, 2, "--from names a file"),
        (f"sqlite:///{tmp_path}/none.db", postgres_url, 1, "no such file"),
        (f"sqlite:///{tmp_path}/keys.db", postgres_url, 78, "the same file"),
        (f"sqlite:///{tmp_path}/wahana-views.db", postgres_url, 1, "holds no log"),
        (f"sqlite:///{Path(__file__)}", postgres_url, 1, "not a database"),
    ):
        told = move(tmp_path, url, words)
        assert (told.exit_code, said in told.stderr) == (code, True), told.output
    assert not (tmp_path / "none.db").exists()


def test_an_error_of_the_file_is_told_as_one(small: str) -> None:
    with alone(sqlite_path(small)) as source, pytest.raises(MoveDiffers, match="no such table"):
        list(source._read("SELECT 1 FROM nowhere"))
