"""The eventsourcing library's own test cases for a recorder, run over ours with its production constraints on.

Their events carry states such as ``b"state1"``. An adapter wraps each in the canonical envelope that the log requires and
unwraps it on reading; everything between is the recorder, tables, grants and triggers that the service uses.
"""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from eventsourcing import cryptography
from eventsourcing.persistence import ApplicationRecorder, Notification, StoredEvent

from service.log.codec import POSITION, RECORDED
from service.log.entries import CommandRow, Entries
from service.log.eventlog import LogRecorder
from service.log.ids import new_id
from tests.service.casebooks import Desk, as_role, utc_now

# The library's cases name its cipher module, which needs a package of its own; the same class stands in this one.
sys.modules.setdefault("eventsourcing.cipher", cryptography)
cases = importlib.import_module("eventsourcing.tests.persistence")


class Wrapping(ApplicationRecorder):
    """Our recorder, with states wrapped in a test envelope."""

    def __init__(self, inner: LogRecorder) -> None:
        self.inner = inner

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int] | None:
        command = CommandRow(new_id(), "akun-1", "kasus.pustaka", b"", 201, "[]")
        wrapped = [
            StoredEvent(event.originator_id, event.originator_version, event.topic, self.wrap(event))
            for event in stored_events
        ]
        return self.inner.insert_events(wrapped, entries=Entries(utc_now(), command))

    def select_events(self, originator_id: UUID | str, **kwargs: Any) -> Sequence[StoredEvent]:
        return [
            StoredEvent(originator_id, event.originator_version, event.topic, self.unwrap(event.state))
            for event in self.inner.select_events(originator_id, **kwargs)
        ]

    def select_notifications(self, *args: Any, **kwargs: Any) -> Sequence[Notification]:
        return [
            Notification(
                UUID(str(one.originator_id)), one.originator_version, one.topic, self.unwrap(one.state), one.id
            )
            for one in self.inner.select_notifications(*args, **kwargs)
        ]

    def max_notification_id(self) -> int | None:
        return self.inner.max_notification_id()

    def subscribe(self, *args: Any, **kwargs: Any) -> Any:
        return self.inner.subscribe(*args, **kwargs)

    @staticmethod
    def wrap(event: StoredEvent) -> bytes:
        fields = {
            "on": "2019-08-01",
            "position": POSITION,
            "recorded": RECORDED,
            "schema": 1,
            "state": event.state.decode(),
            "stream": str(event.originator_id),
            "topic": event.topic,
            "version": event.originator_version,
        }
        return json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()

    @staticmethod
    def unwrap(text: bytes | str) -> bytes:
        state: str = json.loads(text)["state"]
        return state.encode()


def empty_log(url: str) -> str:
    """Make the log's tables in an empty database; returns the application's URL."""
    from service.log.database import connect

    owner = connect(url, owner=True, size=1)
    if owner.engine == "sqlite":
        from service.log import sqlite

        sqlite.create_log(owner)  # type: ignore[arg-type]  # connect() returns the engine's own class
    else:
        from service.log import postgres_grants, postgres_tables

        postgres_tables.create_log(owner)  # type: ignore[arg-type]  # connect() returns the engine's own class
        postgres_grants.grant(owner, "wahana_app")  # type: ignore[arg-type]  # connect() returns the engine's own class
        url = as_role(url, "wahana_app")
    owner.close()
    return url


@pytest.fixture
def case(database_url: str, tmp_path: Path) -> Any:
    desk = Desk(database_url, empty_log(database_url), f"sqlite:///{tmp_path / 'keys.db'}")
    yield lambda: Wrapping(LogRecorder(desk.connect(desk.url, size=8)))
    desk.close()


APPLICATION_CASES = [name for name in dir(cases.ApplicationRecorderTestCase) if name.startswith("test")]


def test_the_library_has_the_cases_we_mean_to_run() -> None:
    assert {"test_insert_select", "test_concurrent_no_conflicts", "test_concurrent_throughput"} <= set(
        APPLICATION_CASES
    )


@pytest.mark.parametrize("name", APPLICATION_CASES)
def test_the_recorder_passes_the_application_case_of_the_library(case: Any, name: str) -> None:
    class Ours(cases.ApplicationRecorderTestCase):  # type: ignore[misc,name-defined]  # loaded by name above
        def create_recorder(self) -> Wrapping:
            return case()

    getattr(Ours(name), name)()


def test_events_recorded_together_stand_together(case: Any) -> None:
    class Ours(cases.NonInterleavingNotificationIDsBaseCase):  # type: ignore[misc,name-defined]  # loaded by name above
        def create_recorder(self) -> Wrapping:
            return case()

    Ours("test").test()
