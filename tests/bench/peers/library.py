"""The eventsourcing library's own `ProjectionRunner` on PostgreSQL. ``library DATABASE-URL EVENTS``."""

import json
import sys
import threading
import time
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.dispatch import singledispatchmethod
from eventsourcing.domain import DomainEvent
from eventsourcing.persistence import Tracking
from eventsourcing.postgres import PostgresDatastore, PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
from psycopg.conninfo import conninfo_to_dict
from psycopg.sql import SQL, Identifier

from tests.bench.peers.serve import serve

BATCH = 500
PATIENCE = 200.0  # seconds for one run


class Noted(DomainEvent):
    topic: str
    data: dict[str, Any]


class Counts(PostgresTrackingRecorder):
    """One row to a stream: how many events it has and the last one's topic."""

    def __init__(self, datastore: PostgresDatastore, **kwargs: Any) -> None:
        super().__init__(datastore, **kwargs)
        self.table = Identifier(self.datastore.schema, f"{self.tracking_table_name}_rows")
        self.sql_create_statements.append(
            SQL("CREATE TABLE {0} (key uuid PRIMARY KEY, events bigint, topic text)").format(self.table)
        )
        self.upsert = SQL(
            "INSERT INTO {0} AS r VALUES (%s, 1, %s) ON CONFLICT (key) DO UPDATE SET events = r.events + 1, topic = %s"
        ).format(self.table)

    def note(self, event: Noted, tracking: Tracking) -> None:
        with self.datastore.transaction(commit=True) as cursor:
            self._insert_tracking(cursor, tracking)
            cursor.execute(self.upsert, (event.originator_id, event.topic, event.topic))


class Counting(Projection[Counts]):
    done: threading.Event
    last: int

    @singledispatchmethod
    def process_event(self, domain_event: Noted, tracking: Tracking) -> None:
        self.view.note(domain_event, tracking)
        if tracking.notification_id >= self.last:
            self.done.set()


def environment(url: str) -> dict[str, str]:
    """The library's words for a database URL."""
    parts = conninfo_to_dict(url)
    return {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": str(parts["dbname"]),
        "POSTGRES_HOST": str(parts["host"]),
        "POSTGRES_PORT": "5432",
        "POSTGRES_USER": str(parts["user"]),
        "POSTGRES_PASSWORD": "none",
    }


def fill(env: dict[str, str], path: str) -> None:
    """Record the events of the bench's own log as the library does."""
    app: Application[UUID] = Application(env)
    now = datetime.now(UTC)
    told = [json.loads(line) for line in Path(path).read_text("utf-8").splitlines()]
    for start in range(0, len(told), BATCH):
        events = [
            Noted(UUID(stream), version, now, topic=topic, data=json.loads(text))
            for stream, version, topic, text in told[start : start + BATCH]
        ]
        app.recorder.insert_events([app.mapper.to_stored_event(event) for event in events])
    app.close()


def main(url: str, path: str) -> None:
    env = environment(url)
    fill(env, path)
    rounds = count(1)

    def project(events: int) -> float:
        kind = type(f"Counting{next(rounds)}", (Counting,), {"done": threading.Event(), "last": events})
        began = time.perf_counter()
        with ProjectionRunner(application_class=Application, projection_class=kind, view_class=Counts, env=env):
            assert kind.done.wait(PATIENCE)
            return (time.perf_counter() - began) / events

    serve({"project": project})


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
