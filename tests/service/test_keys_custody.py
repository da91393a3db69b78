"""Custody of the keys: a new master key without touching an event, backups that expire, and what does not open."""

from __future__ import annotations

import base64
import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from domain.subject import SubjectClosed
from service.cli import main
from service.log import key_backups
from service.log.database import connect
from service.log.keys import REWRAPPED_AT_ONCE, KeyStore, KeyUnreadable
from service.log.vault import GENERAL, STRICT
from tests.service.audited import lived as audited
from tests.service.casebooks import MASTER, Desk, registered
from tests.service.destroyed import lived, make, reopened, settings

NEW = b"n" * 32
NOW = "2026-01-05T01:02:03.000004Z"


def raw(value: bytes) -> str:
    return base64.b64encode(value).decode()


def test_a_new_master_key_wraps_every_key_and_label_and_changes_nothing_else(desk: Desk) -> None:
    casebook = desk.casebook()
    subjects = [registered(casebook, f"Ibu Rahma {number}") for number in range(3)]
    before = desk.keys()
    keys = {(subject, label): before.key_for(subject, label) for subject in subjects for label in (GENERAL, STRICT)}
    texts, commitments = casebook.log.stored(0, 100), dict(before.commitments())
    both = KeyStore(desk.connect(desk.keys_url, owner=True), NEW, [MASTER])
    assert {pair: both.key_for(*pair) for pair in keys} == keys, "both are accepted before"
    assert (both.rewrap(), both.rewrap()) == (6, 0)
    assert both.masters() == {both.master_id: 6}
    alone = KeyStore(desk.connect(desk.keys_url, owner=True), NEW)
    assert {pair: alone.key_for(*pair) for pair in keys} == keys
    assert dict(alone.commitments()) == commitments
    assert casebook.log.stored(0, 100) == texts
    with pytest.raises(KeyUnreadable, match="not at hand"):
        desk.keys().key_for(subjects[0], GENERAL)


def test_nothing_is_wrapped_by_a_master_key_that_opens_no_key_of_the_store(desk: Desk) -> None:
    strange = KeyStore(desk.connect(desk.keys_url, owner=True), NEW)
    strange.must_open()  # there is none yet
    desk.keys().key_for("s", GENERAL)
    with pytest.raises(KeyUnreadable, match="not at hand"):
        strange.key_for("t", GENERAL)
    assert desk.keys().masters() == {desk.keys().master_id: 1}
    both = KeyStore(desk.connect(desk.keys_url, owner=True), NEW, [MASTER])
    both.key_for("t", GENERAL)
    running = desk.keys()
    running.key_for("u", GENERAL)  # a process that was not restarted yet
    assert desk.keys().masters() == {desk.keys().master_id: 2, both.master_id: 1}
    assert both.rewrap() == 2
    with pytest.raises(KeyUnreadable, match="not at hand"):
        running.key_for("v", GENERAL)


def test_a_rotation_cut_off_half_way_goes_on(desk: Desk) -> None:
    keys = desk.keys()
    made = {
        subject: keys.key_for(subject, GENERAL) for subject in (f"s{number}" for number in range(REWRAPPED_AT_ONCE + 7))
    }
    both = KeyStore(desk.connect(desk.keys_url, owner=True), NEW, [MASTER])
    assert both.rewrap() == REWRAPPED_AT_ONCE
    again = KeyStore(desk.connect(desk.keys_url, owner=True), NEW, [MASTER])
    assert {subject: again.key_for(subject, GENERAL) for subject in list(made)[::50]} == dict(list(made.items())[::50])
    assert set(again.masters()) == {again.master_id, keys.master_id}
    assert again.rewrap() == 7
    assert set(again.masters()) == {again.master_id}


def test_export_and_verifier_agree_after_a_rotation(desk: Desk, tmp_path: Path) -> None:
    import random

    here = audited(desk, tmp_path, random.Random(7), 20)
    assert here.check().code() == 0
    rotated = KeyStore(desk.connect(desk.keys_url, owner=True), NEW, [MASTER])
    while rotated.rewrap():
        pass
    here.casebook.vault._keys = KeyStore(desk.connect(desk.keys_url, owner=True), NEW)
    check = here.check()
    assert (check.code(), check.differences) == (0, [])


def test_a_key_wrapped_by_a_master_key_that_is_nowhere_stops_the_rotation(desk: Desk) -> None:
    desk.keys().key_for("s", GENERAL)
    strange = KeyStore(desk.connect(desk.keys_url, owner=True), NEW, [b"x" * 32])
    with pytest.raises(KeyUnreadable, match="not at hand"):
        strange.rewrap()
    assert desk.keys().masters() == {desk.keys().master_id: 1}


def test_a_backup_of_the_keys_opens_what_the_store_opens_and_no_more(desk: Desk, tmp_path: Path) -> None:
    keys = desk.keys()
    made = keys.key_for("s", GENERAL)
    keys.close_subjects(["gone"], "d")
    backup = key_backups.write(keys, tmp_path / "backups", now=NOW, days=30)
    assert (backup.path.name, backup.until) == ("keys-20260105T010203Z-until-2026-02-04.db", date(2026, 2, 4))
    assert backup.path.stat().st_mode & 0o077 == 0
    assert [path.name for path in backup.path.parent.iterdir()] == [backup.path.name], "one file and nothing beside it"
    copy = KeyStore(desk.connect(f"sqlite:///{backup.path}", owner=True), MASTER)
    assert copy.key_for("s", GENERAL) == made
    with pytest.raises(SubjectClosed):
        copy.key_for("gone", GENERAL)
    assert MASTER not in backup.path.read_bytes()
    assert made[1] not in backup.path.read_bytes()


def test_the_key_store_on_postgresql_is_backed_up_into_a_file(postgres_url: str, tmp_path: Path) -> None:
    database = connect(postgres_url, owner=True, size=2)
    keys = KeyStore(database, MASTER)
    keys.create()
    made = keys.key_for("s", GENERAL)
    backup = key_backups.write(keys, tmp_path, now=NOW, days=30)
    copied = connect(f"sqlite:///{backup.path}", owner=True)
    assert KeyStore(copied, MASTER).key_for("s", GENERAL) == made
    copied.close()
    database.close()


def test_a_backup_is_kept_to_its_last_day_and_then_removed(desk: Desk, tmp_path: Path) -> None:
    keys = desk.keys()
    backups = [key_backups.write(keys, tmp_path, now=f"2026-01-0{day}T00:00:00.000000Z", days=30) for day in (1, 2, 3)]
    (tmp_path / "keys-20260101T000000Z-until-2026-01-31.new").write_bytes(b"half")
    (tmp_path / "catatan.txt").write_text("bukan cadangan")
    assert key_backups.expire(tmp_path, backups[0].until) == []
    assert key_backups.expire(tmp_path, backups[1].until) == backups[:1]
    assert list(key_backups.kept(tmp_path)) == backups[1:]
    assert sorted(path.suffix for path in tmp_path.iterdir() if path.name.startswith(("keys-2", "cat"))) == [
        *(".db", ".db", ".txt")
    ]


def run(folder: Path, *words: str, **more: str) -> Result:
    return CliRunner().invoke(main, words, env=settings(folder, "", **more))


def test_rotation_from_the_command_line(tmp_path: Path) -> None:
    here = make(tmp_path, "")
    lived(here, [1])
    parts = [row[0] for row in here.database.rows("SELECT id FROM parts")]
    opened = here.vault.open(parts)
    old = bytes(here.keys_database.rows("SELECT wrapped FROM subject_keys")[0][0])
    here.close()
    both = {"WAHANA_MASTER_KEY": raw(NEW), "WAHANA_OLD_MASTER_KEY": raw(b"s" * 32)}
    assert run(tmp_path, "keys", "status", **both).exit_code == 3
    alone = {"WAHANA_MASTER_KEY": raw(NEW)}
    failed = run(tmp_path, "keys", "rotate", **alone)
    assert (failed.exit_code, "not at hand" in failed.stderr) == (1, True)
    looked = run(tmp_path, "doctor", **alone)
    assert looked.exit_code == 3
    assert "WRONG  keys: a subject key is wrapped by master key" in looked.stdout
    rotated = run(tmp_path, "keys", "rotate", "--json", **both)
    assert json.loads(rotated.stdout)["rewrapped"] == 2
    assert run(tmp_path, "keys", "status", **alone).exit_code == 0
    assert run(tmp_path, "keys", "status").exit_code == 3
    assert old not in b"".join(path.read_bytes() for path in tmp_path.glob("keys.db*")), "no old wrapping is left"
    again = reopened(tmp_path, "", **alone)
    assert again.vault.open(parts) == opened
    again.close()


def test_backups_from_the_command_line_age_out(tmp_path: Path) -> None:
    here = make(tmp_path, "")
    lived(here, [1])
    today = here.today()
    here.close()
    made = json.loads(run(tmp_path, "keys", "backup", "--json").stdout)
    assert date.fromisoformat(made["until"]) - today in (timedelta(29), timedelta(30))
    late = Path(made["path"]).with_name("keys-20250101T000000Z-until-2025-01-31.db")
    late.write_bytes(b"x" * 100)
    listed = run(tmp_path, "keys", "backups")
    assert (listed.exit_code, "OVERDUE" in listed.stdout) == (3, True)
    expired = run(tmp_path, "keys", "backups", "--expire", "--json")
    assert expired.exit_code == 0
    assert json.loads(expired.stdout)["removed"] == [str(late)]
    assert not late.exists()
    assert Path(made["path"]).exists()
