"""Tampering with a log as the owner of its database can: rows changed by hand, plainly or with care.

Whoever is careful makes the rest fit what was changed: leaf hashes, positions, versions, commands and, when the log's key
was stolen, the tree and every checkpoint above. `Log.touched` are the positions where something is no longer what it was.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import sha256
from random import Random
from typing import Any

from service.log.codec import leaf_hash
from service.log.ids import new_id
from service.log.notes import Checkpoint, b64
from service.log.tree import EMPTY_ROOT
from tests.service.audited import LOG, TABLES, Audited, without_keepers

COLUMNS = ("position", "stream", "version", "topic", "schema", "recorded", "command", "text", "leaf")
COPIES = COLUMNS[1:7]
Rows = dict[str, list[list[Any]]]


def text_of(members: dict[str, Any]) -> str:
    return json.dumps(members, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


class Log:
    """The rows of a log in memory, between the honest ones and the database."""

    def __init__(self, here: Audited) -> None:
        without_keepers(here.owner)
        self._here = here
        self._keys = here.desk.connect(here.desk.keys_url, owner=True)
        self._honest: Rows = {name: self._read(here.owner, name) for name in TABLES}
        self._honest["subject_keys"] = self._read(self._keys, "subject_keys")
        self._there = {name: [list(row) for row in rows] for name, rows in self._honest.items()}
        self.reset()

    @staticmethod
    def _read(database: Any, table: str) -> list[list[Any]]:
        # psycopg gives bytes, sqlite3 too: rows of both engines are written back as they were read.
        return [list(row) for row in database.rows(f"SELECT * FROM {table}")]

    def reset(self) -> None:
        """Honest rows again."""
        self.rows: Rows = {name: [list(row) for row in rows] for name, rows in self._honest.items()}
        self.rows["events"].sort(key=lambda row: row[0])
        self.first = self.members(1)
        self.touched: set[int] = set()
        self.hidden = False

    def write(self) -> None:
        """Put the rows into the database in the place of what is there."""
        for name, rows in self.rows.items():
            if rows == self._there[name]:
                continue
            database: Any = self._keys if name == "subject_keys" else self._here.owner
            with database.transaction():
                database.rows(f"DELETE FROM {name}")
                if not rows:
                    pass
                elif database.engine == "sqlite":
                    marks = ", ".join("?" * len(rows[0]))
                    database.connection().executemany(f"INSERT INTO {name} VALUES ({marks})", rows)
                else:
                    marks = ", ".join(["%s"] * len(rows[0]))
                    with database.connection() as connection, connection.cursor() as cursor:
                        cursor.executemany(f"INSERT INTO {name} VALUES ({marks})", rows)
            self._there[name] = [list(row) for row in rows]

    @property
    def events(self) -> list[list[Any]]:
        return self.rows["events"]

    def members(self, position: int) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.events[position - 1][7])
        return found

    def say(self, position: int, members: dict[str, Any], *, careful: bool) -> None:
        """Another text at a position; with care its leaf hash too."""
        row = self.events[position - 1]
        row[7] = text_of(members)
        if careful:
            row[8] = leaf_hash(row[7])
        self.touched.add(position)

    def renumber(self, careful: bool) -> None:
        """Positions 1, 2, 3 … again after rows were taken out, put in or exchanged; with care everything that follows."""
        old = {row[0]: number for number, row in enumerate(self.events, 1)}
        versions: dict[str, int] = {}
        for number, row in enumerate(self.events, 1):
            if not careful:
                row[0] = number
                continue
            members = json.loads(row[7])
            version = versions[members["stream"]] = versions.get(members["stream"], 0) + 1
            last = self.events[number - 2][5] if number > 1 else ""
            members.update(position=number, version=version, recorded=max(last, members["recorded"]))
            text = text_of(members)
            row[:] = [number, *(members[name] for name in COPIES), text, leaf_hash(text)]
        if careful:
            self.rows["parts"] = [[p[0], old[p[1]], *p[2:]] for p in self.rows["parts"] if p[1] in old]
            self._commands_again()

    def _commands_again(self) -> None:
        known = {row[0]: row for row in self.rows["commands"]}
        made: dict[str, list[Any]] = {}
        for row in self.events:
            command = made.get(row[6])
            if command is None:
                like = known.get(row[6]) or self._honest["commands"][0]
                made[row[6]] = [row[6], *like[1:6], row[0], 1, row[5]]
            else:
                command[7] = row[0] - command[6] + 1
        self.rows["commands"] = list(made.values())

    def hide(self, after: int) -> None:
        """Take away the checkpoints above a size, and all that witnesses said of them."""
        self.hidden = True
        for name in ("checkpoints", "cosignatures"):
            self.rows[name] = [row for row in self.rows[name] if row[0] <= after]

    def sign_again(self) -> None:
        """The tree and every checkpoint anew, with the log's own key. Cosignatures cannot be made again."""
        leaves = [row[8] for row in self.events]
        sizes = sorted({min(row[0], len(leaves)) for row in self.rows["checkpoints"]})
        whole = {row[0]: row[1:] for row in self.rows["checkpoints"]}
        self.rows["checkpoints"] = []
        for size in sizes:
            text = Checkpoint(LOG.key.name, size, _root(leaves[:size])).text
            note, sealed = whole.get(size, ("", "2026-01-01T00:00:00.000000Z"))
            note = note if b64(_root(leaves[:size])) in note else LOG.note(text)
            self.rows["checkpoints"].append([size, note, sealed])
        kept = {row[0] for row in self.rows["checkpoints"] if [row[0], *whole.get(row[0], ())] == row}
        self.rows["cosignatures"] = [row for row in self.rows["cosignatures"] if row[0] in kept]


def _root(leaves: list[bytes]) -> bytes:
    """RFC 9162, section 2.1.1, as it is written there."""
    if len(leaves) < 2:
        return leaves[0] if leaves else EMPTY_ROOT
    middle = 1 << ((len(leaves) - 1).bit_length() - 1)
    return sha256(b"\x01" + _root(leaves[:middle]) + _root(leaves[middle:])).digest()


Attack = Callable[[Log, Random, int, bool], None]


def edit_text(log: Log, choose: Random, at: int, careful: bool) -> None:
    members = log.members(at)
    name = choose.choice([name for name in ("on", "by", "name", "village", "source", "post") if name in members])
    members[name] = str(members[name])[:-1] + ("0" if str(members[name])[-1:] != "0" else "1")
    log.say(at, members, careful=careful)


def edit_column(log: Log, choose: Random, at: int, careful: bool) -> None:
    column = choose.randrange(1, 7)
    row = log.events[at - 1]
    row[column] = row[column] + 1000 if isinstance(row[column], int) else f"{row[column]}x"
    log.touched.add(at)


def edit_topic(log: Log, choose: Random, at: int, careful: bool) -> None:
    members = log.members(at)
    members["topic"] = "kps.ended" if members["topic"] != "kps.ended" else "kps.resumed"
    log.say(at, members, careful=careful)
    log.events[at - 1][3] = members["topic"]


def delete_event(log: Log, choose: Random, at: int, careful: bool) -> None:
    log.touched.update(range(at, len(log.events) + 1) if careful else [at])
    del log.events[at - 1]
    if careful:
        log.renumber(True)


def insert_event(log: Log, choose: Random, at: int, careful: bool) -> None:
    members = log.members(at)
    members.update(id=new_id(), stream=new_id(), command=new_id(), version=1)
    members.pop("parts", None)
    text = text_of(members)
    log.events.insert(at - 1, [at, *(members[name] for name in COPIES), text, leaf_hash(text)])
    log.touched.update(range(at, len(log.events) + 1))
    log.renumber(careful)


def swap_events(log: Log, choose: Random, at: int, careful: bool) -> None:
    other = choose.choice([one for one in range(1, len(log.events) + 1) if one != at])
    one, two = log.events[at - 1], log.events[other - 1]
    log.touched.update((at, other))
    if not careful:
        one[1:], two[1:] = two[1:], one[1:]
        return
    first, second = log.members(at), log.members(other)
    for name in ("on", "by", "id", "source"):  # what was done here is told there
        if name in first and name in second:
            first[name], second[name] = second[name], first[name]
    log.say(at, first, careful=True)
    log.say(other, second, careful=True)


def move_box(log: Log, choose: Random, at: int, careful: bool) -> None:
    parts = log.rows["parts"]
    one = min(parts, key=lambda row: abs(row[1] - at))
    two = choose.choice([row for row in parts if row[0] != one[0]])
    one[4], two[4] = two[4], one[4]
    for row in (one, two):
        log.touched.add(row[1])
        if careful:
            members = log.members(row[1])
            for part in members["parts"]:
                if part["id"] == row[0]:
                    part["sha256"] = sha256(row[4]).hexdigest()
            log.say(row[1], members, careful=True)


def truncate(log: Log, choose: Random, at: int, careful: bool) -> None:
    """Cut the log before a position; with care, all that speaks of what is gone, and the checkpoints above."""
    log.touched.update(range(at, len(log.events) + 1))
    log.events[at - 1 :] = []
    if careful:
        log.rows["commands"] = [row for row in log.rows["commands"] if row[6] < at]
        log.renumber(True)
        log.hide(at - 1)


def restore_old(log: Log, choose: Random, at: int, careful: bool) -> None:
    """Yesterday's copy, and with care other work after it up to the old length."""
    length = len(log.events)
    at = min(row[6] for row in log.rows["commands"] if row[6] <= at < row[6] + row[7])
    truncate(log, choose, at, True)
    log.touched = set(range(at, length + 1))
    while careful and len(log.events) < length:
        _append(log)
    log.renumber(True)
    log.touched = set(range(at, length + 1))


def delete_part(log: Log, choose: Random, at: int, careful: bool) -> None:
    part = min(log.rows["parts"], key=lambda row: abs(row[1] - at))
    log.rows["parts"].remove(part)
    log.touched.add(part[1])
    if careful:
        claim_destroyed(log, part[3])


def delete_key(log: Log, choose: Random, at: int, careful: bool) -> None:
    part = min(log.rows["parts"], key=lambda row: abs(row[1] - at))
    log.rows["subject_keys"] = [row for row in log.rows["subject_keys"] if row[0] != part[3]]
    log.touched.update(row[1] for row in log.rows["parts"] if row[3] == part[3])
    if careful:
        claim_destroyed(log, part[3])


def claim_destroyed(log: Log, key: str, *, without: str = "", stream: str = "") -> int:
    """Events at the end of the log that say the key was lawfully destroyed, all that a lawful destruction writes but the
    step ``without``; the last one's position."""
    person, decision = stream or new_id(), new_id()
    if not stream and without != "person":
        _append(log, stream=person, topic="beneficiary.registered")
    steps: list[tuple[str, dict[str, Any]]] = [
        (
            "proposed",
            {"proposed_by": "akun-1", "subjects": [{"began": "2014-01-01", "ends": "2019-01-01", "id": person}]},
        ),
        ("approved", {"approved_by": "akun-2"}),
        ("second", {"approved_by": "akun-1" if without == "another" else "akun-3"}),
        ("minutes_recorded", {"berita_acara": "1/BA", "dated": "2026-01-01"}),
        ("begun", {}),
    ]
    if without == "subject":
        steps[0][1]["subjects"][0]["id"] = new_id()
    for step, members in steps:
        if without not in (step, "decision"):
            topic = f"destruction.{'approved' if step == 'second' else step}"
            _append(log, stream=decision, topic=topic, **members)
    if without == "not_refused":
        _append(log, stream=decision, topic="destruction.refused", refused_by="akun-2")
    _append(log, stream=person, topic="subject.key_destroyed", keys=[key], destruction=decision)
    log.renumber(True)
    return len(log.events)


def _append(log: Log, **more: Any) -> None:
    members = log.members(len(log.events)) if log.events else dict(log.first)
    for name in ("parts", "contact", "evidence", "corrects"):
        members.pop(name, None)
    new = {"id": new_id(), "stream": new_id(), "command": new_id(), "version": 1, "position": len(log.events) + 1}
    members.update(new | more)
    text = text_of(members)
    log.events.append([members["position"], *(members[name] for name in COPIES), text, leaf_hash(text)])


KINDS: dict[str, Attack] = {
    "edit a text": edit_text,
    "edit a copied column": edit_column,
    "edit a topic": edit_topic,
    "delete an event": delete_event,
    "insert an event": insert_event,
    "swap two events": swap_events,
    "move a ciphertext": move_box,
    "truncate the log": truncate,
    "restore an old database": restore_old,
    "delete a part": delete_part,
    "delete a key": delete_key,
}
