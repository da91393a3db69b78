"""The event log as the eventsourcing library sees it: an application with our mapper, recorder and factory."""

from collections.abc import Collection, Sequence
from typing import Any, TypeVar

from eventsourcing.application import AggregateNotFoundError, Application
from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import (
    AggregateRecorder,
    ApplicationRecorder,
    InfrastructureFactory,
    Mapper,
    Notification,
    NotSupportedError,
    ProcessRecorder,
    StoredEvent,
    Subscription,
    TrackingRecorder,
)
from eventsourcing.utils import Environment, EnvType

from domain.aggregate import Aggregate, Event
from domain.correction import replay
from domain.refusals import NotFound
from service.log.codec import decode, leaf_hash, make_ready, prepare, template
from service.log.database import Database
from service.log.entries import Appended, Entries, Stored, StoredCommand
from service.log.shared import SharedAppend

A = TypeVar("A", bound=Aggregate)
LOOKED_THROUGH = 20_000  # positions, for rows of a kind: of a rare one there may be none in a million
_COLUMNS = "position, stream, version, topic, schema, recorded, command, text, leaf"


class CanonicalMapper(Mapper[str]):
    """Between events and their canonical text; a topic is resolved only through the registry of known events."""

    def __init__(self) -> None:
        """Needs no transcoder: the codec is fixed by the log format."""

    def to_stored_event(self, domain_event: DomainEventProtocol[str]) -> StoredEvent:
        assert isinstance(domain_event, Event)
        state = template(domain_event)
        # What cannot be read back must not be stored; a plain text in a sealed field is caught here too.
        decode(domain_event.topic, state)
        return StoredEvent(domain_event.stream, domain_event.version, domain_event.topic, state)

    def to_domain_event(self, stored_event: StoredEvent) -> DomainEventProtocol[str]:
        return decode(stored_event.topic, stored_event.state)


class LogRecorder(ApplicationRecorder):
    """The library's recorder over one of the two engines. Notification ids are positions."""

    def __init__(self, database: Database) -> None:
        self.database = database
        if database.engine == "sqlite":
            from service.log import sqlite as engine
        else:
            from service.log import postgres as engine  # type: ignore[no-redef]  # same functions, other engine
        self.shared = SharedAppend(engine, database)

    def append(self, stored_events: Sequence[StoredEvent], entries: Entries) -> Appended:
        """Record in one transaction. Raises as the engine's ``append``, and ``ValueError`` when there is nothing to record:
        it would fail the others of a shared append."""
        if not stored_events:
            raise ValueError("an append of no events")
        prepared = [prepare(str(e.originator_id), e.originator_version, e.topic, e.state) for e in stored_events]
        first, recorded = self.shared.append(prepared, entries)
        # PostgreSQL makes the texts itself; making them here too costs less than asking for their hashes.
        leaves = (leaf_hash(event.text(position, recorded)) for position, event in enumerate(prepared, first))
        return Appended(first, recorded, tuple(leaves))

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int] | None:
        if not stored_events:
            return []
        first = self.append(stored_events, kwargs["entries"]).first
        return list(range(first, first + len(stored_events)))

    def select_events(
        self,
        originator_id: Any,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        sql = "SELECT version, topic, text FROM events WHERE stream = :stream"
        values: dict[str, Any] = {"stream": str(originator_id)}
        if gt is not None:
            sql, values["gt"] = sql + " AND version > :gt", gt
        if lte is not None:
            sql, values["lte"] = sql + " AND version <= :lte", lte
        sql += " ORDER BY version DESC" if desc else " ORDER BY version"
        if limit is not None:
            sql, values["limit"] = sql + " LIMIT :limit", limit
        return [StoredEvent(originator_id, row[0], row[1], row[2]) for row in self.database.rows(sql, **values)]

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        sql = "SELECT position, stream, version, topic, text FROM events WHERE position >= :start"
        first = 0 if start is None else start if inclusive_of_start else start + 1
        values: dict[str, Any] = {"start": first, "limit": limit}
        if stop is not None:
            sql, values["stop"] = sql + " AND position <= :stop", stop
        if topics:
            sql, values["topics"] = f"{sql} AND topic {self.database.among('topics')}", list(topics)
        rows = self.database.rows(sql + " ORDER BY position LIMIT :limit", **values)
        return [Notification(row[1], row[2], row[3], row[4], row[0]) for row in rows]

    def max_notification_id(self) -> int | None:
        rows = self.database.rows("SELECT max(position) FROM events")
        return rows[0][0] if rows else None

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> Subscription[ApplicationRecorder]:
        raise NotSupportedError("every reader polls; a wake-up is only a hint")


class LogFactory(InfrastructureFactory):
    """Hands the library our recorder; there are no snapshots and no tracking tables."""

    def __init__(self, env: Environment | EnvType | None, database: Database) -> None:
        super().__init__(env)
        self._database = database

    def application_recorder(self) -> ApplicationRecorder:
        return LogRecorder(self._database)

    def aggregate_recorder(self, purpose: str = "events") -> AggregateRecorder:
        raise NotSupportedError(purpose)

    def tracking_recorder(self, tracking_recorder_class: Any = None) -> TrackingRecorder:
        raise NotSupportedError("views keep their own checkpoints")

    def process_recorder(self) -> ProcessRecorder:
        raise NotSupportedError("views keep their own checkpoints")


_COMMAND = "SELECT id, account, name, fingerprint, status, answer, first, count, recorded FROM commands"


def _stored(rows: Sequence[Sequence[Any]]) -> StoredCommand | None:
    if not rows:
        return None
    identity, account, name, fingerprint, *rest = rows[0]
    return StoredCommand(identity, account, name, bytes(fingerprint), *rest)


class EventLog(Application[str]):
    """Every event of the office, in one total order without gaps."""

    recorder: LogRecorder

    def __init__(self, database: Database) -> None:
        self.database = database
        make_ready()
        super().__init__()

    def construct_factory(self, env: Environment) -> InfrastructureFactory:
        return LogFactory(env, self.database)

    def construct_mapper(self) -> Mapper[str]:
        return CanonicalMapper()

    def load(self, aggregate_class: type[A], stream: str) -> A:
        """The aggregate as its events make it. Raises `NotFound` when there is none of that class under the id."""
        try:
            aggregate: Any = self.repository.get(stream, projector_func=replay)
        except AggregateNotFoundError:
            raise NotFound from None
        if not isinstance(aggregate, aggregate_class):
            raise NotFound
        return aggregate

    def record(self, events: Sequence[Event], entries: Entries) -> Appended:
        """Record new events and all that belongs to them.

        Raises as the engine's ``append``; nothing is recorded then.
        """
        return self.recorder.append([self.mapper.to_stored_event(event) for event in events], entries)

    def history(self, stream: str, after: int = 0) -> list[Event]:
        """The events of a stream after a version, as stored."""
        stored = self.recorder.select_events(stream, gt=after)
        return [decode(event.topic, event.state) for event in stored]

    def histories(self, streams: Collection[str], versions: Collection[int] = ()) -> dict[str, list[Event]]:
        """The events of some streams, all or those of some versions, as stored, read at once; a stream without any is left
        out."""
        found: dict[str, list[Event]] = {}
        if streams:
            among, values = f"stream {self.database.among('streams')}", dict[str, Any](streams=sorted(streams))
            if versions:
                among, values["versions"] = f"{among} AND version {self.database.among('versions')}", sorted(versions)
            rows = self.database.rows(
                f"SELECT stream, topic, text FROM events WHERE {among} ORDER BY stream, version", **values
            )
            for stream, topic, text in rows:
                found.setdefault(stream, []).append(decode(topic, text))
        return found

    def version(self, stream: str) -> int:
        """The number of events of a stream."""
        return int(
            self.database.quick("SELECT coalesce(max(version), 0) FROM events WHERE stream = :s", s=stream)[0][0]
        )

    def stored(self, after: int, limit: int) -> list[Stored]:
        """Rows of the log after a position, in order."""
        rows = self.database.rows(
            f"SELECT {_COLUMNS} FROM events WHERE position > :after ORDER BY position LIMIT :limit",
            after=after,
            limit=limit,
        )
        return [Stored(a, b, c, d, e, f, g, h, bytes(i)) for a, b, c, d, e, f, g, h, i in rows]

    def latest(
        self, before: int, limit: int, *, floor: int = 1, noun: str = "", without: str = "", account: str = ""
    ) -> list[Stored]:
        """Rows below a position and not below ``floor``, the latest first: only those of topics of one ``noun``, without
        those of another, and of what one ``account`` recorded or read."""
        wanted = ["position < :before", "position >= :floor"]
        values: dict[str, Any] = {"before": before, "floor": floor, "limit": limit}
        for name, sense, given in (("noun", "", noun), ("without", "NOT ", without)):
            if given:
                wanted.append(f"topic {sense}LIKE :{name}")
                values[name] = f"{given}.%"
        if account:
            # A reading has no command; its text, which is canonical, names who read.
            of_command = "EXISTS (SELECT 1 FROM commands c WHERE c.id = events.command AND c.account = :account)"
            wanted.append(f"({of_command} OR (command = '' AND text LIKE :by))")
            values |= {"account": account, "by": f'%"by":"{account}"%'}
        rows = self.database.rows(
            f"SELECT {_COLUMNS} FROM events WHERE {' AND '.join(wanted)} ORDER BY position DESC LIMIT :limit", **values
        )
        return [Stored(a, b, c, d, e, f, g, h, bytes(i)) for a, b, c, d, e, f, g, h, i in rows]

    def leaves(self, first: int, count: int) -> list[bytes]:
        """Leaf hashes of so many events from a position on."""
        rows = self.database.rows(
            "SELECT leaf FROM events WHERE position >= :first AND position < :end ORDER BY position",
            first=first,
            end=first + count,
        )
        return [bytes(row[0]) for row in rows]

    def command(self, command: str) -> StoredCommand | None:
        """A recorded command, or None."""
        return _stored(self.database.quick(f"{_COMMAND} WHERE id = :id", id=command))

    def command_at(self, position: int) -> StoredCommand | None:
        """The command that recorded the event at a position; None where none did, such as of a reading."""
        where = "WHERE id = (SELECT command FROM events WHERE position = :position)"
        return _stored(self.database.rows(f"{_COMMAND} {where}", position=position))
