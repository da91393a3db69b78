"""The tables of proof beside the log: hashes of the tree, published checkpoints, and the cosignatures of witnesses."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

import msgspec

from service.log.database import Database
from service.log.notes import BadNote, Line

_IN_THE_LOG = "(size <= (SELECT coalesce(max(position), 0) FROM events))"
_LARGEST = 2**53
APPEND_ONLY = ("tree_hashes", "checkpoints", "cosignatures")
SCHEMA = """
CREATE TABLE IF NOT EXISTS tree_hashes (
  level INTEGER NOT NULL, number BIGINT NOT NULL, hash {blob} NOT NULL, PRIMARY KEY (level, number));
CREATE TABLE IF NOT EXISTS checkpoints (size BIGINT PRIMARY KEY, note TEXT NOT NULL, sealed TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS cosignatures (
  size BIGINT NOT NULL, witness TEXT NOT NULL, line TEXT NOT NULL, received TEXT NOT NULL, PRIMARY KEY (size, witness));
"""
_SQLITE_KEEPERS = "".join(
    f"CREATE TRIGGER IF NOT EXISTS {table}_stands_{verb.lower()} BEFORE {verb} ON {table} "
    "BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;\n"
    for table in APPEND_ONLY
    for verb in ("UPDATE", "DELETE")
)
_POSTGRES_KEEPERS = "".join(
    f"CREATE OR REPLACE TRIGGER {table}_stands BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
    "FOR EACH STATEMENT EXECUTE FUNCTION log_stands();\n"
    for table in APPEND_ONLY
)


class Published(msgspec.Struct, frozen=True):
    """A checkpoint as published: its size, the sealer's note, and when (RFC 3339 UTC)."""

    size: int
    note: str
    sealed: str


class Standing(msgspec.Struct, frozen=True):
    """How far a log is sealed: the last checkpoint's size and age (None: there is none), the events above it, and how
    long the oldest of them has been waiting. Seconds."""

    size: int
    age_seconds: float | None
    unsealed: int
    unsealed_seconds: float


def standing(database: Database, checkpoints: "Checkpoints", now: str) -> Standing:
    """How far the log is sealed at ``now`` (RFC 3339 UTC)."""
    latest = checkpoints.latest()
    size = latest.size if latest else 0
    rows = database.rows(
        "SELECT (SELECT max(position) FROM events), recorded FROM events WHERE position = :next", next=size + 1
    )
    head, waiting = (rows[0][0], _seconds(rows[0][1], now)) if rows else (size, 0.0)
    return Standing(size, _seconds(latest.sealed, now) if latest else None, head - size, waiting)


def _seconds(since: str, now: str) -> float:
    passed = datetime.fromisoformat(now) - datetime.fromisoformat(since)
    return round(max(0.0, passed.total_seconds()), 1)


def create(owner: Database) -> None:
    """Make the tables and what keeps them append-only, after those of the log. Safe to run again."""
    sqlite = owner.engine == "sqlite"
    owner.script(SCHEMA.format(blob="BLOB" if sqlite else "bytea") + (_SQLITE_KEEPERS if sqlite else _POSTGRES_KEEPERS))


class StoredHashes:
    """Hashes of the tree as the database holds them: a `service.log.tree.Hashes`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def hashes(self, level: int, first: int, count: int) -> Sequence[bytes]:
        if level:
            sql = "SELECT hash FROM tree_hashes WHERE level = :level AND number >= :first AND number < :end"
            values = {"level": level, "first": first, "end": first + count}
            rows = self._database.rows(f"{sql} ORDER BY number", **values)
        else:
            sql = "SELECT leaf FROM events WHERE position > :first AND position <= :end ORDER BY position"
            rows = self._database.rows(sql, first=first, end=first + count)
        return [bytes(row[0]) for row in rows]


class Checkpoints:
    """What was published, for those who ask and for the sealer that adds to it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def latest(self) -> Published | None:
        """The checkpoint of the greatest size that the log has, or None."""
        found = self.before(None, 1)
        return found[0] if found else None

    def at(self, size: int) -> Published | None:
        """The checkpoint of exactly that size, or None, as while the log has fewer events."""
        return next(iter(self._select(f"WHERE size = :size AND {_IN_THE_LOG}", size=size)), None)

    def before(self, size: int | None, limit: int) -> list[Published]:
        """Those of a smaller size (None: all) that the log has, greatest first."""
        size = _LARGEST if size is None else size
        where = f"WHERE size < :size AND {_IN_THE_LOG} ORDER BY size DESC LIMIT :limit"
        return self._select(where, size=size, limit=limit)

    def beyond(self, limit: int) -> list[int]:
        """Sizes of rows that a log of this length cannot have: somebody wrote them, or events are gone."""
        sql = f"SELECT size FROM checkpoints WHERE NOT {_IN_THE_LOG} ORDER BY size LIMIT :limit"
        return [int(size) for (size,) in self._database.rows(sql, limit=limit)]

    def between(self, after: int, upto: int) -> list[Published]:
        """All rows of sizes above ``after`` up to ``upto``, in order."""
        return self._select("WHERE size > :after AND size <= :upto ORDER BY size", after=after, upto=upto)

    def _select(self, rest: str, **values: int) -> list[Published]:
        return [
            Published(*row)
            for row in self._database.rows(f"SELECT size, note, sealed FROM checkpoints {rest}", **values)
        ]

    def publish(self, hashes: dict[tuple[int, int], bytes], checkpoint: Published) -> None:
        """Add new hashes of the tree, by level and number, and the checkpoint above them, in one transaction."""
        with self._database.transaction() as within:
            for (level, number), value in hashes.items():
                within.rows(
                    "INSERT INTO tree_hashes VALUES (:level, :number, :hash) ON CONFLICT DO NOTHING",
                    level=level,
                    number=number,
                    hash=value,
                )
            within.rows(
                "INSERT INTO checkpoints VALUES (:size, :note, :sealed) ON CONFLICT DO NOTHING",
                size=checkpoint.size,
                note=checkpoint.note,
                sealed=checkpoint.sealed,
            )

    def witnesses(self, sizes: Sequence[int]) -> dict[int, list[Line]]:
        """The witnesses' lines under the checkpoints of these sizes, in the order of their names."""
        found: dict[int, list[Line]] = {size: [] for size in sizes}
        if not sizes:
            return {}
        sql = f"SELECT size, line FROM cosignatures WHERE size {self._database.among('sizes')} ORDER BY size, witness"
        for size, line in self._database.rows(sql, sizes=list(sizes)):
            with suppress(BadNote):  # somebody else's row: it is not passed on
                found[size].append(Line.parse(f"{line}\n"))
        return found

    def note(self, published: Published) -> str:
        """A checkpoint's note with the lines of its witnesses."""
        return published.note + "".join(map(str, self.witnesses([published.size])[published.size]))

    def cosign(self, size: int, line: Line, received: str) -> None:
        """Add a witness's line; one that stands for this size and this key of hers stays as it is."""
        self._database.rows(
            "INSERT INTO cosignatures VALUES (:size, :witness, :line, :received) ON CONFLICT DO NOTHING",
            size=size,
            witness=f"{line.name}+{line.hash.hex()}",
            line=str(line).rstrip("\n"),
            received=received,
        )
