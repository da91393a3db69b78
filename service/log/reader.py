"""The event log as the projections read it: decoded events in position order, each checked against its leaf hash."""

from collections.abc import Collection, Iterable
from hashlib import sha256
from typing import Any

from domain.aggregate import EVENTS, Event
from projections.source import Malformed, NewerEvent, Unreadable
from service.log.codec import MalformedEvent, UnknownEvent, decode
from service.log.database import Database

_COLUMNS = "position, topic, schema, text, leaf, stream, version"
# Halves the log again and again: recording times never fall as positions rise, and no index is kept of them.
_POSITION_AT = """
WITH RECURSIVE halved (low, high) AS (
  SELECT CAST(0 AS BIGINT), coalesce((SELECT max(position) FROM events), 0)
  UNION ALL
  SELECT CASE WHEN e.recorded <= :time THEN e.position ELSE h.low END,
         CASE WHEN e.recorded <= :time THEN h.high ELSE e.position - 1 END
    FROM halved h JOIN events e ON e.position = (h.low + h.high + 1) / 2
   WHERE h.low < h.high)
SELECT coalesce(c.first + c.count - 1, h.low) FROM halved h
  LEFT JOIN events e ON e.position = h.low LEFT JOIN commands c ON c.id = e.command
 ORDER BY h.high - h.low LIMIT 1
"""


class LogReader:
    """Implements `projections.source.Source` over the log's database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def head(self) -> tuple[int, bytes]:
        rows = self._database.quick("SELECT position, leaf FROM events ORDER BY position DESC LIMIT 1")
        return (rows[0][0], bytes(rows[0][1])) if rows else (0, b"")

    def read(self, after: int, limit: int) -> list[Event | Malformed]:
        rows = self._database.rows(
            f"SELECT {_COLUMNS} FROM events WHERE position > :after ORDER BY position LIMIT :limit",
            after=after,
            limit=limit,
        )
        found: list[Event | Malformed] = []
        try:
            for row in rows:
                found.append(_taken(row))
        except NewerEvent:
            if not found:
                raise
        return found

    def sample(self, upto: int, step: int) -> list[str]:
        rows = self._database.rows(
            f"SELECT stream FROM events WHERE position {self._database.among('asked')}",
            asked=list(range(step, upto + 1, step)),
        )
        return [row[0] for row in rows]

    def streams(self, after: tuple[str, int], last: str, upto: int, limit: int) -> list[Event | Malformed]:
        rows = self._database.rows(
            f"SELECT {_COLUMNS} FROM events WHERE (stream, version) > (:stream, :version) AND stream <= :last"
            " AND position <= :upto ORDER BY stream, version LIMIT :limit",
            stream=after[0],
            version=after[1],
            last=last,
            upto=upto,
            limit=limit,
        )
        return [_taken(row) for row in rows]

    def stream(self, stream: str, upto: int) -> list[Event]:
        rows = self._database.rows(
            f"SELECT {_COLUMNS} FROM events WHERE stream = :stream AND position <= :upto ORDER BY version",
            stream=stream,
            upto=upto,
        )
        return _whole(rows).get(stream, [])

    def several(self, streams: Collection[str], upto: int) -> dict[str, list[Event]]:
        """The events of some streams up to and including a position, each as from `stream`, read at once; a stream without
        any is left out."""
        return self._whole(self._database.among("streams"), upto, streams=sorted(streams)) if streams else {}

    def around(self, positions: Collection[int]) -> dict[str, list[Event]]:
        """The same of the streams of the events at some positions, up to the last of these."""
        of_theirs = f"IN (SELECT stream FROM events WHERE position {self._database.among('positions')})"
        return self._whole(of_theirs, max(positions), positions=sorted(positions)) if positions else {}

    def _whole(self, asked: str, upto: int, **values: Any) -> dict[str, list[Event]]:
        sql = f"SELECT {_COLUMNS} FROM events WHERE stream {asked} AND position <= :upto ORDER BY stream, version"
        return _whole(self._database.rows(sql, upto=upto, **values))

    def leaf(self, position: int) -> bytes | None:
        rows = self._database.rows("SELECT leaf FROM events WHERE position = :position", position=position)
        return bytes(rows[0][0]) if rows else None

    def position_at(self, time: str) -> int:
        return int(self._database.rows(_POSITION_AT, time=time)[0][0])

    def only(self, after: int, topics: Collection[str]) -> bytes | None:
        rows = self._database.rows(
            "SELECT leaf FROM events WHERE position = :after AND NOT EXISTS "
            f"(SELECT 1 FROM events WHERE position > :after AND NOT topic {self._database.among('topics')})",
            after=after,
            topics=list(topics),
        )
        return bytes(rows[0][0]) if rows else None

    def moment(self, position: int) -> tuple[int, str]:
        rows = self._database.rows(
            "SELECT coalesce(c.first + c.count - 1, e.position), e.recorded FROM events e "
            "LEFT JOIN commands c ON c.id = e.command WHERE e.position = :position",
            position=position,
        )
        return (int(rows[0][0]), str(rows[0][1])) if rows else (position, "")

    def close(self) -> None:
        self._database.close()


def _taken(row: tuple[Any, ...]) -> Event | Malformed:
    try:
        return _event(row)
    except UnknownEvent:
        raise NewerEvent(row[0]) from None
    except MalformedEvent as error:
        return Malformed(row[0], row[5], row[6], row[1], str(error))


def _whole(rows: Iterable[tuple[Any, ...]]) -> dict[str, list[Event]]:
    """The events of streams by stream, of rows in their order. Raises as `Source.stream`."""
    found: dict[str, list[Event]] = {}
    for row in rows:
        events = found.setdefault(row[5], [])
        try:
            events.append(_event(row))
        except UnknownEvent:
            raise NewerEvent(row[0]) from None
        except MalformedEvent as error:
            raise Unreadable(row[0], str(error)) from None
        if row[6] != len(events):
            raise Unreadable(row[0], f"version {len(events)} of the stream is missing")
    return found


def _event(row: tuple[Any, ...]) -> Event:
    position, topic, schema, text, leaf, stream, version = row
    if sha256(b"\x00" + text.encode()).digest() != bytes(leaf):
        raise MalformedEvent("the text does not match its leaf hash")
    if topic not in EVENTS:
        raise UnknownEvent(topic)
    event = decode(topic, text, schema)
    if event.position != position or event.stream != stream or event.version != version or event.topic != topic:
        raise MalformedEvent("a column differs from the text")
    return event
