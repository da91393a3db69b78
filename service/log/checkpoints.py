"""The tables of proof beside the log: hashes of the tree, published checkpoints, and the cosignatures of witnesses."""

from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from datetime import datetime

import msgspec

from service.log.database import Database
from service.log.notes import BadNote, Checkpoint, Line, Note, VerifierKey, signature_holds
from service.log.policy import LogKeys
from service.log.tree import WIDTH

_IN_THE_LOG = "(size <= (SELECT coalesce(max(position), 0) FROM events))"
_PAGE = 1000  # rows that are read at once
_LARGEST = 2**53
_LEVELS = 8  # of hashes of 256 each: more than a log of `_LARGEST` events has
SEALED = ("tree_hashes", "checkpoints", "log_keys")  # what the sealer alone writes
APPEND_ONLY = (*SEALED, "cosignatures")
SCHEMA = """
CREATE TABLE IF NOT EXISTS tree_hashes (
  level INTEGER NOT NULL, number BIGINT NOT NULL, hash {blob} NOT NULL, PRIMARY KEY (level, number));
CREATE TABLE IF NOT EXISTS checkpoints (size BIGINT PRIMARY KEY, note TEXT NOT NULL, sealed TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS cosignatures (
  size BIGINT NOT NULL, witness TEXT NOT NULL, line TEXT NOT NULL, received TEXT NOT NULL, PRIMARY KEY (size, witness));
CREATE TABLE IF NOT EXISTS log_keys (number INTEGER PRIMARY KEY, key TEXT NOT NULL);
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


def signed(row: Published, keys: LogKeys | None) -> bool:
    """Whether a row is the checkpoint of its size that the log's key for that size signed; while no key is known, whether
    it is a checkpoint of its size. Whoever may record may add rows."""
    try:
        found = keys.opened(row.note) if keys else Checkpoint.parse(Note.parse(row.note).text)
    except BadNote:
        return False
    return found.size == row.size


def written(line: str, note: str, witnesses: Iterable[VerifierKey]) -> list[Line]:
    """A witness's line under a note, or nothing where somebody else wrote the row: it is no line, or does not hold though
    it says that it is of one of these ``witnesses``. Of others nobody here can tell."""
    try:
        found, text = Line.parse(f"{line}\n"), Note.parse(note).text
    except BadNote:
        return []
    return [found] if all(signature_holds(found, text, key) for key in witnesses if found.of(key)) else []


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

    def strange(self, size: int, limit: int) -> list[tuple[int, int]]:
        """Level and number of stored hashes that the tree over the first ``size`` leaves does not have: somebody wrote them
        before the sealer did."""
        has = " OR ".join(
            f"(level = {level} AND number >= 0 AND number < {size // WIDTH**level})" for level in range(1, _LEVELS)
        )
        sql = f"SELECT level, number FROM tree_hashes WHERE NOT ({has}) ORDER BY level, number LIMIT :limit"
        return [(level, number) for level, number in self._database.rows(sql, limit=limit)]


class Checkpoints:
    """What was published, for those who ask and for the sealer that adds to it: every row, or, where ``keys`` are given,
    only the rows that are `signed` by what they return."""

    def __init__(
        self,
        database: Database,
        keys: Callable[[], LogKeys | None] | None = None,
        witnesses: Callable[[], Collection[VerifierKey]] = tuple,
    ) -> None:
        self._database, self._keys, self._witnesses = database, keys, witnesses

    def latest(self) -> Published | None:
        """The checkpoint of the greatest size that the log has, or None."""
        found = self.before(None, 1)
        return found[0] if found else None

    def at(self, size: int) -> Published | None:
        """The checkpoint of exactly that size, or None, as while the log has fewer events."""
        return next(iter(self._select(f"WHERE size = :size AND {_IN_THE_LOG}", size=size)), None)

    def before(self, size: int | None, limit: int) -> list[Published]:
        """Those of a smaller size (None: all) that the log has, greatest first."""
        below, found, page = _LARGEST if size is None else size, list[Published](), limit
        where = f"WHERE size < :size AND {_IN_THE_LOG} ORDER BY size DESC LIMIT :limit"
        while len(found) < limit and (rows := self._rows(where, size=below, limit=page)):
            found += self._own(rows)
            if len(rows) < page:
                break
            # Past rows of strangers, of which there may be many, in greater steps; mostly there are none.
            below, page = rows[-1].size, _PAGE
        return found[:limit]

    def count(self, upto: int) -> int:
        """How many rows there are up to a size, whoever wrote them."""
        return int(self._database.rows("SELECT count(*) FROM checkpoints WHERE size <= :upto", upto=upto)[0][0])

    def beyond(self, limit: int) -> list[Published]:
        """Rows that a log of this length cannot have: somebody wrote them, or events are gone."""
        return self._rows(f"WHERE NOT {_IN_THE_LOG} ORDER BY size LIMIT :limit", limit=limit)

    def strange(self, limit: int) -> list[int]:
        """Sizes of rows that are not `signed`: somebody else wrote them."""
        keys, found, after = self._keys() if self._keys else None, list[int](), -_LARGEST
        while len(found) < limit and (
            rows := self._rows("WHERE size > :after ORDER BY size LIMIT :limit", after=after, limit=_PAGE)
        ):
            found += [one.size for one in rows if not signed(one, keys)]
            after = rows[-1].size
        return found[:limit]

    def named_key(self) -> VerifierKey | None:
        """The key that the sealer named first, or None: for those who have no policy."""
        with suppress(BadNote):
            for (key,) in self._database.rows("SELECT key FROM log_keys WHERE number = 1"):
                return VerifierKey.parse(key)
        return None

    def name_key(self, key: VerifierKey) -> None:
        """Name the log's first key; what is named stays."""
        self._database.rows("INSERT INTO log_keys VALUES (1, :key) ON CONFLICT DO NOTHING", key=str(key))

    def between(self, after: int, upto: int) -> list[Published]:
        """All rows of sizes above ``after`` up to ``upto``, in order."""
        return self._select("WHERE size > :after AND size <= :upto ORDER BY size", after=after, upto=upto)

    def _own(self, rows: list[Published]) -> list[Published]:
        if self._keys is None:
            return rows
        keys = self._keys()
        return [one for one in rows if signed(one, keys)]

    def _select(self, rest: str, **values: int) -> list[Published]:
        return self._own(self._rows(rest, **values))

    def _rows(self, rest: str, **values: int) -> list[Published]:
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
        sql = (
            "SELECT s.size, s.line, c.note FROM cosignatures s JOIN checkpoints c ON c.size = s.size "
            f"WHERE s.size {self._database.among('sizes')} ORDER BY s.size, s.witness"
        )
        for size, line, note in self._database.rows(sql, sizes=list(sizes)):
            found[size] += written(line, note, self._witnesses())
        return found

    def note(self, published: Published) -> str:
        """A checkpoint's note with the lines of its witnesses."""
        return published.note + "".join(map(str, self.witnesses([published.size])[published.size]))

    def cosign(self, size: int, line: Line, received: str) -> bool:
        """Add a witness's line; one that stands for this size and this key of hers stays as it is. Whether hers is there
        now: somebody may have written another in its place."""
        self._database.rows(
            "INSERT INTO cosignatures VALUES (:size, :witness, :line, :received) ON CONFLICT DO NOTHING",
            size=size,
            witness=f"{line.name}+{line.hash.hex()}",
            line=str(line).rstrip("\n"),
            received=received,
        )
        return any((one.name, one.hash) == (line.name, line.hash) for one in self.witnesses([size])[size])
