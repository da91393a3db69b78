"""Destruction of many people at random while others work: nobody destroyed is readable anywhere, and all else stays.

In full: 1,000 people, 100 of them destroyed, on both engines.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from domain.account import ROLES
from service.api.codes import code_systems
from service.api.rights import ROUTES
from service.cli import main
from service.destroying import Destroyer
from service.log.bundle import Bundle
from service.log.entries import LogUnavailable
from service.log.ids import new_id
from service.log.kept import Kept
from service.log.notes import Signer
from service.log.sealer import Sealer
from service.office import Office, utc_now
from service.restored import Again, Gate, shred_what_came_back
from tests.service.audited import PROGRAM
from tests.service.casebooks import registration
from tests.service.destroyed import (
    backed_up,
    decided,
    lived,
    lying,
    make,
    name_of,
    reopened,
    restore,
    secrets,
    settings,
    stored_in,
)
from tests.service.offices import Asking, application, record
from tests.service.planting_field import Lines
from tests.service.web_office import opened
from tests.trials.plugin import Trial

LOG = Signer("wahana/75.01", b"l" * 32)
MOST_PIECES = 400  # of the bytes looked for in every file
COUNTED = ("/api/v1/villages", "/api/v1/coverage", "/api/v1/caseload", "/api/v1/referrals/summary", "/api/v1/kecamatan")


class Reader:
    """Somebody of every role in turn, asking for all that can be read, and what their answers hold of some names."""

    def __init__(self, here: Office) -> None:
        self.here, self.asked = here, 0
        self.everybody = {role: Asking(here, role) for role in ROLES.versions[-1].codes}
        self.supervisor = self.everybody["supervisor"]
        rules = list(self.supervisor.client.application.url_map.iter_rules())
        gets = [rule for rule in rules if f"GET {rule}" in ROUTES]
        self.about = [str(rule) for rule in gets if rule.arguments in ({"stream"}, {"id"})]
        lists = [str(rule) for rule in gets if not rule.arguments]
        self.lists = [rule for rule in lists if rule.startswith("/api/")]
        self.pages = [rule for rule in lists if not rule.startswith("/api/")]
        assert min(len(self.about), len(self.lists), len(self.pages)) > 10

    def text(self, who: Asking, path: str, body: Any = None) -> str:
        self.asked += 1
        if not path.startswith("/api/"):
            answer = opened(who, path)
        else:
            answer = who.post(path, body) if body is not None else who.get(path)
        assert answer.status_code < 500, (path, answer.get_data(as_text=True)[:300])
        return answer.get_data(as_text=True)

    def told_of(self, streams: list[str], number: int, past: int, who: Asking) -> set[str]:
        """The kinds of answers that hold the name of a person: about her and her case, now and as of before, and search."""
        word, found = name_of(number).split()[0], set()
        for rule in self.about:
            for stream in streams:
                path = rule.replace("<stream>", stream).replace("<id>", stream)
                when = "as_of" if rule.startswith("/api/") else "posisi"
                for asked in (path, f"{path}?{when}={past}"):
                    if word in self.text(who, asked):
                        found.add(rule)
        for question in ({"name": name_of(number)}, {"nik": f"750199{number:010d}"}):
            if word in self.text(who, "/api/v1/people/search", question):
                found.add("search")
        return found

    def listed(self, past: int, roles: list[str]) -> str:
        """All that every list and every page of its own says to these roles, now and as of before."""
        said = []
        for role in roles:
            for page in self.pages:
                said += [self.text(self.everybody[role], path) for path in (page, f"{page}?posisi={past}")]
            for rule in self.lists:
                for more in ("", f"&as_of={past}"):
                    after = ""
                    while True:
                        text = self.text(self.everybody[role], f"{rule}?limit=500{after}{more}")
                        if '"status":422' in text[:200]:  # takes no limit
                            text = self.text(self.everybody[role], f"{rule}?{more.removeprefix('&')}")
                        said.append(text)
                        cursor = json.loads(text).get("next_cursor") if text.startswith('{"position"') else None
                        if not cursor:
                            break
                        after = f"&cursor={cursor}"
        return "\n".join(said)

    def counts(self, past: int) -> dict[str, Any]:
        """Every board as of a position."""
        return {path: self.supervisor.data(path, as_of=past) for path in COUNTED}


@contextmanager
def at_work(here: Office, reader: Reader) -> Iterator[dict[str, int]]:
    """Others record and read meanwhile; gives how often they did."""
    done, stop = {"recorded": 0, "read": 0}, threading.Event()
    failed: list[BaseException] = []

    def write() -> None:
        while not stop.is_set():
            try:
                record(here, registration(new_id(), "Ibu Rahma 0812"))
                done["recorded"] += 1
            except LogUnavailable:
                continue  # the files are being rewritten: the client tries again
            except BaseException as error:
                failed.append(error)
                return

    def read() -> None:
        while not stop.is_set():
            answer = reader.supervisor.get("/api/v1/beneficiaries?limit=100")
            if answer.status_code == 200:
                done["read"] += 1
            elif answer.status_code != 503:
                failed.append(AssertionError(answer.get_data(as_text=True)))
                return

    threads = [threading.Thread(target=work) for work in (write, read)]
    for thread in threads:
        thread.start()
    try:
        yield done
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert failed == []


def audited(here: Office, folder: Path, own: str) -> tuple[int, dict[str, Any]]:
    """What the stand-alone verifier says of an export, with the checkpoint that an auditor kept from before."""
    bundle, policy, kept = folder / "audit.zip", folder / "policy", folder / "own-checkpoint"
    Bundle(here.database, here.keys, here.vault, origin="wahana/75.01", codes=code_systems()).write(
        bundle, now=utc_now(), parts="sealed"
    )
    policy.write_text(f"log {LOG.key}\nquorum none\n", "utf-8")
    kept.write_text(own, "utf-8")
    words = [str(bundle), "--policy", str(policy), "--checkpoint", str(kept), "--json"]
    said = subprocess.run([sys.executable, "-I", PROGRAM, *words], capture_output=True, text=True, check=False)
    bundle.unlink()
    return said.returncode, json.loads(said.stdout)


def exported(here: Office, folder: Path) -> bytes:
    """All that an export with opened parts holds, unpacked."""
    path = folder / "opened.zip"
    Bundle(here.database, here.keys, here.vault, origin="wahana/75.01", codes=code_systems()).write(
        path, now=utc_now(), parts="opened"
    )
    with zipfile.ZipFile(path) as bundle:
        text = b"".join(bundle.read(name) for name in bundle.namelist())
    path.unlink()
    return text


def run(folder: Path, url: str, *words: str) -> None:
    done = CliRunner().invoke(main, words, env=settings(folder, url))
    assert done.exit_code == 0, done.output


def test_of_many_people_some_are_destroyed_and_found_nowhere(trial: Trial, database_url: str, tmp_path: Path) -> None:
    lines, root = Lines(), logging.getLogger()
    root.addHandler(lines)
    try:
        destroyed_and_found_nowhere(trial, database_url, tmp_path, lines)
    finally:
        root.removeHandler(lines)
        application.cache_clear()


def destroyed_and_found_nowhere(trial: Trial, url: str, folder: Path, lines: Lines) -> None:
    people, gone = trial.size(20, 1000), trial.size(3, 100)
    here = make(folder, url)
    numbers = dict(enumerate(lived(here, range(people))))
    number_of = {person: number for number, person in numbers.items()}
    case_of = dict(
        here.database.rows(
            "SELECT p.subject, e.stream FROM events e JOIN parts p ON p.position = e.position "
            "WHERE e.topic = 'case.opened'"
        )
    )
    chosen = trial.random.sample(sorted(number_of), gone)
    stay = [person for person in number_of if person not in chosen]
    for person in trial.random.sample(chosen, 2):
        here.files.store(b"KTP" * 999, subject=person, label="umum", name="k", media_type="text/plain", account="a")
    reader, directory = Reader(here), folder / "sealer"
    directory.mkdir()
    sealer = Sealer(here.database, Kept(directory), LOG, utc_now)
    sealed = sealer.seal()
    assert sealed
    own = here.checkpoints.at(sealed.size)
    assert own
    past = here.reader.head()[0]
    counts, words = reader.counts(past), {name_of(number_of[one]).split()[0] for one in chosen}

    # Before: the same looks find them.
    wanted, kept = secrets(here, chosen), secrets(here, stay[:5])
    wanted = dict(trial.random.sample(sorted(wanted.items()), min(len(wanted), MOST_PIECES)))
    before = lying(stored_in(folder, url), wanted)
    assert set(before) == set(wanted), "the search of the files finds what is there"
    asked = chosen[: trial.size(2, 20)]
    for person in asked:
        found = reader.told_of([person, case_of[person]], number_of[person], past, reader.supervisor)
        assert {"/api/v1/beneficiaries/<stream>", "/warga/<id>", "/kasus/<id>"} <= found, found
        assert "search" in found
    listed = reader.listed(past, ["supervisor"])
    assert {word for word in words if word in listed} == words
    assert all(word.encode() in exported(here, folder) for word in list(words)[:1])
    backup = backed_up(here, folder)

    # Under load.
    stream = decided(here, chosen)
    with at_work(here, reader) as others:
        worker = Destroyer(here)
        worker.carry_out(stream)
        worker.close()
        while min(others.values()) < 3:
            time.sleep(0.01)

    def nowhere(now: Office, look: Reader, texts: bytes) -> None:
        """None of them in any answer, view, export, log line or file."""
        for person in chosen:
            streams, number = [person, case_of[person]], number_of[person]
            assert look.told_of(streams, number, past, look.supervisor) == set()
        roles = list(look.everybody) if trial.full else trial.random.sample(sorted(look.everybody), 2)
        for role in roles:
            for person in asked[:2]:
                found = look.told_of([person, case_of[person]], number_of[person], past, look.everybody[role])
                assert found == set(), role
        said = look.listed(past, sorted({"supervisor", *roles})).encode() + exported(now, folder) + texts
        assert {word for word in words if word.encode() in said} == set()
        files = stored_in(folder, url)
        assert lying(files, wanted) == {}
        assert {word for word in words for data in files.values() if word.encode() in data} == set()
        assert set(lying(files, kept)) == set(kept), "nobody else went"

    nowhere(here, reader, lines.text)
    for person in stay[:3]:
        assert "/warga/<id>" in reader.told_of([person, case_of[person]], number_of[person], past, reader.supervisor)
    assert reader.counts(past) == counts, "every count is what it was"
    assert sealer.seal()
    code, told = audited(here, folder, here.checkpoints.note(own))
    assert (code, told["differences"]) == (0, [])
    lawful = [notice for notice in told["notices"] if "dimusnahkan menurut catatan" in notice]
    assert len(lawful) == 1, told["notices"]
    here.views.catch_up(bounded=False)
    run(folder, url, "project", "verify")
    run(folder, url, "doctor")

    # A backup from before, put back.
    application.cache_clear()
    restore(here, backup, folder)
    (folder / "sealer" / "checkpoint").unlink()
    back = reopened(folder, url)
    assert set(lying(stored_in(folder, url), wanted)) == set(wanted), "they are back"
    back.initialise()
    Gate(back).pass_through()
    assert shred_what_came_back(back) == Again()
    run(folder, url, "project", "rebuild")
    second = Reader(back)
    nowhere(back, second, lines.text)
    assert second.counts(past) == counts
    run(folder, url, "project", "verify")
    trial.count(
        people=people,
        destroyed=gone,
        pieces_looked_for=len(wanted),
        requests=reader.asked + second.asked,
        commands_meanwhile=others["recorded"],
        reads_meanwhile=others["read"],
    )
    back.views.store.close()
    back.close()
