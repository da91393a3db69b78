"""The reading trail: whatever is opened about people of a protected tier is written into the log before it is answered.

No entry, no reading: whoever cannot write the entry must not hand out what was opened.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date
from types import MappingProxyType

import msgspec

from domain.reading import FIRST_PROTECTED_TIER, Reading
from projections.engine import LogReplaced, Views, ViewsNotReady
from projections.store import StoreUnavailable
from service.log.database import Database
from service.log.entries import Entries
from service.log.eventlog import EventLog
from service.log.ids import new_id
from service.log.opened import opened


class Trail:
    """Writes readings down. ``now`` is the log's clock, ``today`` the office's day; ``caught_up`` is told of each event."""

    def __init__(
        self,
        log: EventLog,
        views: Views,
        now: Callable[[], str],
        today: Callable[[], date],
        caught_up: Callable[[int], object],
    ) -> None:
        self._log, self._views, self._now, self._today, self._caught_up = log, views, now, today, caught_up

    def begin(self) -> None:
        """Keep count, from now on, of what this thread opens."""
        opened.set({})

    def end(self) -> dict[str, str]:
        """Stop counting; what was opened, parts and files by id, each with its subject."""
        found = opened.get()
        opened.set(None)
        return found or {}

    def write(
        self,
        found: Mapping[str, str],
        *,
        account: str,
        post: str,
        resource: str,
        at: int = 0,
        emergency: str | None = None,
        tiers: Mapping[str, int | None] = MappingProxyType({}),
    ) -> int | None:
        """Record one reading of those among ``found`` whose subjects are protected; its position, or ``None`` when there
        are none. ``tiers`` are those of today, as far as they are known, ``None`` of whoever no view knows as a person.
        Raises `LogUnavailable` or whatever else stops the entry: then what was opened must not be handed out."""
        subjects = self._protected(set(found.values()), tiers)
        if not subjects:
            return None
        parts = tuple(sorted(id for id, subject in found.items() if subject in subjects))
        return self._record(
            Reading.make(
                new_id(),
                on=self._today(),
                resource=resource,
                subjects=tuple(sorted(subjects)),
                opened=parts,
                at=at,
                emergency=emergency,
            ),
            account,
            post,
        )

    def everything(self, *, account: str, post: str, resource: str) -> int:
        """Record that all that is sealed up to now is handed out; the entry's position."""
        head = self._log.database.rows("SELECT coalesce(max(position), 0) FROM events")[0][0]
        made = Reading.make(new_id(), on=self._today(), resource=resource, at=head, everything=True)
        return self._record(made, account, post)

    def _record(self, reading: Reading, account: str, post: str) -> int:
        [decided] = reading.collect_events()
        assert isinstance(decided, Reading.Made)
        event = msgspec.structs.replace(decided, id=new_id(), by=account, post=post, source="api")
        recorded = self._log.record([event], Entries(self._now()))
        self._caught_up(1)
        return recorded.first

    def _protected(self, subjects: set[str], known: Mapping[str, int | None]) -> set[str]:
        """Who of the subjects is a person of a protected tier today. Whoever the views do not know yet counts as one."""
        tiers = {id: known[id] for id in subjects if id in known}
        if ids := sorted(subjects - tiers.keys()):
            with suppress(ViewsNotReady, LogReplaced, StoreUnavailable), self._views.at() as view:
                rows = view.rows("SELECT p.key, p.tier FROM {people} p WHERE p.key IN :ids", ids=ids)
                tiers |= {row["key"]: row["tier"] for row in rows}
        unknown = sorted(id for id in subjects if tiers.get(id) is None)
        protected = {id for id in subjects if (tiers.get(id) or 0) >= FIRST_PROTECTED_TIER}
        return protected | self._people(unknown)

    def _people(self, ids: list[str]) -> set[str]:
        if not ids:
            return set()
        database: Database = self._log.database
        rows = database.rows(
            f"SELECT stream FROM events WHERE stream {database.among('ids')} AND version = 1 AND topic LIKE :topics",
            ids=ids,
            topics="beneficiary.%",
        )
        return {row[0] for row in rows}
