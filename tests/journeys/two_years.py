"""Two years of an office, sealed each month: exported, checked by the verifier alone, and altered in a copy."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from service.log.codec import leaf_hash
from service.log.ids import new_id
from service.log.kept import Kept
from service.log.sealer import Sealer
from tests.journeys.calendar import Place, keyed, registration
from tests.journeys.filled import wahana
from tests.journeys.test_intake_to_plan import ANSWERS, goals
from tests.service.audited import LOG, PROGRAM
from tests.service.offices import Asking
from tests.service.tampering import COLUMNS, COPIES, text_of
from tests.service.web_office import page

BEFORE = date(2022, 12, 30)
MONTHS = [date(2023 + at // 12, 1 + at % 12, 1) for at in range(24)]
A_MONTH = 2
#: The topics of a case's events up to the day on which its plan is decided, and those after it.
DECIDED = (
    *("case.opened", "case.assigned", "case.assessed", "case.plan_proposed"),
    *("case.assessment_approved", "case.plan_approved"),
)
AFTER = ("case.risk_changed", "case.closure_requested", "case.terminated")
#: Runs a program that cannot reach anybody.
ALONE = """
import runpy, socket, sys
socket.socket = socket.getaddrinfo = None
del sys.argv[0]
runpy.run_path(sys.argv[0], run_name="__main__")
"""
FACT = r"<dt>{}</dt><dd[^>]*>(?:<strong>)?([^<]+)<"


class Years:
    """Each month some cases are opened, decided on a day of their own and closed; their worker looks at whom they are
    about; then the log is sealed, and the minutes of the checkpoint are printed, to be signed on paper."""

    def __init__(self, place: Place) -> None:
        self.place, self.worker, self.supervisor = place, place.who("tksk"), place.who("supervisor")
        self.admin = place.who("admin")
        self.people: dict[str, str] = {}
        self.decided: dict[str, date] = {}
        self.minutes: dict[int, str] = {}
        kept = Kept(place.folder / "sealer")
        with kept.alone():
            sealer = Sealer(place.office.database, kept, LOG, place.calendar)
            for month in MONTHS:
                self._month(month)
                sealer.seal()
                self._print()

    def _send(self, who: Asking, *items: dict[str, Any]) -> None:
        told = who.post("/api/v1/batch", {"items": items}).get_json()["results"]
        assert {one["status"] for one in told} == {201}, told

    def _month(self, month: date) -> None:
        calendar, cases = self.place.calendar, [new_id() for _ in range(A_MONTH)]
        calendar.move_to(month.replace(day=2))
        if month.month == 1:
            for who in (self.worker, self.supervisor, self.admin):  # a token lasts a year
                who.token = self.place.office.identity.issue_token(who.account, "uji", 366)
        for case in cases:
            self._opened(case)
        for number, case in enumerate(cases):
            self.decided[case] = month.replace(day=9 + number)
            calendar.move_to(self.decided[case])
            self._send(
                self.supervisor,
                keyed("case.approve_assessment", {}, stream=case),
                keyed("case.approve_plan", {}, stream=case, number="1"),
            )
        calendar.move_to(month.replace(day=20))
        for case in cases:
            assert self.worker.get(f"/api/v1/beneficiaries/{self.people[case]}").status_code == 200
            self._send(
                self.worker,
                keyed("case.change_risk", {"risk": "darurat", "reason": "Jatuh sakit"}, stream=case),
                keyed("case.terminate", {"reason": "meninggal", "outcome": "tidak_dinilai"}, stream=case),
            )
            self._send(self.supervisor, keyed("case.approve_closure", {}, stream=case))
        calendar.move_to(month.replace(day=28))

    def _opened(self, case: str) -> None:
        person = self.people[case] = new_id()
        known = registration(name=f"Anak {len(self.people):02d}", birth_year=2020)
        opening = {"id": case, "beneficiary": person, "channel": "surat", "urgency": "biasa"}
        self._send(
            self.worker,
            keyed("beneficiary.register", {**known, "id": person, "reason_to_go_on": "Anak lain"}),
            keyed("beneficiary.classify", {"type": "anak_balita_telantar"}, stream=person),
            keyed("case.open", opening),
            keyed("case.assign", {"worker": self.worker.account}, stream=case),
            keyed("case.assess", {"instrument": "umum", "details": ANSWERS}, stream=case),
            keyed("case.propose_plan", {"goals": goals(self.worker.account)}, stream=case),
        )

    def _print(self) -> None:
        latest = re.findall(r'href="(/jejak/titik-periksa/\d+)"', page(self.admin, "/jejak"))[0]
        sheet = page(self.admin, latest)
        size, code, short = (
            re.findall(FACT.format(word), sheet)[0] for word in ("Jumlah catatan", "Kode", "Kode pendek")
        )
        assert code.startswith(short)
        assert code in self.worker.client.get("/publik").get_data(as_text=True), "what anybody sees that day"
        self.minutes[int(size.replace(".", ""))] = code


def exported(folder: Path) -> None:
    """The bundle of the office in a folder, as whoever runs it makes it."""
    url = f"sqlite:///{folder / 'wahana.db'}"
    told = wahana(folder, url, "events", "export", "--output", str(folder / "casebook.zip"))
    assert told.returncode == 0, told.stderr


def verified(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """What the verifier says of the bundle in a folder, on a laptop that has nothing else but a policy that came another
    way, Python, and no network."""
    laptop = folder / "laptop"
    laptop.mkdir(exist_ok=True)
    for one in (PROGRAM, folder / "casebook.zip"):
        shutil.copy(one, laptop)
    (laptop / "policy").write_text(f"log {LOG.key}\nquorum none\n", "utf-8")
    asked = [sys.executable, "-I", "-c", ALONE, PROGRAM.name, "casebook.zip", "--policy", "policy", *words]
    return subprocess.run(asked, cwd=laptop, capture_output=True, text=True, check=False)


@dataclass
class Altered:
    """Where a copy was altered, and the record that was slipped into it."""

    folder: Path
    edited: int = 0
    deleted: int = 0
    inserted: int = 0
    stream: str = ""


def altered(folder: Path) -> Altered:
    """A copy of the office in a folder, whose database somebody altered by hand: one past row edited, another deleted, a
    third, with everything that belongs to it, put between two others."""
    found = Altered(folder / "copy")
    found.folder.mkdir()
    for name in ("wahana.db", "keys.db"):
        with _by_hand(folder / name) as old, _by_hand(found.folder / name) as new:
            old.backup(new)
    with _by_hand(found.folder / "wahana.db") as there:
        for (name,) in there.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            there.execute(f"DROP TRIGGER {name}")
        found.edited, text = _past(there, "case.plan_approved", 7)
        earlier = text.replace('"on":"2023', '"on":"2022')
        assert earlier != text
        there.execute("UPDATE events SET text = ? WHERE position = ?", (earlier, found.edited))
        found.deleted, _ = _past(there, "case.terminated", 20)
        there.execute("DELETE FROM events WHERE position = ?", (found.deleted,))
        found.inserted, text = _past(there, "case.plan_approved", 33)
        for table, column in (("events", "position"), ("parts", "position"), ("commands", "first")):
            there.execute(f"UPDATE {table} SET {column} = -{column} - 1 WHERE {column} >= ?", (found.inserted,))
            there.execute(f"UPDATE {table} SET {column} = -{column} WHERE {column} < 0")
        found.stream = new_id()
        members = {**json.loads(text), "id": new_id(), "stream": found.stream, "command": new_id(), "version": 1}
        forged = text_of(members)
        row = [found.inserted, *(members[name] for name in COPIES), forged, leaf_hash(forged)]
        there.execute(f"INSERT INTO events VALUES ({', '.join('?' * len(COLUMNS))})", row)
        there.commit()
    exported(found.folder)
    return found


def _past(there: sqlite3.Connection, topic: str, number: int) -> tuple[int, str]:
    found = there.execute("SELECT position, text FROM events WHERE topic = ? ORDER BY position", (topic,)).fetchall()
    return int(found[number][0]), str(found[number][1])


@contextmanager
def _by_hand(path: Path) -> Iterator[sqlite3.Connection]:
    there = sqlite3.connect(path)
    try:
        yield there
    finally:
        there.close()
