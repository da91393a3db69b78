"""Whether the database holds what the events refer to: every encrypted part, and every file with all its pieces, but for
what lies under a destroyed key. Reads the log once, in pieces, and asks for what each piece refers to together."""

import hashlib
import random
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from service.log.database import Database
from service.log.eventlog import EventLog
from service.log.files import CHUNK

_AT_ONCE = 2000
_NAMED = 5  # positions of each kind


class Reference(msgspec.Struct, frozen=True):
    """What an event says of one part or file."""

    position: int
    id: str
    key: str
    sha256: str


class Referred:
    """The references of one kind: how many, the positions whose part or file is not there as referred to, and a random
    ``sample`` of the others."""

    def __init__(self, size: int) -> None:
        self.count, self.missing, self.positions = 0, 0, list[int]()
        self.sample: list[Reference] = []
        self._size, self._seen, self._random = size, 0, random.SystemRandom()

    def add(self, asked: Sequence[Reference], there: set[Reference], destroyed: set[str]) -> None:
        self.count += len(asked)
        for one in asked:
            if one.key in destroyed:
                continue
            if one not in there:
                self.missing += 1
                self.positions += [one.position] if len(self.positions) < _NAMED else []
                continue
            self._seen += 1
            if len(self.sample) < self._size:
                self.sample.append(one)
            elif (place := self._random.randrange(self._seen)) < self._size:
                self.sample[place] = one


class Held:
    """Compares references with what there is. Positions whose text cannot be read are left to whoever reads texts."""

    def __init__(self, log: EventLog, database: Database, *, parts: int = 50, files: int = 5) -> None:
        """``parts`` and ``files`` are to be drawn for the samples."""
        self._log, self._database = log, database
        self.parts, self.files = Referred(parts), Referred(files)

    def compare(self) -> None:
        after = 0
        while rows := self._log.stored(after, _AT_ONCE):
            after = rows[-1].position
            parts, files = list[Reference](), list[Reference]()
            for row in rows:
                for kind, each in _references(row.text):
                    (parts if kind == "id" else files).append(Reference(row.position, *each))
            there = self._parts(parts), self._files(files)
            destroyed = self.destroyed([*parts, *files])  # asked last: a destruction may be under way
            self.parts.add(parts, there[0], destroyed)
            self.files.add(files, there[1], destroyed)

    def altered(self) -> list[int]:
        """The positions whose sampled part or file is not the one that the event refers to."""
        wrong = list[Reference]()
        for one, sql in (
            *((one, "SELECT box FROM parts WHERE id = :id") for one in self.parts.sample),
            *((one, "SELECT box FROM file_chunks WHERE file = :id ORDER BY number") for one in self.files.sample),
        ):
            digest = hashlib.sha256()
            for (box,) in self._database.rows(sql, id=one.id):
                digest.update(box)
            if digest.hexdigest() != one.sha256:
                wrong.append(one)
        gone = self.destroyed(wrong)
        return sorted(one.position for one in wrong if one.key not in gone)

    def destroyed(self, asked: Iterable[Reference]) -> set[str]:
        """Those of the keys that were destroyed, by now."""
        return self._known("SELECT key FROM destroyed_keys WHERE key", {one.key for one in asked})

    def _known(self, sql: str, ids: Iterable[str]) -> set[str]:
        listed = sorted(ids)
        return (
            {row[0] for row in self._database.rows(f"{sql} {self._database.among('ids')}", ids=listed)}
            if listed
            else set()
        )

    def _parts(self, asked: Sequence[Reference]) -> set[Reference]:
        if not asked:
            return set()
        sql = f"SELECT id, key FROM parts WHERE id {self._database.among('ids')}"
        there = set(self._database.rows(sql, ids=sorted({one.id for one in asked})))
        return {one for one in asked if (one.id, one.key) in there}

    def _files(self, asked: Sequence[Reference]) -> set[Reference]:
        if not asked:
            return set()
        sql = (
            "SELECT id, key, sha256, size, (SELECT count(*) FROM file_chunks c WHERE c.file = f.id) FROM files f"
            f" WHERE id {self._database.among('ids')}"
        )
        rows = self._database.rows(sql, ids=sorted({one.id for one in asked}))
        whole = {tuple(row[:3]) for row in rows if row[4] == 1 + -(-row[3] // CHUNK)}
        return {one for one in asked if (one.id, one.key, one.sha256) in whole}


def _references(text: str) -> Iterator[tuple[str, tuple[str, str, str]]]:
    """The kind, ``id`` of a part or ``file``, with id, key and SHA-256."""
    if '"sha256"' not in text:
        return
    try:
        waiting: list[Any] = [msgspec.json.decode(text)]
    except msgspec.DecodeError:
        return
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting += value
        elif isinstance(value, dict):
            waiting += value.values()
            for kind in ("id", "file"):
                found = (value.get(kind), value.get("key"), value.get("sha256"))
                if all(isinstance(each, str) for each in found):
                    yield kind, (str(found[0]), str(found[1]), str(found[2]))
